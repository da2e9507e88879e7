"""Identities: the same record gives the same id, anything else another one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from waybill.model import ids

KEY = bytes(range(32))


@given(st.binary(), st.binary())
def test_ids_differ_exactly_when_records_do(one: bytes, other: bytes) -> None:
    record_id = ids.record_hasher(KEY, "source")
    assert (record_id(one) == record_id(other)) is (one == other)
    assert len(record_id(one)) == ids.ID_BYTES


def test_source_and_key_belong_to_the_id() -> None:
    record = b'{"a":1}'
    assert len({ids.record_hasher(KEY, "a")(record), ids.record_hasher(KEY, "b")(record)}) == 2
    assert ids.record_hasher(KEY, "a")(record) != ids.record_hasher(bytes(32), "a")(record)
    assert ids.record_hasher(KEY, "a")(b"b") != ids.record_hasher(KEY, "ab")(b"")


@given(st.lists(st.integers(0, 10_000), unique=True))
def test_each_occurrence_of_a_record_has_its_own_id(occurrences: list[int]) -> None:
    first = ids.record_hasher(KEY, "source")(b"record")
    made = {ids.occurrence_id(first, occurrence, KEY) for occurrence in occurrences}
    assert len(made) == len(occurrences)
    assert ids.occurrence_id(first, 0, KEY) == first
