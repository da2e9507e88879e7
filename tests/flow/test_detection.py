"""The same findings, however rows are split and whoever runs the detectors."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waybill.flow import detection
from waybill.flow.detection import Detection
from waybill.model import transfers
from waybill.model.findings import Finding, Position, Text, group_id
from waybill.model.protocols import Detector, Result, State, Tables
from waybill.model.register import RegisterSnapshot
from waybill.model.words import Scope, Severity

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
COLUMNS = ("time", "id", "actor", "bytes", "position")


def rows(spec: list[tuple[str, int]]) -> pa.Table:
    """Return one transfer for each (actor, bytes)."""
    records = [
        {
            "time": START + timedelta(minutes=i),
            "id": i.to_bytes(16, "big"),
            "actor": actor,
            "bytes": size,
            "position": i,
        }
        for i, (actor, size) in enumerate(spec)
    ]
    fields = [transfers.SCHEMA.field(name) for name in COLUMNS]
    return pa.Table.from_pylist(records, schema=pa.schema(fields))


def finding(detector: str, row: dict[str, object], subject: str) -> Finding:
    """Return a finding about one row."""
    time = row["time"]
    assert isinstance(time, datetime) and isinstance(row["id"], bytes) and isinstance(row["position"], int)
    return Finding(
        id=group_id(detector, "r", subject, "", time),
        detector=detector,
        rule_id="r",
        title=Text("t", "题"),
        severity=Severity.LOW,
        score=1,
        time=time,
        last_time=time,
        subject=subject,
        asset="",
        channel="",
        outcome="",
        source=Position("s", "f", row["position"]),
        transfers=(row["id"].hex(),),
        sentence=Text("s", "句"),
    )


class Large:
    """Sees single rows: more than 50 bytes."""

    name: ClassVar[str] = "large"
    columns: tuple[str, ...] = COLUMNS
    scope: ClassVar[Scope] = Scope.RECORD
    history: ClassVar[timedelta] = timedelta()

    def keys(self, tables: Tables) -> pa.Array:
        raise AssertionError("not asked for scope record")

    def run(self, tables: Tables, state: State) -> Result:
        found = [row for row in tables.transfers.to_pylist() if row["bytes"] > 50]
        return Result([finding(self.name, row, row["actor"]) for row in found])


class Total:
    """Sees all rows of an actor: the row at which the actor's total passes 100 bytes, remembered from run to run."""

    name: ClassVar[str] = "total"
    columns: tuple[str, ...] = COLUMNS
    scope: ClassVar[Scope] = Scope.KEY
    history: ClassVar[timedelta] = timedelta()

    def keys(self, tables: Tables) -> pa.Array:
        return tables.transfers["actor"].cast(pa.string())

    def run(self, tables: Tables, state: State) -> Result:
        totals = Counter({key: int(value) for key, value in state.items()})
        found = []
        for row in sorted(tables.transfers.to_pylist(), key=lambda row: row["time"]):
            before = totals[row["actor"]]
            totals[row["actor"]] += row["bytes"]
            if before <= 100 < totals[row["actor"]]:
                found.append(finding(self.name, row, row["actor"]))
        return Result(found, dict(totals))


class Whole(Total):
    """Sees everything at once."""

    name: ClassVar[str] = "whole"
    scope: ClassVar[Scope] = Scope.WHOLE

    def run(self, tables: Tables, state: State) -> Result:
        seen = int(state.get("", 0)) + tables.transfers.num_rows
        first = min(tables.transfers.to_pylist(), key=lambda row: row["time"])
        return Result([finding(self.name, first, "all")], {"": seen})


class Folded(Total):
    """Sees windows one after another and speaks in the last call: how many rows there were, and up to when."""

    name: ClassVar[str] = "folded"
    scope: ClassVar[Scope] = Scope.FOLD

    def run(self, tables: Tables, state: State) -> Result:
        if tables.transfers.num_rows:
            first = min([*state.get("first", ()), *(row["position"] for row in tables.transfers.to_pylist())])
            return Result([], {"rows": state.get("rows", 0) + tables.transfers.num_rows, "first": [first]})
        if not state:
            return Result([])
        row = {"time": tables.now or START, "id": bytes(16), "position": state["first"][0]}
        return Result([finding(self.name, row, str(state["rows"]))], state, over=("gone",))


DETECTORS: list[Detector] = [Large(), Total(), Whole(), Folded()]


def run(tables: list[pa.Table], workers: int = 0) -> dict[str, Result]:
    """Feed the tables to all three detectors."""
    with Detection(DETECTORS, RegisterSnapshot(), workers=workers) as running:
        for table in tables:
            running.feed(table)
        return running.finish()


SPECS = st.lists(
    st.tuples(st.sampled_from(["p-a", "p-b", "p-c", "服务"]), st.integers(0, 100)), min_size=1, max_size=30
)


@given(SPECS, st.lists(st.integers(0, 30), max_size=4))
def test_how_rows_arrive_makes_no_difference(spec: list[tuple[str, int]], cuts: list[int]) -> None:
    table = rows(spec)
    edges = [0, *sorted(min(cut, len(spec)) for cut in cuts), len(spec)]
    parts = [table.slice(begin, end - begin) for begin, end in itertools.pairwise(edges)]
    assert run(parts) == run([table])


@settings(deadline=None, max_examples=4)
@given(SPECS)
def test_a_pool_finds_the_same_as_one_process(spec: list[tuple[str, int]]) -> None:
    table = rows(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(detection, "WINDOW_ROWS", 10)
        assert run([table], workers=2) == run([table])


def test_state_is_carried_from_run_to_run() -> None:
    first, second = rows([("p-a", 60), ("p-b", 10)]), rows([("p-a", 60)])
    with Detection(DETECTORS, RegisterSnapshot()) as running:
        running.feed(first)
        states = {name: result.state for name, result in running.finish().items()}
    assert states["total"] == {"p-a": 60, "p-b": 10}
    with Detection(DETECTORS, RegisterSnapshot(), states=states, workers=0) as running:
        running.feed(second)
        results = running.finish()
    assert [f.subject for f in results["total"].findings] == ["p-a"]
    assert results["total"].state == {"p-a": 120, "p-b": 10}
    assert results["whole"].state == {"": 3}


def test_a_fold_is_asked_last_even_without_rows_and_told_what_time_it_is() -> None:
    now = START + timedelta(days=3)
    with Detection([Folded()], RegisterSnapshot(), states={"folded": {"rows": 7, "first": [2]}}, now=now) as running:
        result = running.finish()["folded"]
    assert [(f.subject, f.time, f.source.position) for f in result.findings] == [("7", now, 2)]
    assert result.over == ("gone",)


def test_nothing_fed_keeps_the_state() -> None:
    with Detection(DETECTORS, RegisterSnapshot(), states={"total": {"p-a": 60}}) as running:
        results = running.finish()
    assert results["total"] == Result([], {"p-a": 60})
    assert results["large"].findings == []


class Broken(Large):
    """Fails."""

    def run(self, tables: Tables, state: State) -> Result:
        raise ValueError("boom")


@pytest.mark.parametrize("workers", [0, 1])
def test_a_failing_detector_is_not_swallowed(workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detection, "WINDOW_ROWS", 1)
    with pytest.raises(ValueError, match="boom"), Detection([Broken()], RegisterSnapshot(), workers=workers) as running:
        running.feed(rows([("p-a", 1)]))
        running.finish()
