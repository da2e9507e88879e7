"""Dictionaries of text columns without the words that no row uses.

A slice, a filter or a month of a larger table still carries all of its words, and both Arrow and Parquet would
write them. They may name people whose rows were dropped or erased, so they must not reach the disk.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc


def only_used(transfers: pa.Table) -> pa.Table:
    """Return the same rows in one chunk, each dictionary holding just the words its column uses."""
    whole = transfers.unify_dictionaries().combine_chunks()
    columns = [_only_used(column) for column in whole.columns]
    return pa.table(columns, schema=whole.schema)


def _only_used(column: pa.ChunkedArray) -> pa.Array:
    array = column.chunk(0) if column.num_chunks else pa.array([], column.type)
    if not pa.types.is_dictionary(array.type):
        return array
    used = pc.unique(array.indices).drop_null()
    if len(used) == len(array.dictionary):
        return array
    indices = pc.index_in(array.indices, value_set=used)
    return pa.DictionaryArray.from_arrays(indices, array.dictionary.take(used))
