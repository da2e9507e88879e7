"""Whether a rule holds on a day, as known on another, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from waybill.rulebook.instruments import Event, Instrument, Provision


class Status(StrEnum):
    """How a rule stands."""

    UNKNOWN = "not-yet-known"
    """It was not yet public."""
    TO_COME = "not-yet-in-force"
    IN_FORCE = "in-force"
    LAPSED = "in-force-by-lapse"
    """A suspension ended by its own text, and nobody has confirmed what came after."""
    SUSPENDED = "suspended"
    AMENDED = "amended"
    REPEALED = "repealed"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a rule stands on a day."""

    status: Status
    verified: bool
    """Whether a person held it against its source, and not too long ago."""
    since: date | None = None
    """Where it is not verified any more, since when; None where it never was, or is."""
    until: date | None = None
    """The last day of the status, where it is known."""
    by: str = ""
    """The instrument that brought the status about."""

    @property
    def holds(self) -> bool:
        """Whether the rule is in force."""
        return self.status in {Status.IN_FORCE, Status.LAPSED}


def standing(instrument: Instrument, rule: Provision, day: date, known: date) -> Standing:
    """Return how a rule stands on ``day`` as far as was public on ``known``.

    A suspension that ended by its own text leaves a rule in force and unverified, unless it was verified after that
    end: neither silently in force nor silently gone.
    """
    if instrument.known_on > known:
        return Standing(Status.UNKNOWN, verified=False)
    events = sorted((event for event in rule.events if event.known_on <= known), key=lambda event: event.first)
    verified, since = _verified(rule, day, known)
    if day < rule.first:
        return Standing(Status.TO_COME, verified, since, until=_before(rule.first))
    now = [event for event in events if event.first <= day and (event.last is None or day <= event.last)]
    if now:
        latest = now[-1]
        return Standing(Status(latest.change), verified, since, latest.last, latest.by)
    upcoming = next((event for event in events if event.first > day), None)
    until = _before(upcoming.first) if upcoming else None
    ended = _last_ended(events, day)
    if ended is not None and ended.last is not None and not _confirmed(rule, ended.last, known):
        return Standing(Status.LAPSED, verified=False, since=ended.last, until=until, by=ended.by)
    return Standing(Status.IN_FORCE, verified, since, until, upcoming.by if upcoming else "")


def _verified(rule: Provision, day: date, known: date) -> tuple[bool, date | None]:
    verified = rule.is_verified(day, known)
    had = rule.verified_on is not None and rule.verified_on <= known
    return verified, rule.review_on if had and not verified else None


def _last_ended(events: list[Event], day: date) -> Event | None:
    ended = [event for event in events if event.last is not None and event.last < day]
    return max(ended, key=lambda event: event.last or date.min, default=None)


def _confirmed(rule: Provision, end: date, known: date) -> bool:
    return rule.verified_on is not None and end < rule.verified_on <= known and rule.fits_its_quote


def _before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)
