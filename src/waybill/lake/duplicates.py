"""Finding transfers that are already there.

Two rows are the same transfer if their ids and their times agree: an id is made from the record, and the record
holds its time. So only files and row groups of that time need to be looked at. The row that was recorded first
stays.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from waybill.lake.engine import Engine, file_list
from waybill.lake.table import View
from waybill.model.ids import ID_BYTES

_KNOWN = """
    SELECT DISTINCT row
    FROM batch SEMI JOIN (
        SELECT id, time FROM {files} WHERE time BETWEEN make_timestamptz($first) AND make_timestamptz($last)
    ) USING (id, time)
"""


def without(transfers: pa.Table, folder: Path, view: View, engine: Engine) -> pa.Table:
    """Return transfers that are neither in the table nor twice among themselves, in their order."""
    if transfers.num_rows == 0:
        return transfers
    return _not_in_table(first_of_each(transfers), folder, view, engine)


def first_of_each(transfers: pa.Table) -> pa.Table:
    """Return transfers without those that came before in the same table, in their order."""
    if _surely_differ(transfers["id"]):
        return transfers
    first = _keys(transfers).group_by(["id", "time"]).aggregate([("row", "min")])["row_min"].to_numpy()
    chosen = np.zeros(transfers.num_rows, bool)
    chosen[first] = True
    return transfers.filter(pa.array(chosen))


def _surely_differ(ids: pa.ChunkedArray) -> bool:
    """Return whether no two ids begin with the same 8 bytes; sorting numbers is the cheapest way to know."""
    halves = [np.frombuffer(part.cast(pa.binary(ID_BYTES)).buffers()[1], np.uint64)[::2] for part in ids.chunks]
    firsts = np.sort(np.concatenate([np.empty(0, np.uint64), *halves]))
    return not bool((firsts[1:] == firsts[:-1]).any())


def _not_in_table(transfers: pa.Table, folder: Path, view: View, engine: Engine) -> pa.Table:
    span = pc.min_max(transfers["time"].cast(pa.int64()))
    first, last = span["min"].as_py(), span["max"].as_py()
    files = [folder / file.path for file in view.files if file.overlaps(first, last)]
    if not files:
        return transfers
    with engine.working() as connection:
        connection.register("batch", _keys(transfers))
        statement = _KNOWN.format(files=file_list(files))
        known = connection.sql(statement, params={"first": first, "last": last}).to_arrow_table()["row"]
    if len(known) == 0:
        return transfers
    rows = pa.array(np.arange(transfers.num_rows))
    return transfers.filter(pc.invert(pc.is_in(rows, value_set=known)))


def _keys(transfers: pa.Table) -> pa.Table:
    rows = pa.array(np.arange(transfers.num_rows))
    return pa.table([transfers["id"], transfers["time"], rows], names=["id", "time", "row"])
