"""A scan and an installation that read the same logs report the same."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from waybill.control import close_database
from waybill.flow.detect import detect
from waybill.flow.detectors import load_detectors
from waybill.flow.installation import Installation
from waybill.flow.intake.ingest import ingest
from waybill.flow.intake.reading import passing_plan
from waybill.flow.reporting import Sightings, report_of_installation, report_of_scan
from waybill.flow.scan import scan
from waybill.flow.settings import Settings
from waybill.model.words import Severity
from waybill.register.importing import read_folder
from waybill.report import Control, Lane, Report, figures

FIRST = date(2026, 3, 1)
LEAKS = (1, 3, 5, 12)
"""Days on which a lot left, counted from the first."""
CONTROL = Control(date(2026, 3, 9), "seals")


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Twenty days of logs, with four lots that left, one file that no rule is for, and a line that cannot be read."""
    quiet = {"action": "read", "channel": "file", "actor": "li.na", "asset": "/menu.txt"}
    lot = {"action": "ship", "channel": "freight", "asset": "lot-7", "from_place": "plant", "to_place": "customer"}
    lines = [{**quiet, "time": f"{FIRST + timedelta(days=day)}T09:00:00Z"} for day in range(20)]
    lines += [{**lot, "time": f"{FIRST + timedelta(days=day)}T10:00:00Z", "application": "old-wms"} for day in LEAKS]
    folder = tmp_path / "logs"
    folder.mkdir()
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "march.ndjson").write_text(text + '{"time": \n', encoding="utf-8")
    return folder


@pytest.fixture
def register(tmp_path: Path) -> Path:
    """A register with one controlled lot and one old system."""
    folder = tmp_path / "register"
    folder.mkdir()
    (folder / "places.csv").write_text("id,name,jurisdiction\nplant,The plant,CN\ncustomer,,DE\n")
    (folder / "assets.csv").write_text("id,name,kind,grade,home\nlot-7,Lot 7,material,core,plant\n")
    (folder / "parties.csv").write_text("id,kind,roles\nold-wms,service,legacy\n")
    return folder


@pytest.fixture
def installation(tmp_path: Path, logs: Path, register: Path) -> Installation:
    """An installation that has read and looked at the logs."""
    opened = Installation.open(tmp_path / "data", create=True)
    from waybill.register import records

    records.import_reading(read_folder(register), opened.pseudonymiser, opened.folder.key("identity"))
    ingest(opened, [logs], opened.plan(), workers=0, progress=lambda count: None)
    detect(opened, load_detectors(), workers=0, progress=lambda count: None)
    return opened


def scanned(logs: Path, register: Path, least: Severity = Severity.INFORMATIONAL) -> Report:
    """Return the report of a scan."""
    plan, snapshot = passing_plan(Settings(), register=register, mappings=(), source=None)
    detectors, sightings = load_detectors(), Sightings()
    done = scan([logs], plan, snapshot, detectors, workers=0, progress=lambda count: None, seen=sightings.add)
    return report_of_scan(done, sightings, snapshot, detectors, least=least, controls=[CONTROL])


def test_a_scan_and_an_installation_tell_the_same(logs: Path, register: Path, installation: Installation) -> None:
    one, other = scanned(logs, register), report_of_installation(installation, controls=[CONTROL])
    assert figures(one) == figures(other)
    assert (one.days, one.flows, one.controls) == (other.days, other.flows, other.controls)
    same = {"files": None, "protected": None, "rejections": (), "detectors": ()}
    assert msgspec.structs.replace(one.scope, **same) == msgspec.structs.replace(other.scope, **same)
    assert (one.scope.files, one.scope.protected, other.scope.files, other.scope.protected) == (1, "", None, None)
    assert [ran.name for ran in one.scope.detectors] == [ran.name for ran in other.scope.detectors]
    told = [
        [(row.finding.title, row.origin, row.destination, row.lane, row.old_system) for row in r.rows]
        for r in (one, other)
    ]
    assert told[0] == told[1]


def test_the_figures_are_those_of_the_logs(logs: Path, register: Path) -> None:
    report = scanned(logs, register)
    found = figures(report)
    assert (found.unauthorised, found.lanes[Lane.MATERIALS] >= 4, report.scope.rejected) == (4, True, 1)
    assert (found.old_systems.part, found.old_systems.known) == (4, found.findings)
    (change,) = found.changes
    assert [(side.transfers, side.findings, side.days) for side in (change.before, change.after)] == [
        (3, 3, 8),
        (1, 1, 12),
    ]
    assert {row.origin.place for row in report.rows if row.finding.detector == "unauthorised"} == {"The plant"}
    assert len(report.days) == 20 and report.scope.transfers == 24


def test_lesser_findings_are_left_out_and_counted(logs: Path, register: Path) -> None:
    everything, grave = scanned(logs, register), scanned(logs, register, Severity.CRITICAL)
    assert len(grave.rows) + grave.scope.less == len(everything.rows)
    assert all(row.finding.severity is Severity.CRITICAL for row in grave.rows)


def test_a_stretch_of_time_holds_what_began_in_it(installation: Installation) -> None:
    begin, end = datetime(2026, 3, 4, tzinfo=UTC), datetime(2026, 3, 7, tzinfo=UTC)
    report = report_of_installation(installation, since=begin, until=end)
    assert [day.day.day for day in report.days] == [4, 5, 6]
    assert {row.finding.time.day for row in report.rows} == {4, 6}
    assert report.scope.transfers == 5 and report.scope.first == datetime(2026, 3, 4, 9, tzinfo=UTC)
    nothing = report_of_installation(installation, until=datetime(2000, 1, 1, tzinfo=UTC))
    assert (nothing.rows, nothing.days, nothing.flows, nothing.scope.transfers) == ((), (), (), 0)


def test_states_are_told_and_set_aside(installation: Installation) -> None:
    from waybill.findings import handling
    from waybill.findings.states import FindingState

    first, second, *_ = report_of_installation(installation).rows
    handling.set_state([first.finding.id], FindingState.FALSE_POSITIVE, who="ciso", reason="known")
    handling.set_state([second.finding.id], FindingState.IN_PROGRESS, who="ciso", reason="asked")
    report = report_of_installation(installation)
    states = {row.finding.id: row.state for row in report.rows}
    assert (states[first.finding.id], states[second.finding.id]) == ("false_positive", "in_progress")
    assert report.rows[-1].finding.id == first.finding.id and figures(report).aside == 1


def test_detectors_that_have_not_run_or_are_behind_are_told(
    tmp_path: Path, logs: Path, installation: Installation
) -> None:
    assert {(ran.ran, ran.behind) for ran in report_of_installation(installation).scope.detectors} == {(True, False)}
    (logs / "more.ndjson").write_text(
        '{"time": "2026-04-01T09:00:00Z", "action": "read", "channel": "file", "asset": "x"}\n'
    )
    ingest(installation, [logs], installation.plan(), workers=0, progress=lambda count: None)
    assert all(ran.behind for ran in report_of_installation(installation).scope.detectors)
    fresh = Installation.open(tmp_path / "fresh", create=True)
    assert not any(ran.ran for ran in report_of_installation(fresh).scope.detectors)
    close_database()


def test_rules_that_could_not_find_anything_are_told(logs: Path, register: Path) -> None:
    sigma = next(ran for ran in scanned(logs, register).scope.detectors if ran.name == "sigma")
    assert sigma.rules > 50 and 0 < sigma.unfed < sigma.rules, "no Windows events were read, so many had nothing to see"
