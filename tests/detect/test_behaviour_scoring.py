"""Scores are sums of their parts, p-values keep their promise, silence teaches nothing, and a new post starts anew."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waybill.detect.behaviour.conformal import FIRST, LEAST_OF_ROLE, Calibration, p_values, rejected
from waybill.detect.behaviour.features import COLUMN, FEATURES, GROUP_WEIGHT, NAMES, WEIGHTS
from waybill.detect.behaviour.people import Context, Stratum
from waybill.detect.behaviour.scorer import Scored, Scorer
from waybill.detect.behaviour.slow import Slow
from waybill.detect.behaviour.surprise import Surprise

PEOPLE = 30
EVERYBODY = np.arange(PEOPLE)
GROUPS = EVERYBODY % 3
STRATA = np.zeros(PEOPLE, np.int64)


def figures(draw: np.random.Generator, mean: float = 3.0) -> np.ndarray:
    return draw.poisson(mean, (PEOPLE, len(NAMES))).astype(float)


def experienced(days: int = 40, seed: int = 1) -> Scorer:
    """Return a scorer that has seen ordinary days."""
    scorer, draw = Scorer(), np.random.default_rng(seed)
    for day in range(days):
        score(scorer, day, figures(draw))
    return scorer


def score(scorer: Scorer, day: int, today: np.ndarray) -> Scored:
    return scorer.day(day, EVERYBODY, GROUPS, STRATA, today, roles=GROUPS)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 50), st.integers(1, 10))
def test_the_parts_of_a_score_add_up_to_it(seed: int, mean: float, days: int) -> None:
    scorer, draw = Scorer(), np.random.default_rng(seed)
    for day in range(days + 20):
        today = figures(draw, mean)
        today[draw.integers(PEOPLE), draw.integers(len(NAMES))] *= draw.lognormal(3, 2)
        scored = score(scorer, day, today)
        assert np.abs(scored.parts.sum(axis=1) - scored.score).max() <= 1e-9
        assert (scored.parts >= 0).all()


def test_what_is_unlike_before_comes_first_and_its_part_says_why() -> None:
    scorer = experienced()
    today = figures(np.random.default_rng(2))
    today[7, COLUMN["media files"]] = 60
    scored = score(scorer, 40, today)
    assert int(scored.score.argmax()) == 7
    assert int(scored.feature[7, int(scored.parts[7, :-1].argmax())]) == COLUMN["media files"]
    assert scored.p[7] < 0.001


def test_what_everybody_does_today_is_less_surprising() -> None:
    alone, together = experienced().surprise, experienced().surprise
    one, all_busy = figures(np.random.default_rng(2)), figures(np.random.default_rng(2))
    one[0, COLUMN["uploads"]] = 15
    all_busy[:, COLUMN["uploads"]] = 15
    of_one, _, _ = alone.day(EVERYBODY, GROUPS, one)
    of_all, _, _ = together.day(EVERYBODY, GROUPS, all_busy)
    assert of_all[0, COLUMN["uploads"]] < 0.5 * of_one[0, COLUMN["uploads"]]


def test_a_single_day_teaches_little() -> None:
    slow = Slow()
    draw = np.random.default_rng(3)
    for _ in range(60):
        slow.day(EVERYBODY, GROUPS, figures(draw))
    before = slow.sums[0] / slow.days[0]
    huge = figures(draw)
    huge[0] = 1e6
    slow.day(EVERYBODY, GROUPS, huge)
    assert (slow.sums[0] / slow.days[0] - before).max() < 0.15


def test_a_group_of_nobody_is_held_against_everybody() -> None:
    surprise, draw = Surprise(), np.random.default_rng(4)
    for _ in range(40):
        surprise.day(EVERYBODY, GROUPS, figures(draw))
    newcomer, new_group = np.array([PEOPLE]), np.array([3])
    usual = surprise.usual(newcomer, new_group)
    assert usual == pytest.approx(np.full((1, len(NAMES)), 3.0), abs=0.8)


def test_a_silent_source_looks_like_nothing_and_teaches_nothing() -> None:
    draw = np.random.default_rng(5)
    seen, silent = experienced(), experienced()
    today = figures(draw)
    dark = today.copy()
    dark[:, COLUMN["visits"]] = 0
    score(seen, 40, today)
    scored = score(silent, 40, dark)
    assert scored.silent[:, COLUMN["visits"]].all()
    assert not np.delete(scored.silent, COLUMN["visits"], axis=1).any()
    usual = silent.surprise.usual(EVERYBODY, GROUPS)[:, COLUMN["visits"]]
    assert usual == pytest.approx(seen.surprise.usual(EVERYBODY, GROUPS)[:, COLUMN["visits"]], rel=0.25)
    assert 40 not in silent.heads.day  # such a day is no measure for others
    assert 40 in seen.heads.day


def test_a_new_post_makes_old_habits_count_little() -> None:
    scorer, draw = experienced(), np.random.default_rng(6)
    for day in range(40, 60):
        today = figures(draw)
        today[0, COLUMN["downloads"]] = 200
        score(scorer, day, today)
    before = scorer.surprise.usual(EVERYBODY, GROUPS)[0, COLUMN["downloads"]]
    scorer.change_post(np.array([0]))
    assert scorer.surprise.usual(EVERYBODY, GROUPS)[0, COLUMN["downloads"]] < 0.7 * before


@pytest.mark.parametrize(("rate", "within"), [(0.001, 0.4), (0.01, 0.15), (0.05, 0.1)])
def test_p_values_keep_their_promise(rate: float, within: float) -> None:
    draw = np.random.default_rng(7)
    shares = [(p_values(draw.gamma(2, 1, 20_000), draw.gamma(2, 1, 2_000)) <= rate).mean() for _ in range(30)]
    assert np.mean(shares) == pytest.approx(rate, rel=within)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(0, 1e3), min_size=60, max_size=400),
    st.lists(st.floats(0, 1e4), min_size=2, max_size=50),
)
def test_a_higher_score_never_has_a_higher_p_value(calibration: list[float], scores: list[float]) -> None:
    ordered = np.sort(np.array(scores))
    p = p_values(np.array(calibration), ordered)
    assert ((p > 0) & (p <= 1)).all()
    top = max(50, int(0.005 * len(calibration)))
    beyond = ordered > np.sort(np.array(calibration))[-top]
    for some in (p[beyond], p[~beyond]):
        assert (np.diff(some) <= 1e-12).all()


def test_nothing_is_said_before_enough_is_known() -> None:
    calibration = Calibration(1)
    few = FIRST - 1
    zeros = np.zeros(few, np.int64)
    calibration.learn(0, np.arange(few), zeros, zeros, np.ones((few, 1)))
    assert (calibration.p_values(0, np.array([1e9]), np.zeros(1, np.int64)) == 1).all()


def test_a_role_is_held_against_its_own_once_enough_of_it_is_known() -> None:
    calibration, count = Calibration(1), 2 * LEAST_OF_ROLE
    role = np.arange(count) % 2
    scores = np.where(role == 0, 1.0, 10.0) + np.random.default_rng(8).random(count)
    zeros = np.zeros(count, np.int64)
    calibration.learn(0, np.arange(count), zeros, role, scores[:, None])
    today = np.array([10.5, 10.5])
    p = calibration.p_values(0, today, np.zeros(2, np.int64), np.array([0, 1]))
    assert p[0] < 1e-6
    assert p[1] > 0.2


def test_days_of_confirmed_people_leave_the_calibration() -> None:
    calibration, zeros = Calibration(1), np.zeros(3, np.int64)
    for day in range(40):
        calibration.learn(day, np.arange(3), zeros, zeros, np.ones((3, 1)))
    calibration.confirm(1, 39)
    mine = calibration.day[calibration.entity == 1]
    assert mine.max() == 9
    assert len(calibration.day) == 40 * 3 - 30


@given(st.lists(st.floats(1e-9, 0.01), max_size=30), st.integers(0, 500), st.floats(0.01, 0.5))
def test_the_false_discovery_rate_is_controlled_as_defined(small: list[float], more: int, rate: float) -> None:
    count = len(small) + more
    passing = [p for k, p in enumerate(sorted(small), 1) if p <= rate * k / count]
    assert rejected(np.array(small), count, rate) == (max(passing) if passing else 0.0)


def test_what_is_known_of_somebody_moves_attention_and_keeps_the_promise() -> None:
    scorer, draw = experienced(), np.random.default_rng(9)
    told = {True: 0, False: 0}
    context = np.where(EVERYBODY < 6, int(Context.PRIORITY), 0)
    for day in range(40, 240):
        today = figures(draw)
        small = scorer.day(day, EVERYBODY, GROUPS, STRATA, today, roles=GROUPS * 0, context=context).p <= 0.05
        told[True] += int(small[:6].sum())
        told[False] += int(small[6:].sum())
    assert sum(told.values()) / (200 * PEOPLE) == pytest.approx(0.05, rel=0.3)
    assert (told[True] / 6) / (told[False] / 24) == pytest.approx(2, rel=0.3)


def test_a_stratum_of_which_little_is_known_raises_nothing() -> None:
    scorer = experienced()
    strata, context = np.full(PEOPLE, int(Stratum.NOTICE)), np.full(PEOPLE, int(Context.NOTICE))
    today = figures(np.random.default_rng(2))
    scored = scorer.day(40, EVERYBODY, GROUPS, strata, today, roles=GROUPS, context=context)
    assert not scored.context.any()
    for day in range(41, 55):
        scored = scorer.day(day, EVERYBODY, GROUPS, strata, today, roles=GROUPS, context=context)
    assert (scored.context == Context.NOTICE).all()
    assert np.abs(scored.parts.sum(axis=1) - scored.score).max() <= 1e-9


def test_every_feature_has_a_group_with_a_weight_and_words() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert {feature.group for feature in FEATURES} == set(WEIGHTS)
    assert (GROUP_WEIGHT > 0).all()
    assert all(feature.text.en and feature.text.zh for feature in FEATURES)
