"""One chunk of a source to one batch: parse, drop protected traffic, replace names, map, and tell what does not fit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa

from waybill.collect.cleaning import CleanRows, clean_records
from waybill.collect.dividing import divided
from waybill.collect.mapping import Mapping
from waybill.collect.names import KnownNames
from waybill.collect.parsing import parse
from waybill.collect.plan import Batch, Plan
from waybill.collect.privacy import Guard
from waybill.collect.records import Chunk, Parsed, Unread, rejected_of
from waybill.collect.table import columns_of
from waybill.collect.typed import Fault
from waybill.model import transfers
from waybill.model.ids import record_hasher


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

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._guard = Guard(plan.pseudonymiser, plan.channels, KnownNames(plan.pseudonymiser.known()))

    def batch(self, task: Task) -> Batch:
        """Return the batch of a chunk. Ids are those of first occurrences, see ``occurrences``."""
        parsed = parse(task.chunk, task.mapping, self._plan.limits.record_bytes)
        if task.mapping.each:
            parsed = divided(parsed, task.mapping.each)
        self._guard.begin_chunk()
        kept = clean_records(parsed, task.mapping, self._guard, task.chunk)
        source = self._plan.source or task.mapping.name
        table, faults = self._table(task, source, parsed, kept)
        unread = [record for record in parsed.unread if not self._plan.channels.protects_bytes(record.raw)]
        rejected = [rejected_of(one, source, task.file, task.chunk.preamble) for one in [*unread, *faults]]
        rejected.sort(key=lambda record: record.position)
        protected = len(parsed.unread) - len(unread) + len(parsed.lines) - len(kept.index)
        return Batch(source, task.file, table, rejected, protected, self._guard.identities)

    def _table(self, task: Task, source: str, parsed: Parsed, kept: CleanRows) -> tuple[pa.Table, list[Unread]]:
        """Return the table of the rows that fit, and the others."""
        columns, faults = columns_of(kept, task.mapping, task.now)
        lines = [parsed.lines[place] for place in kept.index]
        positions = [parsed.positions[place] for place in kept.index]
        hasher = record_hasher(self._plan.id_key, source)
        columns["id"] = pa.array([hasher(line) for line in lines], pa.binary())
        columns["source"] = _constant(source, len(lines))
        columns["origin"] = _constant(task.file, len(lines))
        columns["position"] = pa.array(positions, pa.int64())
        columns["raw"] = pa.array(kept.raw, pa.binary())
        ordered = [columns[name] for name in transfers.COLLECTED.names]
        if not faults:
            return pa.Table.from_arrays(ordered, schema=transfers.COLLECTED), []
        good = pa.array([row for row in range(len(lines)) if row not in faults], pa.int64())
        table = pa.Table.from_arrays([column.take(good) for column in ordered], schema=transfers.COLLECTED)
        return table, [_misfit(positions[row], lines[row], fault) for row, fault in faults.items()]


def _misfit(position: int, line: bytes, fault: Fault) -> Unread:
    return Unread(position, line, fault.reason, fault.expected, fault.advice, fault.field)


def _constant(value: str, count: int) -> pa.Array:
    """Return a dictionary-encoded column that holds one text."""
    return pa.DictionaryArray.from_arrays(np.zeros(count, np.int32), pa.array([value]))
