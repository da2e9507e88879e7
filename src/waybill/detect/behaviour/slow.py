"""The second head: how far a day is from a person's own slow mean, in units of how much people vary from day to day.

The mean moves slowly and a single day can move it by a bounded step only, so that nobody can teach it a new habit in
a week. Because everybody is measured against themselves, those who always do much of something stand out no more than
others.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from waybill.detect.behaviour.features import NAMES, Matrix

HALF_LIFE = 120
_PEERS_HALF_LIFE = 60
SHRINK = 6.0
"""Days of peers that count like a person's own."""
_STEP = 3.0
"""Standard deviations by which a day counts at most."""
_LEAST_SPREAD = 0.03
_ORGANISATION = 5.0
_FREEZE = 0.98
"""What the spread keeps from day to day."""
MOST = 30.0
"""Standard deviations beyond which it makes no difference."""

Codes = npt.NDArray[np.int64]


class Slow:
    """Knows entities and their peer groups, and learns day by day."""

    def __init__(self) -> None:
        self.sums, self.days = np.zeros((0, len(NAMES))), np.zeros(0)
        self.peer_sums, self.peer_days = np.zeros((0, len(NAMES))), np.zeros(0)
        self.variance, self.seen = np.zeros(len(NAMES)), 0.0

    def day(self, entities: Codes, groups: Codes, figures: Matrix) -> tuple[Matrix, Matrix]:
        """Return how many standard deviations each figure's logarithm is from the mean, and that mean; learn both."""
        self._grow(int(entities.max(initial=-1)) + 1, int(groups.max(initial=-1)) + 1)
        logs = np.log1p(figures)
        known = self.peer_days.any()
        everybody = self.peer_sums.sum(axis=0) / self.peer_days.sum() if known else logs.mean(axis=0)
        peers = (self.peer_sums[groups] + _ORGANISATION * everybody) / (self.peer_days[groups, None] + _ORGANISATION)
        mean = (self.sums[entities] + SHRINK * peers) / (self.days[entities, None] + SHRINK)
        spread = np.sqrt(self.variance / self.seen) if self.seen > 200 else logs.std(axis=0) + 0.05
        spread = np.maximum(spread, _LEAST_SPREAD)
        away = logs - mean
        step = np.clip(away, -_STEP * spread, _STEP * spread)
        self._learn(entities, groups, mean, step)
        return (away - np.maximum(_shift(step, groups), 0)) / spread, mean

    def forget(self, entities: Codes, keep: float) -> None:
        """Let what is known of some entities count less."""
        self.sums[entities] *= keep
        self.days[entities] *= keep

    def _grow(self, entities: int, groups: int) -> None:
        more = max(0, entities - len(self.days))
        self.sums, self.days = np.pad(self.sums, ((0, more), (0, 0))), np.pad(self.days, (0, more))
        more = max(0, groups - len(self.peer_days))
        self.peer_sums, self.peer_days = np.pad(self.peer_sums, ((0, more), (0, 0))), np.pad(self.peer_days, (0, more))

    def _learn(self, entities: Codes, groups: Codes, mean: Matrix, step: Matrix) -> None:
        keep, peers_keep = 0.5 ** (1 / HALF_LIFE), 0.5 ** (1 / _PEERS_HALF_LIFE)
        self.sums[entities] = keep * self.sums[entities] + mean + step
        self.days[entities] = keep * self.days[entities] + 1
        np.add.at(self.peer_sums, groups, mean + step)
        np.add.at(self.peer_days, groups, 1.0)
        self.peer_sums *= peers_keep
        self.peer_days *= peers_keep
        self.variance = _FREEZE * self.variance + (1 - _FREEZE) * (step**2).sum(axis=0)
        self.seen = _FREEZE * self.seen + (1 - _FREEZE) * len(entities)


def _shift(step: Matrix, groups: Codes) -> Matrix:
    """Return by how much the other members of each one's group are away from their means today."""
    total = np.zeros((int(groups.max(initial=-1)) + 1, step.shape[1]))
    np.add.at(total, groups, step)
    others = np.bincount(groups)[groups, None] - 1
    shift: Matrix = (total[groups] - step) / (others + _ORGANISATION)
    return shift
