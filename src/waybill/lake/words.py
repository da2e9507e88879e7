"""Dictionaries of text columns without the words that no row uses.

A slice, a filter or a month of a larger table still carries all of its words, and both Arrow and Parquet would
write them. They may name people whose rows were dropped or erased, so they must not reach the disk.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc


def only_used(transfers: pa.Table) -> pa.Table:
    """Return the same rows, each text column in one chunk whose dictionary holds just the words it uses.

    The other columns stay in the chunks they have: they are the wide ones, and each copy of them costs.
    """
    names = [field.name for field in transfers.schema if pa.types.is_dictionary(field.type)]
    texts = transfers.select(names).unify_dictionaries()
    columns = [_only_used(texts[name]) if name in names else transfers[name] for name in transfers.column_names]
    return pa.table(columns, schema=transfers.schema)


def _only_used(column: pa.ChunkedArray) -> pa.Array:
    array = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    used = pc.unique(array.indices).drop_null()
    if len(used) == len(array.dictionary):
        return array
    indices = pc.index_in(array.indices, value_set=used)
    return pa.DictionaryArray.from_arrays(indices, array.dictionary.take(used))
