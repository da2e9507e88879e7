"""What is kept of the last weeks for people to look at: who stood out, whether the promise was kept, and for whom."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from waybill.detect.behaviour.conformal import SMALL
from waybill.detect.behaviour.scorer import Scored
from waybill.model.findings import Part, Text

LOOK_BACK = 30
"""Days."""

MOST_WATCHED = 20
"""Entities of a day whose reasons are kept."""

MOST_KEPT = 25
"""Transfers that are kept of one of them: what somebody opens to see whether it is right."""

LEAST_PEOPLE = 5
"""People of a role without which nothing is said of it: fewer could be told apart."""


class Watched(msgspec.Struct, frozen=True):
    """One of the most unusual person-days."""

    subject: str
    """Pseudonym of a person, or name of a service."""
    day: int
    """Days since 1970."""
    score: float
    p: float
    """Share of comparable person-days that were as unusual."""
    told: bool
    """Whether it is a finding."""
    sentence: Text
    parts: tuple[Part, ...]
    transfers: tuple[str, ...] = ()
    """Ids of the transfers that it rests on, as hex, sorted; of those that are kept ``MOST_KEPT`` at most."""
    first: int = 0
    """When the first of them happened, in microseconds since 1970."""
    last: int = 0


class Recent(msgspec.Struct):
    """One day of the last weeks."""

    day: int
    count: int
    """Entities that did something."""
    small: list[float]
    """Their p-values up to ``SMALL``."""
    told: int
    """Those that kept the promised rate busy: p-values up to it."""
    roles: dict[str, list[int]]
    """For each role its entities, and those of them with a p-value up to ``SMALL``."""
    watched: list[Watched]


def recent(scored: Scored, roles: list[str], rate: float, watched: list[Watched]) -> Recent:
    """Return what is kept of a day; ``roles`` are those of its entities."""
    small = scored.p <= SMALL
    by_role: dict[str, list[int]] = {}
    for role, is_small in zip(roles, small.tolist(), strict=True):
        counts = by_role.setdefault(role, [0, 0])
        counts[0] += 1
        counts[1] += is_small
    told = int((scored.p <= rate).sum())
    return Recent(scored.day, len(scored.p), scored.p[small].tolist(), told, by_role, watched)


def shortened(one: Watched) -> Watched:
    """Return it as it is kept."""
    return msgspec.structs.replace(one, transfers=one.transfers[:MOST_KEPT])


def kept(days: list[Recent], day: int) -> list[Recent]:
    """Return the days that still matter on a day."""
    return [one for one in days if one.day > day - LOOK_BACK]


def small_values(days: list[Recent]) -> npt.NDArray[np.float64]:
    """Return all small p-values of some days."""
    return np.array([p for one in days for p in one.small])


def stored(days: list[Recent]) -> Any:
    """Return days as JSON values."""
    return msgspec.to_builtins(days)


def restored(value: Any) -> list[Recent]:
    """Return what ``stored`` gave."""
    return msgspec.convert(value or [], list[Recent])
