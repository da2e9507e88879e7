"""Puts together what was reported inside and what was filed of each event, and tells where they differ.

Three laws hold whatever the order in which records arrive:

- A document is replaced only by a later one that names it and says why. Whatever else was said still stands.
- Where reports inside that both stand state different numbers, the highest counts.
- What became known inside after a filing must be amended within the duty's time; until then nothing differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from waybill.detect.disclosure.differences import Difference, Known, differences, known_inside
from waybill.detect.disclosure.duties import Duties
from waybill.model.disclosures import Disclosure, Duty, Figure, Stage, folded

AMEND_WITHIN = timedelta(hours=24)
"""Time to amend a filing where no duty sets one."""


class Fault(StrEnum):
    """What can be wrong with the filing of an event."""

    DIFFERS = "differs"
    LATE = "late"
    MISSING = "missing"
    WITHDRAWN = "withdrawn"


class Flaw(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with the filing of an event."""

    fault: Fault
    at: datetime
    """When it was filed or withdrawn; of a missing filing when it was due."""
    document: Disclosure | None = None
    """The filing or the withdrawal it is about."""
    differences: tuple[Difference, ...] = ()
    figures: tuple[Figure, ...] = ()
    """What was filed late or withdrawn, or is missing."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one event: inside, filed, due, and what is wrong with it."""

    organisation: str
    event: str
    kind: str
    reported_at: datetime | None
    inside: tuple[Figure, ...]
    filed_at: datetime | None
    filed: tuple[Figure, ...]
    due_at: datetime | None
    duty: str
    amended: bool
    """Whether an amendment that names what it replaces, and why, was filed."""
    withdrawn_at: datetime | None
    flaws: tuple[Flaw, ...]
    transfers: tuple[str, ...]
    """Ids of the transfers that the documents were read from."""


def reconcile(disclosures: Iterable[Disclosure], duties: Duties, now: datetime | None) -> list[Account]:
    """Return the account of each event that anything was reported of, by organisation and event.

    ``now`` is up to when the sources are known; None takes the time of the newest document.
    """
    events: dict[tuple[str, str], dict[str, Disclosure]] = {}
    for one in disclosures:
        events.setdefault((folded(one.organisation), folded(one.event)), {})[one.id] = one
    moments = [one.made_at for records in events.values() for one in records.values()]
    until = now or max(moments, default=datetime.min)
    return [_account(_ordered(records.values()), duties, until) for _, records in sorted(events.items())]


def _ordered(records: Iterable[Disclosure]) -> list[Disclosure]:
    return sorted(records, key=lambda one: (one.made_at, one.id))


def _account(records: Sequence[Disclosure], duties: Duties, now: datetime) -> Account:
    taken_back = [one for one in records if one.stage is Stage.WITHDRAWAL]
    internal = [one for one in records if one.stage is Stage.INTERNAL]
    filings = [one for one in records if one.stage is Stage.FILING]
    inside = known_inside(_standing(internal, [one for one in taken_back if one.is_noted]))
    standing = _standing(filings, taken_back)
    duty = duties.of({one.basis for one in records}, {one.kind for one in records}, inside.figures)
    due = _due(records, internal, duty)
    withdrawal = _withdrawal(filings, taken_back) if not standing else None
    flaws = [*_differing(standing, inside, duty, now), *_untimely(filings, inside, due, now)]
    if withdrawal is not None:
        figures = _stated(filings, inside)
        flaws.append(Flaw(fault=Fault.WITHDRAWN, at=withdrawal.made_at, document=withdrawal, figures=figures))
    return Account(
        organisation=records[0].organisation,
        event=records[0].event,
        kind=next((one.kind for one in records if one.kind), ""),
        reported_at=internal[0].made_at if internal else None,
        inside=tuple(inside.figures.values()),
        filed_at=filings[0].made_at if filings else None,
        filed=standing[-1].figures if standing else (),
        due_at=due,
        duty=duty.id if duty else "",
        amended=any(one.is_noted for one in filings),
        withdrawn_at=withdrawal.made_at if withdrawal else None,
        flaws=tuple(flaws),
        transfers=tuple(sorted(one.transfer for one in records if one.transfer)),
    )


def _standing(documents: Sequence[Disclosure], withdrawals: Sequence[Disclosure]) -> list[Disclosure]:
    """Return the documents that no noted amendment replaces and no withdrawal takes back."""
    replacing = [one for one in documents if one.is_noted]
    standing = [one for one in documents if not any(_names(later, one) for later in replacing)]
    if not standing:  # they replace each other in a circle, so none of them replaces any
        standing = list(documents)
    return [one for one in standing if not any(_names(later, one) for later in withdrawals)]


def _names(later: Disclosure, earlier: Disclosure) -> bool:
    same = bool(later.amends) and folded(later.amends) == folded(earlier.number)
    return same and later.id != earlier.id and later.made_at >= earlier.made_at


def _due(records: Sequence[Disclosure], internal: Sequence[Disclosure], duty: Duty | None) -> datetime | None:
    """Return when the filing is due: the earliest time that a document states, else by the duty."""
    stated = [one.due_at for one in records if one.due_at is not None]
    if stated:
        return min(stated)
    if duty is None or duty.hours is None or not internal:
        return None
    return internal[0].made_at + timedelta(hours=duty.hours)


def _differing(standing: Sequence[Disclosure], inside: Known, duty: Duty | None, now: datetime) -> Iterable[Flaw]:
    time = timedelta(hours=duty.amend_hours) if duty and duty.amend_hours is not None else AMEND_WITHIN
    for filing in standing:
        found = [
            one
            for one in differences(filing, inside, duty.figures if duty else ())
            if one.since <= filing.made_at or one.since + time < now
        ]
        if found:
            yield Flaw(fault=Fault.DIFFERS, at=filing.made_at, document=filing, differences=tuple(found))


def _untimely(filings: Sequence[Disclosure], inside: Known, due: datetime | None, now: datetime) -> Iterable[Flaw]:
    if due is None:
        return
    if not filings and due < now:
        yield Flaw(fault=Fault.MISSING, at=due, figures=tuple(inside.figures.values()))
    if filings and filings[0].made_at > due:
        first = filings[0]
        yield Flaw(fault=Fault.LATE, at=first.made_at, document=first, figures=_stated([first], inside))


def _stated(filings: Sequence[Disclosure], inside: Known) -> tuple[Figure, ...]:
    """Return the figures of the last of these filings that states any, else those known inside."""
    return next((one.figures for one in reversed(filings) if one.figures), tuple(inside.figures.values()))


def _withdrawal(filings: Sequence[Disclosure], withdrawals: Sequence[Disclosure]) -> Disclosure | None:
    return next((one for one in withdrawals for filing in filings if _names(one, filing)), None)
