"""What is possible while facts are missing, and which questions to ask: only those whose answers matter."""

from __future__ import annotations

from dataclasses import dataclass, field

from waybill.rulebook.atoms import Atom
from waybill.rulebook.deciding import Regime
from waybill.rulebook.facts import Facts, Value
from waybill.rulebook.instruments import Rule
from waybill.rulebook.words import STRICTNESS, Outcome

MOST_CASES = 5_000
"""Cases that are looked at; beyond, what is left is taken for possible, and what it rests on is asked for."""


@dataclass(frozen=True, slots=True)
class Possible:
    """What may come out."""

    outcomes: tuple[Outcome, ...]
    """The mildest first."""
    questions: tuple[str, ...]
    """Facts to ask for, in the order of the rules. An answer may make others needless: ask the first, try again."""
    rules: tuple[Rule, ...]
    """The rules that may decide, in their order."""

    @property
    def is_certain(self) -> bool:
        """Whether the missing facts change nothing: neither the outcome nor what is to be filed."""
        return len({rule.result for rule in self.rules}) == 1


@dataclass(slots=True)
class _Reached:
    """The rules that may decide from some point on, and the unknown facts that matter there."""

    rules: set[int] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)


def possible(regime: Regime, facts: Facts) -> Possible:
    """Return what the rules may make of facts of which some are unknown."""
    search = _Search(regime)
    reached = search.from_rule(0, dict(facts))
    rules = tuple(regime.rules[number] for number in sorted(reached.rules))
    outcomes = sorted({rule.outcome for rule in rules if rule.outcome is not None}, key=STRICTNESS.__getitem__)
    return Possible(tuple(outcomes), tuple(fact for fact in regime.facts if fact in reached.asked), rules)


class _Search:
    """Goes through the rules, and at each condition on an unknown fact through all that it may be."""

    def __init__(self, regime: Regime) -> None:
        self._regime = regime
        self._cases = 0

    def from_rule(self, start: int, facts: dict[str, Value]) -> _Reached:
        """Return what may be reached from a rule on."""
        self._cases += 1
        for number in range(start, len(self._regime.rules)):
            unsure = _unsure(self._regime.rules[number], facts)
            if unsure is None:
                continue
            if not unsure:
                return _Reached({number})
            if self._cases > MOST_CASES:
                return self._all_from(number, facts)
            return self._branch(number, unsure[0].fact, facts)
        raise AssertionError("a regime ends with a rule that always applies")

    def _branch(self, number: int, fact: str, facts: dict[str, Value]) -> _Reached:
        found = _Reached()
        for value in self._regime.representatives[fact]:
            reached = self.from_rule(number, facts | {fact: value})
            found.rules |= reached.rules
            found.asked |= reached.asked
        if len({self._regime.rules[rule].result for rule in found.rules}) == 1:
            found.asked.clear()
        else:
            found.asked.add(fact)
        return found

    def _all_from(self, start: int, facts: dict[str, Value]) -> _Reached:
        found = _Reached()
        for number in range(start, len(self._regime.rules)):
            unsure = _unsure(self._regime.rules[number], facts)
            if unsure is not None:
                found.rules.add(number)
                found.asked.update(atom.fact for atom in unsure)
            if unsure == []:
                break
        return found


def _unsure(rule: Rule, facts: Facts) -> list[Atom] | None:
    """Return the conditions whose facts are unknown; None if a known one does not hold."""
    unsure = []
    for atom in rule.when:
        value = facts.get(atom.fact)
        if value is None:
            unsure.append(atom)
        elif not atom.holds(value):
            return None
    return unsure
