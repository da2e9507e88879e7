"""Reads what is new of one file: tells whether it is the file it was, goes on where reading stopped, waits for ends."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import BinaryIO, Generic

from waybill.collect import PRINT_BYTES, Contents, Limits, Place, Unfinished
from waybill.collect.following import Following, Made
from waybill.flow.watch.positions import Known, Positions
from waybill.flow.watch.tree import Found, Number

LOOKS_WHOLE = 2.0
HALF_LINE = 60.0
"""Seconds without a change after which the end of a file is read as it is: one that ends as records end, or any."""

HELD_OPEN = 256
"""Files held open, so that what was written to them just before they went is read after all."""


@dataclass(slots=True)
class _Waiting:
    """The end of a file that may still be written."""

    size: int
    mtime: int
    since: float
    """By the monotonic clock."""
    patience: float


class Reader(Generic[Made]):
    """Reads files into ``keep``, part by part; ``stop`` says between parts whether to leave off."""

    def __init__(
        self,
        positions: Positions,
        limits: Limits,
        keep: Callable[[Made], None],
        *,
        patient: bool = True,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """``patient``: wait for the ends of files that may still be written; else all is read as it is."""
        self._positions = positions
        self._limits = limits
        self._keep = keep
        self._patient = patient
        self._stop = stop
        self._waiting: dict[Number, _Waiting] = {}
        self._held: dict[Number, tuple[BinaryIO, str]] = {}

    def close(self) -> None:
        """Let go of files that are held open."""
        for file, _ in self._held.values():
            file.close()
        self._held.clear()

    def is_due(self, found: Found) -> bool:
        """Return whether a file may hold something that was not read."""
        waiting = self._waiting.get(found.number)
        if waiting is not None and (waiting.size, waiting.mtime) == (found.size, found.mtime):
            return self._is_over(waiting)
        known = self._positions.of(found.number)
        return known is None or (known.size, known.mtime) != (found.size, found.mtime)

    def read(self, found: Found, follower: Following[Made]) -> None:
        """Read what is new of a file. Raises OSError if it cannot be opened or read."""
        file = found.path.open("rb", buffering=0)
        try:
            grows = self._read(file, found.name, follower)
        except BaseException:
            file.close()
            raise
        if grows:
            self._hold(file, found)
        else:
            file.close()

    def read_gone(self, there: Collection[Number], follower: Following[Made]) -> None:
        """Read what was written to files just before they went."""
        for number in [number for number in self._held if number not in there]:
            file, name = self._held.pop(number)
            with file:
                self._read(file, name, follower, gone=True)
        for number in [number for number in self._waiting if number not in there]:
            del self._waiting[number]

    def _read(self, file: BinaryIO, name: str, follower: Following[Made], *, gone: bool = False) -> bool:
        """Read what is new; return whether more may be written to the file."""
        status = os.fstat(file.fileno())
        number = (status.st_dev, status.st_ino)
        waiting = self._waiting.pop(number, None)
        same = waiting is not None and (waiting.size, waiting.mtime) == (status.st_size, status.st_mtime_ns)
        since = waiting.since if waiting is not None and same else time.monotonic()
        ended = gone or not self._patient or (same and waiting is not None and self._is_over(waiting))
        contents, known = self._opened(file, number, follower)
        occurrences = follower.occurrences(lambda first, last: self._positions.earlier(known, first, last))
        for item in follower.read(contents, name, known.place, occurrences, ended=ended):
            if isinstance(item, Place):
                self._positions.keep(known, item, occurrences.seen)
                occurrences.seen = []
                if self._stop() and not gone:
                    return True
            elif isinstance(item, Unfinished):
                self._wait(number, status, item, since)
            else:
                self._keep(item)
        if number not in self._waiting:
            self._positions.settle(known, status.st_size, status.st_mtime_ns)
        return known.place is not None and not contents.packed

    def _opened(self, file: BinaryIO, number: Number, follower: Following[Made]) -> tuple[Contents, Known]:
        """Return the content, at the place where reading goes on, and what is known of the file.

        A file that was rewritten begins anew. A new one that begins with all that was read of another (a copy, a
        packed rotation, a file that was moved here) goes on where that one stands.
        """
        known = self._positions.of(number)
        contents = Contents(file, self._limits)
        if known is not None:
            if known.place is None:
                return contents, known
            if follower.continues(contents, known.place):
                return contents, known
        head = Contents(file, self._limits).read(PRINT_BYTES)
        for like in self._positions.alike(lambda length: follower.mark(head[:length])):
            contents = Contents(file, self._limits)
            if like.place is not None and follower.continues(contents, like.place):
                return contents, self._positions.begin(number, like)
        return Contents(file, self._limits), self._positions.begin(number)

    def _wait(self, number: Number, status: os.stat_result, rest: Unfinished, since: float) -> None:
        patience = LOOKS_WHOLE if rest.looks_whole else HALF_LINE
        self._waiting[number] = _Waiting(status.st_size, status.st_mtime_ns, since, patience)

    def _is_over(self, waiting: _Waiting) -> bool:
        """Return whether a file has not changed for so long that its end is taken as it is."""
        unchanged = max(time.monotonic() - waiting.since, time.time() - waiting.mtime / 1e9)
        return not self._patient or unchanged >= waiting.patience

    def _hold(self, file: BinaryIO, found: Found) -> None:
        """Keep a file open that may be written to and then go; the one held longest makes room."""
        former = self._held.pop(found.number, None)
        if former is not None:
            former[0].close()
        self._held[found.number] = (file, found.name)
        if len(self._held) > HELD_OPEN:
            oldest, _ = self._held.pop(next(iter(self._held)))
            oldest.close()
