"""What closes exposures: what it says, does and undoes, and that it refuses when something moved meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import s3

from waybill.exposure.fixes import Fix, Line, Mode, PublicBlock, line_without, mode_without
from waybill.model.errors import UsageError


def again(fix: Fix) -> Fix:
    """Return a fix as it comes back from where it is kept."""
    kept: Fix = msgspec.json.decode(msgspec.json.encode(fix), type=Fix)
    return kept


def test_rights(tmp_path: Path) -> None:
    file = tmp_path / "open.csv"
    file.write_text("x")
    file.chmod(0o666)
    fix = mode_without(str(file), 0o002)
    assert fix == Mode(str(file), 0o666, 0o664) and "chmod 666" in fix.says().en
    again(fix).do()
    assert file.stat().st_mode & 0o777 == 0o664
    with pytest.raises(UsageError, match="no longer as it was"):
        fix.do()
    again(fix).undo()
    assert file.stat().st_mode & 0o777 == 0o666
    file.unlink()
    file.symlink_to("/etc/passwd")
    with pytest.raises(UsageError, match="cannot be opened"):
        fix.do()
    assert mode_without(str(file), 0o002) is None and mode_without(str(tmp_path / "none"), 0o002) is None


def test_a_line(tmp_path: Path) -> None:
    file = tmp_path / "nginx.conf"
    before = "# ssl_protocols TLSv1;\n  ssl_protocols TLSv1 TLSv1.2 TLSv1.3;  # old ones\nlisten 443;"
    file.write_text(before)
    file.chmod(0o640)
    fix = line_without(str(file), 2, {"TLSv1"})
    assert isinstance(fix, Line)
    again(fix).do()
    assert file.read_text().splitlines()[1] == "  ssl_protocols TLSv1.2 TLSv1.3;  # old ones"
    assert file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["nginx.conf"]
    again(fix).undo()
    assert file.read_text() == before
    file.write_text(before.replace("TLSv1.2", "TLSv1.1"))
    with pytest.raises(UsageError, match="no longer as it was"):
        fix.do()
    assert line_without(str(file), 2, {"TLSv1", "TLSv1.1", "TLSv1.3"}) is None  # nothing would be left
    assert line_without(str(file), 99, {"TLSv1"}) is None


@settings(deadline=None)  # each example waits for the disk
@given(
    values=st.lists(st.sampled_from(["TLSv1", "TLSv1.1", "TLSv1.2"]), min_size=1, max_size=5), indent=st.integers(0, 3)
)
def test_a_line_keeps_what_is_not_taken_out(
    tmp_path_factory: pytest.TempPathFactory, values: list[str], indent: int
) -> None:
    path = tmp_path_factory.mktemp("line") / "site.conf"
    text = f"{' ' * indent}ssl_protocols {' '.join(values)};\n"
    path.write_text(text)
    fix = line_without(str(path), 1, {"TLSv1"})
    kept = [value for value in values if value != "TLSv1"]
    if not kept or len(kept) == len(values):
        assert fix is None
        return
    assert fix is not None
    fix.do()
    assert path.read_text() == f"{' ' * indent}ssl_protocols {' '.join(kept)};\n"
    fix.undo()
    assert path.read_text() == text


@pytest.fixture
def service() -> Iterator[Any]:
    with s3.service() as client:
        yield client


def test_the_blocks_of_a_bucket(service: Any) -> None:
    service.create_bucket(Bucket="plans")
    fix = PublicBlock("plans", (False,) * 4)
    again(fix).do()
    found = service.get_public_access_block(Bucket="plans")["PublicAccessBlockConfiguration"]
    assert all(found.values())
    with pytest.raises(UsageError, match="no longer as it was"):
        fix.do()
    again(fix).undo()
    assert not any(service.get_public_access_block(Bucket="plans")["PublicAccessBlockConfiguration"].values())
    with pytest.raises(UsageError, match="NoSuchBucket"):
        PublicBlock("none", (False,) * 4).do()
