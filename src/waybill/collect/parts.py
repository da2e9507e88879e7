"""A file on its way from place to place: what is read becomes whole records, what may be unfinished is left."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from typing import Self

import msgspec

from waybill.collect.contents import PRINT_BYTES, Contents
from waybill.collect.framing import Content, chunks, preamble_after, whole_records
from waybill.collect.plan import MEBIBYTE, Plan
from waybill.collect.records import UTF8, Chunk, Unread, too_large
from waybill.collect.sniff import UTF16, Recognised, mark_of, text_encoding
from waybill.collect.steps import File, Step

PART_BYTES = 32 * MEBIBYTE
"""How much is read between one place and the next; twice the largest record if that is more."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Up to where a file was read, and how to go on there. Holds nothing of its records."""

    offset: int
    """Bytes of the unpacked content."""
    line: int
    """Position of the next record."""
    mapping: str
    format: str
    encoding: str
    """``utf-8``, ``utf-16-le`` or ``utf-16-be`` where a byte order mark or NULs say so; else empty."""
    preamble: bytes
    """The header lines that hold from here on."""
    inside: bool
    """Whether ``offset`` is inside a line that is too long to be read."""
    first: bytes
    last: bytes
    """Keyed hashes of the first and the last ``PRINT_BYTES`` before ``offset``."""


def content_mark(content: bytes, plan: Plan) -> bytes:
    """Return the keyed hash by which content is known again."""
    return hashlib.blake2b(content, digest_size=16, key=plan.id_key, person=b"file").digest()


def part_bytes(plan: Plan) -> int:
    """Return how much is read between one place and the next."""
    return max(PART_BYTES, 2 * plan.limits.record_bytes)


class Reading:
    """What was read of a file from one place on, and how much of it was made into records."""

    def __init__(self, contents: Contents, file: File, recognised: Recognised, encoding: str) -> None:
        self.contents = contents
        self.file = file
        self.raw = b""
        """Content that was read and belongs to no record yet."""
        self._recognised = recognised
        self._encoding = encoding
        self._limits = file.plan.limits
        self._offset, self._first, self._last = 0, b"", b""
        self._line = 1
        self._preamble = b""
        self._inside = False
        self._text = b""
        """``raw`` as UTF-8 where it is UTF-16, else itself."""
        self._size = 0
        """How much of ``text`` is whole records."""

    @classmethod
    def begun(cls, contents: Contents, file: File, recognised: Recognised, encoding: str, head: bytes) -> Self:
        """Return a reading at the beginning of a file: of ``head``, which was read, behind a byte order mark."""
        reading = cls(contents, file, recognised, encoding)
        reading.raw = head
        reading._pass(mark_of(head)[1])
        return reading

    @classmethod
    def at(cls, place: Place, contents: Contents, file: File, recognised: Recognised) -> Self:
        """Return a reading that goes on at a place, where ``contents`` stands."""
        reading = cls(contents, file, recognised, place.encoding)
        reading._offset, reading._first, reading._last = place.offset, contents.first, contents.last
        reading._line, reading._preamble, reading._inside = place.line, place.preamble, place.inside
        return reading

    def place(self) -> Place:
        """Return up to where the records were handed out."""
        return Place(
            offset=self._offset,
            line=self._line,
            mapping=self._recognised.mapping.name,
            format=self._recognised.format,
            encoding=self._encoding,
            preamble=self._preamble,
            inside=self._inside,
            first=content_mark(self._first, self.file.plan),
            last=content_mark(self._last, self.file.plan),
        )

    def fill(self) -> bool:
        """Read more; return whether there is a whole record, or a line too long for one."""
        self.raw += self.contents.read(part_bytes(self.file.plan) - len(self.raw))
        self._text = self._decoded()
        if self._inside:
            self._skip_line()
        self._size = whole_records(self._text, self._recognised, self._limits)
        return self._size > 0 or (len(self._text) > self._limits.record_bytes and b"\n" not in self._text)

    def steps(self) -> Iterator[Step]:
        """Yield the steps of the whole records there are, and leave the rest."""
        if self._size:
            text = self._text[: self._size]
            yield from self._steps_of(text)
            self._preamble = preamble_after(text, self._recognised, self._text_encoding, self._preamble)
            self._line += text.count(b"\n")
        else:
            text = self._text
            yield Step(self.file, self._recognised, unread=too_large(self._line, self._limits.record_bytes))
            self._inside = True
        self._consume(text)

    def last_steps(self) -> Iterator[Step]:
        """Yield the steps of what is left at the end of a file, which stays where it is."""
        if self.raw and not self._inside:
            half = len(self.raw) % 2 if self._encoding in UTF16 else 0
            yield from self._steps_of(self._text + b"\xff" * half)

    def pass_end(self) -> None:
        """Pass over what ``last_steps`` gave: what is written behind it is read as if a record began there."""
        self._line += self._text.count(b"\n")
        self._pass(len(self.raw))

    @property
    def _text_encoding(self) -> str:
        return text_encoding(self._recognised.mapping, marked=bool(self._encoding))

    def _steps_of(self, text: bytes) -> Iterator[Step]:
        content = Content(blocks_of(codecs.BOM_UTF8 + text if self._encoding else text))
        position = self._line if self._line > 1 else None
        for part in chunks(content, self._recognised, self._limits, position, self._preamble):
            yield step_of(self.file, self._recognised, part)

    def _decoded(self) -> bytes:
        if self._encoding not in UTF16:
            return self.raw
        even = self.raw[: len(self.raw) // 2 * 2]
        return even.decode(self._encoding, "surrogatepass").encode(UTF8, "surrogatepass")

    def _consume(self, text: bytes) -> None:
        self._text = self._text[len(text) :]
        size = len(text)
        if self._encoding in UTF16:
            size = len(text.decode(UTF8, "surrogatepass").encode(self._encoding, "surrogatepass"))
        self._pass(size)

    def _pass(self, size: int) -> None:
        """Leave ``size`` bytes of what was read behind."""
        used, self.raw = self.raw[:size], self.raw[size:]
        self._offset += size
        self._first = (self._first + used[:PRINT_BYTES])[:PRINT_BYTES]
        self._last = (self._last + used[-PRINT_BYTES:])[-PRINT_BYTES:]

    def _skip_line(self) -> None:
        """Pass over the rest of a line that is too long; that it is was told."""
        end = self._text.find(b"\n") + 1
        self._consume(self._text[: end or len(self._text)])
        if end:
            self._inside = False
            self._line += 1


def step_of(file: File, recognised: Recognised, part: Chunk | Unread) -> Step:
    """Return the step for a part of a file."""
    if isinstance(part, Unread):
        return Step(file, recognised, unread=part)
    return Step(file, recognised, chunk=part)


def blocks_of(data: bytes) -> Iterator[bytes]:
    """Yield data in blocks, so that nobody looks at all of it to see what it is."""
    return (data[start : start + MEBIBYTE] for start in range(0, len(data), MEBIBYTE))
