"""Reports and filings from their source to findings and the register: both ways in agree, and nobody is told of."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest

from waybill.control import close_database
from waybill.detect.disclosure import Account
from waybill.flow.detect import DetectReport, detect
from waybill.flow.detectors import load_detectors
from waybill.flow.disclosures import accounts
from waybill.flow.installation import Installation
from waybill.flow.intake.ingest import ingest
from waybill.flow.intake.reading import passing_plan
from waybill.flow.reporting import report_of_installation
from waybill.flow.scan import scan
from waybill.flow.settings import Settings
from waybill.model.errors import UsageError
from waybill.model.findings import Finding
from waybill.register.fields import Kind
from waybill.register.importing import RegisterError, read_files, read_folder
from waybill.report import render

AUTHOR = "chen.wei"
TELLING = (AUTHOR, "ws-0417", "10.20.30.40", "chen.wei@mine.example", "陈伟", "inbox-of-shift-c", "told by")
"""What would tell who wrote a report inside."""

INSIDE = {
    "time": "2026-03-02T01:00:00Z", "action": "create", "channel": "file", "actor": AUTHOR, "actor_kind": "person",
    "actor_org": "north-mine", "asset": "INC-7", "from_place": "ws-0417", "to_place": "10.20.30.40",
    "stage": "internal", "event": "INC-7", "kind": "coal-mine-accident", "document": "R-7", "author": AUTHOR,
    "reporter_mail": "chen.wei@mine.example", "host": "ws-0417", "written_by": "陈伟",
    "reason": "told by chen.wei", "amends": "R-6", "figures": {"deaths": 3, "injured": 2},
}  # fmt: skip
FILED = {
    "time": "2026-03-02T01:40:00Z", "action": "send", "channel": "web", "actor": "portal", "actor_kind": "service",
    "actor_org": "north-mine", "asset": "INC-7", "to_place": "authority.example",
    "stage": "filing", "event": "INC-7", "document": "F-7", "figures": {"deaths": 1, "injured": 2},
}  # fmt: skip
AMENDED = {**FILED, "time": "2026-03-05T01:00:00Z", "document": "F-8", "amends": "F-7", "reason": "补报",
           "figures": {"deaths": 3, "injured": 2}}  # fmt: skip


def write_log(path: Path, *records: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


@pytest.fixture
def register(tmp_path: Path) -> Path:
    folder = tmp_path / "register"
    folder.mkdir()
    (folder / "places.csv").write_text("id,name,patterns\nsite,North mine,ws-0417;mine.example\n", encoding="utf-8")
    (folder / "parties.csv").write_text(
        "id,kind,org,aliases\nchen.wei,person,north-mine,chen.wei@mine.example;陈伟\nnorth-mine,organisation,,\n",
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def installation(tmp_path: Path, register: Path) -> Iterator[Installation]:
    opened = Installation.open(tmp_path / "data", create=True)
    take_in(opened, register)
    yield Installation.open(tmp_path / "data")
    close_database()


def take_in(installation: Installation, folder: Path) -> None:
    from waybill.register import records

    records.import_reading(read_folder(folder), installation.pseudonymiser, installation.folder.key("identity"))


def read_in(installation: Installation, log: Path) -> DetectReport:
    ingest(installation, [log], installation.plan(), workers=0, progress=lambda count: None)
    return detect(installation, load_detectors(only=["disclosure"]), workers=0, progress=lambda count: None)


def stored() -> list[tuple[Finding, str]]:
    from waybill.findings.queries import ALL_STATES, Filter, every

    return [(item.finding, str(item.state)) for item in every(Filter(states=ALL_STATES))]


def import_csv(installation: Installation, file: Path, kind: Kind = Kind.DISCLOSURES) -> dict[Kind, Any]:
    from waybill.register import records

    reading = read_files({kind: file})
    key = installation.folder.key("identity")
    return records.import_reading(reading, installation.pseudonymiser, key).counts


def test_a_scan_and_an_installation_find_the_same(tmp_path: Path, register: Path, installation: Installation) -> None:
    log = write_log(tmp_path / "logs" / "safety.ndjson", INSIDE, FILED)
    read_in(installation, log)
    plan, snapshot = passing_plan(Settings(), register=register, mappings=(), source=None)
    scanned = scan([log], plan, snapshot, load_detectors(only=["disclosure"]), workers=0, progress=lambda count: None)
    (one,), ((other, _),) = scanned.findings, stored()
    assert one.sentence == other.sentence and one.parts == other.parts
    assert [(part.name, part.value, part.usual) for part in one.parts] == [("deaths", "1", "3")]
    assert (other.source.file, other.source.position, len(other.transfers)) == ("safety.ndjson", 2, 2)


def test_an_amendment_that_arrives_later_ends_the_finding(tmp_path: Path, installation: Installation) -> None:
    assert read_in(installation, write_log(tmp_path / "one.ndjson", INSIDE, FILED)).findings == {"disclosure": 1}
    assert read_in(installation, write_log(tmp_path / "two.ndjson", AMENDED)).findings == {"disclosure": 0}
    assert [state for _, state in stored()] == ["resolved"]
    assert [account.flaws for account in accounts(installation)] == [()]


def everything_told(installation: Installation) -> Iterator[tuple[str, str]]:
    """Yield all that leaves the installation or rests in the register's rows about reports, by what it is."""
    from waybill.findings.export import Format, write
    from waybill.findings.models import DetectorMemory
    from waybill.findings.models import Finding as FindingRow
    from waybill.outbox.models import Row
    from waybill.register import models

    findings = [finding for finding, _ in stored()]
    for form in Format:
        stream = BytesIO()
        write(findings, form, stream)
        yield f"export {form}", stream.getvalue().decode()
    yield "report", render(report_of_installation(installation)).decode()
    yield "accounts", msgspec.json.encode(accounts(installation)).decode()
    for table in (models.Disclosure, FindingRow, DetectorMemory):
        yield f"rows of {table.__name__}", repr(list(table.objects.values()))
    yield "outbox", repr(list(Row.objects.filter(kind__in=["disclosure", "finding"]).values()))
    text = StringIO()
    from waybill.register import records

    records.export_csv(Kind.DISCLOSURES, text)
    yield "register export", text.getvalue()


def test_nothing_tells_who_wrote_a_report_inside(tmp_path: Path, installation: Installation) -> None:
    read_in(installation, write_log(tmp_path / "logs" / "inbox-of-shift-c" / "chen.ndjson", INSIDE))
    read_in(installation, write_log(tmp_path / "logs" / "portal.ndjson", FILED))
    from waybill.model.words import PartyKind

    telling = (*TELLING, installation.pseudonymiser.pseudonym(AUTHOR, PartyKind.PERSON))
    told = dict(everything_told(installation))
    assert "INC-7" in told["report"] and "deaths=3" in told["rows of Disclosure"], "the test looks at the right things"
    found = {what: [name for name in telling if name in text] for what, text in told.items()}
    assert {what: names for what, names in found.items() if names} == {}


def test_the_database_itself_refuses_to_keep_where_a_report_inside_was_read(installation: Installation) -> None:
    from django.db import IntegrityError, transaction

    from waybill.register import models

    fields = {"event": "E", "organisation": "o", "made_at": "2026-03-02T01:00:00Z"}
    for more in ({"file": "inbox"}, {"source": "hotline"}, {"position": 3}, {"reason": "told by a friend"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            models.Disclosure.objects.create(id="x", stage="internal", **fields, **more)


COLUMNS = "id,stage,event,organisation,made_at,kind,figures,amends,reason"
INSIDE_CSV = "R-7,internal,INC-7,north-mine,2026-03-02T01:00:00Z,coal-mine-accident,deaths=3;injured=2,,"
FILED_CSV = "F-7,filing,INC-7,north-mine,2026-03-02T01:40:00Z,,deaths=1;injured=2,,"


def sheet(path: Path, *lines: str) -> Path:
    path.write_text("\n".join([COLUMNS, *lines]) + "\n", encoding="utf-8")
    return path


def essence(found: list[Account]) -> list[Account]:
    """Return accounts without what differs by where documents were read."""
    return [
        msgspec.structs.replace(
            account, transfers=(), flaws=tuple(msgspec.structs.replace(f, document=None) for f in account.flaws)
        )
        for account in found
    ]


def test_import_transfers_and_a_systems_own_export_end_in_the_same_account(
    tmp_path: Path, installation: Installation
) -> None:
    table = sheet(tmp_path / "reports.csv", INSIDE_CSV, FILED_CSV)
    others = []
    for number, source in enumerate((write_log(tmp_path / "t.ndjson", INSIDE, FILED), table)):
        close_database()
        other = Installation.open(tmp_path / f"other-{number}", create=True)
        read_in(other, source)
        others.append(essence(accounts(other)))
        assert [finding.rule_id for finding, _ in stored()] == ["disclosure.differs"]
    close_database()
    again = Installation.open(installation.folder.root)
    assert import_csv(again, table) == {Kind.DISCLOSURES: (2, 0, 0)}
    assert [essence(accounts(again))] * 2 == others


def test_what_was_reported_is_neither_rewritten_nor_removed(tmp_path: Path, installation: Installation) -> None:
    from waybill.register import records

    import_csv(installation, sheet(tmp_path / "a.csv", INSIDE_CSV))
    assert import_csv(installation, sheet(tmp_path / "a.csv", INSIDE_CSV)) == {Kind.DISCLOSURES: (0, 0, 1)}
    with pytest.raises(RegisterError, match="mistake") as refused:
        import_csv(installation, sheet(tmp_path / "b.csv", INSIDE_CSV.replace("deaths=3", "deaths=1")))
    assert [(one.line, one.column) for one in refused.value.problems] == [(2, "id")]
    with pytest.raises(UsageError, match="stays"):
        records.remove(Kind.DISCLOSURES, ["R-7"])
    assert [str(figure) for figure in accounts(installation)[0].inside] == ["deaths=3", "injured=2"]


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("R,internal,E,chen.wei,2026-03-02T01:00:00Z,,deaths=1,,", "organisation"),
        ("R,internal,E,o,2026-03-02T01:00:00,,deaths=1,,", "made_at"),
        ("R,leaflet,E,o,2026-03-02T01:00:00Z,,deaths=1,,", "stage"),
        ("R,internal,E,o,2026-03-02T01:00:00Z,,deaths=three,,", "figures"),
        ("R,internal,E,o,2026-03-02T01:00:00Z,,deaths=1;死亡=2,,", "figures"),
        ("R,internal,,o,2026-03-02T01:00:00Z,,deaths=1,,", "event"),
    ],
)
def test_a_line_that_cannot_be_is_named(tmp_path: Path, installation: Installation, line: str, column: str) -> None:
    with pytest.raises(RegisterError) as refused:
        import_csv(installation, sheet(tmp_path / "a.csv", line))
    assert [(problem.line, problem.column) for problem in refused.value.problems] == [(2, column)]


def test_an_export_is_imported_unchanged(tmp_path: Path, installation: Installation) -> None:
    from waybill.register import records

    read_in(installation, write_log(tmp_path / "t.ndjson", INSIDE, FILED, AMENDED))
    (tmp_path / "p.csv").write_text(
        "id,role,item,price,currency,unit,day,quantity\np,paid,Stent,12.50,CNY,C62,2026-03-01,3\n", encoding="utf-8"
    )
    (tmp_path / "d.csv").write_text("id,instrument,hours,figures,kinds\nours,Rule 4,8,deaths;injured,spill;leak\n")
    import_csv(installation, tmp_path / "p.csv", Kind.PRICES)
    import_csv(installation, tmp_path / "d.csv", Kind.DUTIES)
    for kind in (Kind.DISCLOSURES, Kind.PRICES, Kind.DUTIES):
        text = StringIO()
        records.export_csv(kind, text)
        (tmp_path / "again.csv").write_text(text.getvalue(), encoding="utf-8", newline="")
        count = len(list(csv.DictReader(StringIO(text.getvalue()))))
        assert import_csv(installation, tmp_path / "again.csv", kind) == {kind: (0, 0, count)}


def test_every_report_gets_a_row_in_the_outbox(tmp_path: Path, installation: Installation) -> None:
    from waybill.outbox.models import Row

    read_in(installation, write_log(tmp_path / "t.ndjson", INSIDE, FILED))
    rows = list(Row.objects.filter(kind="disclosure"))
    assert len(rows) == 2 and all("deaths" in row.content and row.subject == "" for row in rows)
