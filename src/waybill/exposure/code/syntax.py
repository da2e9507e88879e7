"""What statements, patterns and parameters are by their form alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence


def assigned(loop: ast.stmt, body: Sequence[ast.stmt]) -> frozenset[str]:
    """Return the names that the statements of a loop assign to; kept with it, for loops are walked more than once."""
    known: frozenset[str] | None = getattr(loop, "assigned", None)
    if known is None:
        known = frozenset(
            node.id
            for statement in body
            for node in ast.walk(statement)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        )
        loop.assigned = known  # type: ignore[attr-defined]
    return known


def places(arguments: ast.arguments) -> Iterator[str]:
    """Yield the names of parameters in the order of their places; those that take all others begin with stars."""
    yield from (one.arg for one in (*arguments.posonlyargs, *arguments.args))
    if arguments.vararg is not None:
        yield f"*{arguments.vararg.arg}"
    yield from (one.arg for one in arguments.kwonlyargs)
    if arguments.kwarg is not None:
        yield f"**{arguments.kwarg.arg}"


def is_listed(pattern: ast.pattern) -> bool:
    """Return whether a pattern takes nothing but constants."""
    if isinstance(pattern, ast.MatchOr):
        return all(map(is_listed, pattern.patterns))
    return isinstance(pattern, ast.MatchValue)


def captured(pattern: ast.pattern) -> Iterator[str]:
    """Yield the names to which a pattern gives parts of what it takes."""
    for node in ast.walk(pattern):
        if isinstance(node, ast.MatchAs | ast.MatchStar) and node.name is not None:
            yield node.name


def leaves(value: ast.expr) -> bool:
    """Return whether an expression never comes to an end: it raises, or ends the program."""
    match value:
        case ast.Call(func=ast.Name(id=name)):
            return name in {"abort", "exit"}
        case ast.Call(func=ast.Attribute(value=ast.Name(id=holder), attr=name)):
            return (holder, name) in {("flask", "abort"), ("sys", "exit"), ("os", "_exit"), ("process", "exit")}
    return False
