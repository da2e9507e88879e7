"""Which sources watch which asset, over all that is stored."""

from __future__ import annotations

import json
from pathlib import Path

from waybill.flow.coverage import coverage
from waybill.flow.installation import Installation
from waybill.flow.intake.ingest import ingest
from waybill.register.fields import Kind
from waybill.register.importing import read_files


def test_coverage_lists_what_watches_each_asset(tmp_path: Path) -> None:
    installation = Installation.open(tmp_path / "data", create=True)
    from waybill.register import records

    assets = tmp_path / "assets.csv"
    rows = [
        "menu,Menu,document,important,/menu.txt;/menu.pdf",
        "plans,Plans,document,core,/plans/*",
        "bin,Bin,data,core,",
    ]
    assets.write_text("\n".join(["id,name,kind,grade,patterns", *rows]) + "\n", encoding="utf-8")
    key = installation.folder.key("identity")
    records.import_reading(read_files({Kind.ASSETS: assets}), installation.pseudonymiser, key)
    log = tmp_path / "day.ndjson"
    named = [("09:00:00", "/menu.txt"), ("11:00:00", "/menu.pdf"), ("10:00:00", "/plans/a"), ("10:00:01", "/other")]
    log.write_text(
        "".join(
            json.dumps({"time": f"2026-03-02T{time}Z", "action": "read", "channel": "file", "asset": asset}) + "\n"
            for time, asset in named
        )
    )
    ingest(installation, [log], installation.plan(), workers=0, progress=lambda count: None)
    told = [
        (one.asset, [(w.source, w.transfers, f"{w.last:%H:%M}") for w in one.sources]) for one in coverage(installation)
    ]
    assert told == [("bin", []), ("plans", [("waybill", 1, "10:00")]), ("menu", [("waybill", 2, "11:00")])]
