"""Reads files as a plan says: open, recognise, cut, let workers transform, number equal records, yield in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from waybill.collect.carried import FORMAT
from waybill.collect.framing import Content, chunks
from waybill.collect.gathering import apart
from waybill.collect.inspecting import Inspector, Provider
from waybill.collect.machine_code import wanted
from waybill.collect.names import KnownNames
from waybill.collect.occurrences import Occurrences
from waybill.collect.plan import Batch, Plan
from waybill.collect.pool import Pool, TaskFailed
from waybill.collect.privacy import Guard
from waybill.collect.records import Chunk, Unread, rejected_of
from waybill.collect.sniff import Recognised, recognise
from waybill.collect.steps import File, Step, unrecognised
from waybill.collect.transform import Task
from waybill.collect.unpack import Blocks, Counted, Source, opened, sources, unpacked
from waybill.model import transfers
from waybill.model.words import PartyKind

WORTH = 64 << 20
"""From so many bytes of input on, loading machine code takes less time than it saves."""


class Names:
    """Names of files as they may be shown: files and folders may be called like people."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._guard = Guard(plan.pseudonymiser, plan.channels, KnownNames(plan.pseudonymiser.known()))
        self._untold: dict[str, tuple[str, PartyKind]] = {}
        """Whom names of files name, until a batch has told so; a name that was only shown may be read later."""

    def file(self, name: str, occurrences: Occurrences | None = None, folder: Path | None = None) -> File:
        """Return a file to read; ``occurrences`` are those of the part of it that was read before."""
        occurrences = occurrences or Occurrences(self._plan.id_key)
        if self._plan.channels.protects(name):
            return File("(protected)", self._plan, occurrences, {}, folder)
        self._guard.begin_chunk()
        shown = self._guard.clean[name]
        self._untold |= self._guard.identities
        return File(shown, self._plan, occurrences, self._untold, folder)


def collect(paths: Sequence[Path], plan: Plan, *, workers: int = 1, known: Provider | None = None) -> Iterator[Batch]:
    """Yield the batches of all files that the paths name, in order; the result does not depend on ``workers``.

    Folders are read recursively; ``STDIN`` among the paths is standard input. ``workers`` is the number of limited
    subprocesses; 0 parses in this process. ``known`` returns what content at hand is compared with. Raises InputError
    at once if a path does not exist; everything else that cannot be read comes as ``Rejected`` in a batch.
    """
    found, names = list(sources(list(paths))), Names(plan)
    steps = (
        step for source in found for step in _steps_of_file(source, names.file(source.name, folder=source.path.parent))
    )
    return _batches(steps, plan, workers, wanted() if _size(found) >= WORTH else None, known)


def recollect(records: Iterable[tuple[str, int, bytes]], plan: Plan, *, workers: int = 0) -> Iterator[Batch]:
    """Yield batches of records that were rejected before: (file, position, raw bytes), as ``Quarantine.replay`` gives.

    Records of one file must come together and in order, so that equal ones are numbered as they would have been.
    """
    return _batches(_steps_of_records(records, Names(plan)), plan, workers)


def _size(found: Sequence[Source]) -> int:
    """Return how many bytes the files hold as stored, as far as that can be known beforehand."""
    return sum(source.path.stat().st_size for source in found if not source.problem and source.path.is_file())


def _batches(
    steps: Iterator[Step], plan: Plan, workers: int, code: bytes | None = None, known: Provider | None = None
) -> Iterator[Batch]:
    with Pool(plan, workers, code) as pool, Inspector(plan, workers, known) as inspector:
        yield from batches_of(inspector.steps(steps), plan, pool)


def batches_of(steps: Iterable[Step], plan: Plan, pool: Pool) -> Iterator[Batch]:
    """Yield the batches of these steps, in order; ``pool`` must have been made for the same plan."""
    now = datetime.now(UTC)

    def task_of(step: Step) -> Task | None:
        if step.chunk is None or step.recognised is None:
            return None
        return Task(step.file.name, step.chunk, step.recognised.mapping, now)

    for step, outcome in pool.run(steps, task_of):
        batch = outcome if isinstance(outcome, Batch) else told_of(step, plan, outcome)
        if step.files:
            batch = apart(batch, step.files)
        else:
            batch = replace(batch, transfers=step.file.occurrences.resolve(batch.transfers))
        identities = step.file.identities | batch.identities
        step.file.identities.clear()
        yield replace(
            batch,
            identities=identities,
            read_bytes=step.read_bytes,
            protected=batch.protected + step.protected,
            inspected=step.inspected,
        )


def told_of(step: Step, plan: Plan, failure: TaskFailed | None) -> Batch:
    """Return the batch that tells of something that could not be read."""
    mapping = step.recognised.mapping if step.recognised else None
    source = (plan.source or mapping.name) if mapping else ""
    unread, protected = step.unread, 0
    if failure is not None and step.chunk is not None:
        raw, protected = _unprotected(step.chunk, plan)
        unread = Unread(step.chunk.first, raw, failure.reason, "a chunk that can be parsed", failure.advice)
    elif unread is not None and plan.channels.protects_bytes(unread.raw):
        unread, protected = None, 1
    rejected = [rejected_of(unread, source, step.file.name)] if unread else []
    return Batch(source, step.file.name, transfers.COLLECTED.empty_table(), rejected, protected)


def _unprotected(chunk: Chunk, plan: Plan) -> tuple[bytes, int]:
    """Return the bytes of a chunk that no worker could parse, without protected lines, and the number of those.

    A document cannot be divided unparsed and is not kept: its file is still where it was.
    """
    if chunk.format in ("json", "evtx", FORMAT):
        return b"", 0
    lines = chunk.data.splitlines(keepends=True)
    kept = [line for line in lines if not plan.channels.protects_bytes(line)]
    return chunk.preamble + b"".join(kept), len(lines) - len(kept)


def _steps_of_file(source: Source, file: File) -> Iterator[Step]:
    if source.problem:
        yield Step(file, unread=Unread(0, b"", source.problem, "a file", "Name its target to read it."))
        return
    try:
        with opened(source.path) as stream:
            yield from _steps_of_blocks(unpacked(stream, file.plan.limits), file, stream)
    except OSError as error:
        reason = f"it cannot be read: {error.strerror or 'input/output error'}"
        yield Step(file, unread=Unread(0, b"", reason, "a readable file", "Check its rights and its disk."))


def _steps_of_records(records: Iterable[tuple[str, int, bytes]], names: Names) -> Iterator[Step]:
    file, known = None, None
    for name, position, raw in records:
        if file is None or name != known:
            file, known = names.file(name), name
        yield from _steps_of_blocks(iter([raw]), file, None, position)


def _steps_of_blocks(blocks: Blocks, file: File, stream: Counted | None, position: int | None = None) -> Iterator[Step]:
    """Yield the steps for the content of a file, or for a record cut out of it at ``position``."""
    content = Content(blocks)
    recognised = recognise_content(content, file.plan, at_hand=True)
    parts: Iterable[Chunk | Unread] = ()
    if recognised is not None:
        parts = chunks(content, recognised, file.plan.limits, position)
    elif content.head:
        parts = [unrecognised(file.plan)]
    told = 0
    for part in parts:
        step = Step(file, recognised)
        step.chunk, step.unread = (part, None) if isinstance(part, Chunk) else (None, part)
        step.read_bytes, told = _progress(stream, told)
        yield step
    read_bytes, told = _progress(stream, told)
    if content.failure is not None:
        failure = content.failure
        unread = Unread(0, b"", failure.what, failure.expected or "a whole file", failure.advice)
        yield Step(file, recognised, unread=unread, read_bytes=read_bytes)
    elif read_bytes or not content.head:
        yield Step(file, recognised, read_bytes=read_bytes)


def _progress(stream: Counted | None, told: int) -> tuple[int, int]:
    """Return how much was read since it was last told, and in all."""
    count = stream.count if stream else 0
    return count - told, count


def recognise_content(content: Content, plan: Plan, *, at_hand: bool) -> Recognised | None:
    """Return what a file is; one without a byte order mark may turn out to be UTF-16."""
    found = recognise(content.head, plan.mappings, whole=content.whole, marked=content.marked, at_hand=at_hand)
    if found is None and not content.marked and b"\0" in content.head[:4096]:
        content.as_utf16()
        found = recognise(content.head, plan.mappings, whole=content.whole, marked=True)
    return found
