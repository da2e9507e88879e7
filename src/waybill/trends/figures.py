"""What pages of trends tell: shares of what is known beside what is not, how good the records are, the newest weeks.

A share never stands alone: beside it are how many it rests on, of how many nobody knows, and its exact interval.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from waybill.cases.words import Origin
from waybill.model.words import Intent
from waybill.report.exact import share_interval
from waybill.trends.delays import completeness, delays_of
from waybill.trends.incidents import UNKNOWN, Incident, Precision, Register
from waybill.trends.suppression import K
from waybill.trends.weeks import Weeks, weekly

NOT_KNOWN = frozenset({UNKNOWN, "NA"})
SHOWN_WEEKS = 104
COMPLETE = 0.95
"""From which share on a week counts as complete."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share of what is known."""

    name: str
    part: int
    known: int
    total: int

    @property
    def is_small(self) -> bool:
        """Whether it rests on so few that it could point at somebody."""
        return 0 < self.part < K or 0 < self.known - self.part < K

    @property
    def value(self) -> float:
        """The share; 0 where nothing is known."""
        return self.part / self.known if self.known else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Exact interval of 95 %."""
        return share_interval(self.part, self.known)

    @property
    def share_known(self) -> float:
        """Of how many it is known at all."""
        return self.known / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Quality:
    """How good the records are, doubles among them: what every figure suffers from."""

    records: int
    doubles: int
    refused: int
    without_day: int
    unknown_discovery: int
    unknown_victim: int
    victims: int
    largest_victim: int
    """Incidents of the organisation that has most."""
    first: date | None
    last: date | None
    coded_until: date | None
    """The newest day on which a record was coded: where the data end."""


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest weeks, and how complete each is; None where nobody knows."""

    weeks: Weeks
    complete: tuple[float | None, ...]


def shares(incidents: Sequence[Incident]) -> list[Share]:
    """Return the shares that pages begin with."""
    found = [
        _share("accident", incidents, lambda one: _said(one.intent, Intent.ACCIDENT, Intent.UNKNOWN)),
        _share("official", incidents, lambda one: _said(one.origin, Origin.OFFICIAL, Origin.UNKNOWN)),
        _share("disclosed", incidents, lambda one: _said(one.disclosed, "Yes", UNKNOWN)),
        _share("internal", incidents, lambda one: _among({actor.kind for actor in one.actors}, "internal")),
        _share("found-inside", incidents, lambda one: _among({way.method for way in one.discoveries}, "internal")),
    ]
    kinds = ("error", "misuse", "hacking", "malware", "social", "physical")
    return found + [_share(kind, incidents, partial(_has_kind, kind)) for kind in kinds]


def quality(register: Register, incidents: Sequence[Incident], doubles: Sequence[Incident]) -> Quality:
    """Return how good records are: ``incidents`` count, ``doubles`` do not."""
    records = [*incidents, *doubles]
    victims = Counter(one.victim.casefold() for one in incidents if one.victim)
    coded = [one.coded_at for one in records if one.coded_at]
    return Quality(
        records=len(records),
        doubles=len(doubles),
        refused=register.refused,
        without_day=sum(one.precision is not Precision.DAY for one in records),
        unknown_discovery=sum(one.discovery_unit in NOT_KNOWN for one in records),
        unknown_victim=sum(not one.victim for one in incidents),
        victims=len(victims),
        largest_victim=max(victims.values(), default=0),
        first=min((one.occurred for one in records), default=None),
        last=max((one.occurred for one in records), default=None),
        coded_until=max(coded, default=None),
    )


def newest(incidents: Sequence[Incident], until: date) -> Newest:
    """Return the newest weeks up to where the data end."""
    weeks = weekly(incidents, until - timedelta(weeks=SHOWN_WEEKS), until)
    delays = delays_of(incidents, until)
    if delays is None:
        return Newest(weeks, tuple(None for _ in weeks.counts))
    return Newest(weeks, tuple(float(share) for share in completeness(weeks, delays, until)))


def data_end(incidents: Sequence[Incident], today: date) -> date:
    """Return where the data end: the newest day of coding, or today where none is known."""
    return min(today, max((one.coded_at for one in incidents if one.coded_at), default=today))


def last_years(incidents: Sequence[Incident], most: int = 12) -> range:
    """Return the newest years that incidents fall into."""
    years = [one.occurred.year for one in incidents]
    return range(max(min(years), max(years) - most + 1), max(years) + 1) if years else range(0)


def _share(name: str, incidents: Sequence[Incident], holds: Callable[[Incident], bool | None]) -> Share:
    answers = Counter(holds(one) for one in incidents)
    return Share(name, answers[True], answers[True] + answers[False], len(incidents))


def _has_kind(kind: str, one: Incident) -> bool | None:
    return _among(one.kinds, kind)


def _said(word: str, wanted: str, unknown: str) -> bool | None:
    return None if word == unknown else word == wanted


def _among(words: set[str] | frozenset[str], wanted: str) -> bool | None:
    known = words - {"unknown"}
    return wanted in known if known else None


def countries(incidents: Sequence[Incident], most: int = 12) -> dict[str, int]:
    """Return the countries of most incidents, as far as their counts are not small."""
    found = Counter(country for one in incidents for country in one.countries)
    return {country: count for country, count in found.most_common(most) if count >= K}
