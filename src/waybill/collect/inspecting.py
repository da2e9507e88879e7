"""Content at hand, looked into on the way: messages and archives of them, and what records of a log carry or name.

Such a step becomes records, each with what was found in it; any other passes as it is. Content is parsed by confined
processes (``content.parsing``), is compared here, and is kept nowhere.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

from waybill.collect.gathering import Found, fit, together
from waybill.collect.mapping import AT_HAND
from waybill.collect.plan import MEBIBYTE, Plan
from waybill.collect.records import Chunk, Unread
from waybill.collect.steps import Step, unrecognised
from waybill.model.carried import Carried

if TYPE_CHECKING:
    from waybill.collect.known import Known
    from waybill.content.parsing import Caveat, Limits, Piece, Readers

_AHEAD = 4
"""Steps that are looked into before they are asked for, for each worker."""

_AHEAD_BYTES = 128 * MEBIBYTE
"""What these may hold; a single one may hold more."""

_BROKEN = Unread(0, b"", "the message cannot be read", "a message (RFC 5322)", "Fetch it again from its source.")

Provider = Callable[[], "Known"]
"""Returns what content is compared with; asked before each step, so it must be cheap when nothing has changed."""


class Inspector:
    """Looks into content at hand with some confined processes, started when first needed; a context manager."""

    def __init__(self, plan: Plan, workers: int, known: Provider | None = None) -> None:
        """``known``: what to compare with, if anything; with 0 workers, this thread waits for one process."""
        self._plan = plan
        self._workers = workers
        self._known = known
        self._threads: ThreadPoolExecutor | None = None
        self._readers: Readers | None = None
        """What reads one message or one file."""
        self._archives: Readers | None = None
        """What reads archives, which may hold the mail of years."""
        self._is_over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._is_over = True
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
        for readers in (self._readers, self._archives):
            if readers is not None:
                readers.__exit__(None, None, None)

    def steps(self, steps: Iterable[Step]) -> Iterator[Step]:
        """Yield the steps in their order, content at hand replaced by records."""
        gathered: list[tuple[Step, Found]] = []
        for step, found in self._run(steps):
            if gathered and (found is None or not fit(gathered, step)):
                yield from together(gathered)
                gathered = []
            if found is None:
                yield step
            else:
                gathered.append((step, found))
        if gathered:
            yield from together(gathered)

    def _run(self, steps: Iterable[Step]) -> Iterator[tuple[Step, Found | None]]:
        """Yield each step with what was found, in order; None for one that has no content at hand."""
        waiting: deque[tuple[Step, Future[Found] | None]] = deque()
        for step in steps:
            if is_at_hand(step):
                waiting.append((step, self._submitted(step)))
            elif waiting:
                waiting.append((step, None))
            else:
                yield step, None
            while len(waiting) > _AHEAD * self._workers or sum(_size(one) for one, _ in waiting) > _AHEAD_BYTES:
                yield _outcome(*waiting.popleft())
        while waiting:
            yield _outcome(*waiting.popleft())

    def _submitted(self, step: Step) -> Future[Found]:
        from waybill.collect.known import Known
        from waybill.content.parsing import Readers

        known = self._known() if self._known else Known()
        if self._threads is None or self._readers is None or self._archives is None:
            self._threads = ThreadPoolExecutor(max(self._workers, 1), thread_name_prefix="inspect")
            self._readers, self._archives = Readers(workers=max(self._workers, 1)), Readers(_of_archives())
        readers = self._archives if step.chunk and step.chunk.format == "archive" else self._readers
        return self._threads.submit(self._looked_into, step, known, readers)

    def _looked_into(self, step: Step, known: Known, readers: Readers) -> Found:
        chunk, recognised = step.chunk, step.recognised
        if chunk is None or recognised is None:
            return Found()
        if chunk.format in AT_HAND:
            none = unrecognised(self._plan) if chunk.format == "archive" else _BROKEN
            return self._messages(chunk, readers, known, none)
        from waybill.collect.handed import looked_into

        look = partial(self._look, known, readers)
        return Found(*looked_into(chunk, recognised.mapping, step.file.folder, self._plan, look))

    def _messages(self, chunk: Chunk, readers: Readers, known: Known, none: Unread) -> Found:
        """Look into a message, or those of an archive, which are numbered from the first of the chunk."""
        from waybill.collect.letters import Message, messages

        found, position = Found(), chunk.first
        caveats: list[Caveat] = []
        for one in messages(self._unless_over(readers.read_bytes(chunk.data)), known.look):
            if not isinstance(one, Message):
                caveats.append(one)
                continue
            if one.is_protected(self._plan.channels):
                found.protected += 1
            else:
                entries, looked = one.entries(known, position)
                found.entries += entries
                found.carried += looked
                if one.is_cut:
                    found.unread.append(Unread(position, b"", "the message has too many receivers", "fewer of them"))
            position += 1
        found.unread += _told(caveats)
        if position == chunk.first:
            found.unread.append(none)
        return found

    def _look(self, known: Known, readers: Readers, source: int | bytes) -> Carried:
        """Return what is found in bytes, or in an open file."""
        look = known.look()
        for piece in self._unless_over(
            readers.read_bytes(source) if isinstance(source, bytes) else readers.read_open(source)
        ):
            look.add(piece)
        return known.carried(look.told())

    def _unless_over(self, pieces: Iterator[Piece]) -> Iterator[Piece]:
        """Yield pieces as long as anybody waits for what is made of them: an archive may take an hour."""
        for piece in pieces:
            if self._is_over:
                return
            yield piece


def is_at_hand(step: Step) -> bool:
    """Return whether a step has content that is to be looked into."""
    if step.chunk is None or step.recognised is None:
        return False
    return step.chunk.format in AT_HAND or bool(step.recognised.mapping.content)


def _of_archives() -> Limits:
    from waybill.content.parsing import Limits

    gibibyte = 1024 * MEBIBYTE
    return Limits(text=16 * gibibyte, unpacked=64 * gibibyte, members=2_000_000, cpu_seconds=3600.0, seconds=7200.0)


def _told(caveats: Iterable[Caveat]) -> Iterator[Unread]:
    """Yield what of an archive could not be read, each reason once; names of its members may name people."""
    from waybill.content.parsing import Reason
    from waybill.content.parsing.pieces import SENTENCES

    no_messages = (Reason.UNKNOWN, Reason.PICTURE)
    for reason in dict.fromkeys(one.reason for one in caveats):
        if reason.partial and reason not in no_messages:
            yield Unread(0, b"", SENTENCES[reason].en, "an archive that can be read")


def _outcome(step: Step, future: Future[Found] | None) -> tuple[Step, Found | None]:
    """Return a step with what was found in its content, which is let go."""
    if future is None or step.chunk is None:
        return step, None
    found = future.result()
    return replace(step, chunk=replace(step.chunk, data=b"")), found


def _size(step: Step) -> int:
    return len(step.chunk.data) if step.chunk else 0
