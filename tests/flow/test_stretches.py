"""Detection in stretches: whatever their size, each transfer is seen once, and what is found is the same."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.console.filled import transfers

from waybill.control import close_database
from waybill.flow import detect as detecting
from waybill.flow.detectors import load_detectors
from waybill.flow.installation import Installation
from waybill.model.findings import Finding
from waybill.register.importing import read_folder

ROWS = 24
DETECTORS = ("unauthorised", "silent-source")
NOW = datetime(2026, 3, 9, tzinfo=UTC)


def found_in_stretches(folder: Path, most: int | None) -> tuple[dict[str, Finding], list[int]]:
    """Return what is found in stretches of about so many transfers, and how many each of them had."""
    here = Installation.open(folder / "data", create=True)
    from waybill.findings import queries
    from waybill.register.records import import_reading

    register = folder / "register"
    register.mkdir()
    (register / "assets.csv").write_text("id,name,kind,grade,patterns\nplans,Plans,document,core,/plans/*\n")
    import_reading(read_folder(register), here.pseudonymiser, here.folder.key("identity"))
    table = transfers(ROWS - 5)
    for start in range(ROWS):
        here.lake.append(table.slice(start, 1))
        if start == ROWS // 2:
            here.lake.commit()
    detectors, seen, complete = load_detectors(only=DETECTORS), list[int](), False
    while not complete:
        report = detecting.detect(here, detectors, workers=0, progress=lambda _: None, now=NOW, most=most)
        seen.append(report.transfers)
        complete = report.complete
    stored = (one.finding for one in queries.every(queries.Filter()))
    findings = {one.rule_id + one.asset: one for one in stored if one.detector in DETECTORS}
    close_database()
    return findings, seen


@pytest.mark.parametrize("most", [1, 7, 1000])
def test_stretches_of_any_size_find_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(detecting, "FEW_ENTRIES", 0)
    for name in ("whole", "parts"):
        (tmp_path / name).mkdir()
    whole, once = found_in_stretches(tmp_path / "whole", None)
    parts, seen = found_in_stretches(tmp_path / "parts", most)
    assert once == [ROWS] and sum(seen) == ROWS and max(seen) <= most
    assert whole.keys() == parts.keys() and whole
    told = {name: (len(one.transfers), one.severity, one.sentence) for name, one in whole.items()}
    assert told == {name: (len(one.transfers), one.severity, one.sentence) for name, one in parts.items()}
