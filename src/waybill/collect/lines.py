"""Lines of text to records: patterns divide them into fields, pairs inside a field become fields of their own."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from waybill.collect.line_patterns import LineFormat, line_pattern
from waybill.collect.records import Chunk, Parsed, Unread, not_decoded, too_large
from waybill.model.transfers import SEPARATOR

Fields = dict[str, str]

MOST_JOINED = 1000
"""Lines that one record may have; more of them begin another."""

NEAR = 50
"""Lines of other records that may stand among those of one."""

NO_MATCH = "the line matches no pattern"

_PAIR = re.compile(
    r"(?<![\w.-])([A-Za-z_][\w.-]*+)=(?:\"([^\"\\]*+(?:\\.[^\"\\]*+)*+)\"|'([^'\\]*+(?:\\.[^'\\]*+)*+)'|([^\s,;\"']*+))"
)
_ESCAPED = re.compile(r"\\([\"'\\\]])")


def pairs_in(text: str) -> Fields:
    """Return the ``key=value`` pairs of a text, values quoted or not; of a key that repeats, all values."""
    fields: Fields = {}
    for name, *values in _PAIR.findall(text):
        value = next(filter(None, values), "")
        if "\\" in value:
            value = _unescaped(value)
        if value:
            fields[name] = f"{fields[name]}{SEPARATOR}{value}" if name in fields else value
    return fields


def line_records(chunk: Chunk, format: LineFormat, record_bytes: int) -> Parsed:
    """Return the records of a chunk of lines; lines that match no pattern, or cannot be decoded, are told."""
    parsed = Parsed()
    lines = list(_lines(chunk, format, record_bytes, parsed.unread))
    joined = _Joined(format, parsed)
    for (position, line, _), record in zip(lines, fields_of([text for _, _, text in lines], format), strict=True):
        if record is None:
            parsed.unread.append(_unmatched(line, position))
        elif format.join:
            joined.add(line, record, position)
        else:
            parsed.lines.append(line)
            parsed.records.append(record)
            parsed.positions.append(position)
    joined.finish()
    return parsed


def fields_of(texts: Sequence[str], format: LineFormat) -> list[Fields | None]:
    """Return the fields of each line, or None where no pattern matches it."""
    empty = frozenset((None, "", *format.empty))
    records = _matched(texts, format.patterns, empty)
    for name, patterns in format.inside:
        holders = _having(records, name)
        found = _matched([record[name] for record in holders], patterns, empty)
        for holder, inner in zip(holders, found, strict=True):
            holder.update(inner or {})
    for name in format.pairs:
        for record in _having(records, name):
            record.update({**pairs_in(record[name]), **record})
    for name in format.escaped:
        for record in _having(records, name):
            if "\\" in record[name]:
                record[name] = _unescaped(record[name])
    return records


def _having(records: Iterable[Fields | None], name: str) -> list[Fields]:
    return [record for record in records if record is not None and name in record]


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def _matched(texts: Sequence[str], patterns: Iterable[str], empty: Collection[str | None]) -> list[Fields | None]:
    """Return what the first pattern that matches takes from each text; ``empty`` stands for no value."""
    records: list[Fields | None] = [None] * len(texts)
    left: Sequence[int] = range(len(texts))
    for pattern in map(line_pattern, patterns):
        found = pattern.matches(texts if len(left) == len(texts) else [texts[place] for place in left])
        names, unmatched = pattern.names, []
        for place, cells in zip(left, found, strict=True):
            if cells is None:
                unmatched.append(place)
            else:
                records[place] = {name: cell for name, cell in zip(names, cells, strict=True) if cell not in empty}  # type: ignore[misc]
        left = unmatched
        if not left:
            break
    return records


def key_of(line: bytes, format: LineFormat) -> tuple[str | None, ...] | None:
    """Return what this line has in common with the other lines of its record; None if it is no record."""
    return keys_of([line], format)[0]


def keys_of(lines: Sequence[bytes], format: LineFormat) -> list[tuple[str | None, ...] | None]:
    """Return the key of each line."""
    records = fields_of([line.removesuffix(b"\r").decode(errors="replace") for line in lines], format)
    return [None if record is None else _key(record, format) for record in records]


def _key(record: Fields, format: LineFormat) -> tuple[str | None, ...]:
    return tuple(record.get(name) for name in format.join)


def _unmatched(line: bytes, position: int) -> Unread:
    advice = "Add a pattern for such lines to the mapping, or tell it to skip them."
    return Unread(position, line, NO_MATCH, "a line as the mapping's patterns describe it", advice)


def _lines(
    chunk: Chunk, format: LineFormat, record_bytes: int, unread: list[Unread]
) -> Iterator[tuple[int, bytes, str]]:
    """Yield the lines that may be records: number, bytes, text."""
    plain = chunk.data.isascii() and b"\0" not in chunk.data
    for position, ended in enumerate(chunk.data.split(b"\n"), chunk.first):
        line = ended.removesuffix(b"\r")
        if not line:
            continue
        told = too_large(position, record_bytes) if len(line) > record_bytes else None
        told = told or (None if plain else _unreadable(line, position, chunk.encoding))
        if told:
            unread.append(told)
            continue
        text = line.decode(chunk.encoding)
        if not (text.isspace() or (format.skip and text.startswith(format.skip))):
            yield position, line, text


def _unreadable(line: bytes, position: int, encoding: str) -> Unread | None:
    broken = not_decoded(line, encoding)
    if broken:
        return Unread(position, line, *broken)
    if b"\0" in line:
        return Unread(position, line, "the line holds NUL bytes", "text", "Was the file cut off, or is it UTF-16?")
    return None


class _Joined:
    """Puts lines of one record together: those with equal keys that are near each other.

    Writers on several processors interleave the lines of their records, so the lines need not follow at once.
    """

    def __init__(self, format: LineFormat, parsed: Parsed) -> None:
        self._format = format
        self._parsed = parsed
        self._open: dict[tuple[str | None, ...], tuple[int, list[bytes], list[Fields]]] = {}

    def add(self, line: bytes, record: Fields, position: int) -> None:
        """Take the next line."""
        key = _key(record, self._format)
        if key in self._open and self._is_over(key, position):  # whatever else is still open
            self._close(key)
        while self._open and self._is_over(oldest := next(iter(self._open)), position):
            self._close(oldest)
        _, lines, records = self._open.setdefault(key, (position, [], []))
        lines.append(line)
        records.append(record)
        if len(lines) == MOST_JOINED:
            self._close(key)

    def finish(self) -> None:
        """Hand over what is still open."""
        for key in list(self._open):
            self._close(key)

    def _is_over(self, key: tuple[str | None, ...], position: int) -> bool:
        first, lines, _ = self._open[key]
        return position - first - len(lines) >= NEAR

    def _close(self, key: tuple[str | None, ...]) -> None:
        position, lines, records = self._open.pop(key)
        self._parsed.lines.append(b"\n".join(lines))
        self._parsed.positions.append(position)
        self._parsed.records.append(joined(records))


def joined(records: Sequence[Fields]) -> Fields:
    """Return several records as one: a field whose values differ, or that some lack, holds the value of each record.

    So the values of such fields stand in the same order, line by line.
    """
    if len(records) == 1:
        return records[0]
    names = dict.fromkeys(name for record in records for name in record)
    columns = {name: [record.get(name, "") for record in records] for name in names}
    return {name: values[0] if len(set(values)) == 1 else SEPARATOR.join(values) for name, values in columns.items()}
