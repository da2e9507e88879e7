"""Correlations: what several records have to do with each other, as rules say it (Sigma specification 2.1).

A correlation names rules, fields that group what they match, a time span and a condition. A window ends at each match
and reaches back one time span; its condition is asked of every window, so that no boundary hides anything.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeAlias

import msgspec
from sigma.correlations import (
    CorrelationConditionAND,
    CorrelationConditionNOT,
    CorrelationConditionOR,
    SigmaCorrelationCondition,
    SigmaCorrelationRule,
    SigmaExtendedCorrelationCondition,
    SigmaRuleReference,
)

SECOND = 1_000_000
"""Microseconds."""


class Kind(StrEnum):
    """What is asked of a window."""

    EVENT_COUNT = "event_count"
    VALUE_COUNT = "value_count"
    TEMPORAL = "temporal"
    TEMPORAL_ORDERED = "temporal_ordered"
    VALUE_SUM = "value_sum"
    VALUE_AVG = "value_avg"
    VALUE_PERCENTILE = "value_percentile"
    VALUE_MEDIAN = "value_median"


COMPARE: dict[str, Callable[[float, float], bool]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "eq": operator.eq,
    "neq": operator.ne,
}
"""The comparisons of conditions, by the words of the specification."""

_GROWING = frozenset({Kind.EVENT_COUNT, Kind.VALUE_COUNT, Kind.VALUE_SUM})
"""What only grows with further records; sums do, as long as nobody counts less than nothing."""

Expression: TypeAlias = int | tuple[str, tuple["Expression", ...]]
"""A condition over rules by their number: ``and``, ``or`` or ``not`` of others."""


class Correlation(msgspec.Struct, frozen=True, kw_only=True):
    """What a correlation asks of the matches of its rules."""

    kind: Kind
    rules: tuple[str, ...]
    """The rules it correlates: names or ids as written, ids once it is resolved."""
    group_by: tuple[str, ...] = ()
    aliases: Mapping[str, Mapping[str, str]] = {}
    """For a name in ``group_by``, the field that stands for it in each rule."""
    span: int
    """Microseconds from the first to the last record of a window."""
    compare: str = "gte"
    count: float = 1
    fields: tuple[str, ...] = ()
    """Whose values count, for the kinds that look at values."""
    percentile: int = 50
    expression: Expression | None = None
    """The extended condition of temporal kinds."""
    generate: bool = False
    """Whether its rules make findings of their own too."""

    @property
    def is_monotone(self) -> bool:
        """Whether further records can never undo that a window fulfils it, so that it may be told at once."""
        if self.kind in (Kind.TEMPORAL, Kind.TEMPORAL_ORDERED):
            return self.expression is None or not _negates(self.expression)
        return self.kind in _GROWING and self.compare in ("gt", "gte")

    def field_of(self, name: str, rule: str) -> str:
        """Return the field of a rule's records that a name in ``group_by`` means."""
        return self.aliases.get(name, {}).get(rule, name)

    def resolved(self, id_of: Mapping[str, str]) -> Correlation:
        """Return it with the ids of its rules. Raises KeyError for a rule that is not there."""
        return msgspec.structs.replace(
            self,
            rules=tuple(id_of[name] for name in self.rules),
            aliases={
                alias: {id_of[rule]: field for rule, field in fields.items()} for alias, fields in self.aliases.items()
            },
        )


def correlation_of(content: dict[str, Any]) -> Correlation:
    """Return the correlation that a document describes; raises SigmaError where it is wrong."""
    parsed = SigmaCorrelationRule.from_dict(
        {name: content[name] for name in ("title", "id", "name", "correlation") if name in content}
    )
    condition = parsed.condition
    extended = condition if isinstance(condition, SigmaExtendedCorrelationCondition) else None
    names = extended.get_referenced_rules() if extended else [rule.reference for rule in parsed.rules or ()]
    correlation = Correlation(
        kind=Kind(parsed.type.name.lower()),
        rules=tuple(names),
        group_by=tuple(parsed.group_by or ()),
        aliases={
            alias.alias: {rule.reference: field for rule, field in alias.mapping.items()} for alias in parsed.aliases
        },
        span=parsed.timespan.seconds * SECOND,
        expression=_expression(extended.parsed, names) if extended else None,
        generate=parsed.generate,
    )
    if isinstance(condition, SigmaCorrelationCondition):
        fields = [condition.fieldref] if isinstance(condition.fieldref, str) else condition.fieldref or ()
        correlation = msgspec.structs.replace(
            correlation,
            compare=condition.op.name.lower(),
            count=condition.count,
            fields=tuple(fields),
            percentile=50 if condition.percentile is None else condition.percentile,
        )
    if not 0 <= correlation.percentile <= 100:
        raise ValueError(f"there is no percentile {correlation.percentile}; possible are 0 to 100")
    return correlation


def _expression(node: Any, names: list[str]) -> Expression:
    match node:
        case SigmaRuleReference():
            return names.index(node.reference)
        case CorrelationConditionAND():
            return "and", _all(node.args, names)
        case CorrelationConditionOR():
            return "or", _all(node.args, names)
        case CorrelationConditionNOT():
            return "not", _all(node.args, names)
    raise ValueError(f"a condition of type {type(node).__name__} is unknown here")


def _all(nodes: Iterable[Any], names: list[str]) -> tuple[Expression, ...]:
    return tuple(_expression(node, names) for node in nodes)


def _negates(expression: Expression) -> bool:
    if isinstance(expression, int):
        return False
    word, parts = expression
    return word == "not" or any(_negates(part) for part in parts)


def fulfils(expression: Expression, present: Iterable[int]) -> bool:
    """Return whether a condition holds where the rules with these numbers matched."""
    if isinstance(expression, int):
        return expression in present
    word, parts = expression
    truths = (fulfils(part, present) for part in parts)
    if word == "not":
        return not next(truths)
    return all(truths) if word == "and" else any(truths)
