"""What a material is made of: atomic weights, formulas, and how much of an element a mass of a substance holds.

Atomic weights are the abridged standard values of IUPAC (Commission on Isotopic Abundances and Atomic Weights, 2021),
to five figures; every stoichiometric factor is computed from them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

ATOMIC_WEIGHTS: Mapping[str, float] = MappingProxyType({
    "H": 1.008, "He": 4.0026, "Li": 6.94, "Be": 9.0122, "B": 10.81, "C": 12.011, "N": 14.007, "O": 15.999, "F": 18.998,
    "Na": 22.990, "Mg": 24.305, "Al": 26.982, "Si": 28.085, "P": 30.974, "S": 32.06, "Cl": 35.45, "K": 39.098,
    "Ca": 40.078, "Sc": 44.956, "Ti": 47.867, "V": 50.942, "Cr": 51.996, "Mn": 54.938, "Fe": 55.845, "Co": 58.933,
    "Ni": 58.693, "Cu": 63.546, "Zn": 65.38, "Ga": 69.723, "Ge": 72.630, "As": 74.922, "Se": 78.971, "Br": 79.904,
    "Rb": 85.468, "Sr": 87.62, "Y": 88.906, "Zr": 91.224, "Nb": 92.906, "Mo": 95.95, "Ru": 101.07, "Rh": 102.91,
    "Pd": 106.42, "Ag": 107.87, "Cd": 112.41, "In": 114.82, "Sn": 118.71, "Sb": 121.76, "Te": 127.60, "I": 126.90,
    "Cs": 132.91, "Ba": 137.33, "La": 138.91, "Ce": 140.12, "Pr": 140.91, "Nd": 144.24, "Sm": 150.36, "Eu": 151.96,
    "Gd": 157.25, "Tb": 158.93, "Dy": 162.50, "Ho": 164.93, "Er": 167.26, "Tm": 168.93, "Yb": 173.05, "Lu": 174.97,
    "Hf": 178.49, "Ta": 180.95, "W": 183.84, "Re": 186.21, "Os": 190.23, "Ir": 192.22, "Pt": 195.08, "Au": 196.97,
    "Hg": 200.59, "Tl": 204.38, "Pb": 207.2, "Bi": 208.98, "Th": 232.04, "U": 238.03,
})  # fmt: skip
"""Relative atomic masses by symbol."""

LANTHANIDES = ("La", "Ce", "Pr", "Nd", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu")
"""The fourteen lanthanides that occur in nature, in the order of their atomic numbers."""

RARE_EARTHS = frozenset({"Sc", "Y", *LANTHANIDES})
"""The rare-earth elements (IUPAC)."""

_CAS = {
    "1312-81-8": "La2O3", "1306-38-3": "CeO2", "12037-29-5": "Pr6O11", "1313-97-9": "Nd2O3", "12060-58-1": "Sm2O3",
    "1308-96-9": "Eu2O3", "12064-62-9": "Gd2O3", "12037-01-3": "Tb4O7", "1308-87-8": "Dy2O3", "12055-62-8": "Ho2O3",
    "12061-16-4": "Er2O3", "12036-44-1": "Tm2O3", "1314-37-0": "Yb2O3", "12032-20-1": "Lu2O3", "1314-36-9": "Y2O3",
    "12060-08-1": "Sc2O3", "7440-00-8": "Nd", "7440-10-0": "Pr", "7429-91-6": "Dy", "7440-27-9": "Tb",
    "7440-19-9": "Sm", "7440-54-2": "Gd",
}  # fmt: skip
"""Formulas by CAS registry number, for assays that name a substance by it."""

_TOKEN = re.compile(r"([A-Z][a-z]?)|([(\[])|([)\]])|([0-9]+(?:\.[0-9]+)?)")
_LONGEST = 100

Composition = Mapping[str, float]
"""Share of the mass by element; the shares add up to 1."""


@lru_cache(maxsize=4096)
def composition(formula: str) -> Composition:
    """Return the share of the mass that each element of ``formula`` has: ``Nd2O3``, ``La2(CO3)3·8H2O``, ``Dy``.

    Raises ValueError for what is no formula.
    """
    atoms = _atoms(formula)
    masses = {element: ATOMIC_WEIGHTS[element] * count for element, count in atoms.items()}
    total = sum(masses.values())
    return MappingProxyType({element: mass / total for element, mass in masses.items()})


@lru_cache(maxsize=4096)
def known_composition(material: str | None) -> Composition:
    """Return the composition of a formula; of anything else (``concentrate``) nothing is known."""
    try:
        return composition(material) if material else MappingProxyType({})
    except ValueError:
        return MappingProxyType({})


def conversion(material: str, into: str, element: str) -> float:
    """Return the mass of ``into`` that holds as much of ``element`` as a mass of 1 of ``material`` does.

    So 1 kg of Nd2O3 is ``conversion("Nd2O3", "Nd", "Nd")`` = 0.857 kg of neodymium. Raises ValueError where one of them
    is no formula or does not hold the element.
    """
    shares = composition(material).get(element), composition(into).get(element)
    if not shares[0] or not shares[1]:
        raise ValueError(f"{element} is not in both of {material} and {into}")
    return shares[0] / shares[1]


@lru_cache(maxsize=4096)
def substance(name: str) -> str:
    """Return the formula that the name of a substance gives: its last part is a formula or a CAS registry number.

    ``https://identifiers.org/cas:1313-97-9`` is ``Nd2O3``; empty where it gives none.
    """
    last = re.split(r"[/:#=]", name.strip())[-1]
    if last in _CAS:
        return _CAS[last]
    return last if known_composition(last) else ""


def _atoms(formula: str) -> dict[str, float]:
    """Return how many atoms of each element a formula has."""
    text = formula.strip()
    if not text or len(text) > _LONGEST:
        raise ValueError("not a formula")
    total: dict[str, float] = {}
    for part in re.split("[·•*]", text):
        lead = re.match(r"[0-9]+(?:\.[0-9]+)?", part)
        factor, rest = (float(lead[0]), part[lead.end() :]) if lead else (1.0, part)
        for element, count in _group(rest).items():
            total[element] = total.get(element, 0.0) + factor * count
    if not all(total.values()):
        raise ValueError("not a formula")
    return total


def _group(text: str) -> dict[str, float]:
    """Return the atoms of a formula without hydrates, its brackets resolved."""
    stack: list[dict[str, float]] = [{}]
    last: dict[str, float] | None = None  # what a following number multiplies
    position = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise ValueError("not a formula")
        position = token.end()
        element, opening, closing, number = token.groups()
        if number is not None:
            if last is None:
                raise ValueError("not a formula")
            _merge(stack[-1], last, float(number))
            last = None
            continue
        if last is not None:
            _merge(stack[-1], last, 1.0)
            last = None
        if element is not None:
            if element not in ATOMIC_WEIGHTS:
                raise ValueError("not a formula")
            last = {element: 1.0}
        elif opening is not None:
            stack.append({})
        elif closing is not None and len(stack) > 1:
            last = stack.pop()
        else:
            raise ValueError("not a formula")
    if last is not None:
        _merge(stack[-1], last, 1.0)
    if len(stack) != 1 or not stack[0]:
        raise ValueError("not a formula")
    return stack[0]


def _merge(into: dict[str, float], atoms: Mapping[str, float], count: float) -> None:
    for element, number in atoms.items():
        into[element] = into.get(element, 0.0) + number * count
