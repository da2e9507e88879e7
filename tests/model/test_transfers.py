"""The one table: every column is documented, typed and survives Arrow, Parquet and process borders."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from waybill.model import transfers

MOMENTS = st.datetimes(
    min_value=datetime(1990, 1, 1),
    max_value=datetime(2100, 1, 1),
    timezones=st.just(UTC),
)


def value_for(column: transfers.Column) -> st.SearchStrategy[object]:
    """Return values that a column may hold."""
    by_type: dict[pa.DataType, st.SearchStrategy[object]] = {
        transfers.TIME: MOMENTS,
        pa.int64(): st.integers(-(2**63), 2**63 - 1),
        pa.float64(): st.floats(allow_nan=False),
        pa.binary(): st.binary(max_size=64),
        transfers.TEXT: st.text(max_size=20),
        transfers.FIELDS: st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=4).map(
            lambda fields: sorted(fields.items())
        ),
    }
    values = by_type[column.type]
    return values if column.required else st.none() | values


ROWS = st.lists(st.fixed_dictionaries({column.name: value_for(column) for column in transfers.COLUMNS}), max_size=5)


def test_every_column_says_what_it_means_and_names_are_unique() -> None:
    assert len(set(transfers.NAMES)) == len(transfers.COLUMNS)
    assert all(column.meaning for column in transfers.COLUMNS)
    assert [name for name in transfers.NAMES if name not in transfers.ASSIGNED_BY_LAKE] == transfers.COLLECTED.names


@given(ROWS)
def test_rows_survive_parquet_and_pickling(rows: list[dict[str, object]]) -> None:
    table = pa.Table.from_pylist(rows, schema=transfers.SCHEMA)
    file = BytesIO()
    pq.write_table(table, file)
    assert pq.read_table(BytesIO(file.getvalue())).cast(transfers.SCHEMA).to_pylist() == table.to_pylist()
    assert pickle.loads(pickle.dumps(table)).equals(table)


def test_an_empty_table_has_the_schema() -> None:
    assert transfers.empty().schema == transfers.SCHEMA
