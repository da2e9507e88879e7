"""Tab-separated logs of Zeek: directives say how the lines below them are to be read.

``#separator \\x09``, ``#set_separator``, ``#empty_field``, ``#unset_field``, ``#fields`` and ``#types`` may come again
amid a file that was put together of several; they hold for the lines that follow. Characters that would divide cells
are written as ``\\xNN``. See https://docs.zeek.org/en/master/log-formats.html.
"""

from __future__ import annotations

import re
from typing import Any

from waybill.collect.records import Chunk, Parsed, Unread, not_decoded, too_large
from waybill.model.transfers import SEPARATOR

_DIRECTIVE = re.compile(rb"^#(separator|set_separator|empty_field|unset_field|path|fields|types)\b[^\n]*", re.MULTILINE)
_ESCAPED = re.compile(r"(?:\\x[0-9A-Fa-f]{2})+")
_MANY = ("set[", "vector[")


class Header:
    """What the directives read so far say."""

    def __init__(self, preamble: bytes = b"") -> None:
        self._lines: dict[bytes, bytes] = {}
        self.read(preamble)

    def read(self, data: bytes) -> None:
        """Take the directives among some lines; a new list of fields makes the former types void."""
        for found in _DIRECTIVE.finditer(data) if b"#" in data else ():
            if found[1] == b"fields":
                self._lines.pop(b"types", None)
            self._lines[found[1]] = found[0].removesuffix(b"\r")
        separator = self._lines.get(b"separator", b"#separator \\x09").split(b" ", 1)[-1].decode("latin-1")
        self.separator = _unescaped(separator) or "\t"
        self.set_separator = self._one("set_separator") or ","
        self.empty, self.unset = self._one("empty_field") or "(empty)", self._one("unset_field") or "-"
        self.fields = self._many("fields")
        self.types = self._many("types")

    @property
    def preamble(self) -> bytes:
        """The directives, as lines that a record may be read behind."""
        return b"".join(line + b"\n" for line in self._lines.values())

    def _many(self, name: str) -> list[str]:
        line = self._lines.get(name.encode(), b"").decode(errors="replace")
        return line.split(self.separator)[1:]

    def _one(self, name: str) -> str:
        return next(iter(self._many(name)), "")

    def record(self, cells: list[str]) -> dict[str, Any]:
        """Return the fields of a line; sets and vectors are joined, what is unset or empty is left out."""
        record: dict[str, Any] = {}
        types = self.types if len(self.types) == len(self.fields) else [""] * len(self.fields)
        for name, type_, cell in zip(self.fields, types, cells, strict=True):
            if cell in ("", self.unset, self.empty):
                continue
            if type_.startswith(_MANY):
                cell = SEPARATOR.join(_unescaped(item) for item in cell.split(self.set_separator))  # noqa: PLW2901
            elif "\\x" in cell:
                cell = _unescaped(cell)  # noqa: PLW2901
            record[name] = cell
        return record


def zeek_records(chunk: Chunk, record_bytes: int) -> Parsed:
    """Return the records of a chunk."""
    parsed, header = Parsed(), Header(chunk.preamble)
    for position, ended in enumerate(chunk.data.split(b"\n"), chunk.first):
        line = ended.removesuffix(b"\r")
        if line.startswith(b"#"):
            header.read(line)
        elif len(line) > record_bytes:
            parsed.unread.append(too_large(position, record_bytes))
        elif line:
            record = _record(line, header, chunk.encoding)
            if isinstance(record, dict):
                parsed.add(line, record, position)
            else:
                parsed.unread.append(Unread(position, line, *record))
    return parsed


def _record(line: bytes, header: Header, encoding: str) -> dict[str, Any] | tuple[str, str, str]:
    """Return the fields of a line; or reason, expectation and advice if it has none."""
    broken = None if line.isascii() else not_decoded(line, encoding)
    if broken:
        return broken
    cells = line.decode(encoding).split(header.separator)
    if len(cells) == len(header.fields):
        return header.record(cells)
    return f"the record has {len(cells)} cells", f"{len(header.fields)} cells, as #fields has names", ""


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: bytes.fromhex(found[0].replace("\\x", "")).decode(errors="replace"), text)
