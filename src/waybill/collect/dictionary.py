"""Texts and their numbers: every distinct text of a chunk is kept once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import count, islice

import numpy as np
import numpy.typing as npt

from waybill.collect.scalars import Scalar, text

Codes = npt.NDArray[np.int32]
"""Numbers of texts; 0 is none."""


class Dictionary:
    """The number of each text, given out as it is met."""

    def __init__(self) -> None:
        self._numbers: defaultdict[Scalar, int] = defaultdict(count(1).__next__, {None: 0})
        """The number of each value; its place among them too, unless it is not the first with its text."""
        self._otherwise: dict[str | None, int] = {}
        """Numbers of texts that were first met as a number."""
        self.texts: list[str | None] = [None]
        """Every text at its number."""

    def __getitem__(self, text: str | None) -> int:
        """Return the number of a text."""
        number = self._otherwise.get(text) or self._numbers[text]
        if number == len(self.texts):
            self.texts.append(text)
        return number

    def number_of(self, text: str) -> int:
        """Return the number of a text if it was met, else 0."""
        return self._otherwise.get(text) or self._numbers.get(text, 0)

    def numbers(self, values: Iterable[Scalar], count: int) -> Codes:
        """Return the numbers of the texts of many values."""
        known = len(self.texts)
        codes = np.fromiter(map(self._numbers.__getitem__, values), np.int32, count)
        new = list(islice(reversed(self._numbers), len(self._numbers) - known))[::-1]
        self.texts += new  # type: ignore[arg-type]  # those that are no texts become texts below
        others = [(place, value) for place, value in enumerate(new, known) if type(value) is not str]
        if not self._otherwise.keys().isdisjoint(new):
            others += [(place, value) for place, value in enumerate(new, known) if value in self._otherwise]
        if not others:
            return codes
        moved = np.arange(len(self.texts), dtype=np.int32)
        for place, value in others:
            self.texts[place] = written = text(value)
            number = self._otherwise.setdefault(written, self._numbers.get(written, place))
            moved[place] = self._numbers[value] = number
        return moved[codes]
