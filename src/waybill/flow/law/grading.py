"""Grades of assets: what the rules suggest of what the register knows, why, and what a person confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from waybill.flow.installation import Installation
from waybill.flow.law.assessments import rulebook_of
from waybill.model.errors import UsageError
from waybill.model.register import Asset
from waybill.model.words import AssetKind, Grade
from waybill.rulebook import Rulebook
from waybill.rulebook.facts import Value
from waybill.rulebook.grading import grade
from waybill.rulebook.telling import ToldRule, told_rule

if TYPE_CHECKING:
    from waybill.register.profiles import Profile

_HELD = frozenset({AssetKind.DATA, AssetKind.DOCUMENT})
"""Kinds that the classes of GB/T 43697 are about."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the rules make of an asset."""

    asset: Asset
    profile: Profile
    suggested: Grade | None
    """None: no rule says anything of it."""
    by: tuple[ToldRule, ...]
    """The rules that say so."""
    questions: tuple[str, ...]
    """Facts that are unknown and might make it graver."""

    @property
    def is_open(self) -> bool:
        """Whether the rules suggest a graver grade than the register has."""
        return self.suggested is not None and self.suggested.rank > self.asset.grade.rank


def suggestions(installation: Installation, day: date) -> list[Suggestion]:
    """Return what the rules of a day make of every asset: first those that should be graver, the gravest first."""
    from waybill.register import profiles

    book, known = rulebook_of(installation), profiles.every()
    found = [_suggest(book, asset, known.get(asset.id), day) for asset in installation.register().assets]
    return sorted(found, key=lambda one: (not one.is_open, -(one.suggested or one.asset.grade).rank, one.asset.id))


def confirm(installation: Installation, asset: str, grade: Grade, reason: str, day: date, *, who: str) -> Profile:
    """Give an asset the grade that a person decided on, with what the rules of the day suggested. Raises UsageError."""
    from waybill.register import profiles

    book = rulebook_of(installation)
    found = installation.register().asset(asset)
    if found is None:
        raise UsageError("there is no such asset", where=asset, advice="`waybill assets list` lists them")
    suggested = _suggest(book, found, profiles.every().get(asset), day)
    rules = tuple(rule.id for rule in suggested.by)
    return profiles.confirm(asset, grade, reason, rules=rules, rulebook=book.digest, who=who)


def facts_of(asset: Asset, said: Mapping[str, Value]) -> dict[str, Value]:
    """Return the facts of an asset: what was said of it, else what its kind and its grade in the register tell."""
    grade, held = asset.grade, asset.kind in _HELD
    told: dict[str, Value] = {"asset_kind": str(asset.kind), "asset_grade": str(grade)}
    if held and grade.rank >= Grade.IMPORTANT.rank:
        told["important_data"] = True
    if held and grade is Grade.CORE:
        told["core_data"] = True
    return {**told, **said}


def _suggest(book: Rulebook, asset: Asset, profile: Profile | None, day: date) -> Suggestion:
    from waybill.register.profiles import Profile

    profile = profile or Profile(asset.id, {})
    graded = grade(book, "asset_grade", profile.facts, day, day)
    standings = book.standings(day, day)
    by = tuple(told_rule(book, rule, standings[rule.id]) for rule in graded.by)
    return Suggestion(asset, profile, Grade(graded.value) if graded.value else None, by, graded.open)
