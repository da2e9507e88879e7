"""One entity's last weeks: its score by day, beside those of its peers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from waybill.detect.behaviour.memory import scores
from waybill.detect.behaviour.scorer import SUM
from waybill.detect.behaviour.watching import LEAST_PEOPLE, Recent

_BAND = (0.1, 0.5, 0.9)
"""Quantiles of the peers' scores of a day."""


class DayScore(NamedTuple):
    """The score of one day, and where the scores of the peers lay."""

    day: int
    """Days since 1970."""
    score: float
    low: float | None
    """None, like the two below, where there were too few peers to say so without telling of one of them."""
    middle: float | None
    high: float | None


def history(kept: dict[str, Any], recent: list[Recent], subject: str) -> list[DayScore]:
    """Return the days of the last weeks on which an entity did something, the oldest first.

    ``kept`` is a packed observer, ``recent`` what is kept of its last days: of those that were most unusual a score
    stands there, too, which the calibration has no more once it was confirmed, or not yet.
    """
    names, known = scores(kept)
    number = names.index(subject) if subject in names else -1
    seen = ~np.isnan(known.scores[:, SUM])
    own = seen & (known.entity == number)
    by_day = dict(zip(known.day[own].tolist(), known.scores[own, SUM].tolist(), strict=True))
    roles = dict(zip(known.day[own].tolist(), known.role[own].tolist(), strict=True))
    by_day |= {one.day: one.score for day in recent for one in day.watched if one.subject == subject}
    role = next(reversed(roles.values()), None)
    found = []
    for day, score in sorted(by_day.items()):
        others = seen & (known.day == day) & (known.entity != number)
        alike = others & (known.role == roles.get(day, role))
        chosen = alike if alike.sum() >= LEAST_PEOPLE else others
        enough = chosen.sum() >= LEAST_PEOPLE
        band = np.quantile(known.scores[chosen, SUM], _BAND).tolist() if enough else [None] * len(_BAND)
        found.append(DayScore(day, score, *band))
    return found
