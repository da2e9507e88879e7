"""Records on their way from bytes to rows: a chunk to parse, what parsing made of it, and what it could not read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from waybill.collect.flatten import DEEPEST, LONGEST_PATH
from waybill.collect.plan import Rejected
from waybill.collect.scalars import Row
from waybill.model.carried import Carried

UTF8 = "utf-8"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of a file that can be parsed by itself."""

    format: str
    """One of ``mapping.FORMATS``."""
    data: bytes
    encoding: str = UTF8
    first: int = 1
    """Position of its first record: line number of a text format, else record number."""
    header: tuple[str, ...] = ()
    """Names of CSV columns."""
    preamble: bytes = b""
    """What must stand before a record of this chunk so that it can be read by itself: the header line of a CSV."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A record that could not be parsed."""

    position: int
    raw: bytes
    reason: str
    expected: str
    advice: str = ""
    field: str = ""


class Originals(Protocol):
    """The records of a chunk, for those that are to be written anew."""

    def row(self, number: int) -> Row:
        """Return a record as a flat row, the same object each time."""

    def record(self, number: int) -> Any:
        """Return a record in the shape in which it is kept, which may be its row."""


def rejected_of(record: Unread, source: str, file: str, preamble: bytes = b"") -> Rejected:
    """Return what is handed over for a record that could not be read."""
    what = record.field, record.reason, record.expected, record.advice
    return Rejected(source, file, record.position, *what, preamble + record.raw if record.raw else b"")


@dataclass(slots=True)
class Parsed:
    """Parsed records, as lists of one length, and what could not be parsed."""

    lines: list[bytes] = field(default_factory=list)
    """Canonical bytes, see ``model.ids``."""
    records: list[dict[str, Any]] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    carried: list[Carried | None] = field(default_factory=list)
    """What was found in what each tells of, where content was at hand; else empty."""
    unread: list[Unread] = field(default_factory=list)

    def add(self, line: bytes, record: Any, position: int) -> None:
        """Take a record, or tell that it is none."""
        if type(record) is not dict:
            reason = "the JSON value is not an object"
            self.unread.append(Unread(position, line, reason, 'an object, like {"time": …}'))
            return
        self.lines.append(line)
        self.records.append(record)
        self.positions.append(position)

    def leave_out(self, places: list[int], reason: str, expected: str) -> None:
        """Tell that some of the records cannot be used after all."""
        self.unread += [Unread(self.positions[place], self.lines[place], reason, expected) for place in places]
        for values in (self.lines, self.records, self.positions, self.carried):
            for place in reversed(places) if values else ():
                del values[place]


NESTED_TOO_DEEPLY = (
    "the record is nested too deeply",
    f"{DEEPEST} levels, and paths of {LONGEST_PATH:,} letters, at most",
)


def too_large(position: int, record_bytes: int) -> Unread:
    """Return what to tell of a record that is larger than allowed; its bytes are not kept."""
    expected = f"at most {record_bytes:,} bytes"
    return Unread(position, b"", "the record is too large", expected, "Raise max_record_bytes and read it again.")


def not_decoded(line: bytes, encoding: str) -> tuple[str, str, str] | None:
    """Return reason, expectation and advice if bytes are not in the encoding they should be in."""
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        pass
    else:
        return None
    reason, expected = f"the bytes are not {encoding.upper()}", f"text in {encoding.upper()}"
    if encoding == UTF8 and _looks_like_gb18030(line):
        return f"{reason} and look like GB 18030", expected, 'Write encoding = "gb18030" into the mapping.'
    return reason, expected, "Write the encoding of the file into the mapping, or mend the bytes."


def _looks_like_gb18030(line: bytes) -> bool:
    """Return whether bytes read as GB 18030 give common Chinese characters and nothing strange."""
    try:
        characters = [character for character in line.decode("gb18030") if not character.isascii()]
    except UnicodeDecodeError:
        return False
    common = sum("\u4e00" <= character <= "\u9fff" or "\u3000" <= character <= "\u303f" for character in characters)
    return bool(characters) and common >= 0.8 * len(characters)
