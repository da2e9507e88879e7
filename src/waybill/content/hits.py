"""What a scan found, as arrays; single hits are made of them when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntFlag
from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class Evidence(IntFlag):
    """What a hit rests on."""

    SHAPE = 1
    """It is written as its kind is."""
    CHECK = 2
    """It keeps the rule of its kind, such as a check digit."""
    LITERAL = 4
    """It begins with, or is, fixed letters."""
    KEYWORD = 8
    """A word that says so stands near."""
    HEADER = 16
    """The heading of its column or its key says so."""
    FULL_WIDTH = 32
    """It is written in full-width characters, or parted by characters that nobody sees."""
    SENTENCE = 64
    """A model of language says so, of the sentence that it stands in."""


class Hit(NamedTuple):
    """One value of a kind. Places are of bytes; ``Hits.characters`` gives those of characters."""

    type: str
    start: int
    end: int
    score: float
    """How sure, from 0 to 1."""
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Hits(Sequence[Hit]):
    """Hits in the order in which they stand; none overlaps another."""

    types: tuple[str, ...]
    """Ids of all types that were looked for."""
    kind: npt.NDArray[np.int64]
    """For each hit the place of its type in ``types``."""
    start: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]
    score: npt.NDArray[np.float32]
    evidence: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.kind)

    def __getitem__(self, at: int) -> Hit:  # type: ignore[override]  # a slice of hits is `chosen`
        return Hit(
            self.types[self.kind[at]],
            int(self.start[at]),
            int(self.end[at]),
            round(float(self.score[at]), 3),
            Evidence(int(self.evidence[at])),
        )

    def __iter__(self) -> Iterator[Hit]:
        return (self[at] for at in range(len(self)))

    def chosen(self, which: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> Hits:
        """Return some of the hits."""
        return Hits(
            self.types,
            self.kind[which],
            self.start[which],
            self.end[which],
            self.score[which],
            self.evidence[which],
        )

    def counts(self) -> dict[str, int]:
        """Return how many hits there are of each type that was found."""
        found = np.bincount(self.kind, minlength=len(self.types))
        return {self.types[at]: int(found[at]) for at in np.flatnonzero(found)}

    def characters(self, data: bytes) -> list[tuple[int, int]]:
        """Return where each hit begins and ends in characters of the data read as UTF-8 (what is not is U+FFFD)."""
        places = np.unique(np.concatenate([self.start, self.end]))
        counts, at, reached = {}, 0, 0
        for place in places.tolist():
            reached += len(data[at:place].decode("utf-8", "replace"))
            counts[place], at = reached, place
        return [(counts[start], counts[end]) for start, end in zip(self.start.tolist(), self.end.tolist(), strict=True)]


def masked(value: str) -> str:
    """Return a value of which only the first and last quarter can be read, at most four characters of each."""
    shown = min(4, len(value) // 4)
    return value[:shown] + "*" * (len(value) - 2 * shown) + value[len(value) - shown :]
