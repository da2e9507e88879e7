"""Cuts blocks of bytes at the ends of records, holding no more than one chunk and one record."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from waybill.collect.line_patterns import LineFormat
from waybill.collect.lines import MOST_JOINED, NEAR, keys_of
from waybill.collect.plan import Limits
from waybill.collect.records import Unread, too_large
from waybill.collect.unpack import Blocks


class Lines:
    """Cuts blocks at line ends."""

    def __init__(self, blocks: Blocks, limits: Limits, first: int = 1) -> None:
        self._blocks = blocks
        self._limits = limits
        self._line = first
        self._buffer = b""

    def pieces(self) -> Iterator[tuple[int, bytes | Unread]]:
        """Yield whole records, many at a time, with the number of their first line."""
        waiting = [self._buffer]
        for block in self._blocks:
            waiting.append(block)
            if sum(map(len, waiting)) >= self._limits.chunk_bytes:
                self._buffer = b"".join(waiting)
                yield from self._cut(last=False)
                waiting = [self._buffer]
        self._buffer = b"".join(waiting)
        yield from self._cut(last=True)

    def whole(self) -> int:
        """Return how many bytes of the blocks are records that nothing which may follow can change."""
        self._buffer = b"".join(self._blocks)
        return self._boundary(len(self._buffer))

    def _cut(self, *, last: bool) -> Iterator[tuple[int, bytes | Unread]]:
        yield from self._take(len(self._buffer) if last else self._boundary(len(self._buffer)))
        if len(self._buffer) > self._limits.record_bytes:
            yield self._line, too_large(self._line, self._limits.record_bytes)
            self._skip_line()

    def _boundary(self, limit: int) -> int:
        """Return where the last record ends that ends before ``limit``; 0 if none does."""
        return self._buffer.rfind(b"\n", 0, limit) + 1

    def _take(self, end: int) -> Iterator[tuple[int, bytes]]:
        """Yield the buffer up to ``end``, in pieces.

        The last may be half as long again as the others: each costs milliseconds, however short it is.
        """
        buffer, start, size = self._buffer, 0, self._limits.chunk_bytes
        while start < end:
            stop = self._boundary(start + size) if end - start > size * 3 // 2 else end
            stop = stop if start < stop < end else end
            yield self._line, buffer[start:stop]
            self._line += buffer.count(b"\n", start, stop)
            start = stop
        self._buffer = buffer[end:]

    def _skip_line(self) -> None:
        """Pass over the rest of a line that is too long to be held."""
        while (end := self._buffer.find(b"\n") + 1) == 0:
            self._buffer = next(self._blocks, b"")
            if not self._buffer:
                return
        self._buffer = self._buffer[end:]
        self._line += 1


def messages(blocks: Blocks, most: int) -> Iterator[bytes]:
    """Yield the messages of a mailbox (RFC 4155) without the lines that divide them, at most ``most`` bytes of each."""
    kept, beginning = bytearray(), b""
    for block in blocks:
        searched = max(1, len(kept) - _LONGEST_DIVIDER)
        kept += block
        start = 0
        for divider in _DIVIDER.finditer(kept, searched):
            yield (beginning or _undivided(kept[start : divider.start() + 1]))[:most]
            beginning, start = b"", divider.start() + 1
        del kept[:start]
        if len(kept) > most + _LONGEST_DIVIDER:  # its end is not kept, but what may begin the next one
            beginning = beginning or _undivided(kept[: most + _LONGEST_DIVIDER])
            del kept[:-_LONGEST_DIVIDER]
    if beginning or kept.strip():
        yield (beginning or _undivided(kept))[:most]


_DIVIDER = re.compile(rb"\nFrom \S[^\n]{0,998}\d{4}\r?\n")
_LONGEST_DIVIDER = 1024


def _undivided(data: bytes | bytearray) -> bytes:
    """Return a message without the line that divides it from the one before."""
    return bytes(data[data.find(b"\n") + 1 :] if data.startswith(b"From ") else data)


class CsvLines(Lines):
    """Cuts blocks at line ends that are not inside quotes (RFC 4180).

    A quote opens a cell only at its start, as Python's ``csv`` reads it. One that is not closed within the largest
    record, or at all, costs the line it stands in, and reading goes on behind that line.
    """

    def __init__(self, blocks: Blocks, limits: Limits, first: int, delimiter: str) -> None:
        super().__init__(blocks, limits, first)
        self._open = re.compile(rb"(?:\A|(?<=[\r\n" + re.escape(delimiter.encode()) + rb']))"')
        self._starts: list[int] = []
        self._ends: list[int] = []
        """Where the quoted cells of the buffer start and end."""

    def whole(self) -> int:
        """Return how many bytes are whole records; an open quote may be closed within the largest record."""
        self._buffer, dropped = b"".join(self._blocks), 0
        while (quote := self._find_quotes()) is not None:
            end = self._boundary(quote)
            if len(self._buffer) - end <= self._limits.record_bytes:
                return dropped + end
            end = self._buffer.find(b"\n", end) + 1 or len(self._buffer)
            self._buffer, dropped = self._buffer[end:], dropped + end
        return dropped + self._boundary(len(self._buffer))

    def _cut(self, *, last: bool) -> Iterator[tuple[int, bytes | Unread]]:
        while (quote := self._find_quotes()) is not None:
            yield from self._take(self._boundary(quote))
            if not last and len(self._buffer) <= self._limits.record_bytes:
                return
            yield from self._drop_line()
        yield from super()._cut(last=last)

    def _find_quotes(self) -> int | None:
        """Find the quoted cells; return where a quote is not closed in the buffer, or not within the largest record."""
        self._starts, self._ends, place = [], [], 0
        while (opened := self._open.search(self._buffer, place)) is not None:
            closed = _QUOTED.match(self._buffer, opened.start())
            if closed is None or closed.end() - opened.start() > self._limits.record_bytes:
                return opened.start()
            self._starts.append(opened.start())
            self._ends.append(place := closed.end())
        return None

    def _boundary(self, limit: int) -> int:
        while (end := super()._boundary(limit)) > 0:
            cell = bisect_left(self._starts, end) - 1
            if cell < 0 or self._ends[cell] < end:
                break
            limit = self._starts[cell]
        return end

    def _drop_line(self) -> Iterator[tuple[int, bytes | Unread]]:
        line, found, rest = self._buffer.partition(b"\n")
        advice = "Mend the quote and read the file again."
        yield self._line, Unread(self._line, line, "a quote is opened and never closed", "a closing quote", advice)
        self._buffer = rest
        self._line += bool(found)


_QUOTED = re.compile(rb'"[^"]*+(?:""[^"]*+)*+"')


class JoinedLines(Lines):
    """Cuts blocks where no record can have lines on both sides, whatever may follow.

    Lines of one record have fewer than ``NEAR`` others among them. So a cut is sure where none of the ``NEAR`` lines
    behind it belongs together with one of the ``NEAR`` lines before it.
    """

    def __init__(self, blocks: Blocks, limits: Limits, first: int, format: LineFormat) -> None:
        super().__init__(blocks, limits, first)
        self._format = format

    def _boundary(self, limit: int) -> int:
        """Return the last sure cut before ``limit``; the last line end if there is none among ``MOST_JOINED`` lines."""
        starts = [super()._boundary(limit)]
        while len(starts) <= MOST_JOINED and starts[-1] > 0:
            starts.append(super()._boundary(starts[-1] - 1))
        starts.reverse()
        before, behind = self._lines(starts[0], starts[-1]), self._lines(starts[-1], self._ahead(starts[-1]))
        keys = keys_of([*before, *behind], self._format)
        for place in range(len(before), 0, -1):
            following = keys[place : place + NEAR]
            if len(following) == NEAR and {*following}.isdisjoint(filter(None, keys[max(0, place - NEAR) : place])):
                return starts[place]
        return starts[-1] if len(starts) > MOST_JOINED else 0

    def _lines(self, start: int, end: int) -> list[bytes]:
        return self._buffer[start:end].split(b"\n")[:-1]

    def _ahead(self, place: int) -> int:
        """Return where the next ``NEAR`` lines end, or as many of them as there are."""
        for _ in range(NEAR):
            place = self._buffer.find(b"\n", place) + 1 or place
        return place
