"""Other packages add detectors and sources by entry points, found as they would be when installed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from waybill.flow.detectors import detector_names, load_detectors
from waybill.flow.intake.reading import all_mappings, passing_plan
from waybill.flow.scan import scan
from waybill.flow.settings import Settings
from waybill.model.errors import UsageError

MAPPING = """
name = "badge"
format = "ndjson"
[recognise]
require = ["door", "badge"]
[columns]
time = "at"
actor = "badge"
action = { value = "connect" }
channel = { value = "other" }
to_place = "door"
"""

MODULE = '''
from datetime import timedelta
from pathlib import Path

import pyarrow as pa

from waybill.model.protocols import Result
from waybill.model.words import Scope

MAPPING = Path(__file__).with_name("badge.toml")


class Doors:
    """Finds nothing and says so."""

    name = "doors"
    columns = ("to_place",)
    scope = Scope.WHOLE
    history = timedelta(0)

    def keys(self, tables):
        return pa.nulls(tables.transfers.num_rows, pa.string())

    def run(self, tables, state):
        return Result([], {}, (f"{tables.transfers.num_rows} doors",))
'''


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package as an installer would leave it."""
    site = tmp_path / "site"
    metadata = site / "badges-1.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: badges\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text(
        "[waybill.detectors]\ndoors = badges:Doors\n[waybill.collectors]\nbadge = badges:MAPPING\n"
    )
    (site / "badges.py").write_text(MODULE)
    (site / "badge.toml").write_text(MAPPING)
    monkeypatch.syspath_prepend(site)
    yield site
    sys.modules.pop("badges", None)


def test_a_plugin_brings_a_source_and_a_detector(plugin: Path, tmp_path: Path) -> None:
    assert "doors" in detector_names()
    assert "badge" in {mapping.name for mapping in all_mappings([])}
    log = tmp_path / "doors.ndjson"
    log.write_text(json.dumps({"at": "2026-03-02T09:00:00Z", "door": "lab", "badge": "4711"}) + "\n")
    plan, register = passing_plan(Settings(), register=None, mappings=(), source=None)
    report = scan([log], plan, register, load_detectors(only=["doors"]), workers=0, progress=lambda count: None)
    assert report.intake.by_source == {"badge": 1}
    assert report.remarks == ("1 doors",)


def test_a_detector_that_is_not_installed_is_named() -> None:
    with pytest.raises(UsageError, match="doors"):
        load_detectors(only=["doors"])
