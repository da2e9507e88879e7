"""Decides many transfers at once: the same rules over NumPy columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from waybill.rulebook.atoms import Atom
from waybill.rulebook.deciding import Regime

UNDECIDED = -1


@dataclass(frozen=True, slots=True)
class Column:
    """The values of one fact, and which of them are known."""

    values: Any
    """A NumPy array of booleans, numbers or fixed-width text."""
    known: Any = None
    """A NumPy array of booleans; None: all are."""


def decide_all(regime: Regime, columns: Mapping[str, Column], rows: int) -> Any:
    """Return for each row the number of the rule that decides, in the order of ``regime.rules``, as int16.

    A row that reaches a condition on an unknown fact is ``UNDECIDED``: ``asking`` tells what is possible there.
    """
    masks: dict[Atom, tuple[Any, Any]] = {}
    answer = np.full(rows, UNDECIDED, np.int16)
    waiting = np.ones(rows, bool)
    for number, rule in enumerate(regime.rules):
        holds, may = waiting, waiting
        for atom in rule.when:
            if atom not in masks:
                masks[atom] = _masks(atom, columns.get(atom.fact), rows)
            surely, maybe = masks[atom]
            holds, may = holds & surely, may & maybe
        answer[holds] = number
        waiting = waiting & ~may  # what may match here and is not sure to, stays undecided
        if not rule.when:
            break
    return answer


def _masks(atom: Atom, column: Column | None, rows: int) -> tuple[Any, Any]:
    """Return where a condition surely holds, and where it may."""
    if column is None:
        return np.zeros(rows, bool), np.ones(rows, bool)
    held = atom.mask(column.values)
    if column.known is None:
        return held, held
    return held & column.known, held | ~column.known
