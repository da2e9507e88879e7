"""The entries of maps are those of the maps, however these are encoded, cut up, or null."""

from __future__ import annotations

import hypothesis.strategies as st
import pyarrow as pa
from hypothesis import given
from tests.detect.sigma_tables import encoded

from waybill.detect.sigma.columns import TextColumn
from waybill.detect.sigma.entries import Entries
from waybill.detect.sigma.fields import SourceFields
from waybill.detect.sigma.literals import NO_LITERALS
from waybill.model.transfers import ENCODED_FIELDS, FIELDS

NAMES = ("Image", "User", "Größe")
TEXTS = st.none() | st.sampled_from(("", "a", "b", "ä" * 500, "b" * 500))
MAPS = st.none() | st.dictionaries(st.sampled_from(NAMES), TEXTS).map(lambda row: list(row.items()))
ROWS = st.lists(st.tuples(st.lists(MAPS, max_size=6), st.integers(0, 3), st.booleans()), max_size=4)


def chunk(rows: list[object], skip: int, is_encoded: bool) -> pa.Array:
    """Return rows as one array, perhaps encoded, without the first ones."""
    array = pa.array(rows, FIELDS)
    return (encoded(pa.chunked_array([array])) if is_encoded else array).slice(skip)


def values(column: TextColumn | None, rows: int) -> list[str | None]:
    return [None] * rows if column is None else [column.at(row) for row in range(rows)]


@given(parts=ROWS, wanted=st.sets(st.sampled_from(NAMES)), step=st.integers(1, 3))
def test_every_field_has_the_values_of_its_rows(
    parts: list[tuple[list[object], int, bool]], wanted: set[str], step: int
) -> None:
    chunks = [chunk(*part).cast(ENCODED_FIELDS) for part in parts]
    column = pa.chunked_array(chunks, ENCODED_FIELDS)
    chosen = list(range(0, len(column), step))
    rows = [dict(column[row].as_py() or ()) for row in chosen]
    fields = SourceFields(Entries(column), pa.array(chosen, pa.int64()).to_numpy(), frozenset(wanted))
    for name in NAMES:
        assert values(fields.column(name, NO_LITERALS), len(rows)) == [row.get(name) for row in rows]
    seen = sorted(
        (int(place), text)
        for place, text in zip(fields.places, values(fields.texts, len(fields.places)), strict=True)
        if text is not None
    )
    assert seen == sorted((place, text) for place, row in enumerate(rows) for text in row.values() if text is not None)


def test_entries_of_maps_that_are_null_belong_to_nobody() -> None:
    keys, items = pa.array(["a", "b", "c"]), pa.array(["1", "2", "3"])
    maps = pa.MapArray.from_arrays(pa.array([0, 1, 2, 3], pa.int32()), keys, items, mask=pa.array([False, True, False]))
    fields = SourceFields(Entries(maps), pa.array([0, 1, 2]).to_numpy(), frozenset())
    assert values(fields.column("b", NO_LITERALS), 3) == [None] * 3
    assert values(fields.column("c", NO_LITERALS), 3) == [None, None, "3"]
