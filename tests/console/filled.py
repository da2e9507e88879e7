"""A site with something on its pages: transfers of two organisations, a register, and findings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from tests.console.site import Site

from waybill.model.transfers import COLLECTED
from waybill.register.importing import read_folder

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
PERSON, OTHER, SOURCE_OF_INTEREST = "p-" + "a" * 16, "p-" + "b" * 16, "p-" + "c" * 16

_REGISTER = {
    "assets": (
        "id,name,kind,grade,owner,public_interest,patterns\n"
        "plans,Plans of the wing,document,core,one.example,no,/plans/*\n"
        "audit,Groundwater audit,document,important,two.example,yes,/audit/*\n"
    ),
    "parties": f"id,kind,org\n{PERSON},person,one.example\n{OTHER},person,two.example\n",
}
_MOVES = [
    (PERSON, "one.example", "/plans/a", "core"),
    (PERSON, "one.example", "/plans/b", "core"),
    (OTHER, "two.example", "/plans/c", "core"),
    (SOURCE_OF_INTEREST, "two.example", "/audit/d", "important"),
    (OTHER, "two.example", "=HYPERLINK(1)", None),
]


def transfers(count: int = 0) -> pa.Table:
    """Return what moved: the five that matter, and so many that do not."""
    dull = [(OTHER, "two.example", f"/dull/{number}", "general") for number in range(count)]
    rows = [
        {
            "time": START + timedelta(minutes=number // 3),
            "id": number.to_bytes(16, "big"),
            "source": "gateway",
            "logsource": "waybill/transfer/",
            "action": "upload",
            "outcome": "success",
            "channel": "web",
            "actor": actor,
            "actor_kind": "person",
            "actor_org": organisation,
            "asset": asset,
            "asset_kind": "document",
            "grade": grade,
            "from_place": f"desk-of-{actor}",
            "to_place": "elsewhere.example",
            "bytes": 1_000 + number,
            "fields": [("note", f"by {actor}")],
            "raw": f'{{"who":"{actor}"}}'.encode(),
        }
        for number, (actor, organisation, asset, grade) in enumerate([*_MOVES, *dull])
    ]
    return pa.Table.from_pylist(rows, schema=COLLECTED)


def fill(site: Site, folder: Path, count: int = 0) -> None:
    """Put transfers, the register and the findings that follow into a site."""
    from waybill.flow.detect import detect
    from waybill.flow.detectors import load_detectors
    from waybill.register.records import import_reading

    here = site.installation
    folder.mkdir()
    for name, text in _REGISTER.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    import_reading(read_folder(folder), here.pseudonymiser, here.folder.key("identity"))
    here.lake.append(transfers(count))
    here.lake.commit()
    detect(here, load_detectors(only=["unauthorised"]), workers=0, progress=lambda _: None)


@pytest.fixture
def filled(site: Site, tmp_path: Path) -> Iterator[Site]:
    """Return a site with something on its pages."""
    fill(site, tmp_path / "register")
    yield site
