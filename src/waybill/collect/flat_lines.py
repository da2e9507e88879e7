"""NDJSON of flat records to numbers of names and texts, without an object for each value.

Quotes cut a chunk into strings and what stands between them. Logs repeat themselves, so few of either are distinct:
each distinct one is parsed once, by the parser that reads whole records, and the rest is arithmetic on arrays. A line
that is not understood for certain (nested, broken) is left to whoever parses records one by one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import compress
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from waybill.collect.cells import Mask, Numbers
from waybill.collect.dictionary import Codes, Dictionary
from waybill.collect.scalars import text
from waybill.model.transfers import SEPARATOR

MOST_BACKSLASHES = 64
"""In a row in front of a quote; each costs a look at all quotes that have so many."""

MOST_QUOTES = 2_000_000
"""In a chunk; each takes a hundred bytes of memory, and a sound log of 4 MiB has half a million."""

_QUOTE, _BACKSLASH, _LINE_END = b'"\\\n'

_BROKEN, _COLON, _COMMA, _SCALAR, _OPEN, _SHUT, _END = range(7)
"""What is between two strings: a colon, a comma, a scalar behind its colon, a list's begin or end, a record's end."""

_NAME, _VALUE, _MEMBER = range(3)
"""What a string is: the name of a field, its value, or a member of the list that is its value."""

_FOLLOWS = np.zeros((3, 7), bool)
"""Whether something may stand behind a string."""
_FOLLOWS[_NAME, [_COLON, _SCALAR, _OPEN]] = True
_FOLLOWS[_VALUE, [_COMMA, _END]] = True
_FOLLOWS[_MEMBER, [_COMMA, _SHUT]] = True

_BETWEEN = re.compile(
    rb"[ \t\r]*(?:(?P<colon>:)(?:[ \t\r]*(?P<open>\[))?"
    rb"|(?:(?P<shut>\])|:[ \t\r]*(?P<scalar>[^ \t\r\n,:{}\[\]]+))?[ \t\r]*(?P<end>[,}]))[ \t\r]*"
)
_BLANKS = b" \t\r"
_NO_VALUE = object()


@dataclass(frozen=True, slots=True)
class FlatLines:
    """Records whose values are scalars, or lists of strings."""

    dictionary: Dictionary
    lines: Numbers
    """The line of each record, counted from 0."""
    starts: Numbers
    """Where the fields of each record start, and the number of all fields."""
    names: Codes
    """The number of each field's name."""
    codes: Codes
    """The number of each field's text; the members of a list are joined."""
    is_list: Mask
    hides: Mask
    """Whether a record has escapes that may hide letters."""


def read_flat(data: bytes) -> FlatLines | None:
    """Return the flat records among lines of JSON; None if there are none, or it would be too dear to find out."""
    framed = b"\n" + data + b"\n"
    quotes = _quotes(np.frombuffer(framed, np.uint8))
    if quotes is None or len(quotes) == 0 or len(framed) > np.iinfo(np.int32).max:
        return None
    offsets = np.zeros(len(quotes) + 2, np.int32)
    offsets[1:-1] = quotes
    offsets[2:-1:2] += 1
    offsets[-1] = len(framed)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(framed)]
    segments = pa.Array.from_buffers(pa.binary(), len(offsets) - 1, buffers).dictionary_encode()
    numbers = segments.indices.to_numpy()
    return _Segments(segments.dictionary.to_pylist(), numbers[::2], numbers[1::2]).records()


def _quotes(content: np.ndarray) -> Numbers | None:
    """Return where strings begin and end, but those of lines whose quotes do not match; None if that is too dear."""
    quotes = np.flatnonzero(content == _QUOTE)
    if len(quotes) > MOST_QUOTES:
        return None
    behind = np.flatnonzero(content[quotes - 1] == _BACKSLASH)
    backslashes = np.ones(len(behind), np.int64)
    more = np.arange(len(behind))
    while len(more):
        if backslashes[more[0]] > MOST_BACKSLASHES:
            return None
        more = more[content[quotes[behind[more]] - backslashes[more] - 1] == _BACKSLASH]
        backslashes[more] += 1
    kept = np.ones(len(quotes), bool)
    kept[behind[backslashes % 2 == 1]] = False
    quotes = quotes[kept]
    in_lines = np.diff(np.searchsorted(quotes, np.flatnonzero(content == _LINE_END)))
    matching = in_lines % 2 == 0
    return quotes if matching.all() else quotes[np.repeat(matching, in_lines)]


class _Segments:
    """A chunk cut at the quotes: strings, and what is between them, before the first and behind the last."""

    def __init__(self, distinct: list[bytes], between: Codes, strings: Codes) -> None:
        self._between = between
        self._strings = strings
        self._kinds = np.full(len(distinct), _BROKEN, np.int8)
        """What each distinct segment is that is no string."""
        self._line_ends = np.zeros(len(distinct), np.int64)
        self._begins = np.zeros(len(distinct), bool)
        """Whether a record begins at the end of a segment."""
        self._is_sound = np.ones(len(distinct), bool)
        """Whether a string can be parsed."""
        self._hides = np.zeros(len(distinct), bool)
        """Whether a string has escapes that may hide letters."""
        is_string = np.zeros(len(distinct), bool)
        is_string[strings] = True
        self._dictionary = Dictionary()
        self._codes = np.zeros(len(distinct), np.int32)
        """The number of the text of each distinct string and scalar."""
        self._read_strings(np.flatnonzero(is_string), list(compress(distinct, is_string.tolist())))
        self._read_scalars({place: distinct[place] for place in np.flatnonzero(~is_string).tolist()})

    def _read_strings(self, places: Numbers, strings: list[bytes]) -> None:
        texts, broken = parsed_scalars(strings)
        self._codes[places] = self._dictionary.numbers(texts, len(texts))
        self._is_sound[places[broken]] = False
        hiding = [b"\\u" in one and b"\\u" in one.replace(b"\\\\", b"") for one in strings]
        self._hides[places] = hiding

    def _read_scalars(self, segments: dict[int, bytes]) -> None:
        found = {place: self._classified(place, segment) for place, segment in segments.items()}
        scalars = {place: scalar for place, scalar in found.items() if scalar is not None}
        places = np.fromiter(scalars, np.int64, len(scalars))
        values, broken = parsed_scalars(list(scalars.values()))
        self._codes[places] = self._dictionary.numbers(map(text, values), len(values))
        self._kinds[places[broken]] = _BROKEN

    def _classified(self, place: int, segment: bytes) -> bytes | None:
        """Say what a segment between strings is; return the scalar in it, still to be parsed."""
        if segment[:1] == b":" and segment[-1:] == b"," and b"\n" not in segment:  # by far the commonest, if distinct
            self._kinds[place] = _SCALAR
            return segment[1:-1]
        ending, line_end, rest = segment.partition(b"\n")
        found = _BETWEEN.fullmatch(ending)
        if line_end:
            self._line_ends[place] = segment.count(b"\n")
            self._begins[place] = rest.rpartition(b"\n")[2].strip(_BLANKS) == b"{"
        if found is None or (found["end"] == b"}") != bool(line_end):
            return None
        if found["colon"]:
            self._kinds[place] = _OPEN if found["open"] else _COLON
        elif found["shut"]:
            self._kinds[place] = _SHUT
        elif found["scalar"]:
            self._kinds[place] = _SCALAR
        else:
            self._kinds[place] = _END if line_end else _COMMA
        return found["scalar"]

    def records(self) -> FlatLines | None:
        """Return the records of all lines that are understood, if any."""
        between, strings = self._between, self._strings
        kinds, line_ends = self._kinds[between], self._line_ends[between]
        lines = np.cumsum(line_ends[:-1]) - 1
        before, behind = kinds[:-1], kinds[1:]
        no_comma = np.maximum.accumulate(np.where(before == _COMMA, 0, np.arange(len(strings))))
        roles = np.where(before == _COLON, _VALUE, _NAME)
        roles[kinds[no_comma] == _OPEN] = _MEMBER
        wrong = ~_FOLLOWS[roles, behind] | ~self._is_sound[strings] | ((line_ends > 0) & ~self._begins[between])[:-1]
        misread = np.zeros(lines[-1] + 1, bool)
        misread[lines[wrong]] = True
        fields = np.flatnonzero((roles == _NAME) & ~misread[lines])
        codes = np.where(
            behind[fields] == _SCALAR,
            self._codes[between[fields + 1]],
            self._codes[strings[(fields + 1) % len(strings)]],
        )
        is_list = behind[fields] == _OPEN
        self._join(codes, fields, np.flatnonzero(is_list), np.flatnonzero(behind == _SHUT))
        if not len(fields):
            return None
        firsts = np.flatnonzero(np.diff(lines[fields], prepend=-1))
        starts = np.append(firsts, len(fields))
        hides = np.zeros(len(misread), bool)
        hides[lines[self._hides[strings]]] = True
        lines = lines[fields[firsts]]
        names = self._codes[strings[fields]]
        return FlatLines(self._dictionary, lines, starts, names, codes, is_list, hides[lines])

    def _join(self, codes: Codes, fields: Numbers, lists: Numbers, last_members: Numbers) -> None:
        """Join the members of lists that have several."""
        first = fields[lists] + 1
        last = last_members[np.searchsorted(last_members, first)]
        several = last > first
        texts = self._dictionary.texts
        for place, start, end in zip(lists[several], first[several], last[several], strict=True):
            members = self._codes[self._strings[start : end + 1]].tolist()
            codes[place] = self._dictionary[SEPARATOR.join([texts[code] or "" for code in members])]


def parsed_scalars(tokens: list[bytes]) -> tuple[list[Any], list[int]]:
    """Return the scalars that tokens are, None for those that are none, and which those are."""
    try:
        values: list[Any] = orjson.loads(b"[" + b",".join(tokens) + b"]")
    except ValueError:
        pass
    else:
        if len(values) == len(tokens) and {list, dict}.isdisjoint(map(type, values)):
            return values, []  # no two tokens can have been read as one scalar
    values = list(map(_parsed_alone, tokens))
    broken = [place for place, value in enumerate(values) if value is _NO_VALUE]
    return [None if value is _NO_VALUE else value for value in values], broken


def _parsed_alone(token: bytes) -> Any:
    try:
        value = orjson.loads(token)
    except ValueError:
        return _NO_VALUE
    return _NO_VALUE if type(value) in (list, dict) else value
