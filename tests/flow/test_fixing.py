"""Closing exposures: planned, done by one or by two, undone, and noted in the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from waybill.control import close_database
from waybill.flow.installation import Installation
from waybill.flow.surveys import exposures, fixing
from waybill.flow.surveys.fixing import Standing
from waybill.flow.surveys.surveying import look_and_keep, things_of
from waybill.model.errors import UsageError
from waybill.outbox import models


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    share, etc = tmp_path / "share", tmp_path / "nginx"
    share.mkdir()
    etc.mkdir()
    (share / "prices.csv").write_text("x")
    (share / "prices.csv").chmod(0o666)
    (etc / "site.conf").write_text("ssl_protocols TLSv1 TLSv1.2;\n")
    here = Installation.open(tmp_path / "data", create=True)
    look_and_keep(here, "storage", things_of("storage", [str(share)]))
    look_and_keep(here, "crypto", things_of("crypto", [str(etc)]))
    yield here
    close_database()


def id_of(check: str) -> str:
    (one,) = [one for one in exposures.found(check=check) if one.state == "new"]
    return one.finding.id


def test_done_by_one(installation: Installation, tmp_path: Path) -> None:
    id, file = id_of("storage-world-writable"), tmp_path / "share/prices.csv"
    assert "chmod 664" in fixing.plan(installation, id).fix.says().en
    assert (file.stat().st_mode & 0o777, fixing.kept(id)) == (0o666, None)  # a dry run
    assert fixing.ask(installation, id, who="p-one").standing is Standing.DONE
    assert file.stat().st_mode & 0o777 == 0o664
    with pytest.raises(UsageError, match="not stand open"):
        fixing.plan(installation, id)
    share = things_of("storage", [str(tmp_path / "share")])
    assert look_and_keep(installation, "storage", share).closed == [id]
    assert fixing.undo(id, who="p-one").standing is Standing.UNDONE
    assert file.stat().st_mode & 0o777 == 0o666
    with pytest.raises(UsageError, match="nothing was done"):
        fixing.undo(id, who="p-one")
    notes = [row.content for row in models.Row.objects.filter(reference=id) if '"standing"' in row.content]
    assert len(notes) == 2


def test_what_others_use_needs_two(installation: Installation, tmp_path: Path) -> None:
    id, file = id_of("crypto-old-protocol-set"), tmp_path / "nginx/site.conf"
    assert fixing.ask(installation, id, who="p-one").standing is Standing.WAITING
    assert "TLSv1 " in file.read_text()
    with pytest.raises(UsageError, match="somebody else"):
        fixing.agree(installation, id, who="p-one")
    file.write_text("ssl_protocols TLSv1 TLSv1.2 TLSv1.3;\n")
    with pytest.raises(UsageError, match="no longer as it was"):
        fixing.agree(installation, id, who="p-two")
    fixing.ask(installation, id, who="p-one")
    assert fixing.agree(installation, id, who="p-two").standing is Standing.DONE
    assert file.read_text() == "ssl_protocols TLSv1.2 TLSv1.3;\n"


def test_what_nothing_closes(installation: Installation, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nobody asked"):
        fixing.agree(installation, id_of("storage-world-writable"), who="p-two")
    (tmp_path / "share/index.html").write_text("")
    (tmp_path / "share/dump.sql").write_text("")
    look_and_keep(installation, "storage", things_of("storage", [str(tmp_path / "share")]))
    with pytest.raises(UsageError, match="nothing closes this safely"):
        fixing.plan(installation, id_of("storage-web-copies"))


def test_what_cannot_be_done_is_not_noted(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    id = id_of("storage-world-writable")

    def refuse(*_: object) -> None:
        raise PermissionError(1, "not permitted")

    monkeypatch.setattr("os.fchmod", refuse)
    with pytest.raises(UsageError, match="not permitted"):
        fixing.ask(installation, id, who="p-one")
    assert fixing.kept(id) is None
