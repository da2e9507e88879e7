"""The clocks of law that run for cases: rows that follow what the rulebook says of each case's facts and moments.

The rulebook computes, the rows remember: which clock began, until when it runs, whether its report was made, what has
been told of it. ``run`` brings the rows to what the rulebook says and may be called as often as one likes, after a
crash too; every change is in the journal. All times are UTC, so that no change of clocks moves a deadline.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F, Q

from waybill.cases import journal, models, queries
from waybill.cases.acting import acting
from waybill.cases.words import Act, CaseState
from waybill.control import storage_faults
from waybill.model.errors import UsageError
from waybill.model.findings import Text
from waybill.rulebook import Rulebook
from waybill.rulebook import clocks as law
from waybill.rulebook.facts import Facts, Value

STEPS = (0.5, 0.8, 1.0)
"""Shares of the time of a clock at which it is told: twice before it is due, and when it is over."""


@dataclass(frozen=True, slots=True)
class Law:
    """The rules that clocks come of, and what the organisation has said of itself once for all cases."""

    book: Rulebook
    facts: Facts
    zones: Mapping[str, str] = field(default_factory=dict)


class Told(msgspec.Struct, frozen=True):
    """What the rulebook says of a clock."""

    instrument: Text
    article: str
    says: Text
    to: Text
    source: str
    questions: tuple[str, ...] = ()
    """Facts that are not known, which decide whether it runs."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock that began."""

    case: int
    id: str
    started_at: datetime
    due_at: datetime
    certain: bool
    told: Told
    ended_at: datetime | None
    ended_by: str
    is_met: bool
    escalated: int

    @property
    def runs(self) -> bool:
        """Whether it is neither met nor dropped."""
        return self.ended_at is None

    @property
    def is_at_once(self) -> bool:
        """Whether there is no time: it is due when it begins."""
        return self.due_at == self.started_at

    def is_late(self, now: datetime) -> bool:
        """Whether it ran out before it was met."""
        return (self.runs or self.is_met) and (self.ended_at or now) > self.due_at

    def step(self, now: datetime) -> int:
        """Return how many of the steps of escalation have come."""
        length = self.due_at - self.started_at
        return sum(now >= self.started_at + share * length for share in STEPS)


def run(number: int, rules: Law, *, now: datetime) -> None:
    """Bring the clocks of a case to what the rulebook says now. Nothing happens where they are there already."""
    with storage_faults(), transaction.atomic():
        case = models.Case.objects.select_for_update().get(pk=number)
        wanted = {one.id: one for one in due(number, rules, now=now) if one.started_at is not None}
        if case.state == CaseState.MERGED:
            wanted = {}
        elif case.state == CaseState.CLOSED:
            wanted = {id: one for id, one in wanted.items() if one.certain}
        rows = {row.clock: row for row in case.clocks.all()}
        for id, one in wanted.items():
            if id in rows:
                _follow(case, rows[id], one, now)
        _begin(case, [one for id, one in wanted.items() if id not in rows], now)
        for id, row in rows.items():
            if id not in wanted and row.ended_at is None:
                row.ended_at, row.ended_by = now, journal.SYSTEM
                row.save()
                what = {"clock": id, "ends": "it does not apply"}
                journal.write(case, Act.CLOCK, who=journal.SYSTEM, at=now, what=what)


def due(number: int, rules: Law, *, now: datetime) -> list[law.Clock]:
    """Return every deadline that runs or may run for a case, also those that have not begun, as the rulebook says."""
    case = queries.get(number)
    met = models.CaseClock.objects.filter(case_id=number, is_met=True).values_list("clock", "ended_at")
    known = {id: at for id, at in met if at is not None and id in rules.book.deadlines}
    return law.clocks(rules.book, facts_of(case, rules), {**case.moments, **known}, known=now.date(), zones=rules.zones)


def facts_of(case: queries.Case, rules: Law) -> dict[str, Value]:
    """Return what is known of a case: what holds for the organisation, the estimated harm, and what was said of it."""
    harm: dict[str, Value] = {}
    if case.harm is not None and case.harm.persons is not None:
        harm["persons_affected"] = case.harm.persons
    if case.harm is not None and case.harm.amount is not None and case.harm.currency == "CNY":
        harm["loss_cny"] = int(case.harm.amount)
    return {**rules.facts, **harm, **case.facts}


def meet(number: int, id: str, *, at: datetime, who: str, reason: str, now: datetime | None = None) -> None:
    """Note that what a clock asks for was done at a time; ``reason`` says how: the number of the report, by whom taken.

    Raises UsageError where no such clock runs, or the time is before it began or to come.
    """
    now = now or datetime.now(UTC)
    with acting(number, who=who, reason=reason) as case:
        row = _running(case, id)
        if at.tzinfo is None or not row.started_at <= at <= now:
            raise UsageError(
                "The report cannot have been made then.", where=id, expected="from its beginning until now"
            )
        row.ended_at, row.ended_by, row.is_met = at, who, True
        row.save()
        what = {"clock": id, "at": at, "due": row.due_at, "late": at > row.due_at}
        journal.write(case, Act.CLOCK_MET, who=who, at=now, what=what, reason=reason.strip())


def drop(number: int, id: str, *, who: str, reason: str) -> None:
    """Say why a clock does not apply. It stays dropped. Raises UsageError where no such clock runs."""
    now = datetime.now(UTC)
    with acting(number, who=who, reason=reason) as case:
        row = _running(case, id)
        row.ended_at, row.ended_by = now, who
        row.save()
        journal.write(case, Act.CLOCK_DROPPED, who=who, at=now, what={"clock": id}, reason=reason.strip())


def clocks(cases: Collection[int] | None = None, *, running: bool = False) -> list[Clock]:
    """Return the clocks of these cases, of all without a wish: those that run first, the next due first.

    ``running``: only those that run.
    """
    with storage_faults():
        rows = models.CaseClock.objects.all()
        if cases is not None:
            rows = rows.filter(case_id__in=list(cases))
        if running:
            rows = rows.filter(ended_at__isnull=True)
        return sorted(map(_clock, rows), key=lambda one: (not one.runs, not one.certain, one.due_at, one.id))


def to_tell(now: datetime) -> Iterator[tuple[Clock, int]]:
    """Yield clocks that have come to a step of escalation that was not told yet, with that step, counted from 1.

    Of clocks of a case that may not run one is told for all, since it stands for the questions that are open: the next
    due, and beside it one that would be due at once.
    """
    with storage_faults():
        left = Q(escalated__lt=len(STEPS)) | Q(certain=False, due_at=F("started_at"))  # the latter stand for others
        rows = models.CaseClock.objects.filter(left, ended_at__isnull=True).order_by("due_at", "id")
        found = [_clock(row) for row in rows]
    unsure: set[tuple[int, bool]] = set()
    for one in found:
        step = one.step(now)
        if not one.certain:
            if (one.case, one.is_at_once) in unsure:
                continue  # another one is told for it
            unsure.add((one.case, one.is_at_once))
        if step > one.escalated:
            yield one, step


def tell(clock: Clock, step: int, *, now: datetime, to: str = "") -> None:
    """Note that a step of escalation is told, inside the transaction that tells it; ``to``: who is on call."""
    row = models.CaseClock.objects.select_related("case").get(case_id=clock.case, clock=clock.id)
    row.escalated = step
    row.save(update_fields=["escalated"])
    told = {"to": to} if to else {}
    what = {"clock": clock.id, "due": clock.due_at, "step": step, "of": len(STEPS), **told}
    journal.write(row.case, Act.ESCALATED, who=journal.SYSTEM, at=now, what=what)


def _begin(case: models.Case, begun: Sequence[law.Clock], now: datetime) -> None:
    """Begin clocks, all with one statement a table: a case has a score of them, and one by one cost most of it."""
    models.CaseClock.objects.bulk_create(models.CaseClock(case=case, clock=one.id, **_columns(one)) for one in begun)
    acts: list[tuple[Mapping[str, object], str]] = [
        ({"clock": one.id, "due": one.due_at, "certain": True}, one.article) for one in begun if one.certain
    ]
    if perhaps := [one.id for one in begun if not one.certain]:
        acts.append(({"may_run": perhaps, "certain": False}, "as long as the questions of the law are not answered"))
    journal.write_all(case, Act.CLOCK, acts, who=journal.SYSTEM, at=now)


def _follow(case: models.Case, row: models.CaseClock, one: law.Clock, now: datetime) -> None:
    """Move a clock, or begin it anew; one that was met, or dropped by a person, stays as it is."""
    if row.ended_at is not None and (row.is_met or row.ended_by != journal.SYSTEM):
        return
    wanted = _columns(one)
    if row.ended_at is None and all(getattr(row, name) == value for name, value in wanted.items()):
        return
    before = None if row.ended_at is not None else row.due_at
    is_same = before == one.due_at and row.certain == one.certain  # the wording changed, nothing else
    for name, value in wanted.items():
        setattr(row, name, value)
    row.ended_at, row.ended_by = None, ""
    if not is_same:
        row.escalated = 0  # one that is due at another time, or has become certain, is told again
        what = {"clock": one.id, "due": one.due_at, "certain": one.certain, **({"before": before} if before else {})}
        journal.write(case, Act.CLOCK, who=journal.SYSTEM, at=now, what=what, reason=one.article)
    row.save()


def _columns(one: law.Clock) -> dict[str, Any]:
    """Return what a row keeps of a clock as the rulebook says it."""
    told = msgspec.json.encode(told_of(one)).decode()
    return {"started_at": one.started_at, "due_at": one.due_at, "certain": one.certain, "told": told}


def _running(case: models.Case, id: str) -> models.CaseClock:
    row = case.clocks.filter(clock=id, ended_at__isnull=True).first()
    if row is None:
        raise UsageError("No such clock runs for this case.", where=id, advice="The case shows its clocks.")
    return row


def told_of(one: law.Clock) -> Told:
    """Return what is told of a clock, of what the rulebook says."""
    return Told(one.instrument, one.article, one.says, one.to, one.source, one.questions)


def _clock(row: models.CaseClock) -> Clock:
    return Clock(
        row.case_id,
        row.clock,
        row.started_at,
        row.due_at,
        row.certain,
        msgspec.json.decode(row.told, type=Told),
        row.ended_at,
        row.ended_by,
        row.is_met,
        row.escalated,
    )
