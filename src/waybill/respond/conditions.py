"""Conditions of steps: comparisons of the STIX patterning grammar over variables and texts (CACAO 2.0, 4.9).

::

    __size__:value > 100 AND (__kind__:value = 'core' OR NOT __known__:value IN ('a', 'b'))

Numbers compare as numbers where both sides are some; ``LIKE`` knows ``%`` and ``_``. Nothing is ever evaluated as code.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from waybill.model.errors import RuleError
from waybill.respond.playbook import filled

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^'\\]|\\.)*')|(?P<name>__[A-Za-z][\w-]*?__:value)|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<op><=|>=|!=|<>|==|=|<|>)|(?P<mark>[(),])|(?P<word>[A-Za-z]+))"
)
_DEEPEST = 50
Values = Mapping[str, str | None]


def holds(condition: str, values: Values) -> bool:
    """Return whether a condition holds. Raises RuleError for one that cannot be read, or asks for what is unknown."""
    return _Reader(condition, values).whole()


class _Reader:
    """Reads and decides a condition from left to right."""

    def __init__(self, condition: str, values: Values) -> None:
        self._text, self._values, self._deep = condition, values, 0
        self._tokens = _tokens(condition)
        self._at = 0

    def whole(self) -> bool:
        found = self._any()
        if self._at < len(self._tokens):
            raise self._wrong()
        return found

    def _any(self) -> bool:
        found = self._all()
        while self._takes("OR"):
            other = self._all()
            found = found or other
        return found

    def _all(self) -> bool:
        found = self._one()
        while self._takes("AND"):
            other = self._one()
            found = found and other
        return found

    def _one(self) -> bool:
        if self._takes("NOT"):
            return not self._one()
        if self._takes("("):
            self._deep += 1
            if self._deep > _DEEPEST:
                raise self._wrong()
            found = self._any()
            self._must(")")
            return found
        return self._comparison()

    def _comparison(self) -> bool:
        left = self._value()
        negated = self._takes("NOT")
        if self._takes("IN"):
            self._must("(")
            others = [self._value()]
            while self._takes(","):
                others.append(self._value())
            self._must(")")
            return any(_compared("=", left, one) for one in others) != negated
        sign = self._next("op", "word")
        if sign not in _OPERATORS:
            raise self._wrong()
        return _compared(sign, left, self._value()) != negated

    def _value(self) -> str:
        kind, text = self._peek()
        self._at += 1
        if kind == "string":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind == "name":
            return filled(text, self._values)
        if kind == "number" or (kind == "word" and text.casefold() in {"true", "false"}):
            return text
        raise self._wrong()

    def _peek(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise self._wrong()
        return self._tokens[self._at]

    def _next(self, *kinds: str) -> str:
        kind, text = self._peek()
        if kind not in kinds:
            raise self._wrong()
        self._at += 1
        return text.upper()

    def _takes(self, word: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at][1].upper() == word:
            kind = self._tokens[self._at][0]
            if kind in {"word", "mark"}:
                self._at += 1
                return True
        return False

    def _must(self, word: str) -> None:
        if not self._takes(word):
            raise self._wrong()

    def _wrong(self) -> RuleError:
        return RuleError("this condition cannot be read", where=self._text[:200], expected="__size__:value > 100 AND …")


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    stripped = text.rstrip()
    while at < len(stripped):
        match = _TOKEN.match(stripped, at)
        if match is None or match.lastgroup is None:
            raise RuleError("this condition cannot be read", where=text[at : at + 80], expected="a comparison")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


def _compared(sign: str, left: str, right: str) -> bool:
    try:
        return _COMPARISONS[sign](Decimal(left), Decimal(right))
    except (InvalidOperation, KeyError):
        return _OPERATORS[sign](left, right)


def _like(left: str, right: str) -> bool:
    pattern = "".join({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in right)
    return re.fullmatch(pattern, left, re.DOTALL) is not None


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "==": operator.eq, "!=": operator.ne, "<>": operator.ne,
    "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
}  # fmt: skip
"""Of numbers where both sides are some, else of texts."""

_OPERATORS: dict[str, Callable[[str, str], bool]] = {**_COMPARISONS, "LIKE": _like}
