"""Reads files as a plan says: open, recognise, cut, have workers transform, number equal records, hand over in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from waybill.collect.framing import Content, chunks
from waybill.collect.occurrences import Occurrences
from waybill.collect.plan import Batch, Plan, Rejected
from waybill.collect.pool import Pool, TaskFailed
from waybill.collect.records import Chunk, Unread
from waybill.collect.sniff import Recognised, recognise
from waybill.collect.transform import Task
from waybill.collect.unpack import Blocks, Counted, Source, opened, sources, unpacked
from waybill.model import transfers
from waybill.model.errors import InputError


@dataclass(slots=True)
class _Step:
    """One thing to do for a file, in order: transform a chunk, or tell what could not be read."""

    file: str
    occurrences: Occurrences
    recognised: Recognised | None = None
    chunk: Chunk | None = None
    unread: Unread | None = None
    read_bytes: int = 0


def collect(paths: Sequence[Path], plan: Plan, *, workers: int = 1) -> Iterator[Batch]:
    """Yield the batches of all files that the paths name, in order; the result does not depend on ``workers``.

    Folders are read recursively; ``STDIN`` among the paths is standard input. ``workers`` is the number of limited
    subprocesses; 0 parses in this process. Raises InputError at once if a path does not exist; everything else that
    cannot be read comes as ``Rejected`` in a batch.
    """
    found = list(sources(list(paths)))
    yield from _batches((step for source in found for step in _steps_of_file(source, plan)), plan, workers)


def recollect(records: Iterable[tuple[str, int, bytes]], plan: Plan, *, workers: int = 0) -> Iterator[Batch]:
    """Yield batches of records that were rejected before: (file, position, raw bytes), as ``Quarantine.replay`` gives.

    Records of one file must come together and in order, so that equal ones are numbered as they would have been.
    """
    yield from _batches(_steps_of_records(records, plan), plan, workers)


def _batches(steps: Iterator[_Step], plan: Plan, workers: int) -> Iterator[Batch]:
    now = datetime.now(UTC)

    def task_of(step: _Step) -> Task | None:
        if step.chunk is None or step.recognised is None:
            return None
        return Task(step.file, step.chunk, step.recognised.mapping, now)

    with Pool(plan, workers) as pool:
        for step, outcome in pool.run(steps, task_of):
            if isinstance(outcome, Batch):
                resolved = step.occurrences.resolve(outcome.transfers)
                yield replace(outcome, transfers=resolved, read_bytes=step.read_bytes)
            else:
                yield _told(step, plan, outcome)


def _told(step: _Step, plan: Plan, failure: TaskFailed | None) -> Batch:
    """Return the batch that tells of something that could not be read."""
    mapping = step.recognised.mapping if step.recognised else None
    source = (plan.source or mapping.name) if mapping else ""
    unread = [step.unread] if step.unread else []
    protected = 0
    if failure is not None and step.chunk is not None:
        raw, protected = _unprotected(step.chunk, plan)
        unread = [Unread(step.chunk.first, raw, failure.reason, "a chunk that can be parsed", failure.advice)]
    kept = [record for record in unread if not plan.channels.protects_bytes(record.raw)]
    rejected = [
        Rejected(source, step.file, one.position, one.field, one.reason, one.expected, one.advice, one.raw)
        for one in kept
    ]
    protected += len(unread) - len(kept)
    return Batch(source, step.file, transfers.COLLECTED.empty_table(), rejected, protected, {}, step.read_bytes)


def _unprotected(chunk: Chunk, plan: Plan) -> tuple[bytes, int]:
    """Return the bytes of a chunk that no worker could parse, without protected lines, and the number of those.

    A document cannot be divided unparsed and is not kept: its file is still where it was.
    """
    if chunk.format not in ("ndjson", "csv"):
        return b"", 0
    lines = chunk.data.splitlines(keepends=True)
    kept = [line for line in lines if not plan.channels.protects_bytes(line)]
    return chunk.preamble + b"".join(kept), len(lines) - len(kept)


def _steps_of_file(source: Source, plan: Plan) -> Iterator[_Step]:
    occurrences = Occurrences(plan.id_key)
    if source.problem:
        yield _Step(source.name, occurrences, unread=Unread(0, b"", source.problem, "a file", "Name its target."))
        return
    try:
        with opened(source.path) as stream:
            yield from _steps_of_blocks(unpacked(stream, plan.limits), source.name, occurrences, plan, stream)
    except OSError as error:
        reason = f"it cannot be read: {error.strerror or 'input/output error'}"
        yield _Step(source.name, occurrences, unread=Unread(0, b"", reason, "a readable file", "Check its rights."))


def _steps_of_blocks(
    blocks: Blocks, name: str, occurrences: Occurrences, plan: Plan, stream: Counted | None, first: int = 1
) -> Iterator[_Step]:
    content = Content(blocks)
    recognised = _recognise(content, plan)
    told = 0
    found: Iterable[Chunk | Unread] = chunks(content, recognised, plan.limits) if recognised else ()
    if recognised is None and content.head:
        found = [_unrecognised(plan)]
    step = None
    for part in found:
        step = _Step(name, occurrences, recognised)
        if isinstance(part, Chunk):
            step.chunk = part if first == 1 else replace(part, first=part.first + first - 1)
        else:
            step.unread = part
        told, step.read_bytes = _progress(stream, told)
        yield step
    if content.failure is not None:
        yield _failed(name, occurrences, recognised, content.failure)
    elif step is None:
        yield _Step(name, occurrences, recognised, read_bytes=_progress(stream, told)[1])


def _progress(stream: Counted | None, told: int) -> tuple[int, int]:
    """Return how much was read in all, and since it was last told."""
    count = stream.count if stream else 0
    return count, count - told


def _failed(name: str, occurrences: Occurrences, recognised: Recognised | None, failure: InputError) -> _Step:
    unread = Unread(0, b"", failure.what, failure.expected or "a whole file", failure.advice)
    return _Step(name, occurrences, recognised, unread=unread)


def _recognise(content: Content, plan: Plan) -> Recognised | None:
    found = recognise(content.head, plan.mappings, whole=content.whole, marked=content.marked)
    if found is None and not content.marked and b"\0" in content.head[:4096]:
        content.as_utf16()
        found = recognise(content.head, plan.mappings, whole=content.whole, marked=True)
    return found


def _unrecognised(plan: Plan) -> Unread:
    names = ", ".join(sorted({mapping.name for mapping in plan.mappings}))
    advice = "Write a mapping for this source, see docs/mappings.md."
    return Unread(0, b"", "no mapping recognises this file", f"a source of: {names}", advice)


def _steps_of_records(records: Iterable[tuple[str, int, bytes]], plan: Plan) -> Iterator[_Step]:
    file, occurrences = None, Occurrences(plan.id_key)
    for name, position, raw in records:
        if name != file:
            file, occurrences = name, Occurrences(plan.id_key)
        yield from _steps_of_blocks(iter([raw]), name, occurrences, plan, None, max(position, 1))
