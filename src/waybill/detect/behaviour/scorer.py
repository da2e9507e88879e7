"""Scores a day: two heads, each calibrated, put together, and told apart into named parts that add up.

Head one sums the weighted surprise of each group of features against own habits, half as much that against peers
alone, and half as much what has added up over the last week; head two is the root of the weighted squares of how far
each figure is from the slow mean. Each becomes a conformal p-value; the score is ``-ln p1 - ln p2`` (Fisher's
combination). That sum is calibrated once more, since the heads are not independent. The parts of a score are those of
each head, scaled so that they add up to its ``-ln p``.

What is known of somebody (under notice, in a new post, in a role that counts more) is a weight on the p-value; the
weights of a day have a mean of one (Genovese, Roeder, Wasserman, 2006), so that attention moves and the promise holds.
It is a part of the score, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from waybill.detect.behaviour.conformal import Calibration
from waybill.detect.behaviour.features import GROUP_OF, GROUP_WEIGHT, GROUPS, WEIGHT, Matrix
from waybill.detect.behaviour.people import RAISES, Context, Stratum
from waybill.detect.behaviour.slow import MOST, Slow
from waybill.detect.behaviour.surprise import Surprise

PEERS_WEIGHT = 0.5
MEMORY_WEIGHT = 0.5
MEMORY_HALF_LIFE = 7
"""Days after which what added up counts half."""
_MEMORY_FROM = 0.9
"""Quantile of the day's scores above which a score adds up."""
_MOST = 20.0
"""Nats of one group that count: one figure alone never says everything."""
_NEW_POST = 0.1
"""Share of what is known of somebody that still holds in a new post."""

PARTS = len(GROUPS) * 3 + 2
"""Own habits, peers and slow mean for each group, then memory and what is known of somebody."""
MEMORY_PART, CONTEXT_PART = PARTS - 2, PARTS - 1

SUM = 2
"""Column of the calibration that holds scores without context; the two before it are those of the heads."""

_WEIGHTS: npt.NDArray[np.float64] = np.array(
    [np.prod([raised for one, raised in RAISES.items() if code & one]) for code in range(2 * max(Context))]
)
"""How many times as readily somebody is told, by the sum of ``Context``."""

Codes = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scored:
    """What is said of one day: a row for each entity that did something."""

    day: int
    entities: Codes
    figures: Matrix
    usual: Matrix
    """What was expected of each by own habits."""
    peers: Matrix
    """What was expected by those of the peers."""
    score: Scores
    parts: Matrix
    """``PARTS`` columns that add up to ``score``."""
    feature: Codes
    """The feature that a group's part stands for: by entity, a column for each part of a group."""
    p: Scores
    context: Codes
    """What raised each one's score and p-value: the sum of ``Context``, 0 for nothing."""
    silent: Flags
    """Which figures could not be seen, because a source was silent."""


class Scorer:
    """Everything that is known of entities and their days."""

    def __init__(self) -> None:
        self.surprise = Surprise()
        self.slow = Slow()
        self.memory = np.zeros(0)
        self.threshold = -1.0
        self.heads = Calibration(SUM + 1)
        """Of head one, head two, and their sum."""

    def day(
        self,
        day: int,
        entities: Codes,
        groups: Codes,
        strata: Codes,
        figures: Matrix,
        *,
        roles: Codes,
        context: Codes | None = None,
    ) -> Scored:
        """Return what is to be said of a day, and learn it; days come in order, each entity once a day.

        ``roles`` are those none of which should be told more often than others; ``context`` is what is known of each.
        """
        context = self._raising(strata, np.zeros(len(entities), np.int64) if context is None else context)
        weight = _WEIGHTS[context]
        silent = self.surprise.silent(entities, groups, figures)
        figures = np.where(silent, self.surprise.usual(entities, groups), figures)
        own, peers, expected = self.surprise.day(entities, groups, figures)
        away, _ = self.slow.day(entities, groups, figures)
        own_parts, own_feature = _grouped(own)
        peer_parts, peer_feature = _grouped(peers)
        today = own_parts.sum(axis=1) + PEERS_WEIGHT * peer_parts.sum(axis=1)
        memory = self._remember(entities, today)
        first = np.column_stack([own_parts, PEERS_WEIGHT * peer_parts, MEMORY_WEIGHT * memory])
        squares = WEIGHT * np.minimum(np.maximum(away, 0), MOST) ** 2
        second, slow_feature = _summed(squares)
        heads = np.column_stack([first.sum(axis=1), np.sqrt(second.sum(axis=1))])
        nats = np.column_stack([-np.log(self.heads.p_values(n, heads[:, n], strata)) for n in (0, 1)])
        parts = np.column_stack(
            [
                _scaled(first[:, :-1], first, nats[:, 0]),
                _scaled(second, second, nats[:, 1]),
                _scaled(first[:, -1:], first, nats[:, 0]),
            ]
        )
        plain = parts.sum(axis=1)
        parts = np.column_stack([parts, np.log(weight)])
        p = np.minimum(self.heads.p_values(SUM, plain, strata, roles) * weight.mean() / weight, 1)
        seen = ~silent.any(axis=1)
        known = plain if self.heads.ready() else np.full(len(plain), np.nan)
        self.heads.learn(day, entities[seen], strata[seen], roles[seen], np.column_stack([heads, known])[seen])
        feature = np.column_stack([own_feature, peer_feature, slow_feature])
        score = parts.sum(axis=1)
        return Scored(day, entities, figures, expected.mean, expected.peers, score, parts, feature, p, context, silent)

    def _raising(self, strata: Codes, context: Codes) -> Codes:
        """Return the context without that of a stratum of which too little is known.

        Its days are held against everybody's, and so told more readily as it is.
        """
        for stratum, one in ((Stratum.NOTICE, Context.NOTICE), (Stratum.NEW_POST, Context.NEW_POST)):
            if not self.heads.knows(stratum):
                context = np.where(strata == stratum, context & ~int(one), context)
        return context

    def change_post(self, entities: Codes) -> None:
        """Forget most of the habits of some entities, who from now on are held against their new peers."""
        self.surprise.forget(entities, _NEW_POST)
        self.slow.forget(entities, _NEW_POST)

    def _remember(self, entities: Codes, today: Scores) -> Scores:
        """Return what has added up over the last days, today included."""
        more = int(entities.max(initial=-1)) + 1 - len(self.memory)
        self.memory = np.pad(self.memory, (0, max(0, more)))
        high = float(np.quantile(today, _MEMORY_FROM))
        self.threshold = high if self.threshold < 0 else 0.95 * self.threshold + 0.05 * high
        keep = 0.5 ** (1 / MEMORY_HALF_LIFE)
        self.memory[entities] = self.memory[entities] * keep + np.maximum(today - self.threshold, 0)
        found: Scores = self.memory[entities]
        return found


def _grouped(surprise: Matrix) -> tuple[Matrix, Codes]:
    """Return of each group the weighted surprise of its most surprising feature, and which one that is."""
    parts, features = np.zeros((len(surprise), len(GROUPS))), np.zeros((len(surprise), len(GROUPS)), np.int64)
    for group in range(len(GROUPS)):
        members = np.flatnonzero(group == GROUP_OF)
        best = surprise[:, members].argmax(axis=1)
        features[:, group] = members[best]
        parts[:, group] = np.minimum(surprise[np.arange(len(surprise)), members[best]], _MOST) * GROUP_WEIGHT[group]
    return parts, features


def _summed(squares: Matrix) -> tuple[Matrix, Codes]:
    """Return of each group the sum of its features, and the largest of them."""
    parts, features = np.zeros((len(squares), len(GROUPS))), np.zeros((len(squares), len(GROUPS)), np.int64)
    for group in range(len(GROUPS)):
        members = np.flatnonzero(group == GROUP_OF)
        features[:, group] = members[squares[:, members].argmax(axis=1)]
        parts[:, group] = squares[:, members].sum(axis=1)
    return parts, features


def _scaled(parts: Matrix, all_parts: Matrix, total: Scores) -> Matrix:
    """Return parts so that all of their head add up to the total."""
    sums = all_parts.sum(axis=1)
    scaled: Matrix = parts * (total / np.where(sums > 0, sums, 1))[:, None]
    return scaled
