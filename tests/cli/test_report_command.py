"""``waybill report`` and ``waybill scan --html`` as a user meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .running import waybill
from .test_commands import HARMLESS, LEAK, write_log


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log with one leak in it."""
    return write_log(tmp_path / "logs" / "day.ndjson", HARMLESS, LEAK)


def test_scan_writes_a_report_beside_what_it_prints(log: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    code, out, err = waybill("--lang", "zh", "scan", log, "--html", file, "--control", "2026-03-09=铅封")
    assert code == 1 and "读取 2 条记录" in out and str(file) in err
    page = file.read_text(encoding="utf-8")
    assert page.startswith('<!doctype html>\n<html lang="zh-Hans">')
    assert "day.ndjson:2" in page and "铅封" in page and "usb-stick-4" in page
    assert "li.na" not in page, "names are never written"


def test_report_tells_figures_as_text_as_json_and_as_a_page(log: Path, tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "report.html"
    waybill("ingest", log, data=data)
    code, out, err = waybill("report", "--html", file, "--json", data=data)
    told = json.loads(out)
    assert code == 0 and told["figures"]["findings"] == 0 and told["report"]["scope"]["protected"] is None, err
    assert "has not run" in file.read_text(encoding="utf-8")
    code, out, _ = waybill("report", "--control", "2026-03-09=seals", data=data)
    assert code == 0 and "2026-03-09 seals" in out and "unknown" in out


def test_mistakes_are_told_without_a_stack_trace(log: Path, tmp_path: Path) -> None:
    code, out, err = waybill("report", "--control", "soon=lock", data=tmp_path)
    assert (code, out) == (2, "") and "DAY=NAME" in err and "Traceback" not in err
    code, _, err = waybill("scan", log, "--html", "/no/such/folder/report.html")
    assert code == 4 and "/no/such/folder/report.html" in err and "Traceback" not in err
