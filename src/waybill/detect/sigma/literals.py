"""Looks for all literals that rules ask of one field, in all its distinct texts at once.

What a text must equal is looked up in a hash of all that is wanted; what it must contain, begin or end with is found in
one pass over the texts (Aho-Corasick). For that each text stands between two marks, so that what a text must begin or
end with is a literal too, with a mark before or after it. A text that holds marks itself deceives nobody: where a match
stands is compared with where its text begins and ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain, pairwise
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from waybill.detect.sigma.predicates import Op, Predicate

_BEFORE, _AFTER, _NEWLINE = "\x02", "\x03", "\n"

Places: TypeAlias = npt.NDArray[np.int64]
"""Numbers of texts."""

Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]
"""For each row, the number of the distinct value that it holds."""

Literal: TypeAlias = tuple[Op, str]
"""What a text must equal, contain, begin or end with; folded."""

LITERAL = frozenset({Op.EQUALS, Op.CONTAINS, Op.STARTS, Op.ENDS})
"""Operators that are about literals."""

_LARGE = 40_000
"""Letters of all literals beyond which an automaton without a full table is built: a table would take too long."""

_FEW = 64
"""Literals up to which vector instructions find the texts that have any of them, ten times as fast."""

_LONG = 400
"""Bytes of texts on average from which their lines are looked at, each distinct one once: scripts repeat lines."""


class Literals:
    """The literals of some predicates about one field."""

    def __init__(self, predicates: Iterable[Predicate]) -> None:
        self._whole: dict[str, Literal] = {}
        self._pieces: dict[str, Literal] = {}
        for predicate in predicates:
            if predicate.op in LITERAL and not predicate.cased:
                for value in map(str, predicate.values):
                    self._want(predicate.op, value)

    @classmethod
    def of(cls, literals: Iterable[Literal]) -> Literals:
        """Return these literals, which others have known."""
        made = cls(())
        for op, value in literals:
            made._want(op, value)
        return made

    def _want(self, op: Op, value: str) -> None:
        if op is Op.EQUALS and is_unicode(value):
            self._whole[value] = (op, value)
        elif value and is_unicode(value) and _BEFORE not in value and _AFTER not in value:
            self._pieces[_marked(op, value)] = (op, value)

    @cached_property
    def known(self) -> frozenset[Literal]:
        """All of them."""
        return frozenset((*self._whole.values(), *self._pieces.values()))

    def knows(self, op: Op, value: str) -> bool:
        """Return whether this literal is looked for."""
        return (op, value) in self.known

    @cached_property
    def are_ascii(self) -> bool:
        """Whether all of them are."""
        return all(value.isascii() for _, value in self.known)

    def __getstate__(self) -> dict[str, object]:
        """Leave out what is made from the literals: automata cannot go to another process."""
        return {"_whole": self._whole, "_pieces": self._pieces}

    def places(self, texts: pa.Array) -> Mapping[Literal, Places]:
        """Return, for each literal that occurs, the numbers of the (folded) texts in which it does."""
        hits: dict[Literal, Places] = {}
        if len(texts) and self._whole:
            hits.update(self._equal(texts))
        if len(texts) and self._pieces:
            hits.update(self._look(texts)(texts))
        return hits

    def _look(self, texts: pa.Array) -> Callable[[pa.Array], dict[Literal, Places]]:
        """Return the fastest way to look for what is within these texts."""
        if len(self._pieces) <= _FEW:
            return self._within_few
        return self._within_lines if texts.nbytes > _LONG * len(texts) and self._are_lines else self._within

    def _equal(self, texts: pa.Array) -> dict[Literal, Places]:
        numbers = pc.index_in(texts, value_set=self._wanted).fill_null(-1).to_numpy().astype(np.int64)
        places = np.flatnonzero(numbers >= 0)
        return _by_literal(list(self._whole.values()), numbers[places], places)

    def _within(self, texts: pa.Array) -> dict[Literal, Places]:
        row = _Marked(texts)
        found = _table(self._automaton.find_matches_as_indexes(row.letters, overlapping=True))
        text = row.text_at(found[:, 1])
        at_start, at_end = found[:, 1] == row.starts[text], found[:, 2] == row.ends[text]
        right = (at_start | ~self._begins[found[:, 0]]) & (at_end | ~self._ends[found[:, 0]])
        keys = np.unique(found[right, 0] * len(texts) + text[right])
        return _by_literal(list(self._pieces.values()), *np.divmod(keys, len(texts)))

    def _within_lines(self, texts: pa.Array) -> dict[Literal, Places]:
        """Look at each distinct line once: what texts begin or end with is in their first or last one."""
        lines = pc.split_pattern(texts, _NEWLINE)
        each, bounds = lines.flatten().dictionary_encode(), lines.offsets.to_numpy()
        numbers, hits = each.indices.to_numpy(), self._within(each.dictionary)
        found: dict[Literal, Places] = {}
        for op, own in ((Op.STARTS, numbers[bounds[:-1]]), (Op.ENDS, numbers[bounds[1:] - 1]), (Op.CONTAINS, numbers)):
            of_op = {literal: places for literal, places in hits.items() if literal[0] is op}
            found.update(with_texts(own, of_op, len(each.dictionary)))
        text_of_line = np.repeat(np.arange(len(texts)), np.diff(bounds))
        return {
            literal: np.unique(text_of_line[places]) if literal[0] is Op.CONTAINS else places
            for literal, places in found.items()
            if len(places)
        }

    def _within_few(self, texts: pa.Array) -> dict[Literal, Places]:
        """Look closely only at the texts that have any of the literals at all."""
        row = _Unmarked(texts)
        found = _table(self._quick.find_matches_as_indexes(row.letters))
        first, last = row.text_at(found[:, 1]), row.text_at(found[:, 2] - 1)
        # A match across several texts is none, but it may have hidden one in any of them.
        across = [np.arange(*ends) for ends in zip(first[first < last], last[first < last], strict=True)]
        some = np.unique(np.concatenate([first, last, *across]))
        return {literal: some[places] for literal, places in self._within(texts.take(pa.array(some))).items()}

    @cached_property
    def _wanted(self) -> pa.Array:
        return pa.array(list(self._whole), pa.string())

    @cached_property
    def _automaton(self) -> BytesAhoCorasick:
        size = sum(map(len, self._pieces))
        kind = Implementation.ContiguousNFA if size > _LARGE else Implementation.DFA
        return BytesAhoCorasick(_bytes(self._pieces), implementation=kind)

    @cached_property
    def _quick(self) -> BytesAhoCorasick:
        values = dict.fromkeys(value for _, value in self._pieces.values())
        return BytesAhoCorasick(_bytes(values), matchkind=MatchKind.LeftmostFirst)

    @cached_property
    def _are_lines(self) -> bool:
        """Whether each is in a text if and only if it is in one of its lines."""
        return not any(_NEWLINE in piece for piece in self._pieces)

    @cached_property
    def _begins(self) -> npt.NDArray[np.bool_]:
        return np.array([op is Op.STARTS for op, _ in self._pieces.values()])

    @cached_property
    def _ends(self) -> npt.NDArray[np.bool_]:
        return np.array([op is Op.ENDS for op, _ in self._pieces.values()])


class _Unmarked:
    """Texts one after another, as they lie in memory."""

    def __init__(self, texts: pa.Array) -> None:
        offsets = np.frombuffer(texts.buffers()[1], np.int32, len(texts) + 1, 4 * texts.offset)
        self.letters = letters(texts)
        self.ends = offsets[1:].astype(np.int64) - offsets[0]
        """After each text."""

    def text_at(self, offsets: Places) -> Places:
        """Return the numbers of the texts at some offsets."""
        return np.searchsorted(self.ends, offsets, side="right")


class _Marked(_Unmarked):
    """Texts one after another, each between two marks."""

    def __init__(self, texts: pa.Array) -> None:
        super().__init__(texts)
        every = pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts)
        inner = pc.binary_join(every, _AFTER + _BEFORE)[0].as_buffer()
        self.letters = memoryview(b"".join((_BEFORE.encode(), inner, _AFTER.encode())))
        self.ends += 2 * np.arange(1, len(texts) + 1)
        self.starts = np.concatenate(([0], self.ends[:-1]))
        """At the mark before each text."""


def with_texts(codes: Codes, texts: Mapping[Literal, Places], count: int) -> dict[Literal, Places]:
    """Return for each literal where the texts stand in which it occurs; ``codes`` are those of ``count`` texts."""
    marked = np.zeros(count + 1, np.bool_)
    for ones in texts.values():
        marked[ones] = True
    places = np.flatnonzero(marked[codes])
    held = codes[places]
    return {literal: places[np.isin(held, ones)] for literal, ones in texts.items()}


def letters(texts: pa.Array) -> memoryview:
    """Return the bytes of texts, one text after another."""
    _, offsets, data = texts.buffers()
    if not len(texts) or data is None:
        return memoryview(b"")
    first, last = np.frombuffer(offsets, np.int32)[[texts.offset, texts.offset + len(texts)]].tolist()
    return memoryview(data).cast("B")[first:last]


def _table(found: Sequence[tuple[int, int, int]]) -> npt.NDArray[np.int64]:
    """Return matches as rows of the literal's number, start and end."""
    return np.fromiter(chain.from_iterable(found), np.int64, 3 * len(found)).reshape(-1, 3)


def _by_literal(literals: Sequence[Literal], numbers: Places, texts: Places) -> dict[Literal, Places]:
    """Return the texts of each literal; ``numbers`` are those of the literals."""
    if not len(numbers):
        return {}
    order = np.argsort(numbers, kind="stable")
    numbers, texts = numbers[order], texts[order]
    starts = np.concatenate(([0], np.flatnonzero(numbers[1:] != numbers[:-1]) + 1))
    bounds = pairwise((*starts.tolist(), len(texts)))
    return {
        literals[number]: texts[start:end]
        for number, (start, end) in zip(numbers[starts].tolist(), bounds, strict=True)
    }


NO_LITERALS = Literals(())
"""For texts of which nothing is known to be asked."""


def is_unicode(value: str) -> bool:
    """Return whether a value is text; halves of characters are in no text."""
    return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)


def _marked(op: Op, value: str) -> str:
    return f"{_BEFORE * (op is Op.STARTS)}{value}{_AFTER * (op is Op.ENDS)}"


def _bytes(texts: Iterable[str]) -> list[bytes]:
    return [text.encode() for text in texts]
