"""Plain text, tables with delimiters, and what looks like text in formats that nobody knows."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from waybill.content.parsing.decoding import decoded, encoding_of, segments, text_pieces
from waybill.content.parsing.pieces import Caveat, Content, Reason
from waybill.content.parsing.reading import Source, Task
from waybill.content.parsing.sniffing import delimiter_of
from waybill.content.parsing.tables import tables

_BLOCK = 1 << 20
_WORDS = re.compile(rb"[\x20-\x7e\t]{6,}|(?:[\x20-\x7e]\x00){6,}")
"""Runs of printable ASCII, or of the same in UTF-16, as ``strings`` finds them."""

_LONGEST_LINE = 1 << 20
"""A line of a table that is longer is no row of one."""

csv.field_size_limit(_LONGEST_LINE)


def plain(source: Source, task: Task) -> Iterator[Content]:
    """Yield text in UTF-8, UTF-16, GB 18030, Big5 or another encoding of its time."""
    yield from text_pieces(blocks(source.opened()), encoding_of(source.head), task.place)


def delimited(source: Source, task: Task) -> Iterator[Content]:
    """Yield a table whose cells a comma, tab, semicolon or bar divides (RFC 4180 as far as it goes)."""
    encoding = encoding_of(source.head)
    head = source.head.decode(encoding, "ignore").removeprefix("\ufeff")
    delimiter = delimiter_of(head, whole=source.size <= len(source.head))
    replaced = False

    def texts() -> Iterator[str]:
        nonlocal replaced
        for text, wrong in decoded(blocks(source.opened()), encoding):
            replaced = replaced or wrong
            yield text

    rows = (row for row in csv.reader(_lines(texts()), delimiter=delimiter) if row)
    yield from tables(rows, task.place)
    if replaced:
        yield Caveat(task.place, Reason.ENCODING, encoding)


def strings(source: Source, task: Task) -> Iterator[Content]:
    """Yield what looks like text in bytes of an unknown format, and say that no more was read."""
    yield Caveat(task.place, Reason.UNKNOWN)
    found = (
        word[0].replace(b"\0", b"").decode("ascii") + "\n"
        for block in blocks(source.opened())
        for word in _WORDS.finditer(block)
    )
    yield from segments(found, task.place)


def blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Yield a stream in blocks of a mebibyte."""
    while block := stream.read(_BLOCK):
        yield block


def _lines(texts: Iterable[str]) -> Iterator[str]:
    """Yield lines with their ends; one that is too long for a row comes in several."""
    kept = ""
    for text in texts:
        *lines, kept = (kept + text).replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        yield from (line + "\n" for line in lines)
        if len(kept) > _LONGEST_LINE:
            yield kept + "\n"
            kept = ""
    if kept:
        yield kept
