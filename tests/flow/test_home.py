"""The data folder: made whole or not at all, keys for its owner alone, other folders left alone."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from waybill.flow.home import FORMAT, KEY_NAMES, DataFolder
from waybill.model.errors import StorageError, UsageError


def test_made_once_and_opened_again_with_the_same_keys(tmp_path: Path) -> None:
    made = DataFolder.open(tmp_path / "data", create=True)
    keys = {name: made.key(name) for name in KEY_NAMES}
    assert len(set(keys.values())) == len(KEY_NAMES), "every purpose has a key of its own"
    again = DataFolder.open(tmp_path / "data", create=False)
    assert {name: again.key(name) for name in KEY_NAMES} == keys
    assert [path.name for path in tmp_path.iterdir()] == ["data"], "nothing is left beside it"


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    DataFolder.open(tmp_path / "data", create=True)
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert {stat.S_IMODE(key.stat().st_mode) for key in (tmp_path / "data" / "keys").iterdir()} == {0o600}


def test_an_empty_folder_may_become_one(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    assert DataFolder.open(tmp_path / "data", create=True).key("id")


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear all")
    with pytest.raises(UsageError, match="something else"):
        DataFolder.open(tmp_path, create=True)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_missing_folder_is_not_made_by_reading(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no data folder yet") as error:
        DataFolder.open(tmp_path / "data", create=False)
    assert "waybill ingest" in error.value.advice
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("version", [str(FORMAT + 1), "", "new"])
def test_a_newer_or_unknown_version_is_refused(tmp_path: Path, version: str) -> None:
    DataFolder.open(tmp_path / "data", create=True)
    (tmp_path / "data" / "FORMAT").write_text(version)
    with pytest.raises(StorageError, match="of version"):
        DataFolder.open(tmp_path / "data", create=False)


def test_a_missing_or_short_key_is_named(tmp_path: Path) -> None:
    folder = DataFolder.open(tmp_path / "data", create=True)
    (tmp_path / "data" / "keys" / "id").write_bytes(b"short")
    with pytest.raises(StorageError, match="5 bytes"):
        folder.key("id")
    (tmp_path / "data" / "keys" / "id").unlink()
    with pytest.raises(StorageError, match="cannot be read") as error:
        folder.key("id")
    assert "back-up" in error.value.advice
