"""Functions without a name of their own, which are handed to others: walked where they are handed over."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING


class Closure(ast.expr):
    """A function as an expression, of a language that has such; Python has only ``ast.Lambda``."""

    _fields = ("function",)
    _attributes = ("lineno", "col_offset", "end_lineno", "end_col_offset")
    function: ast.FunctionDef

    if TYPE_CHECKING:

        def __init__(self, function: ast.FunctionDef) -> None: ...


def is_closure(node: ast.AST) -> bool:
    """Return whether an expression is a function."""
    return isinstance(node, Closure | ast.Lambda)


def parameters_of(arguments: ast.arguments) -> list[str]:
    """Return the names of parameters, in order."""
    return [one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
