"""What open cases share with findings that are to be put: read for all of them at once, and kept up as they are put.

Asking the database for each finding alone costs a dozen queries; a burst of rules that fire on ordinary work would
then hold up the finding that matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from waybill.cases import models
from waybill.cases.traits import Trait
from waybill.cases.words import OVER, Link
from waybill.findings.columns import column
from waybill.findings.models import FindingTransfer
from waybill.findings.store import chunks
from waybill.model.findings import Finding

MOST_EVIDENCE = 200
"""Transfers of a finding that others are looked for by."""

_Shared = dict[int, str]
"""By the number of a case, the first of its findings that has something."""


class Sharing:
    """The cases that some findings are in or may join; inside one transaction."""

    def __init__(self, wanted: Sequence[tuple[Finding, Iterable[Trait]]], window: timedelta) -> None:
        """``window``: how far a case may be from a finding in time."""
        self._window = window
        self._cases: dict[int, models.Case] = {}
        self._sizes: dict[int, int] = {}
        self._places = _places([finding.id for finding, _ in wanted])
        self._traits: dict[Trait, _Shared] = {}
        self._evidence: dict[bytes, _Shared] = {}
        if wanted:
            self._read(wanted)

    def place(self, finding: str) -> models.CaseFinding | None:
        """Return the place that a finding has in a case, if it is in one."""
        return self._places.get(finding)

    def case(self, number: int) -> models.Case:
        """Return one of the cases, the same object each time, so that what changes in it is seen."""
        return self._cases[number]

    def size(self, number: int) -> int:
        """Return how many findings a case has."""
        return self._sizes[number]

    def candidates(self, finding: Finding, traits: Iterable[Trait]) -> Iterator[tuple[Link, int, str]]:
        """Yield the open cases near a finding that share something with it: what, the case, the finding there."""
        for transfer in _evidence(finding):
            yield from self._near(finding, Link.TRANSFER, self._evidence.get(transfer, {}))
        for trait in traits:
            yield from self._near(finding, trait.link, self._traits.get(stored(trait), {}))

    def put(self, finding: Finding, traits: Iterable[Trait], place: models.CaseFinding) -> None:
        """Know a finding that was put into a case."""
        case = place.case
        self._cases[case.pk] = case
        self._sizes[case.pk] = self._sizes.get(case.pk, 0) + 1
        self._places[finding.id] = place
        for transfer in map(bytes.fromhex, finding.transfers):
            _enter(self._evidence.setdefault(transfer, {}), case.pk, finding.id)
        self.learn(finding.id, traits, case.pk)

    def learn(self, finding: str, traits: Iterable[Trait], case: int) -> None:
        """Know traits of a finding that is in a case."""
        for trait in map(stored, traits):
            _enter(self._traits.setdefault(trait, {}), case, finding)

    def _near(self, finding: Finding, link: Link, shared: _Shared) -> Iterator[tuple[Link, int, str]]:
        for number, via in shared.items():
            case = self._cases.get(number)
            if case is not None and case.state not in OVER and _is_near(case, finding, self._window):
                yield link, number, via

    def _read(self, wanted: Sequence[tuple[Finding, Iterable[Trait]]]) -> None:
        first = min(finding.time for finding, _ in wanted) - self._window
        last = max(finding.last_time for finding, _ in wanted) + self._window
        near = models.CaseFinding.objects.filter(_open_between(first, last, "")).order_by()
        there = FindingTransfer.objects.filter(_open_between(first, last, "finding__placed__")).order_by()
        by_link: dict[Link, set[str]] = {}
        for trait in (stored(one) for _, traits in wanted for one in traits):
            by_link.setdefault(trait.link, set()).add(trait.value)
        for link, values in by_link.items():
            for chunk in chunks(sorted(values)):
                rows = near.filter(traits__kind=link.value, traits__value__in=chunk)
                for value, case, via in rows.values_list("traits__value", "case_id").annotate(via=Min("pk")):
                    self._traits.setdefault(Trait(link, value), {})[case] = via
        for part in chunks(sorted({transfer for finding, _ in wanted for transfer in _evidence(finding)})):
            shared = there.filter(transfer__in=part).values_list("transfer", "finding__placed__case_id")
            for transfer, case, via in shared.annotate(via=Min("finding_id")):
                self._evidence.setdefault(bytes(transfer), {})[case] = via
        self._know({case for shared in (*self._traits.values(), *self._evidence.values()) for case in shared})

    def _know(self, numbers: set[int]) -> None:
        """Read these cases, and those that findings are in already."""
        self._cases = {place.case_id: place.case for place in self._places.values()}
        for chunk in chunks(sorted(numbers | self._cases.keys())):
            self._cases |= models.Case.objects.in_bulk(chunk)
            sizes = models.CaseFinding.objects.filter(case_id__in=chunk).order_by().values_list("case_id")
            self._sizes |= dict(sizes.annotate(number=Count("pk")))
        for place in self._places.values():
            place.case = self._cases[place.case_id]


def stored(trait: Trait) -> Trait:
    """Return a trait as its column holds it."""
    return Trait(trait.link, column(trait.value))


def _open_between(first: datetime, last: datetime, place: str) -> Q:
    """Return the condition that a place (where ``place`` leads to it) is in an open case that reaches into a time."""
    near = Q(**{f"{place}case__first__lte": last, f"{place}case__last__gte": first})
    return near & ~Q(**{f"{place}case__state__in": [state.value for state in OVER]})


def _places(ids: Sequence[str]) -> dict[str, models.CaseFinding]:
    found = models.CaseFinding.objects.select_related("case").prefetch_related("traits")
    return {place.finding_id: place for chunk in chunks(ids) for place in found.filter(pk__in=chunk)}


def _evidence(finding: Finding) -> Iterator[bytes]:
    return map(bytes.fromhex, finding.transfers[:MOST_EVIDENCE])


def _is_near(case: models.Case, finding: Finding, window: timedelta) -> bool:
    return case.first <= finding.last_time + window and case.last >= finding.time - window


def _enter(shared: _Shared, case: int, finding: str) -> None:
    shared[case] = min(shared.get(case, finding), finding)
