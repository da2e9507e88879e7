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
from django.db.models import Count, Q

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
    near = _near(item.finding, window)
    by_evidence = (
        models.CaseFinding.objects.filter(near)
        .filter(finding__evidence__transfer__in=[bytes.fromhex(one) for one in item.finding.transfers[:MOST_FINDINGS]])
        .order_by("case_id", "pk")
        .select_related("case")
    )
    candidates = [(Link.TRANSFER, place) for place in by_evidence[:MOST_FINDINGS]]
    for trait in map(_stored, item.traits):
        places = models.CaseFinding.objects.filter(near, traits__kind=trait.link.value, traits__value=trait.value)
        candidates += [(trait.link, place) for place in places.select_related("case").order_by("case_id", "pk")]
    order = list(Link)
    full = _full({place.case_id for _, place in candidates})
    fitting = [(order.index(link), place.case_id, place.pk, place) for link, place in candidates
               if place.case_id not in full and _fits(place.case, item.finding)]  # fmt: skip
    if not fitting:
        return None
    rank, _, via, place = min(fitting, key=lambda one: one[:3])
    return place.case, order[rank], via


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
