"""Turns the conditions that pySigma has parsed into expressions over predicates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
from sigma import types
from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.exceptions import SigmaConditionError
from sigma.rule import SigmaRule

from waybill.detect.sigma.conditions import Node, Not, Test, all_of, any_of
from waybill.detect.sigma.predicates import Op, Predicate, fold
from waybill.detect.sigma.texts import matches

Placeholders = Mapping[str, Sequence[str]]
"""Values to put in for ``%name%`` where a rule says ``expand``."""

_ANY, _ONE = types.SpecialChars.WILDCARD_MULTI, types.SpecialChars.WILDCARD_SINGLE

_COMPARED = {
    types.CompareOperators.LT: Op.LESS,
    types.CompareOperators.LTE: Op.LESS_OR_EQUAL,
    types.CompareOperators.GT: Op.GREATER,
    types.CompareOperators.GTE: Op.GREATER_OR_EQUAL,
}

_FLAGS = {
    types.SigmaRegularExpressionFlag.IGNORECASE: "i",
    types.SigmaRegularExpressionFlag.MULTILINE: "m",
    types.SigmaRegularExpressionFlag.DOTALL: "s",
}

_REFERENCES = {
    (False, False): Op.FIELD_EQUALS,
    (True, False): Op.FIELD_STARTS,
    (False, True): Op.FIELD_ENDS,
    (True, True): Op.FIELD_CONTAINS,
}


class NotEvaluableError(Exception):
    """The rule is right, but this engine cannot decide it; the message says why."""


def translate(rule: SigmaRule, placeholders: Placeholders) -> Node:
    """Return the condition of a rule; several conditions are alternatives.

    Raises SigmaError where the rule is wrong, NotEvaluableError where it is right but cannot be decided.
    """
    translator = _Translator(placeholders)
    return any_of([translator.node(condition.parsed) for condition in rule.detection.parsed_condition])


class _Translator:
    def __init__(self, placeholders: Placeholders) -> None:
        self._placeholders = placeholders

    def node(self, condition: Any) -> Node:
        match condition:
            case ConditionAND():
                return all_of([self.node(argument) for argument in condition.args])
            case ConditionOR():
                return any_of([self.node(argument) for argument in condition.args])
            case ConditionNOT():
                return Not(self.node(condition.args[0]))
            case ConditionFieldEqualsValueExpression():
                return self._value(condition.field, condition.value)
            case ConditionValueExpression():
                return self._value("", condition.value)
            case None:
                raise SigmaConditionError("The condition asks for selections that the rule does not have")
        raise NotEvaluableError(f"a condition of type {type(condition).__name__} is unknown here")

    def _value(self, field: str, value: types.SigmaType) -> Node:  # noqa: PLR0911  # a line for each kind of value
        match value:
            case types.SigmaExpansion():
                return any_of([self._value(field, inner) for inner in value.values])
            case types.SigmaString():
                return any_of([_text(field, text) for text in self._expanded(value)])
            case types.SigmaRegularExpression():
                return any_of([_expression(field, value, text) for text in self._expanded(value.regexp)])
            case types.SigmaBool():
                return Test(_plain(field, Op.EQUALS, str(value.boolean).lower()))
            case types.SigmaNumber():
                return _number(field, Op.NUMBER, value)
            case types.SigmaCompareExpression() if value.op in _COMPARED:
                return _number(field, _COMPARED[value.op], value.number)
            case types.SigmaCIDRExpression():
                return Test(Predicate(field, Op.WITHIN, (str(value.network),)))
            case types.SigmaNull():
                return Not(Test(Predicate(field, Op.EXISTS)))
            case types.SigmaExists():
                exists = Test(Predicate(field, Op.EXISTS))
                return exists if value.exists else Not(exists)
            case types.SigmaFieldReference():
                reference = _REFERENCES[value.starts_with, value.ends_with]
                return Test(Predicate(field, reference, (value.field,)))
        raise NotEvaluableError(f"a value of type {type(value).__name__} is unknown here")

    def _expanded(self, text: types.SigmaString) -> list[types.SigmaString]:
        return text.replace_placeholders(self._replacements)

    def _replacements(self, placeholder: types.Placeholder) -> Iterator[types.SigmaString]:
        if placeholder.name not in self._placeholders:
            raise NotEvaluableError(f"no values are given for the placeholder %{placeholder.name}%")
        for value in self._placeholders[placeholder.name]:
            yield types.SigmaString(value)


def _plain(field: str, op: Op, text: str, cased: bool = False) -> Predicate:
    """Return a predicate over text; keywords are looked for anywhere in a text."""
    return Predicate(field, op if field else Op.CONTAINS, (text if cased else fold(text),), cased=cased)


def _text(field: str, text: types.SigmaString) -> Node:
    cased = isinstance(text, types.SigmaCasedString)
    parts = list(text.s)
    before, after = parts[:1] == [_ANY], parts[-1:] == [_ANY]
    inner = parts[before : len(parts) - after] if len(parts) > 1 else [part for part in parts if part is not _ANY]
    if any(part in (_ANY, _ONE) for part in inner):
        longest = max((part for part in inner if isinstance(part, str)), key=len, default="")
        needed = [Test(_plain(field, Op.CONTAINS, longest, cased))] if longest else []
        return all_of([*needed, Test(_matching(field, _glob(field, parts, cased), cased))])
    literal = "".join(str(part) for part in inner)
    if field and not literal and (before or after):
        return Test(Predicate(field, Op.EXISTS))
    op = {(True, True): Op.CONTAINS, (True, False): Op.ENDS, (False, True): Op.STARTS}.get((before, after), Op.EQUALS)
    return Test(_plain(field, op, literal, cased))


def _glob(field: str, parts: list[Any], cased: bool) -> str:
    """Return wildcards as an RE2 expression over whole texts, or for keywords over any piece of a text."""
    written = [
        ".*" if part is _ANY else "." if part is _ONE else re.escape(part if cased else fold(part)) for part in parts
    ]
    inner = "".join(written)
    return f"(?s)\\A{inner}\\z" if field else f"(?s){inner}"


def _expression(field: str, value: types.SigmaRegularExpression, text: types.SigmaString) -> Node:
    flags = "".join(sorted(_FLAGS[flag] for flag in value.flags))
    pattern = f"(?{flags})" * bool(flags) + _anchored(str(text))
    return Test(_matching(field, pattern, cased=True))


def _anchored(pattern: str) -> str:
    """Let an expression that begins with so many letters of any kind begin with a line.

    It matches there if it matches further on, and to try from each letter takes a thousand times as long.
    """
    return f"(?m:^){pattern}" if re.match(r"\.\{\d+,\}[^|]*\Z", pattern) else pattern


def _matching(field: str, pattern: str, cased: bool) -> Predicate:
    """Return a predicate for an RE2 expression, tried once so that it cannot fail later."""
    try:
        matches(pa.array([""], pa.large_string()), pattern)
    except pa.ArrowInvalid as error:
        why = str(error).rpartition("regular expression: ")[2].splitlines()[0]
        raise NotEvaluableError(f"the regular expression is outside RE2: {why}") from None
    return Predicate(field, Op.MATCHES, (pattern,), cased=cased)


def _number(field: str, op: Op, number: types.SigmaNumber) -> Node:
    if isinstance(number, types.SigmaTimestampPart):
        part = number.timestamp_part.name.lower()
        return Test(Predicate(field, op, (number.number,), part=part))
    if not field:
        return Test(_plain(field, Op.CONTAINS, str(number.number)))
    return Test(Predicate(field, op, (number.number,)))
