"""Puts together what was found in many small things, for one worker to make one table of, and takes it apart again.

A table costs as much as dozens of records, and a message gives two or three.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import msgspec
import pyarrow as pa

from waybill.collect.carried import FORMAT, Entry, encoded
from waybill.collect.plan import Batch, Inspected, Rejected
from waybill.collect.records import Unread
from waybill.collect.steps import Step
from waybill.model.carried import Carried

_TOGETHER = 500
"""Records that a worker gets at once."""


@dataclass(slots=True)
class Found:
    """What was found in the content of one step."""

    entries: list[Entry] = field(default_factory=list)
    carried: list[Carried] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    protected: int = 0


Gathered = Sequence[tuple[Step, Found]]
"""Steps that belong together, with what was found in each."""


def fit(gathered: Gathered, step: Step) -> bool:
    """Return whether what was found in a step may go along: it is a message of the same mailbox, or all are files."""
    first = gathered[0][0]
    if step.recognised is None or first.recognised is None or step.recognised.mapping is not first.recognised.mapping:
        return False
    formats = {first.recognised.format, step.recognised.format}
    alike = formats == {"eml"} or (formats == {"mbox"} and step.file is first.file)
    return alike and sum(len(found.entries) for _, found in gathered) < _TOGETHER


def together(gathered: Gathered) -> Iterator[Step]:
    """Yield one step with all records of some steps, and one for each thing that could not be read."""
    first = gathered[0][0]
    entries = [entry for _, found in gathered for entry in found.entries]
    files: tuple[str, ...] = ()
    if first.file is not gathered[-1][0].file:
        files = tuple(step.file.name for step, _ in gathered)
        numbered = (
            msgspec.structs.replace(entry, position=n)
            for n, (_, found) in enumerate(gathered, 1)
            for entry in found.entries
        )
        entries = list(numbered)
    chunk = None
    if entries and first.chunk is not None:
        chunk = replace(first.chunk, format=FORMAT, data=encoded(entries), first=entries[0].position)
    yield replace(
        first,
        chunk=chunk,
        files=files,
        read_bytes=sum(step.read_bytes for step, _ in gathered),
        protected=sum(found.protected for _, found in gathered),
        inspected=Inspected.of(one for _, found in gathered for one in found.carried),
    )
    for step, found in gathered:
        for unread in found.unread:
            yield Step(step.file, step.recognised, unread=unread)


def apart(batch: Batch, files: Sequence[str]) -> Batch:
    """Return a batch of records of several files, of each of which the position said the number: with their places.

    Each file holds one message, whose records all differ, so that none is to be numbered.
    """
    table = batch.transfers
    numbers = table["position"].to_numpy() - 1
    columns = {
        "origin": pa.DictionaryArray.from_arrays(pa.array(numbers, pa.int32()), pa.array(files, pa.string())),
        "position": pa.array([1] * len(numbers), pa.int64()),
    }
    for name, column in columns.items():
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(name), column)
    rejected = [told for one in batch.rejected for told in _placed(one, files)]
    return replace(batch, transfers=table, rejected=rejected, others=tuple(files[1:]))


def _placed(rejected: Rejected, files: Sequence[str]) -> Iterator[Rejected]:
    """Yield what is told of a record with its file; of all records together, with each file."""
    if rejected.raw:
        yield msgspec.structs.replace(rejected, file=files[rejected.position - 1], position=1)
    else:
        yield from (msgspec.structs.replace(rejected, file=file, position=0) for file in files)
