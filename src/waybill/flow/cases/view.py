"""One case with all that belongs to it, as it may be shown: findings, steps in time, who-what-where, work, clocks.

In a case that withholds who acted nothing points there: no actor, no desk, no receiver that is not a registered place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from waybill.cases import journal, queries
from waybill.cases.journal import Entry
from waybill.cases.queries import Case, Evidence, Placed, Task
from waybill.cases.words import Act, Link
from waybill.findings.queries import StoredFinding
from waybill.flow import questions
from waybill.flow.cases.opening import findings_of, gravest
from waybill.flow.installation import Installation
from waybill.flow.passages import stored_passages
from waybill.flow.telling import rows_of
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot
from waybill.report import Lane, Row, lane_of

MOST_TRANSFERS = 2_000
"""Transfers of a case that its steps are made of; ids are random, so of more they are a fair sample."""

NOTHING_LEFT = Text("Nothing is left", "已无内容")
"""What a case is about that has no finding any more."""

STEP = timedelta(hours=1)
"""Like movements within such a time are one step."""


class Way(NamedTuple):
    """Who moved what where; empty is what is not known, or withheld."""

    who: str
    what: str
    where: str


@dataclass(slots=True)
class Step:
    """Like movements that follow each other."""

    first: datetime
    last: datetime
    way: Way
    lane: Lane
    action: str
    channel: str
    outcome: str
    transfers: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """A finding of a case as it may be shown, and why it is there."""

    row: Row
    placed: Placed


@dataclass(frozen=True, slots=True)
class Whole:
    """A case with all that belongs to it."""

    case: Case
    members: tuple[Member, ...]
    """The gravest first."""
    steps: tuple[Step, ...]
    more_transfers: int
    """How many the steps do not show."""
    entries: tuple[Entry, ...]
    latest: dict[Act, Entry]
    """Of each act the newest: what holds now, and why."""
    tasks: tuple[Task, ...]
    evidence: tuple[Evidence, ...]
    like: tuple[tuple[Case, tuple[Link, ...]], ...]

    @property
    def title(self) -> Text:
        """What the case is about: the title of its gravest finding."""
        return self.members[0].row.finding.title if self.members else NOTHING_LEFT

    @property
    def asset(self) -> str:
        """The asset that its gravest finding is about."""
        return self.members[0].row.asset if self.members else ""


def whole(installation: Installation, register: RegisterSnapshot, number: int) -> Whole:
    """Return a case with all that belongs to it. Raises UsageError if there is none."""
    case = queries.get(number)
    stored = findings_of(number)
    rows = _rows(installation, register, stored, (case.first, case.last), withheld=case.withheld)
    placed = {one.finding: one for one in case.findings}
    entries = journal.entries(number)
    asked = sorted({one for item in stored for one in item.finding.transfers})
    return Whole(
        case=case,
        members=tuple(Member(row, placed[row.finding.id]) for row in rows if row.finding.id in placed),
        steps=tuple(_steps(installation, register, case, asked[:MOST_TRANSFERS])),
        more_transfers=max(0, len(asked) - MOST_TRANSFERS),
        entries=tuple(entries),
        latest={entry.act: entry for entry in entries},
        tasks=tuple(queries.tasks(number)),
        evidence=tuple(queries.evidence(number)),
        like=tuple(queries.like(number)),
    )


def titles(installation: Installation, register: RegisterSnapshot, found: Iterable[Case]) -> dict[int, Row]:
    """Return the gravest finding of each case, as it may be shown, with as many questions as for one."""
    cases = {case.number: case for case in found}
    stored = gravest(list(cases))
    rows: dict[int, Row] = {}
    for withheld in (False, True):
        numbers = {item.finding.id: number for number, item in stored.items() if cases[number].withheld is withheld}
        span = [moment for number in numbers.values() for moment in (cases[number].first, cases[number].last)]
        if span:
            items = [stored[number] for number in numbers.values()]
            told = _rows(installation, register, items, (min(span), max(span)), withheld=withheld)
            rows |= {numbers[row.finding.id]: row for row in told}
    return rows


def ways(steps: Iterable[Step]) -> dict[Way, tuple[int, int]]:
    """Return who moved what where, with transfers and bytes, the most first."""
    sums: dict[Way, tuple[int, int]] = {}
    for step in steps:
        transfers, size = sums.get(step.way, (0, 0))
        sums[step.way] = transfers + step.transfers, size + step.bytes
    return dict(sorted(sums.items(), key=lambda one: (-one[1][0], one[0])))


def _rows(
    installation: Installation,
    register: RegisterSnapshot,
    stored: Sequence[StoredFinding],
    span: tuple[datetime, datetime],
    *,
    withheld: bool,
) -> tuple[Row, ...]:
    stated = [(item.finding, str(item.state)) for item in stored]
    with installation.lake.snapshot() as snapshot:
        return rows_of(stated, register, lambda ids: stored_passages(snapshot, ids, span), withheld=withheld)


def _steps(installation: Installation, register: RegisterSnapshot, case: Case, transfers: Sequence[str]) -> list[Step]:
    steps: list[Step] = []
    running: dict[tuple[object, ...], Step] = {}
    for row in questions.some(installation, transfers, case.first, case.last) if transfers else ():
        step = _step(row, register, withheld=case.withheld)
        key = (step.way, step.action, step.channel, step.outcome)
        known = running.get(key)
        if known is None or step.first - known.last > STEP:
            known = running[key] = step
            steps.append(known)
        known.last = max(known.last, step.first)
        known.transfers += 1
        known.bytes += row["bytes"] or 0
    return steps


def _step(row: dict[str, Any], register: RegisterSnapshot, *, withheld: bool) -> Step:
    asset = register.asset_of(row["asset"])
    destination = row["to_place"] or row["to_party"] or ""
    place = register.place_of(destination) or register.place_of(destination.rpartition("@")[2])
    named = (place.name or place.id) if place is not None else "" if withheld else destination
    what = (asset.name or asset.id) if asset is not None else "" if withheld else row["asset"] or ""
    kind = str(asset.kind) if asset is not None else row["asset_kind"] or ""
    return Step(
        first=row["time"],
        last=row["time"],
        way=Way("" if withheld else row["actor"] or "", what, named or row["to_jurisdiction"] or ""),
        lane=lane_of(kind, "", row["channel"] or ""),
        action=row["action"] or "",
        channel=row["channel"] or "",
        outcome=row["outcome"] or "",
    )
