"""One chunk of a source to one batch: parse, drop protected traffic, replace names, map, and tell what does not fit."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from waybill.collect.carried import with_contents
from waybill.collect.cleaning import CleanRows, clean
from waybill.collect.mapping import Mapping
from waybill.collect.names import KnownNames
from waybill.collect.plan import Batch, Plan
from waybill.collect.privacy import Guard
from waybill.collect.records import Chunk, Unread, rejected_of
from waybill.collect.rows import Rows, read_rows
from waybill.collect.scanning import PLAIN, Scanning
from waybill.collect.table import columns_of
from waybill.collect.typed import Fault
from waybill.model import transfers
from waybill.model.register import DECOY_FIELD


@dataclass(frozen=True, slots=True)
class Task:
    """What to do with a chunk."""

    file: str
    chunk: Chunk
    mapping: Mapping
    now: datetime
    """Our clock, the same for all chunks of a run."""


class Transformer:
    """Turns chunks into batches; made once a process."""

    def __init__(self, plan: Plan, scanning: Scanning = PLAIN) -> None:
        self._plan = plan
        self._scanning = scanning
        self._guard = Guard(plan.pseudonymiser, plan.channels, KnownNames(plan.pseudonymiser.known()), scanning)

    def batch(self, task: Task) -> Batch:
        """Return the batch of a chunk. Ids are those of first occurrences, see ``occurrences``."""
        self._guard.begin_chunk()
        source = self._plan.source or task.mapping.name
        rows, unread = read_rows(task.chunk, task.mapping, self._plan.limits.record_bytes, self._scanning)
        protected = len(unread)
        unread = [record for record in unread if not self._plan.channels.protects_bytes(record.raw)]
        protected -= len(unread)
        tables = []
        for some in rows:
            kept = clean(some, task.mapping, self._guard, task.chunk)
            protected += len(some.lines) - len(kept.index)
            table, faults = self._table(task, source, some, kept)
            tables.append(table)
            unread += faults
        rejected = [rejected_of(one, source, task.file, task.chunk.preamble) for one in unread]
        rejected.sort(key=lambda record: record.position)
        return Batch(source, task.file, _in_order(tables), rejected, protected, self._guard.identities)

    def _table(self, task: Task, source: str, rows: Rows, kept: CleanRows) -> tuple[pa.Table, list[Unread]]:
        """Return the table of the rows that fit, and the others."""
        index = kept.index  # of all: rows that do not fit leave ``kept`` as columns are made
        columns, faults = columns_of(kept, task.mapping, task.now)
        if rows.carried:
            found = [rows.carried[place] for place in kept.index]
            columns = with_contents(columns, found, self._guard.clean.__getitem__)
        lines = [rows.lines[place] for place in kept.index]
        positions = [rows.positions[place] for place in kept.index]
        columns["id"] = transfers.id_column(self._scanning.record_ids(lines, self._plan.id_key, source))
        columns["source"] = _constant(source, len(lines))
        columns["origin"] = _constant(task.file, len(lines))
        columns["position"] = pa.array(positions, pa.int64())
        columns["raw"] = pa.array(kept.raw, pa.binary())
        if self._plan.decoys and (seen := self._plan.decoys.seen(lines)):
            columns["fields"] = _with_decoys(columns["fields"], seen)
        ordered = [columns[name] for name in transfers.COLLECTED.names]
        unread = [_misfit(rows.positions[index[row]], rows.lines[index[row]], fault) for row, fault in faults.items()]
        return pa.Table.from_arrays(ordered, schema=transfers.COLLECTED), unread


def _with_decoys(fields: pa.Array, seen: Map[int, tuple[str, ...]]) -> pa.Array:
    """Return the fields of records, those in which decoys were seen with the names of their deliveries."""
    rows = fields.to_pylist()
    for row, deliveries in seen.items():
        rows[row] = [*(rows[row] or ()), (DECOY_FIELD, transfers.SEPARATOR.join(deliveries))]
    return pa.array(rows, fields.type)


def _in_order(tables: list[pa.Table]) -> pa.Table:
    """Return tables as one, in the order of the records."""
    if len(tables) == 1:
        return tables[0]
    table = pa.concat_tables(tables).unify_dictionaries()
    return table.take(pc.sort_indices(table["position"])).combine_chunks()


def _misfit(position: int, line: bytes, fault: Fault) -> Unread:
    return Unread(position, line, fault.reason, fault.expected, fault.advice, fault.field)


def _constant(value: str, count: int) -> pa.Array:
    """Return a dictionary-encoded column that holds one text."""
    return pa.DictionaryArray.from_arrays(np.zeros(count, np.int32), pa.array([value]))
