"""Proved with a solver: no gap, no dead rule, and every condition matters."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import z3

from waybill.rulebook import load_rulebook
from waybill.rulebook.atoms import Atom
from waybill.rulebook.deciding import Regime
from waybill.rulebook.facts import FactKind, Value, vocabulary
from waybill.rulebook.instruments import Rule

BOOK = load_rulebook()
KNOWN = date(2026, 11, 22)
LAST = date(2026, 11, 28)
"""By then all that is known to be suspended is back."""

DAYS = [date(2015, 1, 1), date(2022, 1, 10), date(2022, 12, 1), date(2024, 4, 1), date(2025, 10, 20), LAST]
NOW = [BOOK.regime(name, LAST, KNOWN) for name in BOOK.regimes]


class Proof:
    """The rules of a regime as formulas."""

    def __init__(self, regime: Regime) -> None:
        self.regime = regime
        named = {
            value
            for rule in regime.rules
            for atom in rule.when
            if isinstance(atom.value, frozenset)
            for value in atom.value
        }
        self._words = {word: number for number, word in enumerate(sorted(named | {"another"}))}
        self._variables = {fact: self._variable(fact) for fact in regime.facts}

    def domain(self) -> Any:
        """Return what every set of facts keeps to."""
        kept = []
        for fact, variable in self._variables.items():
            kind = vocabulary()[fact].kind
            if kind in {FactKind.COUNT, FactKind.SHARE}:
                kept.append(variable >= 0)
            if kind is FactKind.SHARE:
                kept.append(variable <= 1)
            if kind is FactKind.CHOICE:
                kept.append(z3.Or([variable == self._word(choice) for choice in vocabulary()[fact].choices]))
            if kind is FactKind.FLAG:
                implied = (self._variables.get(name) for name in vocabulary()[fact].implies)
                kept += [z3.Implies(variable, other) for other in implied if other is not None]
        return z3.And(kept)

    def holds(self, rule: Rule) -> Any:
        """Return when all conditions of a rule hold."""
        return z3.And([self._atom(atom) for atom in rule.when])

    def result(self, rules: tuple[Rule, ...]) -> Any:
        """Return what the rules decide, as a number for each outcome and filing."""
        results = {rule.result: number for number, rule in enumerate(self.regime.rules)}
        found: Any = z3.IntVal(-1)
        for rule in reversed(rules):
            found = z3.If(self.holds(rule), z3.IntVal(results.get(rule.result, -2)), found)
        return found

    def facts(self, model: Any) -> dict[str, Value]:
        """Return facts that a model stands for."""
        found: dict[str, Value] = {}
        for fact, variable in self._variables.items():
            value = model.eval(variable, model_completion=True)
            match vocabulary()[fact].kind:
                case FactKind.FLAG:
                    found[fact] = bool(value)
                case FactKind.COUNT:
                    found[fact] = value.as_long()
                case FactKind.SHARE:
                    found[fact] = float(value.as_fraction())
                case _:
                    found[fact] = next((word for word, n in self._words.items() if n == value.as_long()), "ZZ")
        return found

    def _word(self, word: str) -> int:
        return self._words.setdefault(word, len(self._words))

    def _variable(self, fact: str) -> Any:
        kinds = {FactKind.FLAG: z3.Bool, FactKind.SHARE: z3.Real}
        return kinds.get(vocabulary()[fact].kind, z3.Int)(fact)

    def _atom(self, atom: Atom) -> Any:
        variable = self._variables[atom.fact]
        if isinstance(atom.value, bool):
            return variable if atom.value else z3.Not(variable)
        if isinstance(atom.value, frozenset):
            among = z3.Or([variable == self._word(word) for word in sorted(atom.value)])
            return z3.Not(among) if atom.negated else among
        bound = z3.RealVal(str(atom.value)) if atom.kind is FactKind.SHARE else z3.IntVal(atom.value)
        return {
            ">=": variable >= bound, "<=": variable <= bound, ">": variable > bound, "<": variable < bound,
        }[atom.operator]  # fmt: skip


def satisfied(*formulas: Any) -> Any:
    """Return a model of the formulas, or None if there is none."""
    solver = z3.Solver()
    solver.add(*formulas)
    found = solver.check()
    assert found != z3.unknown
    return solver.model() if found == z3.sat else None


@pytest.mark.parametrize("regime", NOW, ids=lambda regime: regime.name)
def test_there_is_no_gap(regime: Regime) -> None:
    proof = Proof(regime)
    none = z3.And([z3.Not(proof.holds(rule)) for rule in regime.rules])
    assert satisfied(proof.domain(), none) is None


@pytest.mark.parametrize("name", BOOK.regimes)
def test_no_rule_is_dead(name: str) -> None:
    """On some day each rule decides something, or says what an earlier one says of the same facts."""
    alive: set[str] = set()
    for day in DAYS:
        regime = BOOK.regime(name, day, KNOWN)
        proof = Proof(regime)
        for number, rule in enumerate(regime.rules):
            first = z3.And([z3.Not(proof.holds(earlier)) for earlier in regime.rules[:number]])
            if satisfied(proof.domain(), proof.holds(rule), first) is not None:
                alive.add(rule.id)
                continue
            same = proof.result(regime.rules[:number]) == proof.result((rule,))
            if satisfied(proof.domain(), proof.holds(rule), same) is not None:
                alive.add(rule.id)
    deciding = {rule.id for one in BOOK.instruments if one.regime == name for rule in one.rules if rule.outcome}
    assert deciding - alive == set()


def mutants(atom: Atom) -> Iterator[Atom]:
    """Yield a condition with one mistake in it."""
    if isinstance(atom.value, bool):
        yield dataclasses.replace(atom, value=not atom.value)
    elif isinstance(atom.value, frozenset):
        yield dataclasses.replace(atom, negated=not atom.negated)
        if len(atom.value) > 1:
            yield dataclasses.replace(atom, value=frozenset(sorted(atom.value)[1:]))
    else:
        step = 1 if atom.kind is FactKind.COUNT else 0.0001
        yield dataclasses.replace(atom, value=atom.value + step)
        if atom.value >= step:
            yield dataclasses.replace(atom, value=atom.value - step)


@pytest.mark.parametrize("name", BOOK.regimes)
def test_every_single_mistake_in_a_condition_changes_a_decision(name: str) -> None:
    """The solver finds facts that tell the mistaken rules apart, and the compiled rules do tell them apart there.

    That must be so on a day on which the rule holds. Where two instruments say the same, a mistake in one must show
    without the other.
    """
    regimes = [BOOK.regime(name, day, KNOWN) for day in reversed(DAYS)]
    for rule in dict.fromkeys(rule for regime in regimes for rule in regime.rules):
        held = [regime for regime in regimes if rule in regime.rules]
        alone = (Regime(name, [one for one in all.rules if one is rule or not _concurs(one, rule)]) for all in held)
        tried = [*held, *alone]
        for place, atom in enumerate(rule.when):
            for wrong in mutants(atom):
                mistaken = dataclasses.replace(rule, when=(*rule.when[:place], wrong, *rule.when[place + 1 :]))
                assert any(_told_apart(rules, rule, mistaken) for rules in tried), f"{rule.id}: {wrong}"


def _concurs(one: Rule, other: Rule) -> bool:
    return bool(one.when) and one.result == other.result and one.id.partition("/")[0] != other.id.partition("/")[0]


def _told_apart(right: Regime, rule: Rule, mistaken: Rule) -> bool:
    """Return whether facts tell a regime from the same with a mistaken rule; then the compiled rules must, too."""
    wrong = Regime(right.name, [mistaken if one is rule else one for one in right.rules])
    proof = Proof(right)
    model = satisfied(proof.domain(), proof.result(wrong.rules) != proof.result(right.rules))
    if model is None:
        return False
    facts = proof.facts(model)
    ours, theirs = right.decide(facts), wrong.decide(facts)
    assert ours is not None
    assert theirs is not None
    assert ours.rule.result != theirs.rule.result, facts
    return True
