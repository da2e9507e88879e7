"""k-anonymity, l-diversity and t-closeness against counts by hand; proposals against all that could be proposed."""

from __future__ import annotations

from collections import defaultdict
from itertools import accumulate, pairwise, product
from math import exp, log
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waybill.content import Roles, Wanted, assess, roles_of, scan_table
from waybill.content.anonymity.classes import classes, column, exposed, variety
from waybill.content.anonymity.coarsening import ladder
from waybill.model.errors import UsageError

_ROWS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(["x", "y", None]),
        st.sampled_from(["p", "q", "r"]),
        st.sampled_from([100, 250, 900, 4000]),
    ),
    min_size=1,
    max_size=30,
)
_NAMES = ("age", "area", "illness", "salary")
_WANTED = st.builds(
    Wanted,
    k=st.integers(1, 4),
    l=st.integers(1, 3),
    entropy=st.sampled_from([1.0, 1.5, 2.0]),
    t=st.sampled_from([1.0, 0.5, 0.2]),
)


def _table(rows: list[tuple[Any, ...]]) -> pa.Table:
    return pa.table({name: [row[number] for row in rows] for number, name in enumerate(_NAMES)})


def _by_hand(rows: list[tuple[Any, ...]]) -> dict[tuple[Any, ...], list[tuple[Any, ...]]]:
    found: dict[tuple[Any, ...], list[tuple[Any, ...]]] = defaultdict(list)
    for age, area, *hidden in rows:
        found[age, area].append(tuple(hidden))
    return found


def _shares(values: list[Any], of: list[Any]) -> list[float]:
    return [values.count(one) / len(values) for one in of]


def _distance(values: list[Any], whole: list[Any], ordered: bool) -> float:
    of = sorted(set(whole))
    pairs = list(zip(_shares(values, of), _shares(whole, of), strict=True))
    if not ordered:
        return sum(abs(p - q) for p, q in pairs) / 2
    return sum(map(abs, accumulate(p - q for p, q in pairs))) / max(1, len(of) - 1)


def _entropy(values: list[Any]) -> float:
    return exp(-sum(share * log(share) for share in _shares(values, sorted(set(values)))))


@settings(deadline=None)
@given(_ROWS, _WANTED)
def test_classes_are_those_of_a_count_by_hand(rows: list[tuple[Any, ...]], wanted: Wanted) -> None:
    found = assess(_table(rows), ["age", "area"], ["illness", "salary"], wanted)
    own = _by_hand(rows)
    assert (found.rows, found.classes, found.k) == (len(rows), len(own), min(map(len, own.values())))
    assert found.alone == sum(len(one) == 1 for one in own.values())
    assert found.fewer == sum(len(one) for one in own.values() if len(one) < wanted.k)
    at_risk = 0
    for one in own.values():
        bad = len(one) < wanted.k
        for number, ordered in ((0, False), (1, True)):
            values, whole = [row[number] for row in one], [row[number + 2] for row in rows]
            bad |= len(set(values)) < wanted.l or _entropy(values) < wanted.entropy - 1e-9
            bad |= _distance(values, whole, ordered) > wanted.t + 1e-9
        at_risk += bad * len(one)
    assert found.at_risk == at_risk
    assert found.is_reached == (not at_risk)
    for number, (spread, ordered) in enumerate(zip(found.spreads, (False, True), strict=True)):
        parts = [[row[number] for row in one] for one in own.values()]
        whole = [row[number + 2] for row in rows]
        assert spread.distinct == min(len(set(values)) for values in parts)
        assert spread.entropy == pytest.approx(min(map(_entropy, parts)), abs=1e-4)
        assert spread.distance == pytest.approx(max(_distance(one, whole, ordered) for one in parts), abs=1e-4)
        assert spread.told == sum(len(values) for values in parts if len(set(values)) == 1)


@settings(deadline=None)
@given(_ROWS)
def test_the_smallest_classes_are_named_by_the_numbers_of_their_rows(rows: list[tuple[Any, ...]]) -> None:
    own = _by_hand(rows)
    for one in assess(_table(rows), ["age", "area"]).smallest:
        assert one.classes == sum(len(rows_of) == one.size for rows_of in own.values())
        assert one.rows
        assert all(len(own[rows[number - 1][:2]]) == one.size for number in one.rows)


@settings(deadline=None)
@given(_ROWS, _WANTED)
def test_drivers_are_what_is_left_without_a_column(rows: list[tuple[Any, ...]], wanted: Wanted) -> None:
    found = assess(_table(rows), ["age", "area"], ["illness"], wanted)
    for driver in found.drivers:
        (other,) = {"age", "area"} - {driver.column}
        without = assess(_table(rows), [other], ["illness"], wanted)
        assert (driver.k_without, driver.at_risk_without) == (without.k, without.at_risk)
    assert found.drivers[0].at_risk_without == min(driver.at_risk_without for driver in found.drivers)


_TABLES = st.lists(
    st.tuples(
        st.integers(18, 90).map(str),
        st.sampled_from(["210009", "210008", "100020", "100021"]),
        st.dates().map(str),
        st.sampled_from(["x", "y", "z", ""]),
        st.sampled_from("pqr"),
    ),
    min_size=1,
    max_size=25,
)
_COARSE = ("age", "postcode", "born", "city")


@settings(max_examples=40, deadline=None)
@given(_TABLES, st.builds(Wanted, k=st.integers(1, 4), l=st.integers(1, 2)), st.sampled_from([0.0, 0.1, 0.3]))
def test_a_proposal_reaches_what_is_asked_and_no_column_could_be_finer(
    rows: list[tuple[str, ...]], wanted: Wanted, out: float
) -> None:
    names = (*_COARSE, "illness")
    table = pa.table({name: [row[number] for row in rows] for number, name in enumerate(names)})
    most = int(out * len(rows))
    found = assess(table, _COARSE, ["illness"], wanted, most_left_out=out)
    ladders = [ladder(column(name, table[name]), wanted.k) for name in _COARSE]
    hidden = [column("illness", table["illness"])]

    def at_risk(places: tuple[int, ...]) -> int:
        of = classes([steps[place].numbers for steps, place in zip(ladders, places, strict=True)])
        return int(of.sizes[exposed(of, hidden, wanted)].sum())

    enough = {at for at in product(*(range(len(steps)) for steps in ladders)) if at_risk(at) <= most}
    if found.is_reached:
        assert found.proposal is None
        return
    assert (found.proposal is None) == (not enough)
    if found.proposal is None:
        return
    chosen = {one.column: one.text for one in found.proposal.columns}
    at = tuple(
        next(place for place, step in enumerate(steps) if step.text.en == (chosen[name].en if name in chosen else ""))
        for name, steps in zip(_COARSE, ladders, strict=True)
    )
    assert at in enough
    assert found.proposal.left_out == at_risk(at)
    for number, place in enumerate(at):
        assert place == 0 or (*at[:number], place - 1, *at[number + 1 :]) not in enough


@settings(deadline=None)
@given(st.lists(st.one_of(st.integers(-50, 5000).map(str), st.just("")), min_size=1, max_size=40), st.integers(1, 5))
def test_every_step_of_a_ladder_only_puts_together_what_was_apart(values: list[str], k: int) -> None:
    steps = ladder(column("n", pa.chunked_array([values])), k)
    for finer, coarser in pairwise(steps):
        assert len(set(zip(finer.numbers, coarser.numbers, strict=True))) == len(set(finer.numbers))
    assert len(set(steps[-1].numbers)) == 1


@pytest.mark.parametrize(
    ("values", "ways"),
    [
        (["1990-03-07", "1990-3-9", "1990-05-01", "1994-12-01", "2001-01-01"], ["by month", "by year", "by decade"]),
        (["210009", "210123", "100020"], ["its first 3 characters", "left out"]),
        (["31", "34", "37", "58"], ["in steps of 5", "in steps of 10", "left out"]),
        (["Nanjing", "Nanjing", "Wuxi", "Suzhou"], ["values of fewer than 2 rows put together", "left out"]),
    ],
)
def test_values_become_coarser_as_their_kind_allows(values: list[str], ways: list[str]) -> None:
    told = [step.text.en for step in ladder(column("one", pa.chunked_array([values])), 2)]
    assert told[1 : len(ways) + 1] == ways
    assert told[-1] == "left out"


def test_an_empty_table_hides_nobody() -> None:
    empty = pa.table({"age": pa.array([], pa.int64()), "illness": pa.array([], pa.string())})
    found = assess(empty, ["age"], ["illness"])
    assert (found.k, found.at_risk, found.spreads[0].distinct, found.smallest) == (0, 0, 0, ())


def test_numbers_are_told_from_text_by_how_far_they_lie_apart() -> None:
    """The distance of the lowest from all is larger in order than of values that are merely different."""
    of = classes([column("a", pa.chunked_array([["x", "x", "y", "y"]])).numbers])
    near = variety(of, column("n", pa.chunked_array([["1", "2", "3", "4"]])))
    apart = variety(of, column("n", pa.chunked_array([["p", "q", "r", "s"]])))
    assert near.distance.tolist() == pytest.approx([1 / 3, 1 / 3])
    assert apart.distance.tolist() == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize(
    ("quasi", "sensitive", "wanted"),
    [(["b"], [], Wanted()), ([], [], Wanted()), (["a"], ["a"], Wanted()), (["a"], [], Wanted(k=0))],
)
def test_what_cannot_be_looked_at_is_refused(quasi: list[str], sensitive: list[str], wanted: Wanted) -> None:
    with pytest.raises(UsageError):
        assess(pa.table({"a": [1]}), quasi, sensitive, wanted)


def test_columns_have_a_role_by_their_kind_and_by_their_heading() -> None:
    columns = {
        "mobile": ["13900001234", "13800005678"],
        "姓名": ["王某", "李某"],
        "birthDate": ["1990-03-07", "1984-12-01"],
        "home_city": ["Nanjing", "Wuxi"],
        "年龄": ["31", "40"],
        "诊断": ["J45.9", "E11.9"],
        "monthly salary": ["9000", "12000"],
        "package": ["a", "b"],
    }
    assert roles_of(scan_table(columns).values()) == Roles(
        identifiers=("mobile", "姓名"),
        quasi_identifiers=("birthDate", "home_city", "年龄"),
        sensitive=("诊断", "monthly salary"),
    )
