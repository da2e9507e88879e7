"""The log goes into the table beside whatever else goes on, and trouble is told and tried again."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.console.running import records

from waybill.control import close_database
from waybill.flow import committing
from waybill.flow.installation import Installation
from waybill.flow.intake.ingest import keep
from waybill.lake import Lake
from waybill.model.errors import StorageError, WaybillError

SOON = 10.0


def holding(folder: Path) -> Installation:
    """Return an installation with two transfers that wait in the log."""
    from waybill.collect import collect

    file = folder / "some.ndjson"
    file.write_bytes(records(1))
    one = Installation.open(folder / "data", create=True)
    for batch in collect([file], one.plan(), workers=0):
        keep(one, batch, one.register())
    assert one.lake.status().waiting_rows
    return one


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; fails if it does not soon."""
    end = time.monotonic() + SOON
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_what_waits_is_committed_though_nobody_asks(tmp_path: Path) -> None:
    one = holding(tmp_path)
    with committing.committing(one, troubled=lambda error: None):
        until(lambda: one.lake.status().waiting_rows == 0)
    close_database()


def test_trouble_is_told_and_committing_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, told = holding(tmp_path), list[WaybillError]()
    whole = Lake.commit

    def once(lake: Lake) -> object:
        if not told:
            raise StorageError("the disk is full")
        return whole(lake)

    monkeypatch.setattr(Lake, "commit", once)
    monkeypatch.setattr(committing, "PATIENCE", 0.1)
    with committing.committing(one, told.append):
        until(lambda: one.lake.status().waiting_rows == 0)
    assert [error.what for error in told] == ["the disk is full"]
    close_database()
