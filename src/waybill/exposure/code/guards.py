"""What tests prove: a value that was compared, matched or searched for dangerous characters can do less afterwards."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from waybill.exposure.code.facts import Danger
from waybill.exposure.code.injection import ALL_INJECTED

_QUOTES = Danger.SQL.bit | Danger.XPATH.bit | Danger.CODE.bit | Danger.MARKUP.bit
_CHARACTERS = {
    "'": _QUOTES, '"': _QUOTES, "..": Danger.PATH.bit, "/": Danger.PATH.bit | Danger.REDIRECT.bit,
    "\\": Danger.PATH.bit, "../": Danger.PATH.bit, ";": Danger.COMMAND.bit | Danger.SQL.bit,
    "&": Danger.COMMAND.bit, "|": Danger.COMMAND.bit, "<": Danger.MARKUP.bit, "(": Danger.LDAP.bit | Danger.CODE.bit,
    "*": Danger.LDAP.bit, ")": Danger.LDAP.bit, "//": Danger.REDIRECT.bit,
}  # fmt: skip
"""What a value without these characters can do no more."""

_SHAPE = frozenset({"isdigit", "isalnum", "isalpha", "isnumeric", "isidentifier", "isdecimal"})
_MATCHING = frozenset({"match", "fullmatch"})
_BOUND = Danger.PATH.bit | Danger.REDIRECT.bit
_WITHIN = frozenset({"startswith", "is_relative_to", "startsWith"})
_SAFE_URL = frozenset({"url_has_allowed_host_and_scheme", "is_safe_url"})


@dataclass(frozen=True)
class Proof:
    """Expressions and the dangers that are taken from them, if a test holds and if it does not."""

    holds: list[tuple[ast.expr, int]] = field(default_factory=list)
    fails: list[tuple[ast.expr, int]] = field(default_factory=list)


def proof(test: ast.expr) -> Proof:
    """Return what a test proves."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            found = proof(inner)
            return Proof(found.fails, found.holds)
        case ast.BoolOp(op=operator, values=values):
            parts = [proof(value) for value in values]
            if isinstance(operator, ast.And):
                return Proof([one for part in parts for one in part.holds], [])
            return Proof([], [one for part in parts for one in part.fails])
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            return _compared(left, operator, right)
        case ast.Call():
            return _called(test)
    return Proof()


def _compared(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> Proof:  # noqa: PLR0911  one case each
    match operator:
        case ast.In() if isinstance(left, ast.Constant):
            return Proof([], [(right, _CHARACTERS.get(str(left.value), 0))])
        case ast.NotIn() if isinstance(left, ast.Constant):
            return Proof([(right, _CHARACTERS.get(str(left.value), 0))], [])
        case ast.In():
            return Proof([(left, ALL_INJECTED)], [])
        case ast.NotIn():
            return Proof([], [(left, ALL_INJECTED)])
        case ast.Eq() if isinstance(right, ast.Constant):
            return Proof([(left, ALL_INJECTED)], [])
        case ast.NotEq() if isinstance(right, ast.Constant):
            return Proof([], [(left, ALL_INJECTED)])
    return Proof()


def _called(test: ast.Call) -> Proof:  # noqa: PLR0911  one case each
    function = test.func
    if isinstance(function, ast.Attribute):
        name = function.attr
        if name in _SHAPE:
            return Proof([(function.value, ALL_INJECTED)], [])
        if name in _WITHIN and test.args:
            return Proof([(function.value, _BOUND)], [])
        if name in _MATCHING and len(test.args) >= 1:
            return Proof([(test.args[-1], ALL_INJECTED)], [])
        if name == "test" and test.args:  # of a regular expression of JavaScript
            return Proof([(test.args[0], ALL_INJECTED)], [])
    else:
        name = getattr(function, "id", "")
    if name in _SAFE_URL:
        targets = [*test.args, *(one.value for one in test.keywords)]
        return Proof([(one, Danger.REDIRECT.bit) for one in targets[:1]], [])
    if name == "all" and test.args and isinstance(test.args[0], ast.GeneratorExp):
        return Proof([(test.args[0].generators[0].iter, ALL_INJECTED)], [])
    return Proof()
