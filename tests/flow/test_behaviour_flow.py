"""Scores through the whole flow: protected channels leave no trace in them, nor does a file that is read twice."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from tests.cli.test_behaviour_command import LAST, logs

from waybill.control import close_database
from waybill.flow.detect import detect
from waybill.flow.detectors import load_detectors
from waybill.flow.installation import Installation
from waybill.flow.intake.ingest import ingest

HOTLINE = "hotline@ombudsman.example"


def protected() -> str:
    """Return what somebody writes to the whistle-blower line, day after day and a lot."""
    lines = [
        {
            "time": LAST.replace(day=1 + number % 20, minute=number % 60).isoformat(),
            "action": "send",
            "channel": "email",
            "actor": f"person{number % 7}",
            "actor_kind": "person",
            "to_party": HOTLINE,
            "bytes": "90000000",
        }
        for number in range(300)
    ]
    return "".join(json.dumps(line) + "\n" for line in lines)


def judged(data: Path, *files: Path) -> dict[str, Any]:
    """Read files into a data folder, judge, and return what the detector then knows."""
    from waybill.findings.store import DatabaseFindingStore

    installation = Installation.open(data)
    try:
        for file in files:
            ingest(installation, [file], installation.plan(), workers=0, progress=lambda _: None)
            detect(installation, load_detectors(only=["behaviour"]), workers=0, progress=lambda _: None)
        return dict(DatabaseFindingStore().state("behaviour"))
    finally:
        close_database()


def prepared(folder: Path) -> Path:
    """Return a new data folder with a protected channel."""
    installation = Installation.open(folder / "data", create=True)
    channel = f'[[channel]]\nname = "Whistle-blower line"\naddresses = ["{HOTLINE}"]\n'
    installation.folder.channels.write_text(channel, encoding="utf-8")
    close_database()
    return folder / "data"


def test_scores_are_the_same_to_the_bit_with_and_without_protected_channels(tmp_path: Path) -> None:
    data, plain, more = prepared(tmp_path), tmp_path / "plain" / "log.ndjson", tmp_path / "more" / "log.ndjson"
    for file, text in ((plain, logs()), (more, protected() + logs() + protected())):
        file.parent.mkdir()
        file.write_text(text, encoding="utf-8")
    shutil.copytree(data, tmp_path / "other")
    without, with_them = judged(data, plain), judged(tmp_path / "other", more)
    assert without["recent"], "there is something to compare"
    assert with_them == without


def test_a_file_that_is_read_twice_changes_nothing(tmp_path: Path) -> None:
    data, log = prepared(tmp_path), tmp_path / "log.ndjson"
    log.write_text(logs(), encoding="utf-8")
    shutil.copytree(data, tmp_path / "other")
    assert judged(tmp_path / "other", log, log) == judged(data, log)
