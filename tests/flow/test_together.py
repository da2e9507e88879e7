"""Rooms that share a process do not change each other's ways."""

from __future__ import annotations

import csv
from pathlib import Path

from waybill.collect import collect
from waybill.flow.intake.reading import passing_plan
from waybill.flow.settings import Settings


def test_reading_csv_leaves_longer_cells_to_others(tmp_path: Path) -> None:
    """The limit is the process's own: once lowered, other rooms' files of CSV would be refused."""
    before = csv.field_size_limit()
    log = tmp_path / "day.csv"
    log.write_text("time,action,channel\n2026-03-02T09:00:00Z,read,file\n", encoding="utf-8")
    plan, _ = passing_plan(Settings(), register=None, mappings=(), source=None)
    assert sum(batch.transfers.num_rows for batch in collect([log], plan, workers=0)) == 1
    assert csv.field_size_limit() >= before
