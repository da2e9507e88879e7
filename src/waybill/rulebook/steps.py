"""Checklists from the rules: what must be done before somebody takes a sensitive post, or leaves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from waybill.rulebook.book import Rulebook
from waybill.rulebook.facts import Facts, vocabulary
from waybill.rulebook.instruments import Instrument, Rule
from waybill.rulebook.standing import Standing

PEOPLE = "people"
"""How the names of regimes end that are about people."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something to be done, or a duty that goes on."""

    fact: str
    """The fact that is true once it is done; empty for a duty that no single deed meets."""
    done: bool
    instrument: Instrument
    rule: Rule
    standing: Standing


def steps(book: Rulebook, facts: Facts, day: date, known: date) -> list[Step]:
    """Return the steps that rules about people ask for, done or not, in the order of the rules.

    A step is a fact of which a rule says ``not``: it is asked for wherever the rule's other conditions hold.
    """
    standings, found = book.standings(day, known), dict[tuple[str, str], Step]()
    for instrument, rule in book.rules.values():
        if not instrument.regime.endswith(PEOPLE) or not standings[rule.id].holds or not rule.when:
            continue
        asked = [atom for atom in rule.when if vocabulary()[atom.fact].step and atom.value is False]
        rest = [atom for atom in rule.when if atom not in asked]
        if not all(atom.fact in facts and atom.holds(facts[atom.fact]) for atom in rest):
            continue
        for atom in asked:
            done = facts.get(atom.fact) is True
            found.setdefault((atom.fact, ""), Step(atom.fact, done, instrument, rule, standings[rule.id]))
        if not asked and rule.outcome is None:
            found[("", rule.id)] = Step("", False, instrument, rule, standings[rule.id])
    return list(found.values())
