"""Which grade what was found suggests, and the rule of law or standard that says so. A person confirms it.

Rules are dated data (``grading.toml``): which types, how many different values, how many persons, which share of a
registered table. A trap they heed: under GB/T 45574-2025 the *number* of an identity card is no longer sensitive
personal data by itself, though under the annex of GB/T 35273-2020, which many tools still follow, it was.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from waybill.content.catalogue import Sensitivity, types
from waybill.content.tally import Summary
from waybill.model.errors import RuleError
from waybill.model.words import Grade


@dataclass(frozen=True, slots=True)
class GradingRule:
    """What must have been found for a grade, and where that is written."""

    id: str
    standard: str
    clause: str
    since: date
    until: date | None
    grade: Grade
    reason: Mapping[str, str]
    """By language; ``{persons}``, ``{share}``, ``{told_apart}`` and ``{found}`` are filled in."""
    types: frozenset[str] = frozenset()
    sensitivities: frozenset[Sensitivity] = frozenset()
    least_kinds: int = 1
    """Different types of those asked for that must have been found."""
    least_distinct: int = 1
    """Different values that these must have together."""
    least_persons: int = 0
    least_share: float = 0.0
    least_told_apart: int = 0
    """Rows of a table whose persons can be told apart."""
    least_exposed: int = 0
    """Such rows of a table with sensitive columns."""

    def found(self, summary: Summary) -> tuple[str, ...]:
        """Return the types that were found of those that the rule asks for."""
        return tuple(
            one for one in summary.values if one in self.types or types()[one].sensitivity in self.sensitivities
        )

    def holds(self, summary: Summary) -> bool:
        """Return whether the rule says anything of what was found."""
        found = self.found(summary)
        asks = bool(self.types or self.sensitivities)
        return (
            (not asks or len(found) >= self.least_kinds)
            and (not asks or sum(summary.distinct.get(one, 0) for one in found) >= self.least_distinct)
            and summary.persons >= self.least_persons
            and (summary.share or 0.0) >= self.least_share
            and summary.told_apart >= self.least_told_apart
            and summary.exposed >= self.least_exposed
        )


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A grade to be confirmed."""

    grade: Grade
    reason: Mapping[str, str]
    """In a sentence, by language ``en`` and ``zh``."""
    rule: GradingRule | None
    """The rule that it rests on; None: nothing was found that any rule speaks of."""
    others: tuple[GradingRule, ...] = ()
    """Further rules that hold."""


_NOTHING = {"en": "Nothing was found that a rule speaks of", "zh": "未发现规则所涉及的内容"}


@cache
def rules() -> tuple[GradingRule, ...]:
    """Return the rules that come with Waybill, in the order of their file. Raises RuleError."""
    tables = tomllib.loads(files("waybill.content").joinpath("grading.toml").read_text("utf-8"))["rules"]
    return tuple(map(_read, tables))


def grade(summary: Summary, given: Sequence[GradingRule] | None = None, *, day: date | None = None) -> Suggestion:
    """Return the gravest grade that rules in force on a day (default: today) suggest of what was found."""
    day = day or date.today()
    known = rules() if given is None else given
    held = [one for one in known if one.since <= day and (one.until is None or day <= one.until) and one.holds(summary)]
    if not held:
        return Suggestion(Grade.GENERAL, _NOTHING, None)
    held.sort(key=lambda one: -one.grade.rank)
    first, *others = held
    return Suggestion(first.grade, _reason(first, summary), first, tuple(others))


def _reason(rule: GradingRule, summary: Summary) -> dict[str, str]:
    """Return the sentence of a rule, filled in."""
    share = summary.share or 0.0
    return {
        language: text.format(
            persons=summary.persons,
            share=share,
            told_apart=summary.told_apart,
            found=_told(rule.found(summary), summary, language),
        )
        for language, text in rule.reason.items()
    }


def _told(found: Iterable[str], summary: Summary, language: str) -> str:
    parts = [f"{types()[one].names[language]} ({summary.distinct.get(one, 0):,})" for one in found]
    return ("、" if language == "zh" else ", ").join(parts)


def _read(entry: dict[str, Any]) -> GradingRule:
    """Return the rule that a table of the file tells of."""
    given = dict(entry)
    try:
        given["since"], given["until"] = given.pop("from"), given.pop("until", None)
        given["grade"] = Grade(given["grade"])
        given["types"] = frozenset(given.get("types", ()))
        given["sensitivities"] = frozenset(map(Sensitivity, given.get("sensitivities", ())))
        return GradingRule(**given)
    except (KeyError, TypeError, ValueError) as error:
        raise RuleError(f"this is no rule: {error}", where=f"grading.toml: {entry.get('id', '?')}") from None
