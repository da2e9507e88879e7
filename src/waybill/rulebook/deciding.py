"""Decides by the rules of one regime that hold on a day: the first that applies, and why no earlier one did.

The rules are compiled to one Python function over the facts they name; it is made of our own parsed conditions only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from waybill.model.errors import RuleError
from waybill.rulebook.atoms import Atom
from waybill.rulebook.facts import Facts, Value, vocabulary
from waybill.rulebook.instruments import Rule
from waybill.rulebook.words import Outcome

Failed = tuple[int, ...]
"""For each rule before the one that decided, the number of its first condition that did not hold."""


@dataclass(slots=True, eq=False)
class Decision:
    """What the rules of a regime make of known facts, with what it rests on."""

    regime: Regime
    rule: Rule
    values: tuple[Value, ...]
    """The values of the facts of ``regime.facts``."""
    failed: Failed

    @property
    def outcome(self) -> Outcome:
        """The outcome."""
        outcome = self.rule.outcome
        assert outcome is not None  # noqa: S101 - only rules with an outcome decide
        return outcome

    @property
    def reasons(self) -> dict[str, Value]:
        """The facts that the deciding rule asks about."""
        known = dict(zip(self.regime.facts, self.values, strict=True))
        return {atom.fact: known[atom.fact] for atom in self.rule.when}

    @property
    def tried(self) -> list[tuple[Rule, Atom]]:
        """Each rule that did not apply, with the first of its conditions that did not hold."""
        return [(rule, rule.when[number]) for rule, number in zip(self.regime.rules, self.failed, strict=False)]


class Regime:
    """The rules of one regime that hold together, in order, compiled. Raises RuleError if they leave a gap."""

    def __init__(self, name: str, rules: Sequence[Rule]) -> None:
        self.name = name
        self.rules = tuple(sorted((rule for rule in rules if rule.outcome is not None), key=lambda rule: rule.priority))
        self.adding = tuple(rule for rule in rules if rule.outcome is None)
        """Rules that only add duties."""
        if not self.rules or self.rules[-1].when:
            raise RuleError(
                f"the rules of {name!r} leave a gap: the last one has conditions",
                where=self.rules[-1].place if self.rules else "",
                expected="a last rule with `when = []`",
            )
        self.facts = tuple(dict.fromkeys(atom.fact for rule in self.rules for atom in rule.when))
        """The facts that its deciding rules name."""

    def decide(self, facts: Facts) -> Decision | None:
        """Return the decision, or None where a fact that the rules name is unknown."""
        found = self._first(facts)
        if found is None:
            return None
        number, values, failed = found
        return Decision(self, self.rules[number], values, failed)

    def outcome(self, facts: Facts) -> tuple[Outcome | None, int]:
        """Return outcome and number of the rule that decides, as ``decide`` does and at less cost."""
        found = self._first(facts)
        return (None, -1) if found is None else (self.rules[found[0]].outcome, found[0])

    @cached_property
    def reach(self) -> dict[str, tuple[str, ...]]:
        """By the id of a rule that decides, the facts that can change that: those it or an earlier rule names."""
        named: dict[str, None] = {}
        found = {}
        for rule in self.rules:
            named.update(dict.fromkeys(atom.fact for atom in rule.when))
            found[rule.id] = tuple(named)
        return found

    @cached_property
    def representatives(self) -> dict[str, tuple[Value, ...]]:
        """Of each fact, one value for each set of values that no condition tells apart."""
        return {fact: self._representatives(fact) for fact in self.facts}

    def _representatives(self, fact: str) -> tuple[Value, ...]:
        atoms = [atom for rule in self.rules for atom in rule.when if atom.fact == fact]
        borders: set[Value] = {border for atom in atoms for border in atom.borders()}
        kinds: dict[tuple[bool, ...], Value] = {}
        for value in (*sorted(borders, key=str), *vocabulary()[fact].others):
            kinds.setdefault(tuple(atom.holds(value) for atom in atoms), value)
        return tuple(kinds.values())

    @cached_property
    def _first(self) -> Callable[[Facts], tuple[int, tuple[Value, ...], Failed] | None]:
        """Return the compiled rules: facts in; out the rule's number, the values, and what failed before it."""
        constants: dict[str, object] = {}
        lines = ["def first(facts):", *(f"    {fact} = facts.get({fact!r})" for fact in self.facts)]
        values = "".join(f"{fact}, " for fact in self.facts)
        lines += [f"    values = ({values})", "    if None in values:", "        return None"]
        for number, rule in enumerate(self.rules):
            failed = "".join(f"f{earlier}, " for earlier in range(number))
            done = f"return {number}, values, ({failed})"
            for place, atom in enumerate(rule.when):
                constant = f"C{number}_{place}"
                constants[constant] = atom.value
                lines.append(f"    {'el' if place else ''}if not ({atom.source(constant)}): f{number} = {place}")
            lines.append(f"    else: {done}" if rule.when else f"    {done}")
            if not rule.when:
                break
        code = compile("\n".join(lines), f"<rules of {self.name}>", "exec")
        exec(code, constants)  # noqa: S102 - made above, of parsed conditions
        made: Callable[[Facts], tuple[int, tuple[Value, ...], Failed] | None] = constants["first"]  # type: ignore[assignment]
        return made
