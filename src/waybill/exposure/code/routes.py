"""Which parameters of a function a client says, by how a route leads to it: Flask, FastAPI and their like."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator

VERBS = frozenset({"route", "get", "post", "put", "patch", "delete", "api_route", "websocket"})
"""Methods of an application, used as decorators, that lead clients to a function."""

_PART = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")
_NARROW = frozenset({"int", "float", "uuid", "number"})
"""Converters of Flask after which a part of an address can do no harm."""

_TEXTS = frozenset({"str", "bytes", "UploadFile", "Any", "dict", "list", "List", "Dict"})
_HARMLESS = frozenset(
    {"int", "float", "bool", "UUID", "UUID1", "UUID4", "date", "datetime", "time", "timedelta", "Decimal", "Literal",
     "Request", "Response", "Session", "AsyncSession", "BackgroundTasks", "WebSocket", "IPv4Address", "PositiveInt",
     "State", "Depends", "Security", "SecurityScopes", "Connection", "Settings"}
)  # fmt: skip
_SAID_BY = frozenset({"Query", "Path", "Body", "Header", "Cookie", "Form", "File"})


def is_typed(node: ast.FunctionDef | ast.AsyncFunctionDef, route: ast.expr) -> bool:
    """Return whether a route hands over parameters by their types, as FastAPI does."""
    every = (*node.args.args, *node.args.kwonlyargs)
    return "<" not in _rule(route) and any(one.annotation is not None for one in every)


def said(node: ast.FunctionDef | ast.AsyncFunctionDef, route: ast.expr, enumerations: Collection[str]) -> Iterator[str]:
    """Yield the parameters that a client says; ``enumerations`` are names of classes with a few fixed values."""
    if not is_typed(node, route):
        for converter, name in _PART.findall(_rule(route)):
            if converter not in _NARROW:
                yield name
        return
    arguments = node.args
    defaults: list[ast.expr | None] = [None] * (len(arguments.args) - len(arguments.defaults)) + [*arguments.defaults]
    every = [
        *zip(arguments.args, defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    for one, default in every:
        if _is_said(one.annotation, default, enumerations):
            yield one.arg


def _rule(route: ast.expr) -> str:
    """Return the address of a route."""
    match route:
        case ast.Call(args=[ast.Constant(value=str(rule)), *_]):
            return rule
        case ast.Call(keywords=words):
            rules = [one.value.value for one in words if isinstance(one.value, ast.Constant) and one.arg == "path"]
            return str(rules[0]) if rules else ""
    return ""


def _is_said(annotation: ast.expr | None, default: ast.expr | None, enumerations: Collection[str]) -> bool:
    names = _names(annotation)
    given = _names(default.func) if isinstance(default, ast.Call) else set()
    if names & _TEXTS:
        return not (names | given) & {"Depends", "Security"}
    if (names | given) & _HARMLESS or names & set(enumerations):
        return False
    return bool(given & _SAID_BY) or (default is None and any(name[:1].isupper() for name in names))


def _names(node: ast.expr | None) -> set[str]:
    """Return the names in an expression."""
    if node is None:
        return set()
    found = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    return found | {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}
