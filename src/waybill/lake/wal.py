"""The write-ahead log: what is appended is on disk before anybody hears that it is.

Several threads and processes may append. Inside a process, whoever gets the turn writes everything that waits and
syncs once (group commit); between processes the lock ``wal`` makes turns. Readers need no lock to read, because
entries never change; they sync a segment before they believe what they see in it, so that nobody acts on an entry
that a power failure could still take back.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from waybill.durable import FILE_MODE, make_folder, storage_faults, sync_folder, write_at
from waybill.durable.locks import FileLock
from waybill.lake import segment
from waybill.lake.damage import Damage, keep
from waybill.lake.entry import HEADER_BYTES, Header, Payload
from waybill.lake.segment import Broken, Located
from waybill.model.errors import StorageError

SEGMENT_BYTES = 64 << 20
"""A new segment is begun when one has grown past this."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A point in the log: an entry's number and when it was recorded (microseconds since 1970)."""

    sequence: int = 0
    recorded_at: int = 0


class _Ticket:
    """A batch that waits to be written, and what came of it."""

    def __init__(self, payloads: Sequence[Payload]) -> None:
        self.payloads = payloads
        self.headers: list[Header] = []
        self.fault: BaseException | None = None
        self.done = False


class Wal:
    """The log in one folder. ``committed`` tells up to where the table holds what was logged."""

    def __init__(
        self, folder: Path, damaged: Path, lock: FileLock, committed: Callable[[], Mark], timeout: float
    ) -> None:
        self.folder = folder
        self._damaged = damaged
        self._lock = lock
        self._committed = committed
        self._timeout = timeout
        self._turn = threading.Lock()
        self._queue = threading.Lock()
        self._waiting: list[_Ticket] = []
        self._segment: Path | None = None
        self._end = 0
        self._last = Mark()
        self._previous = 0
        self._refusal: StorageError | None = None

    def recover(self) -> list[Damage]:
        """Cut what a crash left unfinished at the end, keep damaged bytes aside, and return what was found."""
        make_folder(self.folder)
        with self._turn, self._lock.exclusive(self._timeout), storage_faults("cannot open the log", self.folder):
            return self._refresh(thorough=True)

    def append(self, payloads: Sequence[Payload]) -> list[Header]:
        """Write ``payloads`` as consecutive entries; they are durable on return. Returns their headers."""
        ticket = _Ticket(payloads)
        with self._queue:
            self._waiting.append(ticket)
        with self._turn:
            if not ticket.done:
                self._write_all_waiting()
        if ticket.fault is not None:
            raise ticket.fault
        return ticket.headers

    def last(self) -> Mark:
        """Return the last entry this process knows of."""
        return self._last

    def read(self, after: int, known: Collection[Header] = ()) -> Iterator[tuple[Located, bytes]]:
        """Yield entries numbered above ``after``, in order; damaged stretches are kept aside.

        Entries with a header in ``known`` come without their payload, which is not read.
        """
        for path in self._segments_with(after):
            start, end = _offset_after(path, after), self._synced_size(path)
            for item in segment.entries(path, start=start, end=end, known=known):
                if isinstance(item, Broken):
                    if not item.torn:
                        keep(self._damaged, item)
                else:
                    yield item

    def waiting(self, after: int) -> list[Located]:
        """Return where the entries above ``after`` are, without reading them; everything listed is durable."""
        found: list[Located] = []
        for path in self._segments_with(after):
            size = self._synced_size(path)
            found += [entry for entry in segment.headers(path) if entry.header.sequence > after and entry.end <= size]
        return found

    def extent(self) -> list[tuple[Path, int]]:
        """Return the segments and how far each is written, at a moment when nobody writes."""
        with self._turn, self._lock.exclusive(self._timeout), storage_faults("cannot read the log", self.folder):
            return [(path, path.stat().st_size) for path in segment.segments(self.folder)]

    def roll(self) -> Mark:
        """Begin a new segment with the next entry and return the last entry before it."""
        with self._turn, self._lock.exclusive(self._timeout), storage_faults("cannot open the log", self.folder):
            self._refresh()
            path = self._begin_segment()
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, FILE_MODE))
            sync_folder(self.folder)
            return self._last

    def trim(self, until: int) -> int:
        """Remove segments that hold nothing above ``until``, and return how many."""
        removed = 0
        with self._turn, self._lock.exclusive(self._timeout), storage_faults("cannot trim the log", self.folder):
            self._refresh()
            paths = segment.segments(self.folder)
            for path, following in _with_following(paths):
                last = self._previous if following is None else _first(following) - 1
                if last <= until:
                    path.unlink()
                    removed += 1
            if removed == len(paths):
                self._segment, self._end = None, 0
        if removed:
            with storage_faults("cannot trim the log", self.folder):
                sync_folder(self.folder)
        return removed

    def _write_all_waiting(self) -> None:
        with self._queue:
            tickets, self._waiting = self._waiting, []
        try:
            if self._refusal is not None:
                raise self._refusal
            with self._lock.exclusive(self._timeout), storage_faults("cannot write the write-ahead log", self.folder):
                self._refresh()
                self._write(tickets)
        except BaseException as error:  # noqa: BLE001 - each waiting thread raises it
            for ticket in tickets:
                ticket.fault = error
        finally:
            for ticket in tickets:
                ticket.done = True

    def _write(self, tickets: Sequence[_Ticket]) -> None:
        """Write and sync the batches of all tickets; on failure leave the log as it was."""
        path = self._begin_segment() if self._segment is None or self._end >= SEGMENT_BYTES else self._segment
        numbered, last, previous = self._number(tickets)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        try:
            end = write_at(descriptor, self._end, numbered)
            os.fdatasync(descriptor)
            if self._end == 0:
                sync_folder(self.folder)
        except BaseException:
            # Numbers that were given out are not given again: a reader may have met them.
            self._last = last
            self._take_back(descriptor)
            raise
        finally:
            os.close(descriptor)
        self._end, self._last, self._previous = end, last, previous

    def _number(self, tickets: Sequence[_Ticket]) -> tuple[list[bytes | memoryview], Mark, int]:
        """Give each payload its number and time; a clock that stands or goes back is run ahead of."""
        moment = max(time.time_ns() // 1000, self._last.recorded_at + 1)
        sequence, previous = self._last.sequence, self._previous
        out: list[bytes | memoryview] = []
        for ticket in tickets:
            for payload in ticket.payloads:
                sequence += 1
                header = payload.header(sequence, previous, moment)
                ticket.headers.append(header)
                out += [header.encode(), payload.data]
                previous = sequence
                moment += 1
        return out, Mark(sequence, moment - 1), previous

    def _take_back(self, descriptor: int) -> None:
        try:
            os.ftruncate(descriptor, self._end)
            os.fdatasync(descriptor)
        except OSError as error:
            self._refusal = StorageError(
                f"the write-ahead log refuses further batches: {os.strerror(error.errno or 0)} while taking back one",
                where=str(self._segment),
                advice="free space or check the disk, then start again; what was acknowledged is safe",
            )

    def _begin_segment(self) -> Path:
        self._segment, self._end = self.folder / segment.segment_name(self._last.sequence + 1), 0
        return self._segment

    def _refresh(self, *, thorough: bool = False) -> list[Damage]:
        """Learn what other processes did since the last turn. Holds the lock, so what is not whole will never be."""
        paths = segment.segments(self.folder)
        if not paths:
            self._segment, self._end = None, 0
            self._catch_up(self._committed())
            return []
        newest, size = paths[-1], paths[-1].stat().st_size
        if newest == self._segment and size == self._end and not thorough:
            return []
        if newest != self._segment or size < self._end or thorough:
            self._segment, self._end = newest, 0
            self._catch_up(self._committed())
            self._catch_up(Mark(_first(newest) - 1))
        return self._examine(newest)

    def _catch_up(self, mark: Mark) -> None:
        self._last = Mark(max(self._last.sequence, mark.sequence), max(self._last.recorded_at, mark.recorded_at))

    def _examine(self, path: Path) -> list[Damage]:
        """Read the newest segment from where it was last left to its end, and cut a torn write."""
        damage: list[Damage] = []
        skipped = 0
        for item in segment.entries(path, start=self._end):
            if isinstance(item, Broken):
                damage.append(self._cut(item) if item.torn else keep(self._damaged, item))
                self._end = item.offset if item.torn else item.end
                # As many numbers are skipped as entries can have been there, so that none is given twice.
                skipped = 1 + (item.end - item.offset) // HEADER_BYTES
            else:
                header = item[0].header
                self._catch_up(Mark(header.sequence, header.recorded_at))
                self._previous, self._end, skipped = header.sequence, item[0].end, 0
        self._catch_up(Mark(self._last.sequence + skipped))
        return damage

    def _cut(self, item: Broken) -> Damage:
        descriptor = os.open(item.path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.ftruncate(descriptor, item.offset)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return Damage(
            item.path,
            item.offset,
            f"{item.end - item.offset} bytes of a write that was cut off; they were never acknowledged and are removed",
            "nothing; whoever sent them was not told that they were kept",
        )

    def _segments_with(self, after: int) -> list[Path]:
        """Return the segments that can hold entries above ``after``."""
        with storage_faults("cannot read the write-ahead log", self.folder):
            pairs = _with_following(segment.segments(self.folder))
            sync_folder(self.folder)
        return [path for path, following in pairs if following is None or _first(following) > after + 1]

    def _synced_size(self, path: Path) -> int:
        with storage_faults("cannot read the write-ahead log", path), segment.opened(path) as descriptor:
            size = os.fstat(descriptor).st_size
            os.fdatasync(descriptor)
            return size


def _first(path: Path) -> int:
    return int(path.stem)


def _offset_after(path: Path, after: int) -> int:
    """Return where the entries above ``after`` begin, judged by headers alone."""
    offset = 0
    for entry in segment.headers(path):
        if entry.header.sequence > after:
            break
        offset = entry.end
    return offset


def _with_following(paths: list[Path]) -> list[tuple[Path, Path | None]]:
    return list(zip(paths, [*paths[1:], None], strict=False))
