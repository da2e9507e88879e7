"""What tests prove: a value that was compared, matched or searched for dangerous characters can do less afterwards."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from waybill.exposure.code.characters import ALL_INJECTED, WITHOUT, let_through, refused_by, without
from waybill.exposure.code.facts import Danger

_SHAPE = frozenset({"isdigit", "isalnum", "isalpha", "isnumeric", "isidentifier", "isdecimal"})
_MATCHING = {"match": (True, False), "fullmatch": (True, True), "search": (False, False), "test": (False, False)}
"""Methods of patterns, and whether they hold the beginning and the end."""
_BOUND = Danger.PATH.bit | Danger.REDIRECT.bit
_WITHIN = frozenset({"startswith", "is_relative_to", "startsWith"})
_SHARED = frozenset({"commonpath", "commonprefix"})
_SAFE_URL = frozenset({"url_has_allowed_host_and_scheme", "is_safe_url"})


@dataclass(frozen=True)
class Proof:
    """Expressions and the dangers that are taken from them, if a test holds and if it does not."""

    holds: list[tuple[ast.expr, int]] = field(default_factory=list)
    fails: list[tuple[ast.expr, int]] = field(default_factory=list)


Predicate = Callable[[ast.Call], ast.expr | None]
"""Tells what a function that a test calls answers, if that is known."""


def proof(test: ast.expr, predicate: Predicate = lambda call: None) -> Proof:
    """Return what a test proves."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            found = proof(inner, predicate)
            return Proof(found.fails, found.holds)
        case ast.BoolOp(op=operator, values=values):
            parts = [proof(value, predicate) for value in values]
            if isinstance(operator, ast.And):
                return Proof([one for part in parts for one in part.holds], [])
            return Proof([], [one for part in parts for one in part.fails])
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            return _compared(left, operator, right)
        case ast.Call():
            told = predicate(test)
            return proof(told) if told is not None else _called(test)
    return Proof()


def _compared(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> Proof:  # noqa: PLR0911  one case each
    match operator:
        case ast.In() if isinstance(left, ast.Constant):
            return Proof([], [(right, WITHOUT.get(str(left.value), 0))])
        case ast.NotIn() if isinstance(left, ast.Constant):
            return Proof([(right, WITHOUT.get(str(left.value), 0))], [])
        case ast.Is() | ast.IsNot() if isinstance(right, ast.Constant) and right.value is None:
            found = proof(left)
            return found if isinstance(operator, ast.IsNot) else Proof(found.fails, found.holds)
        case ast.Eq() | ast.NotEq() if shared := _shared(left) or _shared(right):
            return Proof(shared, []) if isinstance(operator, ast.Eq) else Proof([], shared)
        case ast.In() | ast.NotIn() if isinstance(right, ast.Attribute) and right.attr == "parents":  # of a path
            about = [(right.value, Danger.PATH.bit)]
            return Proof(about, []) if isinstance(operator, ast.In) else Proof([], about)
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
        if name in _MATCHING and test.args:
            return _matched(test, function, name)
    else:
        name = getattr(function, "id", "")
    if name in _SAFE_URL:
        targets = [*test.args, *(one.value for one in test.keywords)]
        return Proof([(one, Danger.REDIRECT.bit) for one in targets[:1]], [])
    if name == "all" and test.args and isinstance(test.args[0], ast.GeneratorExp):
        return Proof([(test.args[0].generators[0].iter, ALL_INJECTED)], [])
    if name == "any" and test.args:
        return Proof([], _searched(test.args[0]))
    if _PROMISING.match(name) and test.args:
        return Proof([(test.args[0], ALL_INJECTED)], [])
    return Proof()


_PROMISING = re.compile(r"^_?(?:is_)?(?:safe|valid|allowed|permitted|trusted|whitelisted|allowlisted)(?:_\w+)?$")
"""What functions are called that say whether something is good."""


def _searched(node: ast.expr) -> list[tuple[ast.expr, int]]:
    """Return what ``any(one in text for one in "...")`` searched, and what it is free of where nothing was found."""
    match node:
        case ast.GeneratorExp(
            elt=ast.Compare(ops=[ast.In()], comparators=[text]),
            generators=[ast.comprehension(iter=ast.Constant(value=str(characters)))],
        ):
            return [(text, without(characters))]
    return []


def raising(value: ast.expr) -> list[tuple[ast.expr, int]]:
    """Return what a call proves that raises where it does not hold."""
    match value:
        case ast.Call(func=ast.Attribute(value=path, attr="relative_to")):
            return [(path, Danger.PATH.bit)]
    return []


def told_of(told: ast.expr, parameter: str, call: ast.Call) -> ast.expr | None:
    """Return what a function answers, with what it is called with in the place of its parameter."""
    if len(call.args) != 1:
        return None

    class Replaced(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return call.args[0] if node.id == parameter else node

    return cast("ast.expr", Replaced().visit(copy.deepcopy(told)))


def _shared(node: ast.expr) -> list[tuple[ast.expr, int]]:
    """Return the paths of which a call tells what they have in common."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name), args=[ast.List(elts=paths) | ast.Tuple(elts=paths)]):
            return [(path, Danger.PATH.bit) for path in paths] if name in _SHARED else []
    return []


def _matched(test: ast.Call, function: ast.Attribute, name: str) -> Proof:
    """Return what a pattern proves of what it is held against; one that is not known is taken to be good."""
    pattern, text = test.args[0], test.args[1] if len(test.args) > 1 else test.args[0]
    if isinstance(function.value, ast.Call) and function.value.args:  # re.compile(...).match(...)
        pattern = function.value.args[0]
    at_start, at_end = _MATCHING[name]
    if pattern is not text and isinstance(pattern, ast.Constant) and isinstance(pattern.value, str):
        found = let_through(pattern.value, at_start=at_start, at_end=at_end)
        return Proof([(text, found)], [(text, refused_by(pattern.value))])
    return Proof([(text, ALL_INJECTED if name != "search" else 0)], [])
