"""Reads batches that agents sent: several small ones are parsed together, and each comes out as if it had been alone.

Preparing a table costs as much as parsing dozens of records, so whatever waits is parsed at once. The id of a
transfer that was sent is the id of its record, moved by the mark of its batch: a batch that is sent again gives the
same ids, the same record in another batch another one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import msgspec
import numpy as np
import pyarrow as pa

from waybill.collect.collector import told_of
from waybill.collect.framing import Content, chunks
from waybill.collect.machine_code import wanted
from waybill.collect.mapping import Mapping
from waybill.collect.occurrences import Occurrences
from waybill.collect.parts import blocks_of, step_of
from waybill.collect.plan import Batch, Plan, Rejected
from waybill.collect.pool import Pool, TaskFailed
from waybill.collect.sniff import Recognised, mark_of, recognise
from waybill.collect.steps import File, Step
from waybill.collect.transform import Task
from waybill.model.ids import ID_BYTES
from waybill.model.transfers import COLLECTED, id_column
from waybill.model.words import PartyKind


@dataclass(frozen=True, slots=True)
class Posted:
    """One batch as it was sent, unpacked."""

    name: str
    """Stands for the file where one is told of; names nobody."""
    mark: bytes
    """What its ids are moved by, see ``mark_of_batch``."""
    source: str
    """Name of the source; empty for the mapping's own."""
    what: Recognised
    content: bytes

    @property
    def joins(self) -> bool:
        """Return whether it may be parsed together with others: a line is a record, and each record one transfer."""
        return self.what.format == "ndjson" and not self.what.mapping.each and not mark_of(self.content)[1]


@dataclass(frozen=True, slots=True)
class Received:
    """What came of some batches that were read together."""

    batch: Batch
    """Their transfers and rejected records."""
    accepted: list[int]
    """For each, the records that could be read. Those of protected channels count too, so that nobody learns which."""
    rejected: list[int]


class Receiver:
    """Reads batches with one limited process that stays up, or none; a context manager. Not for several threads."""

    def __init__(self, plan: Plan, workers: int) -> None:
        """``workers``: 1, or 0 to parse in this process."""
        self._plan = plan
        self._pool = Pool(plan, workers, wanted() if workers else None)

    def __enter__(self) -> Self:
        self._pool.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.__exit__(kind, error, at)

    def read(self, posted: Sequence[Posted]) -> Received:
        """Read batches of one source and mapping; several only if all of them join.

        What a batch does to the process that parses it, it does to no other: where that breaks down, each is read
        alone.
        """
        try:
            return self._read(posted)
        except TaskFailed:
            return _together([self._read([one]) for one in posted])

    def _read(self, posted: Sequence[Posted]) -> Received:
        contents = [_ended(one.content) for one in posted] if len(posted) > 1 else [posted[0].content]
        firsts = np.cumsum([1, *(content.count(b"\n") for content in contents[:-1])])
        file = File(posted[0].name, self._plan, Occurrences(self._plan.id_key), {})
        tables, protected = [COLLECTED.empty_table()], 0
        rejected: list[Rejected] = []
        identities: dict[str, tuple[str, PartyKind]] = {}
        for batch in self._batches(file, posted[0].what, b"".join(contents), alone=len(posted) == 1):
            tables.append(file.occurrences.resolve(_moved(batch.transfers, posted, firsts)))
            rejected += batch.rejected
            identities |= batch.identities
            protected += batch.protected
        rejects = [0] * len(posted)
        for number, one in enumerate(rejected):
            place = _which(firsts, one.position)
            rejects[place] += max(1, _records(one.raw))  # more than one where nobody could parse a chunk
            rejected[number] = _placed(one, posted[place], int(firsts[place]))
        transfers = pa.concat_tables(tables).unify_dictionaries()
        batch = Batch(posted[0].source or posted[0].what.mapping.name, file.name, transfers, rejected, 0, identities)
        if not posted[0].joins:
            return Received(batch, [transfers.num_rows + protected], rejects)
        counts = zip(map(_records, contents), rejects, strict=True)
        return Received(batch, [count - bad for count, bad in counts], rejects)

    def _batches(self, file: File, what: Recognised, data: bytes, *, alone: bool) -> Iterator[Batch]:
        """Yield the batches of some content. Raises TaskFailed if it is not that of one batch alone."""
        content, now = Content(blocks_of(data)), datetime.now(UTC)
        steps = (step_of(file, what, part) for part in chunks(content, what, self._plan.limits))

        def task_of(step: Step) -> Task | None:
            return Task(file.name, step.chunk, what.mapping, now) if step.chunk else None

        for step, outcome in self._pool.run(steps, task_of):
            if isinstance(outcome, TaskFailed) and not alone:
                raise outcome
            yield outcome if isinstance(outcome, Batch) else told_of(step, self._plan, outcome)


def what_is_posted(content: bytes, mappings: Sequence[Mapping], *, lines: bool) -> Recognised | None:
    """Return what a batch is; ``lines``: it was said to be NDJSON, and so one mapping needs no second look."""
    if lines and len(mappings) == 1 and "ndjson" in mappings[0].formats:
        return Recognised(mappings[0], "ndjson")
    found = Content(blocks_of(content))
    what = recognise(found.head, mappings, whole=found.whole, marked=found.marked)
    if lines and what is not None and "ndjson" in what.mapping.formats:
        return Recognised(what.mapping, "ndjson")  # a single line may look like a document
    return what


def mark_of_batch(plan: Plan, *parts: str) -> bytes:
    """Return what the ids of a batch are moved by: the same for the same sender, sequence and source."""
    said = "\0".join(parts).encode()
    return hashlib.blake2b(said, digest_size=ID_BYTES, key=plan.id_key, person=b"batch").digest()


def _records(lines: bytes) -> int:
    """Return how many lines hold something."""
    return sum(1 for line in lines.split(b"\n") if line.strip())


def _ended(content: bytes) -> bytes:
    return content if content.endswith(b"\n") or not content else content + b"\n"


def _which(firsts: np.ndarray, position: int) -> int:
    return max(0, int(np.searchsorted(firsts, position, side="right")) - 1)


def _placed(rejected: Rejected, posted: Posted, first: int) -> Rejected:
    position = rejected.position - first + 1 if rejected.position else 0
    source = posted.source or rejected.source
    return msgspec.structs.replace(rejected, source=source, file=posted.name, position=position)


def _moved(table: pa.Table, posted: Sequence[Posted], firsts: np.ndarray) -> pa.Table:
    """Return transfers with the ids, places and source that they have as parts of their batches."""
    positions = table["position"].to_numpy()
    which = np.maximum(np.searchsorted(firsts, positions, side="right") - 1, 0)
    columns = {
        "id": _moved_ids(table["id"], np.frombuffer(b"".join(one.mark for one in posted), np.uint8), which),
        "origin": _chosen(which, [one.name for one in posted]),
        "position": pa.array(positions - firsts[which] + 1, pa.int64()),
    }
    if posted[0].source:
        columns["source"] = _chosen(np.zeros_like(which), [posted[0].source])
    for name, column in columns.items():
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(name), column)
    return table


def _moved_ids(ids: pa.ChunkedArray, marks: np.ndarray, which: np.ndarray) -> pa.Array:
    whole = b"".join(ids.to_pylist())
    moved = np.frombuffer(whole, np.uint8).reshape(-1, ID_BYTES) ^ marks.reshape(-1, ID_BYTES)[which]
    return id_column(moved.tobytes())


def _chosen(which: np.ndarray, words: list[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(which, pa.int32()), pa.array(words, pa.string()))


def _together(read: Sequence[Received]) -> Received:
    batch = Batch(
        read[0].batch.source,
        read[0].batch.file,
        pa.concat_tables([one.batch.transfers for one in read]).unify_dictionaries(),
        [rejected for one in read for rejected in one.batch.rejected],
        0,
        {pseudonym: identity for one in read for pseudonym, identity in one.batch.identities.items()},
    )
    return Received(batch, [n for one in read for n in one.accepted], [n for one in read for n in one.rejected])
