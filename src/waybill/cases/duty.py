"""Who is on call: shifts that follow each other, swaps that both agree to, gaps, and handing over.

One person is on call at a time, so that a deadline that comes near is one person's. People stand here by pseudonym;
every change is a record in the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction

from waybill.cases import models
from waybill.control import storage_faults
from waybill.model.errors import UsageError
from waybill.outbox.adding import Record, add
from waybill.outbox.kinds import Kind

MOST_SHIFTS = 400
"""Shifts that one plan may make: a year of days, and some."""

LONGEST = timedelta(days=31)
"""Nobody is on call longer at a stretch."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A time in which somebody is on call."""

    number: int
    person: str
    begins_at: datetime
    ends_at: datetime

    def holds(self, now: datetime) -> bool:
        """Return whether it is now."""
        return self.begins_at <= now < self.ends_at


@dataclass(frozen=True, slots=True)
class Swap:
    """A wish that somebody else takes a shift, and that waits for an answer."""

    number: int
    shift: Shift
    asked_by: str
    to: str
    reason: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Handover:
    """Duty that was handed over."""

    number: int
    shift: int
    by: str
    to: str
    note: str
    at: datetime
    taken_at: datetime | None


def plan(people: Sequence[str], begins_at: datetime, length: timedelta, count: int, *, who: str) -> list[Shift]:
    """Put people on call in turn, shift after shift; returns the shifts. All of them are made, or none.

    Raises UsageError for nobody, for times that make no sense, and where somebody is on call then already.
    """
    if not people or not all(people):
        raise UsageError("nobody is named who is to be on call")
    if not timedelta(hours=1) <= length <= LONGEST or not 1 <= count <= MOST_SHIFTS or begins_at.tzinfo is None:
        expected = f"1 hour to {LONGEST.days} days, 1 to {MOST_SHIFTS} shifts, a time with its zone"
        raise UsageError("these shifts cannot be planned", expected=expected)
    made = []
    with storage_faults(), transaction.atomic():
        for number in range(count):
            begins, ends = begins_at + number * length, begins_at + (number + 1) * length
            if taken := models.Shift.objects.filter(begins_at__lt=ends, ends_at__gt=begins).first():
                where = f"{taken.begins_at:%Y-%m-%d %H:%M} – {taken.ends_at:%Y-%m-%d %H:%M} UTC"
                raise UsageError("somebody is on call then already", where=where)
            row = models.Shift.objects.create(person=people[number % len(people)], begins_at=begins, ends_at=ends)
            made.append(_shift(row))
            _record(row, "planned", who)
    return made


def remove(number: int, *, who: str, reason: str) -> None:
    """Take away a shift that has not begun. Raises UsageError for another one."""
    with storage_faults(), transaction.atomic():
        row = _row(number)
        if row.begins_at <= datetime.now(UTC):
            raise UsageError("this shift has begun", where=str(number), advice="ask somebody to take it")
        _record(row, "removed", who, _given(reason))
        row.delete()


def ask_swap(number: int, to: str, *, who: str, reason: str) -> int:
    """Ask somebody to take a shift of one's own; returns the number of the wish.

    Raises UsageError where it is another one's, is over, or it is oneself who is asked.
    """
    with storage_faults(), transaction.atomic():
        row = _row(number)
        if row.person != who or not to or to == who or row.ends_at <= datetime.now(UTC):
            expected = "a shift of your own that is not over, and somebody else"
            raise UsageError("this shift cannot be given away so", where=str(number), expected=expected)
        row.swaps.filter(taken=None).delete()  # one is asked at a time
        wish = models.ShiftSwap.objects.create(
            shift=row, asked_by=who, to=to, reason=_given(reason), asked_at=datetime.now(UTC)
        )
        _record(row, "swap asked", who, reason, {"to": to})
    return wish.pk


def answer_swap(number: int, taken: bool, *, who: str) -> None:
    """Take a shift, or say that one does not. Of one that runs, the rest is taken; what was, stays whose it was.

    Raises UsageError for everybody but who was asked, and once it is answered or over.
    """
    now = datetime.now(UTC)
    with storage_faults(), transaction.atomic():
        wish = models.ShiftSwap.objects.select_related("shift").filter(pk=number, taken=None).first()
        if wish is None or wish.to != who or wish.shift.ends_at <= now:
            raise UsageError("nothing is asked of you here", where=str(number))
        wish.taken, wish.answered_at = taken, now
        wish.save()
        row = wish.shift
        if taken and row.begins_at <= now:
            models.Shift.objects.create(person=who, begins_at=now, ends_at=row.ends_at)
            row.ends_at = now
        elif taken:
            row.person = who
        row.save()
        _record(row, "swap taken" if taken else "swap declined", who)


def hand_over(note: str, *, who: str, now: datetime | None = None) -> int:
    """Hand duty over to whoever is on call next, with what is to be known; returns the number of the hand-over.

    Raises UsageError for somebody who is not on call, and where nobody follows.
    """
    now = now or datetime.now(UTC)
    with storage_faults(), transaction.atomic():
        mine = on_duty(now)
        if mine is None or mine.person != who:
            raise UsageError("you are not on call now", where=f"{now:%Y-%m-%d %H:%M} UTC")
        after = models.Shift.objects.filter(begins_at__gte=mine.ends_at).exclude(person=who).order_by("begins_at")
        follows = after.first()
        if follows is None:
            raise UsageError("nobody follows", advice="plan who is on call next")
        row = models.Handover.objects.create(shift_id=mine.number, by=who, to=follows.person, note=_given(note), at=now)
        _record(_row(mine.number), "handed over", who, note, {"to": follows.person})
    return row.pk


def take_over(number: int, *, who: str) -> None:
    """Say that one has taken duty over. Raises UsageError for everybody but whom it was handed to."""
    with storage_faults(), transaction.atomic():
        row = models.Handover.objects.select_related("shift").filter(pk=number, taken_at=None).first()
        if row is None or row.to != who:
            raise UsageError("nothing is handed to you here", where=str(number))
        row.taken_at = datetime.now(UTC)
        row.save()
        _record(row.shift, "taken over", who)


def on_duty(now: datetime) -> Shift | None:
    """Return who is on call; None for nobody."""
    with storage_faults():
        row = models.Shift.objects.filter(begins_at__lte=now, ends_at__gt=now).order_by("-begins_at").first()
    return None if row is None else _shift(row)


def get(number: int) -> Shift:
    """Return a shift. Raises UsageError if there is none."""
    with storage_faults():
        return _shift(_row(number))


def shifts(since: datetime, until: datetime) -> list[Shift]:
    """Return the shifts that touch a time, the earliest first."""
    with storage_faults():
        rows = models.Shift.objects.filter(begins_at__lt=until, ends_at__gt=since).order_by("begins_at")
        return list(map(_shift, rows))


def gaps(since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """Return from when until when nobody is on call within a time; of a rota that is empty, none of it."""
    found, covered = [], since
    planned = shifts(since, until)
    for one in planned:
        if one.begins_at > covered:
            found.append((covered, one.begins_at))
        covered = max(covered, one.ends_at)
    if planned and covered < until:
        found.append((covered, until))
    return found


def swaps() -> list[Swap]:
    """Return the wishes that wait for an answer, the oldest first."""
    with storage_faults():
        rows = models.ShiftSwap.objects.filter(taken=None, shift__ends_at__gt=datetime.now(UTC))
        return [
            Swap(row.pk, _shift(row.shift), row.asked_by, row.to, row.reason, row.asked_at)
            for row in rows.select_related("shift").order_by("id")
        ]


def handovers(most: int = 10) -> list[Handover]:
    """Return the latest hand-overs, the newest first."""
    with storage_faults():
        rows = models.Handover.objects.order_by("-id")[:most]
        return [Handover(row.pk, row.shift_id, row.by, row.to, row.note, row.at, row.taken_at) for row in rows]


def _row(number: int) -> models.Shift:
    row = models.Shift.objects.filter(pk=number).first()
    if row is None:
        raise UsageError("there is no such shift", where=str(number), advice="`waybill duty list` lists them")
    return row


def _shift(row: models.Shift) -> Shift:
    return Shift(row.pk, row.person, row.begins_at, row.ends_at)


def _given(reason: str) -> str:
    if not reason.strip():
        raise UsageError("no reason is given", expected="a few words")
    return reason.strip()


def _record(row: models.Shift, step: str, who: str, reason: str = "", more: Mapping[str, object] | None = None) -> None:
    groups: dict[str, Mapping[str, object]] = {
        "what": {"shift": row.pk, "step": step, "begins": row.begins_at, "ends": row.ends_at},
        "who": {"person": row.person, "by": who, **(more or {})},
        "when": {"time": datetime.now(UTC)},
        "decision": {"reason": reason.strip()} if reason else {},
    }
    add(Record(Kind.ROTA, f"shift-{row.pk}", groups))
