"""Asks for cases: the queue, one with what belongs to it, and earlier ones that are like it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from waybill.cases import models
from waybill.cases.acting import no_such_case
from waybill.cases.judging import Harm
from waybill.cases.words import OVER, CaseState, Link, Origin
from waybill.control import storage_faults
from waybill.model.words import Intent, Severity

OPEN = frozenset(CaseState) - OVER
"""States in which something is to be done."""

LIKE = 5
"""Cases that are told as like another."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which cases are asked for; all given conditions hold."""

    states: frozenset[CaseState] = OPEN
    severity: Severity | None = None
    """The least severity."""
    assignee: str = ""


EVERY = Wanted(states=frozenset(CaseState))
"""All cases, also those that are closed or merged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case as it stands. Who acted is not in it; its findings say so, as far as they may be shown."""

    number: int
    state: CaseState
    opened_at: datetime
    first: datetime
    last: datetime
    severity: Severity
    intent: Intent
    origin: Origin
    harm: Harm | None
    facts: Mapping[str, Any]
    """What is known of what the law asks, by the names of ``rulebook/facts.toml``."""
    moments: Mapping[str, datetime]
    """When what happened that deadlines run from; ``aware`` always."""
    assignee: str
    public_interest: bool
    protected: bool
    merged_into: int | None
    findings: tuple[Placed, ...]

    @property
    def is_open(self) -> bool:
        """Whether something is to be done."""
        return self.state in OPEN

    @property
    def withheld(self) -> bool:
        """Whether who acted is not told."""
        return self.public_interest or self.protected


@dataclass(frozen=True, slots=True)
class Placed:
    """A finding of a case, and why it is there."""

    finding: str
    link: Link
    via: str
    """The finding of the case that it shares this with; empty for the first, and where a person put it there."""
    at: datetime


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be done for a case."""

    number: int
    title: str
    assignee: str
    due_at: datetime | None
    after: int | None
    done_at: datetime | None
    done_by: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file by its hash."""

    name: str
    sha256: str
    bytes: int
    added_at: datetime
    added_by: str


def cases(wanted: Wanted | None = None) -> list[Case]:
    """Return the cases asked for, the gravest first, of equal gravity the newest first; without a wish, open ones."""
    asked = wanted or Wanted()
    with storage_faults():
        rows = models.Case.objects.filter(state__in=sorted(asked.states))
        if asked.severity is not None:
            rows = rows.filter(severity__gte=asked.severity.number)
        if asked.assignee:
            rows = rows.filter(assignee=asked.assignee)
        return [_case(row) for row in rows.order_by("-severity", "-last", "-id").prefetch_related("findings")]


def get(number: int) -> Case:
    """Return one case. Raises UsageError if there is none."""
    with storage_faults():
        row = models.Case.objects.filter(pk=number).first()
        if row is None:
            raise no_such_case(number)
        return _case(row)


def case_of(finding: str) -> int | None:
    """Return the number of the case that a finding is in."""
    with storage_faults():
        return models.CaseFinding.objects.filter(pk=finding).values_list("case_id", flat=True).first()


def tasks(number: int) -> list[Task]:
    """Return the tasks of a case, those that are open first, by when they are due."""
    with storage_faults():
        return _tasks(models.CaseTask.objects.filter(case_id=number))


def open_tasks(cases: Collection[int]) -> dict[int, list[Task]]:
    """Return what is to be done for these cases, by case, the next due first."""
    found: dict[int, list[models.CaseTask]] = {}
    with storage_faults():
        for row in models.CaseTask.objects.filter(done_at__isnull=True):
            if row.case_id in cases:
                found.setdefault(row.case_id, []).append(row)
    return {case: _tasks(rows) for case, rows in found.items()}


def _tasks(rows: Iterable[models.CaseTask]) -> list[Task]:
    found = [Task(row.pk, row.title, row.assignee, row.due_at, row.after_id, row.done_at, row.done_by) for row in rows]
    return sorted(found, key=lambda one: (one.done_at is not None, one.due_at is None, one.due_at, one.number))


def evidence(number: int) -> list[Evidence]:
    """Return the files of a case, the oldest first."""
    with storage_faults():
        rows = models.CaseEvidence.objects.filter(case_id=number).order_by("id")
        return [Evidence(row.name, row.sha256, row.bytes, row.added_at, row.added_by) for row in rows]


def like(number: int) -> list[tuple[Case, tuple[Link, ...]]]:
    """Return other cases, whatever their state, that share most with one, and what they share.

    Cases that withhold who acted are not found by the actor: they have no such trait.
    """
    with storage_faults():
        own = set(models.CaseTrait.objects.filter(place__case_id=number).values_list("kind", "value"))
        shared: dict[int, set[tuple[str, str]]] = {}
        rows = models.CaseTrait.objects.filter(value__in=[value for _, value in own]).exclude(place__case_id=number)
        for case, kind, value in rows.values_list("place__case_id", "kind", "value"):
            if (kind, value) in own:
                shared.setdefault(case, set()).add((kind, value))
        ranked = sorted(shared, key=lambda case: (-len(shared[case]), -case))[:LIKE]
        return [(get(case), tuple(sorted({Link(kind) for kind, _ in shared[case]}))) for case in ranked]


def _case(row: models.Case) -> Case:
    placed = sorted(row.findings.all(), key=lambda one: (one.at, one.pk))
    return Case(
        number=row.pk,
        state=CaseState(row.state),
        opened_at=row.opened_at,
        first=row.first,
        last=row.last,
        severity=list(Severity)[row.severity - 1],
        intent=Intent(row.intent),
        origin=Origin(row.origin),
        harm=msgspec.json.decode(row.harm, type=Harm) if row.harm else None,
        facts=msgspec.json.decode(row.facts),
        moments={"aware": row.opened_at, **msgspec.json.decode(row.moments, type=dict[str, datetime])},
        assignee=row.assignee,
        public_interest=row.public_interest,
        protected=row.protected,
        merged_into=row.merged_into_id,
        findings=tuple(Placed(one.pk, Link(one.link), one.via, one.at) for one in placed),
    )
