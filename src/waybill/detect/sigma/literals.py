"""Looks for all literals that rules ask of one field in one pass over the field's distinct texts (Aho-Corasick).

Each text stands between two marks, so that what a text must begin or end with is a literal too, with a mark before or
after it. Texts that hold a mark themselves are looked at one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from ahocorasick_rs import BytesAhoCorasick, Implementation

from waybill.detect.sigma.predicates import Op, Predicate

_BEFORE, _AFTER = "\x02", "\x03"

Places: TypeAlias = npt.NDArray[np.int64]
"""Numbers of texts."""

Literal: TypeAlias = tuple[Op, str]
"""What a text must contain, begin or end with; folded."""

LITERAL = frozenset({Op.CONTAINS, Op.STARTS, Op.ENDS})
"""Operators that are about literals."""

_LARGE = 20_000
"""Literals in all beyond which an automaton without a full table is built: a table would take too long to make."""

_NOWHERE: Places = np.empty(0, dtype=np.int64)


class Literals:
    """The literals of some predicates about one field."""

    def __init__(self, predicates: Iterable[Predicate]) -> None:
        self._wanted: dict[bytes, Literal] = {}
        for predicate in predicates:
            if predicate.op in LITERAL and not predicate.cased:
                for value in map(str, predicate.values):
                    if value and _BEFORE not in value and _AFTER not in value:
                        self._wanted[_marked(predicate.op, value)] = (predicate.op, value)

    @cached_property
    def _known(self) -> frozenset[Literal]:
        return frozenset(self._wanted.values())

    def knows(self, op: Op, value: str) -> bool:
        """Return whether this literal is looked for."""
        return (op, value) in self._known

    @cached_property
    def _automaton(self) -> BytesAhoCorasick:
        size = sum(map(len, self._wanted))
        kind = Implementation.ContiguousNFA if size > _LARGE else Implementation.DFA
        return BytesAhoCorasick(list(self._wanted), implementation=kind)

    def __getstate__(self) -> dict[str, object]:
        """Leave the automaton out, which cannot go to another process."""
        return {"_wanted": self._wanted}

    def places(self, texts: Sequence[str]) -> Mapping[Literal, Places]:
        """Return, for each literal that occurs, the numbers of the (folded) texts in which it does."""
        if not self._wanted or not texts:
            return {}
        odd = [number for number, text in enumerate(texts) if _BEFORE in text or _AFTER in text]
        if odd:
            texts = list(texts)
            held = {number: texts[number] for number in odd}
            for number in odd:
                texts[number] = ""
        encoded = [text.encode() for text in texts]
        buffer = b"".join((_BEFORE.encode(), f"{_AFTER}{_BEFORE}".encode().join(encoded), _AFTER.encode()))
        ends = np.cumsum(np.fromiter(map(len, encoded), dtype=np.int64, count=len(texts)) + 2)
        found = self._automaton.find_matches_as_indexes(buffer, overlapping=True)
        hits = self._grouped(found, ends)
        if odd:
            self._add_odd(hits, held)
        return hits

    def _grouped(self, found: Sequence[tuple[int, int, int]], ends: Places) -> dict[Literal, Places]:
        if not found:
            return {}
        table = np.array(found, dtype=np.int64)
        text = np.searchsorted(ends, table[:, 1], side="right")
        keys = np.unique(table[:, 0] * len(ends) + text)
        literals, texts = np.divmod(keys, len(ends))
        starts = np.flatnonzero(np.diff(literals, prepend=-1))
        names = list(self._wanted.values())
        return {
            names[literal]: part
            for literal, part in zip(literals[starts].tolist(), np.split(texts, starts[1:]), strict=True)
        }

    def _add_odd(self, hits: dict[Literal, Places], texts: Mapping[int, str]) -> None:
        for literal in self._wanted.values():
            more = [number for number, text in texts.items() if holds(*literal, text)]
            if more:
                hits[literal] = np.concatenate([hits.get(literal, _NOWHERE), np.array(more, dtype=np.int64)])


def holds(op: Op, value: str, text: str) -> bool:
    """Return whether a text contains, begins or ends with a value."""
    if op is Op.CONTAINS:
        return value in text
    return text.startswith(value) if op is Op.STARTS else text.endswith(value)


def _marked(op: Op, value: str) -> bytes:
    before = _BEFORE if op is Op.STARTS else ""
    after = _AFTER if op is Op.ENDS else ""
    return f"{before}{value}{after}".encode(errors="surrogatepass")
