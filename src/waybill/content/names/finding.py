"""What finds names, and what becomes of them: hits beside those of the scanner, and never instead of one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

import numpy as np

from waybill.content.hits import Evidence, Hits

_LONGEST = 200
"""Characters of a sentence; what is longer is parted, between words if it can be."""

_BETWEEN = " ，,、"

_SCORE = 0.7
"""How sure a name is that only a model tells."""

_LEAST_LETTERS = 0.6
"""Share of letters among what is no space: below it a line is a log, a table of numbers or code, not a sentence."""

_PARTS = re.compile(r"[^\n。！？；!?]+[。！？；!?]?")


class Kind(StrEnum):
    """What a name is of, as the id of its data type."""

    PERSON = "name.person"
    PLACE = "name.place"
    ORGANISATION = "name.organisation"


KINDS = tuple(str(kind) for kind in Kind)


class Name(NamedTuple):
    """A name in a sentence, by its first character and the one after its last."""

    kind: Kind
    start: int
    end: int


class Finder(Protocol):
    """Finds names in the text of one language."""

    def reads(self, sentence: str) -> bool:
        """Return whether a sentence is of its language."""
        ...

    def find(self, sentences: Sequence[str]) -> Sequence[Sequence[Name]]:
        """Return the names of each sentence, in their order."""
        ...


def names_in(data: bytes, finders: Iterable[Finder], hits: Hits) -> Hits:
    """Return names in UTF-8 text; what the scanner has told already (``hits``) is not told twice."""
    text = data.decode("utf-8", "replace")
    told: list[tuple[Kind, int, int]] = []
    sentences = list(_sentences(text))
    for finder in finders:
        own = [(place, sentence) for place, sentence in sentences if finder.reads(sentence)]
        found = finder.find([sentence for _, sentence in own])
        for (place, _), names in zip(own, found, strict=True):
            told += [(name.kind, place + name.start, place + name.end) for name in names]
    rows = np.array([(KINDS.index(kind), start, end) for kind, start, end in told], np.int64).reshape(-1, 3)
    rows = rows[np.argsort(rows[:, 1], kind="stable")]
    rows[:, 1:] = _byte_places(text)[rows[:, 1:]]
    rows = rows[_apart(rows, hits)]
    return Hits(
        KINDS,
        rows[:, 0],
        rows[:, 1],
        rows[:, 2],
        np.full(len(rows), _SCORE, np.float32),
        np.full(len(rows), Evidence.SENTENCE, np.uint8),
    )


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    """Yield what may be a sentence, and where it begins."""
    for part in _PARTS.finditer(text):
        for start, end in _cut(text, part.start(), part.end()):
            sentence = text[start:end]
            letters = sum(map(str.isalpha, sentence))
            if letters > 1 and letters >= _LEAST_LETTERS * (len(sentence) - sum(map(str.isspace, sentence))):
                yield start, sentence


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where parts of a sentence begin and end."""
    while end - start > _LONGEST:
        space = max(text.rfind(mark, start + _LONGEST // 2, start + _LONGEST) for mark in _BETWEEN)
        cut = space + 1 if space > 0 else start + _LONGEST
        yield start, cut
        start = cut
    yield start, end


def _byte_places(text: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return for each character, and the end, where it begins in UTF-8."""
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    sizes = 1 + (codes >= 0x80).astype(np.int64) + (codes >= 0x800) + (codes >= 0x10000)
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])


def _apart(
    rows: np.ndarray[tuple[int, int], np.dtype[np.int64]], hits: Hits
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which names overlap no hit; hits stand in their order and overlap none of themselves."""
    if not len(hits):
        return np.ones(len(rows), np.bool_)
    following = np.searchsorted(hits.end, rows[:, 1], "right")
    starts = np.append(hits.start, np.iinfo(np.int64).max)
    return np.asarray(starts[following] >= rows[:, 2])
