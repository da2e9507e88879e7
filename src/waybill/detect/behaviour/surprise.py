"""The first head: how surprising each figure of a day is, given the person, the peers, and how busy the peers are.

A count is taken as gamma-Poisson (negative binomial). Its mean is the person's own decayed mean, shrunk to that of the
peer group, times how busy the other peers are today; its dispersion is the group's. The surprise is the negative
logarithm of the upper tail's mid-p value; for amounts that of a t distribution of their logarithm. The same is asked
against the peers alone, so that those who were always unlike their peers still stand out, at half the weight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, stdtr

from waybill.detect.behaviour.features import IS_SEEN_DIRECTLY, IS_VOLUME, NAMES, Matrix

HALF_LIFE = 30
"""Active days after which a day counts half in the mean."""

SHRINK = 4.0
"""Days of peers that count like a person's own."""

_EMPTY = 0.02
"""Mean of a figure nobody ever had."""
_ORGANISATION = 5.0
"""Days of the whole organisation that count like days of a peer group: a group of nobody is everybody."""
_STILL = 3.0
"""Deeds added to both sides when today's peers are compared with usual, so that few of them change little."""
_BUSY = (0.7, 4.0)
"""How much a busy or quiet day of the peers can change what is expected."""
_LEARNT_AT_MOST = 6.0
"""Times what was expected (and that many more) that a single day can teach: a spike is not a habit."""
_DISPERSION = (0.15, 8.0)
_FREEDOM = 6
_LEAST = 1e-12
_SILENT_FROM = 20.0
"""Deeds of a whole group that must have been expected: by chance there are none once in 500 million days."""
_SILENT_WITH = 5
"""Members of the group that must have done something else that day."""

Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Means:
    """Decayed sums of one set of rows (entities or groups): days, figures, and of amounts logarithm and square."""

    days: Matrix
    sums: Matrix
    logs: Matrix
    squares: Matrix

    @classmethod
    def empty(cls, rows: int) -> Means:
        """Return what is known of nobody."""
        amounts = int(IS_VOLUME.sum())
        return cls(np.zeros(rows), np.zeros((rows, len(NAMES))), np.zeros((rows, amounts)), np.zeros((rows, amounts)))

    def grown(self, rows: int) -> Means:
        """Return the same with room for so many rows."""
        more = rows - len(self.days)
        if more <= 0:
            return self
        return Means(*(np.concatenate([part, np.zeros((more, *part.shape[1:]))]) for part in self.parts()))

    def parts(self) -> tuple[Matrix, Matrix, Matrix, Matrix]:
        """Return the arrays."""
        return self.days, self.sums, self.logs, self.squares


@dataclass(frozen=True, slots=True)
class Expected:
    """What was expected of some rows today."""

    mean: Matrix
    peers: Matrix
    dispersion: Matrix


class Surprise:
    """Knows entities and their peer groups, and learns day by day."""

    def __init__(self) -> None:
        self.own = Means.empty(0)
        self.peers = Means.empty(0)
        self.spread = np.zeros((2, 0, len(NAMES)))
        """By group: decayed sums of squared means, and of what the variance is beyond a Poisson's."""

    def day(self, entities: Codes, groups: Codes, figures: Matrix) -> tuple[Matrix, Matrix, Expected]:
        """Return how surprising these figures are against own habits and against peers alone, and learn them.

        ``groups`` are the peer groups of the entities, numbered from 0.
        """
        mean = self.usual(entities, groups)
        peers = self._peer_mean(groups)
        busy_own = mean * _busy(figures, mean, groups)
        busy_peers = peers * _busy(figures, peers, groups)
        dispersion = self._dispersion(groups)
        against_own = _counts(figures, busy_own, dispersion)
        against_peers = _counts(figures, busy_peers, dispersion)
        self._amounts(entities, groups, figures, against_own, against_peers)
        self._learn(entities, groups, figures, busy_own)
        return against_own, against_peers, Expected(busy_own, busy_peers, dispersion)

    def usual(self, entities: Codes, groups: Codes) -> Matrix:
        """Return the mean of each figure that own habits and peers let expect on any day."""
        self._grow(int(entities.max(initial=-1)) + 1, int(groups.max(initial=-1)) + 1)
        peers = self._peer_mean(groups)
        mean: Matrix = (self.own.sums[entities] + SHRINK * peers) / (self.own.days[entities, None] + SHRINK)
        return mean

    def silent(self, entities: Codes, groups: Codes, figures: Matrix) -> Flags:
        """Return which figures are nil for a whole peer group of which many were expected: nobody told of them.

        A source that is silent must not look like good behaviour, nor teach that there is nothing to do.
        """
        usual = self.usual(entities, groups)
        size = int(groups.max(initial=-1)) + 1
        expected, seen = np.zeros((size, len(NAMES))), np.zeros((size, len(NAMES)))
        np.add.at(expected, groups, usual)
        np.add.at(seen, groups, figures)
        there = np.bincount(groups, minlength=size)[groups, None] >= _SILENT_WITH
        silent: Flags = (seen[groups] == 0) & (expected[groups] >= _SILENT_FROM) & there & IS_SEEN_DIRECTLY
        return silent

    def forget(self, entities: Codes, keep: float) -> None:
        """Let what is known of some entities count less: they have a new post, where old habits do not hold."""
        for part in self.own.parts():
            part[entities] *= keep

    def _grow(self, entities: int, groups: int) -> None:
        self.own, self.peers = self.own.grown(entities), self.peers.grown(groups)
        more = groups - self.spread.shape[1]
        if more > 0:
            self.spread = np.concatenate([self.spread, np.zeros((2, more, len(NAMES)))], axis=1)

    def _peer_mean(self, groups: Codes) -> Matrix:
        everybody = (self.peers.sums.sum(axis=0) + _EMPTY) / (self.peers.days.sum() + 1)
        mean: Matrix = (self.peers.sums[groups] + _ORGANISATION * everybody) / (
            self.peers.days[groups, None] + _ORGANISATION
        )
        return mean

    def _dispersion(self, groups: Codes) -> Matrix:
        squares, excess = self.spread[0][groups], self.spread[1][groups]
        found: Matrix = np.where(squares > 5, np.clip(squares / (excess + 1e-9), *_DISPERSION), 0.5)
        return found

    def _amounts(self, entities: Codes, groups: Codes, figures: Matrix, own: Matrix, peers: Matrix) -> None:
        """Fill in the surprise of amounts."""
        logs = np.log1p(figures[:, IS_VOLUME])
        group_days = self.peers.days[groups, None]
        mean = self.peers.logs[groups] / (group_days + 1)
        square = (self.peers.squares[groups] + 0.3) / (group_days + 1)
        peers[:, IS_VOLUME] = _above((logs - mean) / np.sqrt(square + 0.08))
        days = self.own.days[entities, None] + SHRINK
        own_mean = (self.own.logs[entities] + SHRINK * mean) / days
        own_square = (self.own.squares[entities] + SHRINK * square + 0.1) / days
        own[:, IS_VOLUME] = _above((logs - own_mean) / np.sqrt(own_square + 0.08))

    def _learn(self, entities: Codes, groups: Codes, figures: Matrix, expected: Matrix) -> None:
        keep = 0.5 ** (1 / HALF_LIFE)
        learnt = np.minimum(figures, _LEARNT_AT_MOST * (expected + 1))
        logs = np.log1p(figures[:, IS_VOLUME])
        known = self.own.days[entities, None]
        usual = np.where(known > 0, self.own.logs[entities] / np.maximum(known, 1e-9), logs)
        squares = np.clip(logs - usual, -3, 3) ** 2
        new = (np.ones(len(entities)), learnt, logs, squares)
        for own, peers, value in zip(self.own.parts(), self.peers.parts(), new, strict=True):
            own[entities] = own[entities] * keep + value
            np.multiply(peers, keep, out=peers)
            np.add.at(peers, groups, value)
        self.spread *= keep**0.5
        np.add.at(self.spread[0], groups, expected**2)
        np.add.at(self.spread[1], groups, np.maximum((learnt - expected) ** 2 - expected, 0))


def _busy(figures: Matrix, mean: Matrix, groups: Codes) -> Matrix:
    """Return how busy the other members of each one's group are today, relative to what is expected of them."""
    done = np.minimum(figures, mean * 8 + 3)
    size = int(groups.max(initial=-1)) + 1
    all_done, all_mean = np.zeros((size, figures.shape[1])), np.zeros((size, figures.shape[1]))
    np.add.at(all_done, groups, done)
    np.add.at(all_mean, groups, mean)
    busy: Matrix = np.clip((all_done[groups] - done + _STILL) / (all_mean[groups] - mean + _STILL), *_BUSY)
    return busy


def _counts(figures: Matrix, mean: Matrix, dispersion: Matrix) -> Matrix:
    """Return the surprise of counts that are above their mean, 0 for others and for amounts."""
    surprise = np.zeros_like(figures)
    hot = (figures > 0) & (figures > mean) & ~IS_VOLUME
    count, size = np.floor(figures[hot]), dispersion[hot]
    share = mean[hot] / (size + mean[hot])
    at_least, above = betainc(np.maximum(count, 1e-9), size, share), betainc(count + 1, size, share)
    surprise[hot] = -np.log(np.clip((at_least + above) / 2, _LEAST, 1))
    return surprise


def _above(z: Matrix) -> Matrix:
    surprise: Matrix = np.where(z > 0, -np.log(np.clip(stdtr(_FREEDOM, -np.abs(z)), _LEAST, 1)), 0.0)
    return surprise
