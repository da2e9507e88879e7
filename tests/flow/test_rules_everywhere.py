"""Rules say the same of what is stored, month by month, and of the batches in which it came in live."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pyarrow as pa
import pytest
from hypothesis import given, settings
from tests.detect.sigma_tables import rule, table, transfer, write

from waybill.detect.sigma import CorrelationDetector, SigmaDetector
from waybill.flow.detection import Detection
from waybill.lake import Lake
from waybill.model.findings import Finding, merge
from waybill.model.protocols import Detector, State
from waybill.model.register import RegisterSnapshot
from waybill.model.transfers import COLLECTED

START = datetime(2026, 1, 31, 20, tzinfo=UTC)
"""Four hours before a month, and so a partition, ends."""

LATENESS = timedelta(hours=1)

BASE = [rule({"selection": {"Image": name}}, title=f"Rule {name}", name=name) for name in "ab"]
KEYWORD = rule({"keywords": ["tWo"], "other": {"Image|endswith": "A"}, "condition": "keywords or other"}, title="Any")
ASKED: list[dict[str, Any]] = [
    {"type": "event_count", "condition": {"gte": 3}},
    {"type": "event_count", "condition": {"lt": 2}},
    {"type": "value_count", "condition": {"field": "Value", "gte": 2}},
    {"type": "temporal"},
    {"type": "temporal_ordered"},
    {"type": "value_avg", "condition": {"field": "Value", "gte": 2}},
]
CORRELATIONS = [
    {
        "title": f"Together {number}",
        "id": f"44444444-4444-4444-8444-44444444444{number}",
        "level": "high",
        "correlation": {"rules": ["a", "b"], "group-by": ["User"], "timespan": "30m", "generate": True, **asked},
    }
    for number, asked in enumerate(ASKED)
]

EVENTS = st.lists(
    st.tuples(
        st.integers(0, 480),  # minutes
        st.integers(0, 60),  # minutes until it arrives: no later than it may
        st.sampled_from("xy"),
        st.sampled_from("ab-"),
        st.sampled_from(["1", "2", "3", "two"]),
    ),
    min_size=1,
    max_size=25,
)


@pytest.fixture(scope="module")
def detectors(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Detector]:
    """The two detectors by rules."""
    paths = [write(tmp_path_factory.mktemp("rules"), *BASE, KEYWORD, *CORRELATIONS)]
    return SigmaDetector(paths, own=False), CorrelationDetector(paths, own=False, lateness=LATENESS)


def arriving(events: Sequence[tuple[int, int, str, str, str]]) -> list[dict[str, Any]]:
    """Return events as rows in the order of their arrival, and one long after them, which closes every window."""
    rows = [
        transfer(
            number,
            {"Image": image, "User": user, "Value": value},
            time=START + timedelta(minutes=minute),
            recorded_at=START + timedelta(days=9),
            actor=user,
        )
        for number, (minute, _, user, image, value) in enumerate(events, start=1)
    ]
    order = sorted(range(len(events)), key=lambda number: events[number][0] + events[number][1])
    last = transfer(1_000, {"Image": "-"}, time=START + timedelta(days=2), recorded_at=START + timedelta(days=9))
    return [*(rows[number] for number in order), last]


def live(detectors: Sequence[Detector], batches: Sequence[pa.Table]) -> list[Finding]:
    """Return what is found batch by batch, each in a run of its own that remembers what the one before left."""
    states: dict[str, State] = {}
    found: list[Finding] = []
    for batch in batches:
        with Detection(detectors, RegisterSnapshot(), states=states) as detection:
            detection.feed(batch)
            results = detection.finish()
        states = {name: result.state for name, result in results.items()}
        found += [finding for result in results.values() for finding in result.findings]
    return merge(found)


def stored(
    detectors: Sequence[Detector], batches: Sequence[pa.Table], commits: set[int], folder: Path
) -> list[Finding]:
    """Return what is found at once in all that was stored, some of it still in the log and some in Parquet files."""
    columns = sorted({name for detector in detectors for name in detector.columns})
    with closing(Lake.open(folder)) as lake:
        for number, batch in enumerate(batches):
            lake.append(batch.select(COLLECTED.names).cast(COLLECTED))
            if number in commits:
                lake.commit()
        with lake.snapshot() as snapshot, Detection(detectors, RegisterSnapshot()) as detection:
            for part in snapshot.scan(columns=columns, batch_rows=4):
                detection.feed(part)
            return merge(finding for result in detection.finish().values() for finding in result.findings)


def cut(rows: Sequence[dict[str, Any]], cuts: Sequence[int]) -> Iterator[pa.Table]:
    """Yield rows as tables that end after some numbers of them."""
    for start, stop in zip([0, *cuts], [*cuts, len(rows)], strict=True):
        if start < stop:
            yield table(rows[start:stop])


@settings(max_examples=12, deadline=None)
@given(events=EVENTS, data=st.data())
def test_live_batches_and_stored_partitions_give_the_same_findings(
    detectors: Sequence[Detector], events: list[tuple[int, int, str, str, str]], data: st.DataObject
) -> None:
    rows = arriving(events)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4)))
    batches = list(cut(rows, cuts))
    commits = data.draw(st.sets(st.integers(0, len(batches) - 1)))
    with tempfile.TemporaryDirectory() as folder:
        at_once = stored(detectors, batches, commits, Path(folder) / "lake")
    assert live(detectors, batches) == at_once
    assert live(detectors, [table(rows)]) == at_once
    assert bool(at_once) is any(image != "-" or value == "two" for *_, image, value in events)
