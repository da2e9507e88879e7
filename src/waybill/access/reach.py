"""Whose records a permission covers, and up to which grade."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from waybill.model.errors import UsageError
from waybill.model.words import Grade


@dataclass(frozen=True, slots=True)
class Bound:
    """Records of some organisations, all where none is named, up to a grade."""

    organisations: frozenset[str] = frozenset()
    grade: Grade = Grade.CORE

    @property
    def grades(self) -> tuple[Grade, ...]:
        """The grades within, lowest first."""
        return tuple(grade for grade in Grade if grade.rank <= self.grade.rank)

    def covers(self, organisation: str, grade: Grade | str | None) -> bool:
        """Return whether a record lies within; one without a grade counts as general."""
        rank = Grade(grade).rank if grade else Grade.GENERAL.rank
        return (not self.organisations or organisation in self.organisations) and rank <= self.grade.rank


EVERYTHING = Bound()
"""No bound at all."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What lies within any of some bounds; nothing without bounds."""

    bounds: tuple[Bound, ...] = ()

    @classmethod
    def of(cls, bounds: Iterable[Bound]) -> Reach:
        """Return what lies within any of these; where one covers everything, the others say nothing."""
        found = tuple(dict.fromkeys(bounds))
        return cls((EVERYTHING,)) if EVERYTHING in found else cls(found)

    def __bool__(self) -> bool:
        return bool(self.bounds)

    @property
    def is_whole(self) -> bool:
        """Whether everything lies within, so that nothing need be filtered."""
        return EVERYTHING in self.bounds

    def covers(self, organisation: str, grade: Grade | str | None) -> bool:
        """Return whether a record of this organisation and grade lies within."""
        return any(bound.covers(organisation, grade) for bound in self.bounds)


def check_organisations(names: Iterable[str]) -> None:
    """Raise UsageError for what cannot be the name of an organisation: an empty one would stand for all."""
    for name in names:
        if not name.strip() or ";" in name:
            raise UsageError("this cannot be the name of an organisation", where=name, expected="a name without ;")
