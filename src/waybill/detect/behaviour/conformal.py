"""Turns scores into p-values that keep a promise: how many of the last weeks' scores were at least as high.

Split conformal prediction with a rolling calibration window (Vovk et al., 2005; Bates et al., 2023): the p-value of a
score is the share of calibration scores of its own stratum that are at least as high. If today is exchangeable with
the window, at most a share ``a`` of benign days gets a p-value of ``a`` or less, whatever the score is made of. Beyond
the top of the window an exponential tail is fitted, so that p-values below one in the window's size can be told apart.

Weekdays and days off are strata, and so are people under notice, once there are enough of them. Days of people whom an
analyst confirmed leave the window: they are not what today's benign days may be held against.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

WINDOW = 42
"""Days of calibration."""

LEAST = 300
"""Scores of a stratum without which its days are held against all strata."""

LEAST_OF_ROLE = 500
"""Scores of a role in a stratum without which its days are held against those of all roles."""

FIRST = 300
"""Scores without which nothing is said."""

CONFIRMED_DAYS = 30
"""Days before a confirmation that leave the calibration with it."""

TAIL_SHARE, TAIL_LEAST = 0.005, 50
"""Share and least number of the highest scores that the tail is fitted to."""

SMALL = 0.01
"""p-values up to this are kept for the control of the false discovery rate."""

_SMALLEST = 1e-15

Scores = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def p_values(calibration: Scores, scores: Scores) -> Scores:
    """Return the conformal p-value of each score, with an exponential tail beyond the highest ones."""
    ordered = np.sort(calibration)
    count = len(ordered)
    p: Scores = (count - np.searchsorted(ordered, scores, "left") + 1) / (count + 1)
    top = min(count, max(TAIL_LEAST, int(TAIL_SHARE * count)))
    begin = ordered[-top]
    mean_excess = float((ordered[-top:] - begin).mean()) + 1e-9
    beyond = scores > begin
    p[beyond] = top / count * np.exp(-(scores[beyond] - begin) / mean_excess)
    return np.clip(p, _SMALLEST, 1)


@dataclass(slots=True)
class Calibration:
    """The scores of the last weeks: several of each day of an entity, side by side."""

    width: int
    """How many scores each row has."""
    day: Codes = field(default_factory=lambda: np.zeros(0, np.int64))
    entity: Codes = field(default_factory=lambda: np.zeros(0, np.int64))
    stratum: Codes = field(default_factory=lambda: np.zeros(0, np.int64))
    role: Codes = field(default_factory=lambda: np.zeros(0, np.int64))
    scores: Scores = field(default_factory=lambda: np.zeros((0, 0)))
    """Not a number where a score could not be made yet."""

    def __post_init__(self) -> None:
        self.scores = self.scores.reshape(len(self.day), self.width)

    def p_values(self, column: int, scores: Scores, stratum: Codes, role: Codes | None = None) -> Scores:
        """Return the p-values of today's scores; all 1 while too little is known.

        Held against the same stratum; with ``role``, against the same role in it where enough of that is known.
        """
        p = np.ones(len(scores))
        known = ~np.isnan(self.scores[:, column])
        if known.sum() < FIRST:
            return p
        for one in np.unique(stratum).tolist():
            chosen, today = known & (self.stratum == one), stratum == one
            chosen = chosen if chosen.sum() >= LEAST else known
            p[today] = p_values(self.scores[chosen, column], scores[today])
            for same in np.unique(role[today]).tolist() if role is not None else ():
                alike = chosen & (self.role == same)
                if alike.sum() >= LEAST_OF_ROLE:
                    mine = today & (role == same)
                    p[mine] = p_values(self.scores[alike, column], scores[mine])
        return p

    def knows(self, stratum: int) -> bool:
        """Return whether enough is known of a stratum for its days to be held against their like."""
        return int((self.stratum == stratum).sum()) >= LEAST

    def ready(self) -> bool:
        """Return whether enough is known to make p-values of what comes first."""
        return len(self.day) >= FIRST

    def learn(self, day: int, entity: Codes, stratum: Codes, role: Codes, scores: Scores) -> None:
        """Add a day and drop what is older than the window."""
        keep = self.day > day - WINDOW
        self.day = np.concatenate([self.day[keep], np.full(len(entity), day)])
        self.entity = np.concatenate([self.entity[keep], entity])
        self.stratum = np.concatenate([self.stratum[keep], stratum])
        self.role = np.concatenate([self.role[keep], role])
        self.scores = np.concatenate([self.scores[keep], scores])

    def confirm(self, entity: int, day: int) -> None:
        """Drop the days of somebody up to this one, of which an analyst said that what was told is right."""
        keep = (self.entity != entity) | (self.day <= day - CONFIRMED_DAYS) | (self.day > day)
        self.day, self.entity, self.stratum = self.day[keep], self.entity[keep], self.stratum[keep]
        self.role, self.scores = self.role[keep], self.scores[keep]


def rejected(small: Scores, count: int, rate: float) -> float:
    """Return the largest p-value that Benjamini and Hochberg (1995) reject at this rate, 0 if none.

    ``small`` are all p-values of some ``count`` that are at most ``SMALL``; larger ones are never rejected.
    """
    ordered = np.sort(small)
    passing = np.flatnonzero(ordered <= rate * np.arange(1, len(ordered) + 1) / max(1, count))
    return float(ordered[passing[-1]]) if len(passing) else 0.0
