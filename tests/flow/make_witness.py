"""Writes tests/flow/data/v1-NAME: a small data folder as this version makes it, which every later version must open.

Run before a release, and whenever tables or files change: ``python -m tests.flow.make_witness 0.2.0``. What is there
already is never made anew. It has what the service has besides: accounts' tables, tokens, a ledger, runs of tasks.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from waybill.flow.detect import detect
from waybill.flow.detectors import load_detectors
from waybill.flow.home import FORMAT
from waybill.flow.installation import Installation
from waybill.flow.intake.ingest import ingest
from waybill.register.importing import read_folder

DATA = Path(__file__).parent / "data"
DJANGO = "waybill.console.settings"

FILES = {
    "register/places.csv": "id,jurisdiction\nplant,CN\ncustomer,DE\n",
    "register/assets.csv": "id,name,kind,grade,home\nlot-7,Lot 7,material,core,plant\n",
    "register/parties.csv": "id,kind,org\nli.na,person,plant\nplant,organisation,\n",
    "register/permits.csv": "id,asset,place,valid_until,basis\np1,lot-7,customer,2026-03-01T00:00:00Z,licence 12\n",
    "logs/day.ndjson": (
        '{"time":"2026-03-02T09:00:00Z","action":"ship","channel":"freight","actor":"li.na","asset":"lot-7",'
        '"to_place":"customer"}\n'
        '{"time":"2026-03-02T09:14:05Z","action":"copy","channel":"usb","actor":"wei.zhang","asset":"/etch-7.csv",'
        '"to_place":"stick","bytes":5242880}\n'
        '{"time":"2026-03-02T10:00:00Z","action":"read","channel":"file","actor":"wei.zhang","asset":"/menu.txt"}\n'
        '{"time":"yesterday","action":"read","channel":"file"}\n'
    ),
    "logs/tail.ndjson": '{"time":"2026-03-03T09:00:00Z","action":"read","channel":"file","actor":"li.na"}\n',
}
"""What goes in. Names of nobody: common ones, made up."""


def main() -> None:
    """Make the folder."""
    target = DATA / f"v{FORMAT}-{sys.argv[1]}"
    assert not target.exists(), "a witness is never made anew"
    with tempfile.TemporaryDirectory() as scratch:
        base = Path(scratch)
        for name, content in FILES.items():
            (base / name).parent.mkdir(exist_ok=True)
            (base / name).write_text(content, encoding="utf-8")
        installation = Installation.open(base / "data", create=True, django=DJANGO)
        from waybill.collect import collect
        from waybill.register import records

        key = installation.folder.key("identity")
        records.import_reading(read_folder(base / "register"), installation.pseudonymiser, key, where="register")
        installation = Installation.open(base / "data", django=DJANGO)
        plan = installation.plan()
        ingest(installation, [base / "logs" / "day.ndjson"], plan, workers=0, progress=lambda count: None)
        detect(installation, load_detectors(), workers=0, progress=lambda count: None)
        from waybill.access.scopes import Scope
        from waybill.access.tokens import create
        from waybill.flow.proof.sequencing import sequence
        from waybill.flow.tasks.worker import Worker

        create("erp", [Scope.INGEST], who="admin", expires_at=datetime(2099, 1, 1, tzinfo=UTC))
        Worker(base / "data").round("audit")
        sequence(installation)
        for batch in collect([base / "logs" / "tail.ndjson"], plan, workers=0):
            installation.lake.append(batch.transfers)  # stays in the write-ahead log
        installation.lake.close()
        with sqlite3.connect(base / "data" / "control.sqlite3") as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        shutil.copytree(base / "data", target, ignore=shutil.ignore_patterns("*.lock", "*-wal", "*-shm", "scratch"))


if __name__ == "__main__":
    main()
