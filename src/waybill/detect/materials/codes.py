"""Tariff headings and export-control codes of materials, as dated data: many to many, each row with its source.

A row holds on the days from ``valid_from`` to before ``valid_until``, except while it is suspended; ``known_at`` is
since when one could know of it, so that a shipment can be judged as of then. Rows whose certainty is ``assumed`` were
not verified, and whoever shows them says so.
"""

from __future__ import annotations

import tomllib
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Literal

import msgspec

from waybill.model.chemistry import RARE_EARTHS, known_composition


class Code(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One code, and what it is for: materials by name, or elements in a form."""

    scheme: str
    code: str
    materials: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()
    form: Literal["", "metal", "compound"] = ""
    """Empty: in any form."""
    jurisdiction: str = ""
    """Whose export it controls; empty for a tariff heading."""
    valid_from: date | None = None
    valid_until: date | None = None
    suspended_from: date | None = None
    suspended_until: date | None = None
    known_at: date | None = None
    source: str
    certainty: Literal["verbatim", "secondary", "assumed"]

    def means(self, material: str) -> bool:
        """Return whether a material has this code."""
        if material in self.materials:
            return True
        return not _elements(material).isdisjoint(self.elements) and self.form in ("", form(material))

    def holds(self, day: date, known: date | None = None) -> bool:
        """Return whether it holds on a day, as far as one could know on another."""
        if (self.valid_from and day < self.valid_from) or (self.valid_until and day >= self.valid_until):
            return False
        if known and self.known_at and known < self.known_at:
            return False
        suspended = self.suspended_from is not None and day >= self.suspended_from
        return not (suspended and (self.suspended_until is None or day < self.suspended_until))


class Codebook:
    """Every code that is known."""

    def __init__(self, rows: tuple[Code, ...]) -> None:
        self.rows = rows

    def of(self, material: str, day: date | None = None, known: date | None = None) -> list[Code]:
        """Return the codes of a material, those that hold on a day or all."""
        return [row for row in self.rows if row.means(material) and (day is None or row.holds(day, known))]

    @lru_cache(maxsize=4096)  # noqa: B019  # a detector has one codebook, as long as it lives
    def headings(self, material: str) -> frozenset[str]:
        """Return the headings under which a material is traded; empty where none is known."""
        return frozenset(row.code for row in self.of(material) if row.scheme == "HS")

    @lru_cache(maxsize=1 << 16)  # noqa: B019
    def controls(self, material: str, jurisdiction: str, day: date) -> tuple[str, ...]:
        """Return the codes under which a material may not leave a jurisdiction without a licence on a day."""
        rows = self.of(material, day)
        return tuple(row.code for row in rows if row.jurisdiction and row.jurisdiction == jurisdiction)


def form(material: str) -> str:
    """Return the form of a material: ``metal``, ``compound``, or ``alloy``; empty where it is no formula."""
    elements = set(known_composition(material))
    if not elements:
        return ""
    if elements & {"O", "Cl", "F", "C", "N", "S", "H"}:
        return "compound"
    return "metal" if len(elements) == 1 else "alloy"


@lru_cache(maxsize=1)
def codebook() -> Codebook:
    """Return the codes of this package."""
    text = files("waybill.detect.materials").joinpath("codes.toml").read_text(encoding="utf-8")
    return Codebook(msgspec.convert(tomllib.loads(text)["rows"], tuple[Code, ...]))


def _elements(material: str) -> frozenset[str]:
    """Return the rare earths that a material holds; magnets are named, since what controls them is another row."""
    if form(material) == "alloy":
        return frozenset()
    return frozenset(known_composition(material)) & RARE_EARTHS
