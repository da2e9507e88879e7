"""How much of an element each lot holds: by its assays, else by the formula of its material.

Of a lot that was assayed for a substance the newest assay counts; of others the composition of the pure material.
Oxygen, hydrogen, carbon and nitrogen come and go with the air, and are not balanced.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from waybill.epcis.history.arrays import NONE, Amounts, Coded, Mask, Numbers
from waybill.epcis.history.history import History
from waybill.model.chemistry import RARE_EARTHS, known_composition, substance

_AIR = frozenset({"O", "H", "C", "N"})


class Contents:
    """What the lots of a history hold."""

    def __init__(self, history: History) -> None:
        self._history = history
        self.material = history.of_item("material")
        self._of_material = [known_composition(word) for word in self.material.words]

    @cached_property
    def newest(self) -> tuple[Numbers, Coded, Amounts]:
        """The newest assay of each item for each substance: items, formulas, mass fractions."""
        _, items, named, amounts = self._history.fractions
        formulas = [substance(word) for word in named.words]
        words = sorted({formula for formula in formulas if formula})
        numbers = np.array([words.index(formula) if formula else NONE for formula in formulas] + [NONE])
        codes = numbers[named.codes] if words else np.full(len(items), NONE)
        keys = items * (len(words) + 1) + codes
        _, last = np.unique(keys[::-1], return_index=True)
        places = len(keys) - 1 - last
        places = places[codes[places] != NONE]
        return items[places], Coded(codes[places], words), amounts[places]

    @cached_property
    def elements(self) -> list[str]:
        """Elements that anything is known to hold, the rare earths first."""
        found = {element for one in self._of_material for element in one}
        found |= {element for word in self.newest[1].words for element in known_composition(word)}
        return sorted(found - _AIR, key=lambda element: (element not in RARE_EARTHS, element))

    @cached_property
    def known(self) -> Mask:
        """Items of which it is known what they hold."""
        found = np.zeros(len(self._history.items), dtype=bool)
        found[self.newest[0]] = True
        found |= self.material.each(lambda word: bool(known_composition(word)), False, bool)
        return found

    def share(self, element: str) -> Amounts:
        """Return the mass fraction of an element in each item; 0 where none is known."""
        items, formulas, amounts = self.newest
        size = len(self._history.items)
        weights = formulas.each(lambda word: known_composition(word).get(element, 0.0), 0.0)
        assayed = np.bincount(items, weights * amounts, minlength=size)
        has = np.bincount(items, weights > 0, minlength=size) > 0
        pure = self.material.each(lambda word: known_composition(word).get(element, 0.0), 0.0)
        return np.where(has, np.minimum(assayed, 1.0), pure)
