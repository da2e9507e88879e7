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
        others = [place for place, value in enumerate(new, known) if type(value) is not str]
        met = not self._otherwise.keys().isdisjoint(new)
        if not (others or met):
            return codes
        written = [text(new[place - known]) for place in others]
        if not met and self._are_new(written):  # as nearly always; one by one they cost as much as parsing them did
            self._otherwise.update(zip(written, others, strict=True))
            for place, one in zip(others, written, strict=True):
                self.texts[place] = one
            return codes
        return self._moved(known, new)[codes]

    def _are_new(self, written: list[str | None]) -> bool:
        """Return whether some texts are all different, and none of them was met before."""
        return (
            self._numbers.keys().isdisjoint(written)
            and self._otherwise.keys().isdisjoint(written)
            and len({*written}) == len(written)
        )

    def _moved(self, known: int, new: list[Scalar]) -> Codes:
        """Give new values with equal texts one number; return the number that each number has become."""
        moved = np.arange(len(self.texts), dtype=np.int32)
        for place, value in enumerate(new, known):
            if type(value) is not str or value in self._otherwise:
                self.texts[place] = written = text(value)
                number = self._otherwise.setdefault(written, self._numbers.get(written, place))
                moved[place] = self._numbers[value] = number
        return moved
