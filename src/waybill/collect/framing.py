"""Cuts the unpacked bytes of a file into chunks at record boundaries, holding no more than one chunk and one record."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from dataclasses import replace

from waybill.collect import zeek
from waybill.collect.cutting import CsvLines, JoinedLines, Lines, messages
from waybill.collect.mapping import Mapping
from waybill.collect.plan import MEBIBYTE, Limits
from waybill.collect.records import Chunk, Unread
from waybill.collect.sniff import UTF16, Recognised, mark_of, text_encoding
from waybill.collect.unpack import Blocks
from waybill.model.errors import InputError

HEAD = MEBIBYTE
"""How much of a file is looked at to recognise it; more if that holds no whole line yet."""

LONGEST_HEAD = 16 * MEBIBYTE
"""How much is looked at in any case."""


class Content:
    """The content of a file: its beginning to look at, then all of it in blocks.

    UTF-16 is turned into UTF-8, since its bytes cannot be cut at line ends; other encodings stay as they are.
    Where reading fails, blocks end and ``failure`` says why.
    """

    def __init__(self, blocks: Blocks) -> None:
        self.failure: InputError | None = None
        self._blocks = self._guarded(blocks)
        first = next(self._blocks, b"")
        while 0 < len(first) < 4 and (more := next(self._blocks, b"")):
            first += more
        encoding, length = mark_of(first)
        self.marked = bool(encoding)
        """Whether a byte order mark says that it is UTF-8 or UTF-16."""
        self.encoding = encoding
        """The encoding that the mark says, or that was found out."""
        self._start(first[length:], encoding)

    def as_utf16(self) -> None:
        """Read on as UTF-16 without a byte order mark (little-endian, as Windows writes it)."""
        self.encoding = "utf-16-le"
        self._start(self.head, self.encoding)

    def blocks(self) -> Blocks:
        """Yield the content from its beginning."""
        yield self.head
        yield from self._blocks

    def _start(self, first: bytes, encoding: str) -> None:
        blocks = _chain(first, self._blocks)
        self._blocks = _from_utf16(blocks, encoding) if encoding in UTF16 else blocks
        self.head = b""
        self.whole = True
        """Whether the beginning is all there is."""
        for block in self._blocks:
            self.head += block
            if len(self.head) >= HEAD and (b"\n" in self.head or len(self.head) > LONGEST_HEAD):
                self.whole = False
                break

    def _guarded(self, blocks: Blocks) -> Blocks:
        try:
            yield from blocks
        except InputError as error:
            self.failure = error
        except OSError as error:
            self.failure = InputError(f"it cannot be read: {error.strerror or 'input/output error'}")


def _chain(first: bytes, blocks: Blocks) -> Blocks:
    yield first
    yield from blocks


def _from_utf16(blocks: Blocks, encoding: str) -> Blocks:
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    for block in blocks:
        yield decoder.decode(block).encode(errors="surrogatepass")
    rest = decoder.getstate()[0]
    if rest:
        yield b"\xff" * len(rest)  # half a character: not UTF-8 either, so that its record is rejected


def chunks(
    content: Content, recognised: Recognised, limits: Limits, position: int | None = None, preamble: bytes = b""
) -> Iterator[Chunk | Unread]:
    """Yield the chunks of a file, and in their place the records that are too large to be parsed.

    ``position`` is that of the first record where the content was cut out of a file, else it is counted.
    ``preamble`` are the header lines that hold for content cut out behind them.
    """
    mapping, format_ = recognised.mapping, recognised.format
    encoding = text_encoding(mapping, marked=content.marked)
    if format_ in ("ndjson", "lines"):
        for first, data in _lines(content.blocks(), mapping, limits, position or 1).pieces():
            yield data if isinstance(data, Unread) else Chunk(format_, data, encoding, first)
    elif format_ == "zeek":
        yield from _zeek(content, Chunk(format_, b"", encoding, position or 1, preamble=preamble), limits)
    elif format_ == "csv":
        yield from _csv(content, mapping, Chunk(format_, b"", encoding, position or 0, preamble=preamble), limits)
    elif format_ == "mbox":
        for number, data in enumerate(messages(content.blocks(), limits.message_bytes), position or 1):
            yield Chunk("eml", data, encoding, number)
    elif format_ == "eml":
        yield Chunk(format_, _beginning(content, limits.message_bytes), encoding, position or 1)
    else:
        yield _document(content, Chunk(format_, b"", encoding, position or 1), limits)


def _beginning(content: Content, most: int) -> bytes:
    """Return at most so many bytes of a content, all of which is read."""
    kept = bytearray()
    for block in content.blocks():
        kept += block[: max(0, most - len(kept))]
    return bytes(kept)


def _lines(blocks: Blocks, mapping: Mapping, limits: Limits, first: int) -> Lines:
    return JoinedLines(blocks, limits, first, mapping.lines) if mapping.lines.join else Lines(blocks, limits, first)


def _zeek(content: Content, empty: Chunk, limits: Limits) -> Iterator[Chunk | Unread]:
    header = zeek.Header(empty.preamble)
    for first, data in Lines(content.blocks(), limits, empty.first).pieces():
        if isinstance(data, Unread):
            yield data
        else:
            yield replace(empty, data=data, first=first, preamble=header.preamble)
            header.read(data)


def _document(content: Content, empty: Chunk, limits: Limits) -> Chunk | Unread:
    parts, size = [], 0
    for block in content.blocks():
        size += len(block)
        if size > limits.document_bytes:
            expected = f"at most {limits.document_bytes:,} bytes"
            return Unread(0, b"", "the document is too large to be parsed whole", expected, "Split it into lines.")
        parts.append(block)
    return replace(empty, data=b"".join(parts))


def _csv(content: Content, mapping: Mapping, empty: Chunk, limits: Limits) -> Iterator[Chunk | Unread]:
    encoding, delimiter = empty.encoding, mapping.delimiter
    header, length = (mapping.header, 0)
    if not header:
        header, length = _header(empty.preamble or content.head, encoding, delimiter)
    preamble = empty.preamble or content.head[:length]
    blocks = content.blocks()
    if not empty.preamble:
        blocks = _chain(next(blocks)[length:], blocks)
    for first, data in CsvLines(blocks, limits, empty.first or 1 + preamble.count(b"\n"), delimiter).pieces():
        if isinstance(data, Unread):
            yield replace(data, raw=preamble + data.raw if data.raw else b"")
        else:
            yield Chunk("csv", data, encoding, first, header, preamble)


def whole_records(data: bytes, recognised: Recognised, limits: Limits) -> int:
    """Return how many bytes of a part of a file are records that nothing which may follow can change."""
    blocks = iter([data])
    if recognised.format == "csv":
        return CsvLines(blocks, limits, 1, recognised.mapping.delimiter).whole()
    return _lines(blocks, recognised.mapping, limits, 1).whole()


def preamble_after(data: bytes, recognised: Recognised, encoding: str, preamble: bytes) -> bytes:
    """Return the header lines that hold for what follows ``data``; ``preamble`` are those that it followed itself."""
    if recognised.format == "zeek":
        header = zeek.Header(preamble)
        header.read(data)
        return header.preamble
    if recognised.format == "csv" and not preamble and not recognised.mapping.header:
        return data[: _header(data[:HEAD], encoding, recognised.mapping.delimiter)[1]]
    return preamble


def _header(head: bytes, encoding: str, delimiter: str) -> tuple[tuple[str, ...], int]:
    """Return the names of the columns and the length of the header; a name that repeats gets a number."""
    lines = head.splitlines(keepends=True)
    reader = csv.reader((line.decode(encoding, "replace") for line in lines), delimiter=delimiter)
    names: dict[str, None] = {}
    for number, cell in enumerate(next(reader, []), 1):
        name = cell.strip() or f"column {number}"
        names[name if name not in names else f"{name}.{number}"] = None
    return tuple(names), len(b"".join(lines[: reader.line_num]))
