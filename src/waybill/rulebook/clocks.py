"""Until when an incident must be reported, to whom, and what the report must say: pure, from dated and cited data.

What holds is what held on the day the organisation became aware. A deadline whose conditions rest on unknown facts is
told as one that may run, with what to ask: a clock is never left out for want of an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from waybill.model.errors import UsageError
from waybill.model.findings import Text
from waybill.rulebook.book import Rulebook
from waybill.rulebook.calendars import end_of
from waybill.rulebook.facts import Facts, Value
from waybill.rulebook.grading import grade
from waybill.rulebook.instruments import Deadline, Field, Instrument, Unit
from waybill.rulebook.standing import Standing
from waybill.rulebook.words import Moment

_NO_ZONES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Clock:
    """One deadline as it runs for one incident."""

    id: str
    """The deadline's, such as ``cn-incident-reporting/4-ciio``."""
    instrument: Text
    article: str
    says: Text
    quote: str
    source: str
    verified: bool
    """Whether a person held it against its source, not too long ago."""
    standing: Standing
    to: Text
    """Whom the report is owed."""
    certain: bool
    """False: it rests on the facts in ``questions``, and may not run."""
    questions: tuple[str, ...]
    starts: str
    """The moment it runs from, or the id of the deadline that must be met first."""
    started_at: datetime | None
    """None: that moment has not come, or nobody has told it."""
    due_at: datetime | None
    """The last moment, in UTC; for ``at-once`` the moment it began; None while it has not begun."""
    length: int
    unit: Unit
    zone: str
    """Where its days end."""
    form: tuple[Field, ...]
    """What the report must say."""


def clocks(
    book: Rulebook,
    facts: Facts,
    moments: Mapping[str, datetime],
    *,
    known: date,
    zones: Mapping[str, str] = _NO_ZONES,
) -> list[Clock]:
    """Return every deadline that runs or may run for an incident: first due first, those that have not begun last.

    ``moments`` has ``aware``, and what else has come of ``words.Moment``; a deadline that follows another begins when
    that was met, told under its id. ``known`` is the day up to which changes of law count as public. ``zones`` puts
    another time zone for an instrument, by its id, such as that of the member state for a law of the Union. Raises
    UsageError for a moment without a time zone, or none at which the organisation became aware.
    """
    _check(book, moments)
    found = []
    for instrument, deadline in book.deadlines.values():
        zone = zones.get(instrument.id, instrument.zone)
        day = moments[Moment.AWARE].astimezone(ZoneInfo(zone)).date()
        stands = book.standings(day, known)[deadline.id]
        full = with_grade(book, facts, day, known)
        runs = deadline.holds(full) if stands.holds else False
        if runs is not False:
            clock = _Clocking(instrument, deadline, stands, zone)
            found.append(clock.of(deadline.unknown(full), moments.get(deadline.starts)))
    return sorted(found, key=lambda one: (one.due_at is None, one.due_at or datetime.max.replace(tzinfo=UTC), one.id))


@dataclass(frozen=True, slots=True)
class _Clocking:
    """Makes the clock of one deadline."""

    instrument: Instrument
    deadline: Deadline
    stands: Standing
    zone: str

    def of(self, questions: tuple[str, ...], start: datetime | None) -> Clock:
        """Return the clock as it runs from a moment, or waits for it."""
        one, country = self.deadline, self.instrument.country
        return Clock(
            id=one.id,
            instrument=self.instrument.name,
            article=one.article,
            says=one.says,
            quote=one.quote,
            source=self.instrument.source,
            verified=self.stands.verified,
            standing=self.stands,
            to=one.to,
            certain=not questions,
            questions=questions,
            starts=one.starts,
            started_at=start,
            due_at=None if start is None else end_of(start, one.length, one.unit, self.zone, country),
            length=one.length,
            unit=one.unit,
            zone=self.zone,
            form=one.form,
        )


def _check(book: Rulebook, moments: Mapping[str, datetime]) -> None:
    if Moment.AWARE not in moments:
        raise UsageError("it is not said when the organisation became aware", where=Moment.AWARE)
    for name, moment in moments.items():
        if name not in {*Moment, *book.deadlines}:
            raise UsageError("there is no such moment", where=name, expected=f"{', '.join(Moment)}, or a deadline")
        if moment.tzinfo is None:
            raise UsageError("the moment has no time zone", where=name, expected="2026-11-22T09:00:00+08:00")


def with_grade(book: Rulebook, facts: Facts, day: date, known: date) -> dict[str, Value]:
    """Return the facts with the grade of the incident that the rules give, where they give one."""
    graded = grade(book, "incident_grade", facts, day, known).value
    return {**facts, "incident_grade": graded} if graded is not None else dict(facts)
