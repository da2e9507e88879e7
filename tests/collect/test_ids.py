"""Ids survive re-reading: equal lines stay apart, the same file read twice is the same."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.collect.samples import event, ndjson, plan, read, read_bytes, rows

from waybill.collect import collect
from waybill.model.ids import occurrence_id, record_hasher


def ids(batches) -> list[bytes]:  # type: ignore[no-untyped-def]
    return [row["id"] for row in rows(batches)]


def test_the_canonical_record_is_the_line(tmp_path: Path) -> None:
    line = b'{"time":"2026-03-04T05:06:07Z",  "action":"copy","channel":"usb"}'
    first = record_hasher(b"k" * 32, "waybill")(line)
    found = ids(read_bytes(tmp_path, line + b"\r\n" + line))
    assert found == [first, occurrence_id(first, 1, b"k" * 32)]


def test_the_canonical_record_of_a_document_is_its_sorted_json(tmp_path: Path) -> None:
    record = {"channel": "usb", "time": "2026-03-04T05:06:07Z", "action": "copy"}
    first = record_hasher(b"k" * 32, "waybill")(orjson.dumps(record, option=orjson.OPT_SORT_KEYS))
    for content in (orjson.dumps([record]), orjson.dumps([record], option=orjson.OPT_INDENT_2)):
        assert ids(read_bytes(tmp_path, content)) == [first]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=40), st.integers(50, 600))
def test_equal_lines_in_different_chunks_stay_apart(tmp_path: Path, numbers: list[int], chunk: int) -> None:
    content = ndjson(event(number) for number in numbers)
    whole = ids(read_bytes(tmp_path, content))
    assert len(set(whole)) == len(numbers)
    assert ids(read(tmp_path / "log", chunk_bytes=chunk)) == whole


def test_the_same_content_elsewhere_has_the_same_ids(tmp_path: Path) -> None:
    content = ndjson([event(1), event(1), event(2)])
    assert ids(read_bytes(tmp_path, content)) == ids(read_bytes(tmp_path, gzip.compress(content), name="other"))


def test_ids_tell_installations_and_sources_apart(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(ndjson([event(1)]))
    plans = [plan(), replace(plan(), source="other"), replace(plan(), id_key=b"x" * 32)]
    assert len({ids(list(collect([path], one, workers=0)))[0] for one in plans}) == 3


def test_workers_make_no_difference(tmp_path: Path) -> None:
    records = [event(number % 50, actor=f"user{number % 7}", note="配") for number in range(400)]
    path = tmp_path / "log"
    path.write_bytes(ndjson([*records[:200], b"broken", *records[200:]]))
    inside, outside = (list(collect([path], plan(chunk_bytes=9000), workers=workers)) for workers in (0, 2))
    assert rows(inside) == rows(outside)
    for one, other in zip(inside, outside, strict=True):
        assert (one.rejected, one.protected) == (other.rejected, other.protected)
        assert (one.file, one.source, one.read_bytes) == (other.file, other.source, other.read_bytes)
        assert one.transfers.schema == other.transfers.schema
    told = [{name: who for batch in batches for name, who in batch.identities.items()} for batches in (inside, outside)]
    assert told[0] == told[1]
    assert len(told[0]) == 7
