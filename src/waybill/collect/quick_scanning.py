"""What is done to every byte of a log, by machine code of our own (extra ``compiled``).

What it is not sure of goes to the plain way, or to whoever reads records one by one. Flat records: one pass finds the
strings and scalars between the marks of JSON and numbers them by what they hold, in a table that is written anew for
each chunk; only distinct ones are parsed, by the parser that reads whole records.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import orjson

from waybill.collect.cells import Mask, Numbers
from waybill.collect.dictionary import Codes, Dictionary
from waybill.collect.flat_lines import FlatLines, parsed_scalars
from waybill.collect.machine_code import BLAKE2B, HASHED_TOGETHER, HIDES, IS_SCALAR, MachineCode
from waybill.collect.scalars import text
from waybill.collect.scanning import PLAIN, Scanning
from waybill.model.ids import ID_BYTES
from waybill.model.transfers import SEPARATOR

if TYPE_CHECKING:
    from waybill.collect.privacy import OwnNames

_FIELD_BYTES, _MEMBER_BYTES, _RECORD_BYTES = 5, 3, 7
"""How short a field, the member of a list and a line with a record can be."""

_TOKEN_BYTES = 32
"""Bytes of a chunk for each of its distinct strings and scalars: sound logs repeat themselves more than that."""

_HASHED_BYTES = 128
"""Bytes that BLAKE2b hashes at once; a key stands before all else, by itself."""

_SEED = secrets.randbits(64)
"""Nobody outside can know which texts share a place in the table."""

Table = npt.NDArray[np.int32]


class Quick:
    """With machine code."""

    def __init__(self, code: bytes) -> None:
        """``code``: what ``machine_code.object_file`` returns."""
        self._run = MachineCode(code)

    def read_flat(self, data: bytes) -> FlatLines | None:
        """Return the flat records among lines."""
        size = len(data)
        if size > np.iinfo(np.int32).max:
            return PLAIN.read_flat(data)
        fields = np.empty((size // _FIELD_BYTES + 1, 3), np.int32)
        members = np.empty((size // _MEMBER_BYTES + 1, 2), np.int32)
        records = np.empty((size // _RECORD_BYTES + 1, 2), np.int32)
        most = size // _TOKEN_BYTES + 1024
        tokens, keys = np.empty((most, 3), np.int32), np.empty(most, np.uint64)
        slots, counts = np.zeros(1 << (2 * most - 1).bit_length(), np.int32), np.zeros(3, np.int64)
        given = (np.frombuffer(data, np.uint8), size, _SEED, fields, members, records)
        count = self._run("read_lines", *given, tokens, slots, keys, most, len(slots) - 1, counts)
        if count < 0:
            return PLAIN.read_flat(data)
        if count == 0:
            return None
        tokens = tokens[: counts[2]]
        parsed = self._parsed(data, tokens)
        return _records(parsed, tokens, fields[: counts[0]], members[: counts[1]], records[:count])

    def _parsed(self, data: bytes, tokens: Table) -> tuple[list[Any], list[int]]:
        """Return the values of tokens, and which of them are none."""
        room = np.empty(int((tokens[:, 1] - tokens[:, 0]).sum()) + len(tokens) + 1, np.uint8)
        size = self._run("join_tokens", np.frombuffer(data, np.uint8), tokens, len(tokens), room)
        try:
            return orjson.loads(room[:size].data), []
        except ValueError:
            return parsed_scalars([data[start:end] for start, end in tokens[:, :2].tolist()])

    def may_name_people(self, values: list[str], joined: str, is_clean: Callable[[str], bool]) -> list[str]:
        """Look for what an address, an account, a folder or an identifier may begin with, line by line."""
        content = joined.encode(errors="surrogatepass")
        texts = values if len(content) == len(joined) else [value.encode(errors="surrogatepass") for value in values]
        ends, found = _ends(texts), np.empty((content.count(b"\n") + 1, 3), np.int64)
        count = self._run("may_name_people", _bytes(content), ends, len(values), found)
        suspects: dict[int, None] = {}
        for number, start, end in found[:count].tolist():
            is_whole = end - start == len(texts[number])
            if is_whole or not is_clean(content[start:end].decode(errors="surrogatepass")):
                suspects[number] = None
        return [values[number] for number in suspects]

    def named_elsewhere(self, lines: Sequence[bytes], owns: Sequence[OwnNames], own_of_line: Codes) -> Mask:
        """Count names in every record."""
        joined, answers = b"\n".join(lines), np.empty(len(lines), np.uint8)
        expected = [own.expected for own in owns]
        firsts = np.concatenate(([0], np.cumsum([len(one) for one in expected]))).astype(np.int64)
        names = [name for one in expected for name, _ in one]
        times = np.array([count for one in expected for _, count in one], np.int64)
        given = (_bytes(joined), _ends(lines), len(lines), own_of_line, firsts)
        self._run("count_names", *given, _bytes(b"".join(names)), _starts(names), times, answers)
        unsure = np.array([not own.plain for own in owns], bool)[own_of_line]
        if b"\\u" in joined:
            unsure |= np.array([b"\\u" in line for line in lines], bool)
        elsewhere: Mask = np.logical_or(answers, unsure)
        return elsewhere

    def swapped(self, lines: Sequence[bytes], owns: Sequence[OwnNames], own_of_line: Codes) -> list[bytes | None]:
        """Replace the field of all records at once where each has one."""
        if any(len(own.literals) != 1 for own in owns):
            return PLAIN.swapped(lines, owns, own_of_line)
        literals = [own.literals[0] for own in owns]
        olds, news = [old for old, _, _ in literals], [new for _, new, _ in literals]
        times = np.array([count for _, _, count in literals], np.int64)
        growth = np.array([max(0, len(new) - len(old)) * count for old, new, count in literals], np.int64)
        joined = b"\n".join(lines)
        room = np.empty(len(joined) + growth[own_of_line].sum(), np.uint8)
        ends = np.empty(len(lines), np.int64)
        given = (_bytes(joined), _ends(lines), len(lines), own_of_line)
        swaps = (_bytes(b"".join(olds)), _starts(olds), _bytes(b"".join(news)), _starts(news), times)
        written = room[: self._run("swap", *given, *swaps, room, ends)].tobytes()
        return [written[start:end] or None for start, end in pairwise([0, *ends.tolist()])]

    def record_ids(self, lines: Sequence[bytes], key: bytes, source: str) -> bytes:
        """Hash eight at a time."""
        head = key.ljust(_HASHED_BYTES, b"\0") + source.encode() + b"\0"
        begin = np.array(BLAKE2B, np.uint64)
        begin[0] ^= np.uint64(0x01010000 | len(key) << 8 | ID_BYTES)
        ends, ids = _ends(lines), np.empty(2 * len(lines), np.uint64)
        order = np.argsort(np.diff(ends, prepend=-1), kind="stable")
        room = np.empty(27 * HASHED_TOGETHER, np.uint64)
        given = (_bytes(b"\n".join(lines)), ends, len(lines), order, _bytes(head), len(head))
        self._run("hash_records", *given, begin, room, ids)
        return ids.tobytes()


def scanning_with(code: bytes | None) -> Scanning:
    """Return what scans with an object file, or plainly without one."""
    return Quick(code) if code else PLAIN


def _records(
    parsed: tuple[list[Any], list[int]], tokens: Table, fields: Table, members: Table, records: Table
) -> FlatLines | None:
    """Return the records whose strings and scalars could be parsed, if any."""
    values, broken = parsed
    for place in np.flatnonzero(tokens[:, 2] == IS_SCALAR).tolist():
        values[place] = text(values[place])
    dictionary = Dictionary()
    codes_of_tokens = dictionary.numbers(values, len(values))
    names, found, is_list = fields[:, 0], fields[:, 1].copy(), fields[:, 2] != 0
    firsts = found[is_list]
    found[is_list] = members[firsts, 1]
    codes = codes_of_tokens[found]
    codes[is_list] = _joined(dictionary, codes_of_tokens[members[:, 1]], firsts)
    starts = np.append(records[:, 1], len(fields)).astype(np.int64)

    def having(marked: Mask) -> Mask:
        """Return which records have a token that is marked."""
        marks = marked[names] | marked[found]
        marks[members[marked[members[:, 1]], 0]] = True
        return np.logical_or.reduceat(marks, starts[:-1])

    hides = having((tokens[:, 2] & HIDES) != 0)
    if broken:
        marked = np.zeros(len(tokens), bool)
        marked[broken] = True
        sound = ~having(marked)
        cells = np.repeat(sound, np.diff(starts))
        starts = np.concatenate(([0], np.cumsum(np.diff(starts)[sound])))
        records, hides, names, codes, is_list = records[sound], hides[sound], names[cells], codes[cells], is_list[cells]
    if not len(records):
        return None
    return FlatLines(dictionary, records[:, 0].astype(np.int64), starts, codes_of_tokens[names], codes, is_list, hides)


def _joined(dictionary: Dictionary, codes: Codes, firsts: Table) -> Codes:
    """Return the number of the text of each list: of its members, if several, joined."""
    joined = codes[firsts]
    ends = np.append(firsts[1:], len(codes))
    for place in np.flatnonzero(ends - firsts > 1).tolist():
        texts = [dictionary.texts[code] or "" for code in codes[firsts[place] : ends[place]].tolist()]
        joined[place] = dictionary[SEPARATOR.join(texts)]
    return joined


def _bytes(content: bytes) -> npt.NDArray[np.uint8]:
    return np.frombuffer(content or b"\0", np.uint8)


def _starts(texts: Sequence[bytes]) -> Numbers:
    """Return where each text starts among all, one behind the other, and where the last ends."""
    starts = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)), out=starts[1:])
    return starts


def _ends(texts: Sequence[bytes] | Sequence[str]) -> Numbers:
    """Return where each text ends among all, with one letter between two."""
    return np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)) + 1) - 1
