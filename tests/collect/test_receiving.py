"""Batches that are read together come out as if each had been alone."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.collect.format_samples import plan

from waybill.collect.receiving import Posted, Received, Receiver, mark_of_batch, what_is_posted

PLAN = plan()
OWN = [mapping for mapping in PLAN.mappings if mapping.name == "waybill"]
RECEIVER = Receiver(PLAN, 0)

LINES = st.sampled_from(
    [
        b'{"time": "2026-03-02T09:00:00Z", "action": "read", "channel": "file", "asset": "/a"}',
        b'{"time": "2026-03-02T09:00:01Z", "action": "read", "channel": "file", "asset": "/b"}',
        b'{"time": "never", "action": "read", "channel": "file"}',
        b"rubbish",
        b"\xff\xfe",
        b"",
        b"  ",
    ]
)
BODIES = st.tuples(st.lists(LINES, max_size=6), st.sampled_from([b"", b"\n"])).map(
    lambda drawn: b"\n".join(drawn[0]) + drawn[1]
)


def posted(number: int, content: bytes, source: str = "erp") -> Posted:
    what = what_is_posted(content, OWN, lines=True)
    assert what is not None
    return Posted(f"agent/{number}", mark_of_batch(PLAN, "agent", str(number)), source, what, content)


def rows(received: Received) -> list[tuple[Any, ...]]:
    columns = ["origin", "position", "id", "source", "asset"]
    return [tuple(row[name] for name in columns) for row in received.batch.transfers.select(columns).to_pylist()]


@settings(deadline=None, max_examples=60)
@given(st.lists(BODIES, min_size=1, max_size=5))
def test_together_is_as_alone(bodies: list[bytes]) -> None:
    batches = [one for number, content in enumerate(bodies) if (one := posted(number, content)).joins]
    assume(batches)
    together = RECEIVER.read(batches)
    alone = [RECEIVER.read([one]) for one in batches]
    assert rows(together) == [row for one in alone for row in rows(one)]
    assert together.accepted == [one.accepted[0] for one in alone]
    assert together.rejected == [one.rejected[0] for one in alone]
    assert together.batch.rejected == [rejected for one in alone for rejected in one.batch.rejected]
    ids = [row[2] for row in rows(together)]
    assert len(set(ids)) == len(ids)


def test_records_are_counted_and_placed() -> None:
    good = json.dumps({"time": "2026-03-02T09:00:00Z", "action": "read", "channel": "file"}).encode()
    received = RECEIVER.read([posted(1, good + b"\n\nbad\n" + good), posted(2, b"bad\n" + good + b"\n")])
    assert (received.accepted, received.rejected) == ([2, 1], [1, 1])
    assert [(row[0], row[1]) for row in rows(received)] == [("agent/1", 1), ("agent/1", 4), ("agent/2", 2)]
    assert [(one.file, one.position, one.source) for one in received.batch.rejected] == [
        ("agent/1", 3, "erp"),
        ("agent/2", 1, "erp"),
    ]
