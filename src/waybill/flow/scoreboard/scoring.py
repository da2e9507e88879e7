"""Which of the simulated leaks are found, by what, how fast, and at what price in false findings.

A case counts as found only by evidence: the transfers of a finding hold a record that decides the case, and without
those records the finding is not made, so that nothing is found for another reason than the one that counts. The board
checks itself: the benign twins must stay silent, and no finding may stay once all that it rests on is gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from waybill.detect.sigma import CorrelationDetector, SigmaDetector
from waybill.epcis.capturing import capture
from waybill.epcis.document import read_document
from waybill.epcis.store import Store
from waybill.epcis.tables import custody as custody_of
from waybill.epcis.transfers import SOURCE
from waybill.flow.custody.capturing import capture_files
from waybill.flow.detect import detect
from waybill.flow.installation import Installation
from waybill.flow.intake.ingest import ingest
from waybill.flow.intake.reading import CHANNELS_FILE
from waybill.flow.scan import scan
from waybill.flow.scoreboard.content import inspect_documents
from waybill.flow.scoreboard.exposures import Sighted, sighted
from waybill.model.custody import Custody
from waybill.model.findings import Finding, Text
from waybill.model.ids import record_hasher
from waybill.model.protocols import Detector
from waybill.simulate import Case, Mark, Size, Truth
from waybill.simulate.world import write_world

_RULES = frozenset({SigmaDetector.name, CorrelationDetector.name})

_SUBMITTER = "plant"
"""Who hands over the world's custody events."""

WORLD, DATA = "world", "data"
"""Where, below the folder of a run, the world and its data folder are."""

Tell = Callable[[Text], None]
"""Told what is being done."""


class Transfer(NamedTuple):
    """What a marked record became."""

    id: str
    time: datetime


class CaseScore(msgspec.Struct, frozen=True, kw_only=True):
    """How one leak fared."""

    case: str
    number: int
    title: Text
    found: bool
    """Whether a finding rests on a record that decides the case, and is gone without it."""
    detectors: tuple[str, ...]
    rules: tuple[str, ...]
    evidence: tuple[str, ...]
    """Ids of the decisive transfers that findings rest on."""
    delay: float | None
    """Hours from the first decisive record to the first one that a finding rests on; None if not found."""
    twin_findings: int
    """Findings that rest on a record of the benign twin: false ones."""
    hollow: tuple[str, ...]
    """Ids of findings that rest on nothing but decisive records and are still there without them; must be empty."""
    exposures: tuple[Sighted, ...] = ()
    """What surveys saw of its ways out."""
    first: str = ""
    """What came first: ``code``, ``page``, ``storage``, or ``rate`` where detectors looking at transfers did."""
    ahead: float | None = None
    """Hours by which the first survey that saw a way out came before the first decisive record; negative after it."""


class Scoreboard(msgspec.Struct, frozen=True, kw_only=True):
    """What one simulated world tells of the detectors."""

    size: str
    seed: int
    days: int
    records: int
    sources: tuple[str, ...]
    cases: tuple[CaseScore, ...]
    findings: int
    false_findings: int
    """Findings that rest on no record of a leak."""
    false_findings_per_day: float
    false_by_rule: dict[str, int]
    """The most frequent first."""

    @property
    def found_by_rules(self) -> int:
        """Cases that rules find."""
        return sum(not _RULES.isdisjoint(case.detectors) for case in self.cases)

    @property
    def found_by_rules_alone(self) -> int:
        """Cases that nothing but rules finds: what the pack adds."""
        return sum(case.found and _RULES.issuperset(case.detectors) for case in self.cases)

    @property
    def sound(self) -> bool:
        """Whether the board may be believed: twins are silent and no finding stays without all of its evidence."""
        return not any(case.twin_findings or case.hollow for case in self.cases)


def score(
    folder: Path, detectors: Sequence[Detector], *, seed: int, size: Size, workers: int, tell: Tell
) -> Scoreboard:
    """Write a world into ``folder``, take it through the whole flow there, and say what was found.

    World and data folder stay, to be looked at. Raises what writing and reading raise.
    """
    tell(Text("writing the world", "生成模拟世界"))
    world = folder / WORLD
    truth = write_world(world, seed=seed, size=size)
    tell(Text("reading its logs", "读取日志"))
    _set_up(Installation.open(folder / DATA, create=True), world, truth)
    installation = Installation.open(folder / DATA)  # which now knows the people of the register
    inspect_documents(installation, world / truth.documents)
    capture_files(installation, [world / truth.custody], submitter=_SUBMITTER)
    ingest(installation, [world / truth.logs], installation.plan(), workers=workers, progress=lambda count: None)
    tell(Text("looking for leaks", "检测泄露"))
    detect(installation, detectors, workers=workers, progress=lambda count: None)
    from waybill.findings.queries import ALL_STATES, Filter, every
    from waybill.flow.cases.clocks import DETECTOR as CLOCKS

    stored = (one.finding for one in every(Filter(states=ALL_STATES)))
    findings = [one for one in stored if one.detector != CLOCKS]  # a deadline is no statement about a transfer
    tell(Text("looking again without the evidence", "去除证据后复查"))
    remaining = _found_without_evidence(truth, folder, installation, detectors, workers)
    tell(Text("surveying what stands there", "巡检所在之处"))
    seen = sighted(world, truth, installation)
    return board(truth, findings, _marked(installation, truth), remaining, seen)


def board(
    truth: Truth,
    findings: Sequence[Finding],
    marked: Mapping[Mark | str, Transfer],
    remaining: Collection[str],
    seen: Mapping[str, Sequence[Sighted]] = {},
) -> Scoreboard:
    """Say of each case what its findings rest on.

    ``marked`` are the transfers that the truth's marks and custody events became, ``remaining`` the ids of the findings
    that are made without the decisive records too, ``seen`` what surveys saw, by case.
    """
    decisive = {marked[mark].id for case in truth.cases for mark in _leak(case) if mark in marked}
    false = [finding for finding in findings if decisive.isdisjoint(finding.transfers)]
    return Scoreboard(
        size=truth.size,
        seed=truth.seed,
        days=truth.days,
        records=truth.records,
        sources=tuple(sorted(truth.counts)),
        cases=tuple(_case(case, findings, marked, remaining, seen.get(case.name, ())) for case in truth.cases),
        findings=len(findings),
        false_findings=len(false),
        false_findings_per_day=round(len(false) / truth.days, 2),
        false_by_rule=dict(Counter(f"{finding.detector}/{finding.rule_id}" for finding in false).most_common()),
    )


def _case(
    case: Case,
    findings: Sequence[Finding],
    marked: Mapping[Mark | str, Transfer],
    remaining: Collection[str],
    seen: Sequence[Sighted],
) -> CaseScore:
    decisive = {marked[mark].id: marked[mark].time for mark in _leak(case) if mark in marked}
    twin = {marked[mark].id for mark in _twin(case) if mark in marked}
    about = [finding for finding in findings if not decisive.keys().isdisjoint(finding.transfers)]
    # What stays because the rest of a day carries it does not tell of this leak, and counts for nothing.
    telling = [finding for finding in about if finding.id not in remaining]
    hollow = [one.id for one in about if one.id in remaining and decisive.keys() >= set(one.transfers)]
    evidence = sorted({one for finding in telling for one in finding.transfers if one in decisive})
    first = min((decisive[one] for one in evidence), default=None)
    began, night = min(decisive.values(), default=None), min((one.at for one in seen), default=None)
    moments = [(one.at, one.by) for one in seen] + ([(first, "rate")] if first else [])
    return CaseScore(
        case=case.name,
        number=case.number,
        title=case.title,
        found=bool(telling),
        detectors=tuple(sorted({finding.detector for finding in telling})),
        rules=tuple(sorted({finding.rule_id for finding in telling})),
        evidence=tuple(evidence),
        delay=None if first is None or began is None else (first - began) / timedelta(hours=1),
        twin_findings=sum(not twin.isdisjoint(finding.transfers) for finding in findings)
        + sum(one.twin_findings for one in seen),
        hollow=tuple(sorted(hollow)),
        exposures=tuple(seen),
        first=min(moments)[1] if moments else "",
        ahead=None if began is None or night is None else (began - night) / timedelta(hours=1),
    )


def _leak(case: Case) -> tuple[Mark | str, ...]:
    """Return the records and custody events that decide a case."""
    return *case.leak, *case.leak_events


def _twin(case: Case) -> tuple[Mark | str, ...]:
    """Return the records and custody events of a case's twin."""
    return *case.twin, *case.twin_events


def _set_up(installation: Installation, world: Path, truth: Truth) -> None:
    """Give a new installation the world's register, protected channels and mappings."""
    from waybill.register import records
    from waybill.register.importing import read_folder

    register, folder = world / truth.register, installation.folder
    records.import_reading(
        read_folder(register), installation.pseudonymiser, folder.key("identity"), where=str(register)
    )
    copyfile(register / CHANNELS_FILE, folder.channels)
    for mapping in truth.mappings:
        folder.mappings.mkdir(exist_ok=True)
        copyfile(world / mapping, folder.mappings / Path(mapping).name)


def _marked(installation: Installation, truth: Truth) -> dict[Mark | str, Transfer]:
    """Return the transfer that each mark or custody event of a leak or twin became; some may not have become one."""
    marks = {(mark.file, mark.position): mark for case in truth.cases for mark in (*case.leak, *case.twin)}
    statement = """
        SELECT origin, position, id, time FROM transfers
        WHERE list_contains($files, origin) AND list_contains($places, origin || ':' || position)
    """
    parameters = {
        "files": sorted({file for file, _ in marks}),
        "places": [f"{file}:{position}" for file, position in marks],
    }
    with installation.lake.snapshot() as snapshot:
        rows = snapshot.query(statement, parameters).to_pylist()
    found: dict[Mark | str, Transfer] = {
        marks[row["origin"], row["position"]]: Transfer(row["id"].hex(), row["time"]) for row in rows
    }
    events = {event for case in truth.cases for event in (*case.leak_events, *case.twin_events)}
    custody = installation.custody()
    if custody is not None:
        told = custody.events.filter(pc.is_in(custody.events["id"], value_set=pa.array(sorted(events), pa.string())))
        for row in told.select(["id", "transfer", "time"]).to_pylist():
            found[row["id"]] = Transfer(row["transfer"].hex(), row["time"])
    return found


def _found_without_evidence(
    truth: Truth, folder: Path, installation: Installation, detectors: Sequence[Detector], workers: int
) -> set[str]:
    """Return the ids of the findings in the same world without the decisive records; the keys are the same too."""
    with TemporaryDirectory(dir=folder) as temporary:
        world = Path(temporary)
        write_world(world, seed=truth.seed, size=truth.size, without=frozenset(case.name for case in truth.cases))
        report = scan(
            [world / truth.logs],
            installation.plan(),
            msgspec.structs.replace(installation.register(), disclosures=()),  # those came with the records
            detectors,
            workers=workers,
            progress=lambda count: None,
            custody=_captured(installation, world / truth.custody),
        )
    return {finding.id for finding in report.findings}


def _captured(installation: Installation, documents: Path) -> Custody:
    """Return the custody of a world's documents, with the ids of transfers that the installation gives."""
    store = Store(documents / "custody.sqlite3")
    for path in sorted(documents.glob("*.jsonld")):
        capture(
            store,
            read_document(path.read_bytes(), path.name),
            submitter=_SUBMITTER,
            now=datetime.now(UTC),
            identify=record_hasher(installation.plan().id_key, SOURCE),
            clean=lambda event: event,
        )
    return custody_of(store)
