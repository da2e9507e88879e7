"""Correlations: every kind, by the times of records, whatever the order and the tables in which they come."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.detect.sigma_tables import DAY, rule, table, transfer, write

from waybill.detect.sigma import CorrelationDetector
from waybill.model.findings import Finding, merge
from waybill.model.protocols import Detector, Tables
from waybill.model.register import Asset, RegisterSnapshot
from waybill.model.words import AssetKind, Grade

Event = tuple[int, str, str, str]
"""Second, group, which rule matches it (a, b, c), and a value."""

SPAN = 10


def rules_of(correlation: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    """Return rules a, b and c, and a correlation over what they match."""
    base = [rule({"selection": {"Image": name}}, title=f"Rule {name}", name=name) for name in "abc"]
    document = {
        "title": "Together",
        "id": "33333333-3333-4333-8333-333333333333",
        "level": "high",
        "correlation": {"rules": ["a", "b", "c"], "group-by": ["User"], "timespan": f"{SPAN}s", **correlation},
        **more,
    }
    return [*base, document]


def detector(folder: Path, *documents: dict[str, Any], **options: Any) -> CorrelationDetector:
    """Return a detector of these rules alone."""
    made = CorrelationDetector([write(folder, *documents)], own=False, **options)
    assert made.rules.rules
    return made


def rows(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Return events as rows, their number as id."""
    return [
        transfer(
            number,
            {"Image": name, "User": group, "Value": value},
            time=DAY + timedelta(seconds=second),
            recorded_at=DAY + timedelta(days=2),
            actor=group,
        )
        for number, (second, group, name, value) in enumerate(events, start=1)
    ]


def run(made: CorrelationDetector, *tables: pa.Table, ends: Sequence[int] = ()) -> list[Finding]:
    """Return what the detector says of these tables; a run ends after each numbered in ``ends``, and after all."""
    state: dict[str, Any] = {}
    found: list[Finding] = []
    empty = table([]).select(list(made.columns))
    for number, one in enumerate(tables):
        result = made.run(Tables(one.select(list(made.columns))), state)
        state = dict(result.state)
        found += result.findings
        if number in ends or number == len(tables) - 1:
            result = made.run(Tables(empty), state)
            state = dict(result.state)
            found += result.findings
    return merge(found)


def evidence(found: Iterable[Finding]) -> set[tuple[str, tuple[int, ...]]]:
    """Return subject and numbers of the records of each finding."""
    return {(one.subject, tuple(sorted(int(name, 16) for name in one.transfers))) for one in found}


MANY: dict[str, Any] = {"type": "event_count", "condition": {"gte": 3}}


def test_it_is_a_detector(tmp_path: Path) -> None:
    assert isinstance(detector(tmp_path, *rules_of(MANY)), Detector)


def test_events_are_counted_by_group_within_the_time_span(tmp_path: Path) -> None:
    made = detector(tmp_path, *rules_of(MANY))
    close = [(0, "x", "a", "1"), (4, "x", "a", "1"), (10, "x", "a", "1"), (4, "y", "a", "1"), (30, "x", "a", "1")]
    assert evidence(run(made, table(rows(close)))) == {("x", (1, 2, 3))}
    apart = [(0, "x", "a", "1"), (4, "x", "a", "1"), (11, "x", "a", "1")]
    assert run(made, table(rows(apart))) == []


def test_no_window_boundary_hides_anything(tmp_path: Path) -> None:
    made = detector(tmp_path, *rules_of(MANY))
    for start in range(25):
        events = [(start, "x", "a", "1"), (start + 5, "x", "a", "1"), (start + 9, "x", "a", "1")]
        assert len(run(made, table(rows(events)))) == 1


@pytest.mark.parametrize(
    ("correlation", "fires"),
    [
        ({"type": "value_count", "condition": {"field": "Value", "gte": 3}}, False),
        ({"type": "value_count", "condition": {"field": "Value", "gte": 2}}, True),
        ({"type": "value_sum", "condition": {"field": "Value", "gte": 14}}, True),
        ({"type": "value_sum", "condition": {"field": "Value", "gt": 14}}, False),
        ({"type": "value_avg", "condition": {"field": "Value", "gte": 4.6}}, True),
        ({"type": "value_median", "condition": {"field": "Value", "eq": 2}}, True),
        ({"type": "value_percentile", "condition": {"field": "Value", "gte": 9, "percentile": 95}}, True),
        ({"type": "event_count", "condition": {"eq": 3}}, True),
        ({"type": "event_count", "condition": {"neq": 3}}, True),
        ({"type": "temporal"}, True),
        ({"type": "temporal_ordered"}, False),
        ({"type": "temporal_ordered", "rules": ["a", "c", "b"]}, True),
        ({"type": "temporal", "rules": None, "condition": "a and c and not b"}, True),
        ({"type": "temporal", "rules": None, "condition": "(a or b) and c"}, True),
        ({"type": "temporal_ordered", "rules": None, "condition": "a and b"}, True),
        ({"type": "temporal_ordered", "rules": None, "condition": "b and a"}, False),
    ],
)
def test_every_kind_of_correlation(tmp_path: Path, correlation: dict[str, Any], fires: bool) -> None:
    documents = rules_of(correlation)
    if correlation.get("rules", "") is None:
        del documents[-1]["correlation"]["rules"]
    made = detector(tmp_path, *documents, lateness=timedelta(0))
    events = [(0, "x", "a", "10"), (2, "x", "c", "2"), (4, "x", "b", "2")]
    beyond = (1_000, "z", "a", "0")  # so that the windows of x are over
    assert ("x" in {one.subject for one in run(made, table(rows([*events, beyond])))}) is fires


def test_what_can_still_change_is_told_when_its_time_is_over(tmp_path: Path) -> None:
    made = detector(tmp_path, *rules_of({"type": "event_count", "condition": {"lt": 2}}), lateness=timedelta(seconds=5))
    first, late = rows([(0, "x", "a", "1"), (3, "x", "a", "1")])
    assert run(made, table([first])) == []
    far = rows([(0, "-", "-", "-")] * 2 + [(60, "y", "a", "1")])[2]
    assert {one.subject for one in run(made, table([first]), table([late]), table([far]), ends=[0, 1])} == {"x"}


def test_aliases_name_the_same_thing_in_different_fields(tmp_path: Path) -> None:
    documents = rules_of({"type": "temporal", "rules": ["a", "b"], "group-by": ["who"]})
    documents[-1]["correlation"]["aliases"] = {"who": {"a": "User", "b": "Value"}}
    made = detector(tmp_path, *documents[:2], documents[-1])
    assert len(run(made, table(rows([(0, "x", "a", "-"), (1, "y", "b", "x")])))) == 1
    assert run(made, table(rows([(0, "x", "a", "-"), (1, "x", "b", "y")]))) == []


def test_records_without_a_field_of_the_group_belong_to_none(tmp_path: Path) -> None:
    made = detector(tmp_path, *rules_of({**MANY, "group-by": ["Missing"]}))
    assert run(made, table(rows([(0, "x", "a", "1")] * 5))) == []


def test_correlations_of_correlations(tmp_path: Path) -> None:
    documents = rules_of({**MANY, "rules": ["a"]}, name="many")
    upper = {
        "title": "Then",
        "id": "44444444-4444-4444-8444-444444444444",
        "level": "critical",
        "correlation": {
            "type": "temporal_ordered",
            "rules": ["many", "b"],
            "group-by": ["User"],
            "timespan": "60s",
        },
    }
    made = detector(tmp_path, *documents[:2], documents[-1], upper)
    events = [(0, "x", "a", "1"), (1, "x", "a", "1"), (2, "x", "a", "1"), (40, "x", "b", "1"), (41, "y", "b", "1")]
    (found,) = run(made, table(rows(events)))
    assert found.title.en == "Then"
    assert evidence([found]) == {("x", (3, 4))}


def test_what_memory_cannot_hold_is_told(tmp_path: Path) -> None:
    made = detector(tmp_path, *rules_of({**MANY, "group-by": ["Value"]}), most=10)
    state: dict[str, Any] = {}
    result = made.run(Tables(table(rows([(number, "x", "a", str(number)) for number in range(50)]))), state)
    remarks = result.remarks
    result = made.run(Tables(table([])), result.state)
    assert len(result.state) == 10 + 1  # groups, and the clock
    assert any("forgot" in remark for remark in (*remarks, *result.remarks))


def test_a_clock_that_jumped_makes_nothing_be_forgotten(tmp_path: Path) -> None:
    made = detector(tmp_path, *rules_of(MANY))
    wrong = rows([(400 * 86_400, "z", "a", "1")])[0]
    ours = rows([(0, "x", "a", "1"), (1, "x", "a", "1"), (2, "x", "a", "1")])
    tables = [table([one]) for one in (ours[0], {**wrong, "id": b"w" * 16}, ours[1], ours[2])]
    assert evidence(run(made, *tables, ends=[0, 1, 2])) == {("x", (1, 2, 3))}


def test_who_acted_is_withheld_where_the_public_has_an_interest(tmp_path: Path) -> None:
    made = detector(tmp_path, *rules_of(MANY))
    register = RegisterSnapshot(
        assets=(Asset(id="deaths", name="deaths", kind=AssetKind.DATA, grade=Grade.CORE, public_interest=True),)
    )
    events = table([{**one, "asset": "deaths"} for one in rows([(0, "x-person", "a", "1")] * 3)])
    result = made.run(Tables(events, register), {})
    (found,) = made.run(Tables(table([]), register), result.state).findings
    assert found.subject == ""
    assert "x-person" not in str(found)


KINDS: list[dict[str, Any]] = [
    {"type": "event_count", "condition": {"gte": 3}},
    {"type": "event_count", "condition": {"lt": 3}},
    {"type": "value_count", "condition": {"field": "Value", "gte": 2}},
    {"type": "temporal"},
    {"type": "temporal_ordered"},
    {"type": "value_sum", "condition": {"field": "Value", "gte": 9}},
    {"type": "value_median", "condition": {"field": "Value", "lte": 2}},
]

EVENTS = st.lists(
    st.tuples(
        st.integers(0, 60), st.sampled_from(["x", "y"]), st.sampled_from(["a", "b", "c", "-"]), st.sampled_from("123")
    ),
    max_size=25,
)


def naive(correlation: dict[str, Any], events: Sequence[Event]) -> set[int]:
    """Return the records in any window that fulfils the correlation, looking at each window by itself."""
    decisive: set[int] = set()
    known = [(number, event) for number, event in enumerate(events, start=1) if event[2] != "-"]
    for _, (end, group, _, _) in known:
        window = sorted(
            (event[0], number, event) for number, event in known if event[1] == group and end - SPAN <= event[0] <= end
        )
        if _holds(correlation, [event for _, _, event in window]):
            decisive.update(number for _, number, _ in window)
    return decisive


def _holds(correlation: dict[str, Any], window: Sequence[Event]) -> bool:
    names = {event[2] for event in window}
    if correlation["type"] == "temporal":
        return names == set("abc")
    if correlation["type"] == "temporal_ordered":
        times = {name: [event[0] for event in window if event[2] == name] for name in "abc"}
        return any(a <= b <= c for a in times["a"] for b in times["b"] for c in times["c"])
    measure = {
        "event_count": len(window),
        "value_count": len({event[3] for event in window}),
        "value_sum": sum(int(event[3]) for event in window),
        "value_median": statistics.median(int(event[3]) for event in window),
    }[correlation["type"]]
    ((name, wanted),) = ((name, value) for name, value in correlation["condition"].items() if name != "field")
    return bool({"gte": measure >= wanted, "lt": measure < wanted, "lte": measure <= wanted}[name])


@pytest.mark.parametrize("correlation", KINDS, ids=str)
@settings(max_examples=12, deadline=None)
@given(events=EVENTS, data=st.data())
def test_order_and_tables_make_no_difference(
    tmp_path_factory: pytest.TempPathFactory, correlation: dict[str, Any], events: list[Event], data: st.DataObject
) -> None:
    made = detector(tmp_path_factory.mktemp("rules"), *rules_of(correlation), lateness=timedelta(seconds=100))
    late_end = rows([*events, (10_000, "z", "-", "-")])
    whole = run(made, table(late_end))
    shuffled = data.draw(st.permutations(late_end[:-1]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(shuffled)), max_size=4)))
    parts = [shuffled[a:b] for a, b in zip([0, *cuts], [*cuts, len(shuffled)], strict=True)]
    pieces = run(made, *(table(part) for part in parts), table(late_end[-1:]), ends=range(len(parts)))
    assert pieces == whole
    assert {number for _, numbers in evidence(whole) for number in numbers} == naive(correlation, events)
