"""Columns without what no row uses: words of dictionaries, and bytes of the rows beside a slice.

A slice, a filter or a month of a larger table still carries all of its words, and both Arrow and Parquet would
write them. Arrow also pads a slice of a binary column with up to 63 bytes of the rows that follow it. Either may name
people whose rows were dropped or erased, so it must not reach the disk.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from waybill.model.transfers import FIELDS

_LAST_OFFSETS = {pa.binary(): 4, FIELDS: 12}
"""Bytes of an array that ``nbytes`` does not count: the end of the last value, in each list of offsets."""


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


def without_neighbours(transfers: pa.Table) -> pa.Table:
    """Return the same rows, with columns that are slices of longer ones copied so that they hold their rows alone."""
    columns = [pa.chunked_array(map(_alone, column.chunks), column.type) for column in transfers.columns]
    return pa.table(columns, schema=transfers.schema)


def _alone(array: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(array.type):
        return array
    if array.get_total_buffer_size() <= array.nbytes + _LAST_OFFSETS.get(array.type, 0):
        return array
    return pa.concat_arrays([array, array.slice(0, 0)])  # of one array this would be no copy
