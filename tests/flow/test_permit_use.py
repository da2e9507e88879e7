"""The use of a permit counts what it covers and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tests.flow.test_exits import register

from waybill.flow.installation import Installation
from waybill.flow.intake.ingest import ingest
from waybill.flow.permit_use import uses

NAMES = ("time", "action", "channel", "actor", "asset", "to_place", "bytes", "records", "outcome", "quantity", "unit")
PLACES = "id,patterns,jurisdiction\nlab,.lab.example,DE\nhome,.home.example,CN\n"
ASSETS = "id,name,kind,grade,home,patterns\nplans,Plans,data,core,home,/plans/*\n"


def moved(here: Installation, log: Path, rows: Iterable[tuple[object, ...]]) -> None:
    """Take in what moved, as a log has it: the values of ``NAMES``, the last of which may be left out."""
    log.write_text("".join(json.dumps(dict(zip(NAMES, row, strict=False))) + "\n" for row in rows), encoding="utf-8")
    ingest(here, [log], here.plan(source="waybill"), workers=0, progress=lambda _: None)


def test_use(tmp_path: Path) -> None:
    here = Installation.open(tmp_path / "data", create=True)
    register(
        here,
        tmp_path / "register",
        places=PLACES,
        assets=ASSETS,
        parties="id,kind,org\nzhao.min,person,north\nnorth,organisation,\n",
        permits=(
            "id,asset,place,party,channel,valid_from,valid_until\n"
            "spring,plans,lab,,web,2026-03-01T00:00:00Z,2026-06-01T00:00:00Z\n"
            "people,plans,lab,zhao.min,,,\n"
            "idle,plans,,,print,,\n"
        ),
    )
    rows = [
        ("2026-03-01T00:00:00Z", "upload", "web", "li.na", "/plans/1", "ftp.lab.example", 10, 1, "success"),
        ("2026-05-31T23:59:59Z", "upload", "web", "li.na", "/plans/2", "ftp.lab.example", 20, 2, "success"),
        ("2026-06-01T00:00:00Z", "upload", "web", "li.na", "/plans/2", "ftp.lab.example", 40, 4, "success"),
        ("2026-04-01T00:00:00Z", "upload", "web", "li.na", "/plans/2", "ftp.lab.example", 80, 8, "blocked"),
        ("2026-04-01T00:00:00Z", "read", "web", "li.na", "/plans/2", "ftp.lab.example", 80, 8, "success"),
        ("2026-04-01T00:00:00Z", "upload", "web", "li.na", "/plans/2", "a.home.example", 80, 8, "success"),
        ("2026-04-01T00:00:00Z", "upload", "web", "li.na", "/other", "ftp.lab.example", 80, 8, "success"),
        (
            "2026-07-01T00:00:00Z",
            "upload",
            "usb",
            "zhao.min",
            "/plans/3",
            "ftp.lab.example",
            160,
            None,
            "success",
            1.5,
            "KGM",
        ),
    ]
    moved(here, tmp_path / "log.jsonl", rows)
    found = {name: (use.transfers, use.bytes, use.records) for name, use in uses(here).items()}
    assert found == {"spring": (2, 30, 3), "people": (1, 160, 0), "idle": (0, 0, 0)}
    assert uses(here)["people"].quantities == {"KGM": 1.5}


def test_what_moved_while_a_permit_was_suspended_is_no_use_of_it(tmp_path: Path) -> None:
    here = Installation.open(tmp_path / "data", create=True)
    register(
        here,
        tmp_path / "register",
        places=PLACES,
        assets=ASSETS,
        permits=(
            "id,asset,place,suspended_from,suspended_until\n"
            "paused,plans,lab,2026-03-01T00:00:00Z,2026-04-01T00:00:00Z\nstopped,plans,lab,2026-03-01T00:00:00Z,\n"
        ),
    )
    rows = [
        (
            f"2026-0{month}-01T00:00:00Z",
            "upload",
            "web",
            "li.na",
            "/plans/1",
            "ftp.lab.example",
            10**month,
            1,
            "success",
        )
        for month in (2, 3, 4)
    ]
    moved(here, tmp_path / "log.jsonl", rows)
    assert {name: use.bytes for name, use in uses(here).items()} == {"paused": 10_100, "stopped": 100}
