"""Puts findings into cases by what they share within a window, each with the reason; the same finding is put once.

Findings are taken one after the other in the order of their time, so that it makes no difference in how many pieces
they come. One joins an open case that shares a trait with it and whose time is near; among several, the one with the
strongest reason. Others are named on the page as related and left alone: only a person merges cases.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from waybill.cases import journal, models
from waybill.cases.sharing import Sharing, stored
from waybill.cases.traits import Trait
from waybill.cases.words import Act, Link
from waybill.control import storage_faults
from waybill.model.findings import Finding

MOST_FINDINGS = 200
"""Findings of one case that grouping puts together; what comes then opens another."""

LONGEST = timedelta(days=60)
"""How long a case may last by grouping: chains of near findings would else go on for ever."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A finding that is to be put somewhere."""

    finding: Finding
    traits: frozenset[Trait]
    public_interest: bool
    opens: bool
    """Whether it is grave enough to open a case; else it only joins one."""


def group(items: Iterable[Incoming], *, window: timedelta, now: datetime) -> list[int]:
    """Put findings into cases, inside one transaction; returns the numbers of the cases that were opened."""
    ordered = sorted(items, key=lambda one: (one.finding.time, one.finding.id))
    opened = []
    with storage_faults(), transaction.atomic():
        sharing = Sharing([(item.finding, item.traits) for item in ordered], window)
        for item in ordered:
            placed = sharing.place(item.finding.id)
            if placed is not None:
                _refresh(placed, item, sharing)
            elif (found := _best(item, sharing)) is not None:
                _join(item, *found, sharing, now=now)
            elif item.opens:
                opened.append(_open(item, sharing, now))
    return opened


def _open(item: Incoming, sharing: Sharing, now: datetime) -> int:
    finding = item.finding
    case = models.Case.objects.create(
        opened_at=now,
        first=finding.time,
        last=finding.last_time,
        severity=finding.severity.number,
        public_interest=item.public_interest,
    )
    journal.write(
        case,
        Act.OPENED,
        who=journal.SYSTEM,
        at=now,
        what={"finding": finding.id, "severity": finding.severity, "public_interest": item.public_interest},
        reason=finding.rule_id,
    )
    _place(item, case, Link.FIRST, "", sharing, now=now)
    return case.pk


def _join(item: Incoming, case: models.Case, link: Link, via: str, sharing: Sharing, *, now: datetime) -> None:
    _place(item, case, link, via, sharing, now=now)
    widen(case, item)
    case.save()
    journal.write(
        case,
        Act.FINDING,
        who=journal.SYSTEM,
        at=now,
        what={"finding": item.finding.id, "link": link, "via": via, "severity": item.finding.severity},
    )


def widen(case: models.Case, item: Incoming) -> None:
    """Let a case span a finding, and be as grave; to be saved by the caller."""
    case.first = min(case.first, item.finding.time)
    case.last = max(case.last, item.finding.last_time)
    case.public_interest = case.public_interest or item.public_interest
    if not case.judged_severity:
        case.severity = max(case.severity, item.finding.severity.number)


def _place(item: Incoming, case: models.Case, link: Link, via: str, sharing: Sharing, *, now: datetime) -> None:
    place = models.CaseFinding.objects.create(finding_id=item.finding.id, case=case, link=link.value, via=via, at=now)
    _add_traits(place, item.traits)
    sharing.put(item.finding, item.traits, place)


def _refresh(placed: models.CaseFinding, item: Incoming, sharing: Sharing) -> None:
    """Take over what a finding that is in a case has become since: new evidence, graver, other destinations."""
    known = {Trait(Link(trait.kind), trait.value) for trait in placed.traits.all()}
    fresh = {trait for trait in item.traits if stored(trait) not in known}
    _add_traits(placed, fresh)
    sharing.learn(item.finding.id, fresh, placed.case_id)
    case = placed.case
    before = (case.first, case.last, case.severity, case.public_interest)
    widen(case, item)
    if before != (case.first, case.last, case.severity, case.public_interest):
        case.save()


def _add_traits(place: models.CaseFinding, traits: Iterable[Trait]) -> None:
    models.CaseTrait.objects.bulk_create(
        models.CaseTrait(place=place, kind=link.value, value=value) for link, value in map(stored, sorted(traits))
    )


def _best(item: Incoming, sharing: Sharing) -> tuple[models.Case, Link, str] | None:
    """Return the open case that a finding belongs to, why, and the finding there that it shares this with."""
    order = list(Link)
    fitting = [
        (order.index(link), number, via)
        for link, number, via in sharing.candidates(item.finding, item.traits)
        if sharing.size(number) < MOST_FINDINGS and _fits(sharing.case(number), item.finding)
    ]
    if not fitting:
        return None
    rank, number, via = min(fitting)
    return sharing.case(number), order[rank], via


def _fits(case: models.Case, finding: Finding) -> bool:
    return max(case.last, finding.last_time) - min(case.first, finding.time) <= max(
        LONGEST, case.last - case.first, finding.last_time - finding.time
    )
