"""Grades by rules that can be told: of an incident, of an asset. A grade is at least what any of its rules says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from waybill.rulebook.book import Rulebook
from waybill.rulebook.facts import Facts, vocabulary
from waybill.rulebook.instruments import Grading


@dataclass(frozen=True, slots=True)
class Graded:
    """What the rules make of a grade."""

    value: str | None
    """The gravest that a rule or a person says; None where none does."""
    by: tuple[Grading, ...]
    """The rules that say so; none where only a person does."""
    open: tuple[str, ...]
    """Facts that are unknown and might make it graver, in the order of the rules."""


def grade(book: Rulebook, fact: str, facts: Facts, day: date, known: date) -> Graded:
    """Return the gravest value of a fact that its rules give; one that a person gave is raised and never lowered."""
    order = vocabulary()[fact].choices
    standings = book.standings(day, known)
    rules = [one for _, one in book.gradings.values() if one.fact == fact and standings[one.id].holds]
    given = facts.get(fact)
    said = [order.index(one.value) for one in rules if one.holds(facts)]
    highest = max([*said, *([order.index(str(given))] if given is not None else [])], default=-1)
    value = order[highest] if highest >= 0 else None
    graver = [one for one in rules if order.index(one.value) > highest and one.holds(facts) is None]
    questions = dict.fromkeys(name for one in graver for name in one.unknown(facts))
    return Graded(value, tuple(one for one in rules if one.value == value and one.holds(facts)), tuple(questions))
