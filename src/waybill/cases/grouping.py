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
from django.db.models import Count, Min, Q, QuerySet

from waybill.cases import journal, models
from waybill.cases.traits import Trait
from waybill.cases.words import OVER, Act, Link
from waybill.control import storage_faults
from waybill.findings.columns import column
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
    opened = []
    with storage_faults(), transaction.atomic():
        for item in sorted(items, key=lambda one: (one.finding.time, one.finding.id)):
            placed = models.CaseFinding.objects.select_related("case").filter(pk=item.finding.id).first()
            if placed is not None:
                _refresh(placed, item)
            elif (found := _best(item, window)) is not None:
                _join(item, *found, now=now)
            elif item.opens:
                opened.append(_open(item, now))
    return opened


def _open(item: Incoming, now: datetime) -> int:
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
    _place(item, case, Link.FIRST, "", now)
    return case.pk


def _join(item: Incoming, case: models.Case, link: Link, via: str, *, now: datetime) -> None:
    _place(item, case, link, via, now)
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


def _place(item: Incoming, case: models.Case, link: Link, via: str, now: datetime) -> None:
    place = models.CaseFinding.objects.create(finding_id=item.finding.id, case=case, link=link.value, via=via, at=now)
    _add_traits(place, item.traits)


def _refresh(placed: models.CaseFinding, item: Incoming) -> None:
    """Take over what a finding that is in a case has become since: new evidence, graver, other destinations."""
    known = {Trait(Link(kind), value) for kind, value in placed.traits.values_list("kind", "value")}
    _add_traits(placed, {trait for trait in item.traits if _stored(trait) not in known})
    case = placed.case
    before = (case.first, case.last, case.severity, case.public_interest)
    widen(case, item)
    if before != (case.first, case.last, case.severity, case.public_interest):
        case.save()


def _add_traits(place: models.CaseFinding, traits: Iterable[Trait]) -> None:
    models.CaseTrait.objects.bulk_create(
        models.CaseTrait(place=place, kind=link.value, value=value) for link, value in map(_stored, sorted(traits))
    )


def _stored(trait: Trait) -> Trait:
    return Trait(trait.link, column(trait.value))


def _best(item: Incoming, window: timedelta) -> tuple[models.Case, Link, str] | None:
    """Return the open case that a finding belongs to, why, and the finding there that it shares this with."""
    near = models.CaseFinding.objects.filter(_near(item.finding, window))
    evidence = [bytes.fromhex(one) for one in item.finding.transfers[:MOST_FINDINGS]]
    candidates = _first_of_each_case(Link.TRANSFER, near.filter(finding__evidence__transfer__in=evidence))
    for trait in map(_stored, item.traits):
        sharing = near.filter(traits__kind=trait.link.value, traits__value=trait.value)
        candidates += _first_of_each_case(trait.link, sharing)
    numbers = {case for _, case, _ in candidates}
    full = _full(numbers)
    cases = {case.pk: case for case in models.Case.objects.filter(pk__in=numbers - full) if _fits(case, item.finding)}
    order = list(Link)
    fitting = [(order.index(link), case, via) for link, case, via in candidates if case in cases]
    if not fitting:
        return None
    rank, number, via = min(fitting)
    return cases[number], order[rank], via


def _first_of_each_case(link: Link, places: QuerySet[models.CaseFinding]) -> list[tuple[Link, int, str]]:
    """Return the cases of these places, each with its first finding; a case may hold hundreds."""
    found = places.order_by().values_list("case_id").annotate(via=Min("pk"))
    return [(link, case, via) for case, via in found]


def _near(finding: Finding, window: timedelta) -> Q:
    open_ = ~Q(case__state__in=[state.value for state in OVER])
    return open_ & Q(case__first__lte=finding.last_time + window, case__last__gte=finding.time - window)


def _fits(case: models.Case, finding: Finding) -> bool:
    return max(case.last, finding.last_time) - min(case.first, finding.time) <= max(
        LONGEST, case.last - case.first, finding.last_time - finding.time
    )


def _full(cases: set[int]) -> set[int]:
    counts = models.CaseFinding.objects.filter(case_id__in=cases).values_list("case_id").annotate(number=Count("pk"))
    return {case for case, number in counts.order_by() if number >= MOST_FINDINGS}
