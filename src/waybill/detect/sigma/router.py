"""Which rules are asked about which rows, what they look for there, and which of them need not be asked at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from waybill.detect.sigma.conditions import Witness, predicates_of, witness
from waybill.detect.sigma.literals import NO_LITERALS, Literal, Literals
from waybill.detect.sigma.predicates import RELATIONS, Predicate
from waybill.detect.sigma.routing import LogSource
from waybill.detect.sigma.rules import Rule


class Asked:
    """Rules that see the same rows, and the literals that they look for in each field."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = rules

    @cached_property
    def literals(self) -> Mapping[str, Literals]:
        """The literals by field; of keywords under an empty name."""
        by_field: dict[str, dict[Predicate, None]] = {}
        for rule in self.rules:
            for predicate in predicates_of(rule.condition) if rule.condition is not None else ():
                by_field.setdefault(predicate.field, {})[predicate] = None
        return {field: Literals(predicates) for field, predicates in by_field.items()}

    @cached_property
    def fields(self) -> frozenset[str]:
        """Every field that they ask about."""
        predicates = [one for rule in self.rules if rule.condition for one in predicates_of(rule.condition)]
        others = {str(one.values[0]) for one in predicates if one.op in RELATIONS}
        return frozenset(others | {one.field for one in predicates} - {""})

    @property
    def keywords(self) -> Literals:
        """The literals that they look for in any field."""
        return self.literals.get("", NO_LITERALS)

    def candidates(self, occurring: Callable[[str], Iterable[Literal]]) -> Iterator[Rule]:
        """Yield the rules that may hold of some row: those that need no literal, and those of which one occurs.

        ``occurring`` gives the literals that occur in a field.
        """
        numbers = set(self._always)
        for field, waiting in self._waiting.items():
            for literal in occurring(field):
                numbers.update(waiting.get(literal, ()))
        for number in sorted(numbers):
            yield self.rules[number]

    @cached_property
    def _always(self) -> list[int]:
        return [number for number, witnesses in enumerate(self._witnesses) if not witnesses]

    @cached_property
    def _waiting(self) -> Mapping[str, Mapping[Literal, list[int]]]:
        """Numbers of the rules by field and literal that may make them hold."""
        waiting: dict[str, dict[Literal, list[int]]] = {}
        for number, witnesses in enumerate(self._witnesses):
            for field, literal in witnesses:
                waiting.setdefault(field, {}).setdefault(literal, []).append(number)
        return waiting

    @cached_property
    def _witnesses(self) -> list[frozenset[Witness]]:
        """For each rule literals of which it needs one; none where it needs none, or one that is not looked for."""
        found = [witness(rule.condition) if rule.condition is not None else frozenset() for rule in self.rules]
        return [
            one if all(self.literals[name].knows(*literal) for name, literal in one) else frozenset() for one in found
        ]


class Router:
    """Decides which rules see which rows; remembers its decisions."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        evaluable = [rule for rule in rules if rule.condition is not None]
        self.of_transfers = Asked([rule for rule in evaluable if rule.logsource.is_transfer])
        self._of_sources = [rule for rule in evaluable if not rule.logsource.is_transfer]
        self._known: dict[str, Asked] = {}
        self._literals: dict[frozenset[Literal], Literals] = {}

    def of_source(self, logsource: str) -> Asked:
        """Return the rules that see rows of this log source by the fields of their own source."""
        if logsource not in self._known:
            row = LogSource.of_row(logsource)
            self._known[logsource] = Asked([rule for rule in self._of_sources if rule.logsource.covers(row)])
        return self._known[logsource]

    def shared_keywords(self, logsources: Iterable[str]) -> Literals:
        """Return the literals that all rules who look for any look for, in rows of any of these log sources."""
        sought = [self.of_source(logsource).keywords.known for logsource in logsources]
        return self.literals(frozenset.intersection(*filter(None, sought)) if any(sought) else frozenset())

    def literals(self, literals: frozenset[Literal]) -> Literals:
        """Return these literals, always the same object, so that its automata are built once."""
        if literals not in self._literals:
            self._literals[literals] = Literals.of(sorted(literals))
        return self._literals[literals]
