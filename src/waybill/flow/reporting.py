"""Gathers what a report tells: of an installation, or of a scan that keeps nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from waybill import __version__
from waybill.detect.sigma import SigmaDetector, standings
from waybill.flow.detectors import load_detectors
from waybill.flow.installation import Installation
from waybill.flow.passages import Passages, stored_passages
from waybill.flow.questions import EVER
from waybill.flow.scan import ScanReport
from waybill.flow.telling import OLD, rows_of
from waybill.model.findings import Finding
from waybill.model.protocols import Detector
from waybill.model.register import RegisterSnapshot
from waybill.model.words import MOVING, Grade, Severity
from waybill.report import Control, Day, Flow, Ran, Rejection, Report, Scope, Source

FLOWS = 12
"""Largest flows that a report lists."""

_EPOCH = date(1970, 1, 1)
_MICROSECONDS_A_DAY = 86_400_000_000

_SOURCES = """
SELECT source, count(*) AS transfers, min(time) AS first, max(time) AS last
FROM transfers
WHERE time >= $from AND time < $until
GROUP BY source
ORDER BY transfers DESC, source
"""
_DAYS = """
SELECT epoch_us(time) // 86400000000 AS day, count(*) AS transfers
FROM transfers
WHERE time >= $from AND time < $until
GROUP BY day
"""
_LOGSOURCES = """
SELECT DISTINCT logsource
FROM transfers
WHERE time >= $from AND time < $until AND logsource IS NOT NULL
"""
_FLOWS = """
SELECT channel, coalesce(to_place, '') AS place, count(*) AS transfers, coalesce(sum(bytes), 0)::BIGINT AS bytes
FROM transfers
WHERE time >= $from AND time < $until AND action IN (SELECT unnest($moving))
GROUP BY ALL
ORDER BY bytes DESC, transfers DESC, channel, place
LIMIT $most
"""


@dataclass(slots=True)
class Sightings:
    """What a scan remembers of the transfers that stream by, for a report: ``scan(…, seen=sightings.add)``."""

    passages: Passages = field(default_factory=Passages)
    days: Counter[int] = field(default_factory=Counter)
    """Transfers by day, counted from 1970."""
    logsources: set[str] = field(default_factory=set)

    def add(self, transfers: pa.Table) -> None:
        """Remember these transfers."""
        self.passages.add(transfers)
        days = transfers["time"].cast(pa.int64()).to_numpy() // _MICROSECONDS_A_DAY
        for day, count in zip(*np.unique(days, return_counts=True), strict=True):
            self.days[int(day)] += int(count)
        self.logsources.update(pc.unique(transfers["logsource"]).drop_null().to_pylist())


def report_of_scan(
    scanned: ScanReport,
    sightings: Sightings,
    register: RegisterSnapshot,
    detectors: Sequence[Detector],
    *,
    least: Severity = Severity.INFORMATIONAL,
    controls: Iterable[Control] = (),
) -> Report:
    """Return the report on a scan, of findings that are at least so grave."""
    intake = scanned.intake
    told = [finding for finding in scanned.findings if finding.severity.number >= least.number]
    return Report(
        made_at=datetime.now(UTC),
        version=__version__,
        scope=Scope(
            first=intake.first,
            last=intake.last,
            sources=tuple(Source(name, count) for name, count in intake.by_source.most_common()),
            files=len(intake.files),
            rejected=intake.rejected,
            rejections=_rejections(intake.reasons),
            protected=intake.protected,
            detectors=tuple(
                _ran(one, scanned.findings, sightings.logsources, remarks=scanned.remarks_of.get(one.name, ()))
                for one in detectors
            ),
            controlled=_controlled(register),
            marks_old=_marks_old(register),
            least=least,
            less=len(scanned.findings) - len(told),
        ),
        rows=rows_of(((finding, "new") for finding in told), register, sightings.passages.of),
        flows=tuple(Flow(flow.channel, flow.place, flow.transfers, flow.bytes) for flow in intake.flows(FLOWS)),
        days=_days(sightings.days.items()),
        controls=tuple(sorted(controls)),
    )


def report_of_installation(
    installation: Installation,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    controls: Iterable[Control] = (),
    detectors: Sequence[Detector] | None = None,
) -> Report:
    """Return the report on what an installation holds of a stretch of time: every finding, whatever its state.

    ``detectors`` are those that are installed, for who has them at hand.
    A finding belongs to the time of its first transfer. What is in quarantine has no time and is always told.
    """
    from waybill.findings.queries import ALL_STATES, Filter, every

    register = installation.register()
    stored = list(every(Filter(since=since, until=until, states=ALL_STATES)))
    times = {"from": since or EVER[0], "until": until or EVER[1]}
    with installation.lake.snapshot() as snapshot:

        def ask(sql: str, **parameters: object) -> list[dict[str, Any]]:
            rows: list[dict[str, Any]] = snapshot.query(sql, {**times, **parameters}).to_pylist()
            return rows

        sources = ask(_SOURCES)
        reasons = Counter((entry.source, entry.reason) for entry in installation.quarantine.entries())
        ran = _ran_here(
            load_detectors(installation.settings.rules) if detectors is None else detectors,
            [item.finding for item in stored],
            {row["logsource"] for row in ask(_LOGSOURCES)},
            snapshot.sequence,
        )
        return Report(
            made_at=datetime.now(UTC),
            version=__version__,
            scope=Scope(
                first=min((row["first"] for row in sources), default=None),
                last=max((row["last"] for row in sources), default=None),
                sources=tuple(Source(row["source"], row["transfers"]) for row in sources),
                files=None,
                rejected=reasons.total(),
                rejections=_rejections(reasons),
                protected=None,
                detectors=ran,
                controlled=_controlled(register),
                marks_old=_marks_old(register),
            ),
            rows=rows_of(
                ((item.finding, str(item.state)) for item in stored),
                register,
                lambda ids: stored_passages(snapshot, ids),
            ),
            flows=tuple(Flow(**row) for row in ask(_FLOWS, moving=[str(action) for action in MOVING], most=FLOWS)),
            days=_days((row["day"], row["transfers"]) for row in ask(_DAYS)),
            controls=tuple(sorted(controls)),
        )


def _ran_here(
    detectors: Sequence[Detector], findings: Sequence[Finding], logsources: set[str], newest: int
) -> tuple[Ran, ...]:
    """Return how each installed detector fared, by how far it has read."""
    from waybill.findings.store import DatabaseFindingStore

    store = DatabaseFindingStore()
    cursors = [(detector, store.cursor(detector.name)) for detector in detectors]
    return tuple(
        _ran(detector, findings, logsources, ran=cursor > 0, behind=cursor < newest) for detector, cursor in cursors
    )


def _ran(
    detector: Detector,
    findings: Iterable[Finding],
    logsources: set[str],
    *,
    ran: bool = True,
    behind: bool = False,
    remarks: tuple[str, ...] = (),
) -> Ran:
    if not (ran and isinstance(detector, SigmaDetector)):
        return Ran(name=detector.name, ran=ran, behind=behind, remarks=remarks)
    fired = {finding.rule_id for finding in findings}
    found = standings(detector.rules, fired, dict.fromkeys(logsources))
    asked = [one for one in found if one.rule.is_evaluable]
    problems = [f"{Path(one.file).name}:{one.line}: {one.what}" for one in detector.rules.problems]
    undecided = [f"{one.rule.title.en}: {one.why}" for one in found if not one.rule.is_evaluable]
    return Ran(
        name=detector.name,
        behind=behind,
        rules=len(asked),
        unfed=sum(1 for one in asked if one.why),
        remarks=(*problems, *undecided),
    )


def _rejections(reasons: Counter[tuple[str, str]]) -> tuple[Rejection, ...]:
    return tuple(Rejection(source, reason, count) for (source, reason), count in reasons.most_common())


def _days(counted: Iterable[tuple[int, int]]) -> tuple[Day, ...]:
    return tuple(Day(_EPOCH + timedelta(days=day), count) for day, count in sorted(counted))


def _controlled(register: RegisterSnapshot) -> bool:
    return any(asset.grade is not Grade.GENERAL for asset in register.assets)


def _marks_old(register: RegisterSnapshot) -> bool:
    return any(OLD in party.roles for party in register.parties)
