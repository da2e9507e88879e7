"""What would change an answer: one fact, or two at once, that would have to be otherwise."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from waybill.rulebook.deciding import Decision
from waybill.rulebook.facts import Value
from waybill.rulebook.words import Outcome


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """With these facts instead, the outcome would be this."""

    facts: dict[str, Value]
    outcome: Outcome
    rule: str


def single_changes(decision: Decision) -> list[Counterfactual]:
    """Return for every single fact the other outcomes that it could give."""
    known = dict(zip(decision.regime.facts, decision.values, strict=True))
    return [one for fact in decision.regime.reach[decision.rule.id] for one in _with(decision, known, {}, fact)]


def pair_changes(decision: Decision) -> list[Counterfactual]:
    """Return the pairs of facts that together give an outcome which no single fact gives."""
    known = dict(zip(decision.regime.facts, decision.values, strict=True))
    alone = {one.outcome for one in single_changes(decision)}
    found = [
        one
        for first, second in itertools.combinations(decision.regime.facts, 2)
        for value in decision.regime.representatives[first]
        if value != known[first]
        for one in _with(decision, known | {first: value}, {first: value}, second)
    ]
    return [one for one in found if one.outcome not in alone]


def _with(decision: Decision, known: dict[str, Value], also: dict[str, Value], fact: str) -> Iterator[Counterfactual]:
    """Yield what other values of a fact would make of it, each outcome once."""
    regime, usual, seen = decision.regime, known[fact], {decision.rule.outcome}
    for value in regime.representatives[fact]:
        if value == usual:
            continue
        known[fact] = value
        outcome, number = regime.outcome(known)
        if outcome is not None and outcome not in seen:
            seen.add(outcome)
            yield Counterfactual({**also, fact: value}, outcome, regime.rules[number].id)
    known[fact] = usual
