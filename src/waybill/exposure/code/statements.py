"""Statements of a file and what stands in them; some functions are parsed only when they are asked for."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence


class Unparsed(ast.FunctionDef):
    """A function that is parsed only when somebody asks for what stands in it."""

    text: bytes
    """With as many empty lines before it as there are in its file."""

    @classmethod
    def standing_for(cls, function: ast.FunctionDef, first: int, last: int) -> Unparsed:
        """Return one with the name and the decorators of a function, and the lines from which to which it stands."""
        found = cls.__new__(cls)
        found.name, found.decorator_list = function.name, function.decorator_list
        found.lineno, found.end_lineno, found.col_offset = first, last, function.col_offset
        return found

    def parsed(self) -> ast.FunctionDef | ast.AsyncFunctionDef:
        """Return it in full."""
        if not hasattr(self, "full"):
            found = ast.parse(self.text).body[0]
            inner = found.body[0] if isinstance(found, ast.If) else found
            assert isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef)  # noqa: S101  it begins with its header
            self.full = inner
        return self.full

    @property
    def body(self) -> list[ast.stmt]:  # type: ignore[override]
        """The statements."""
        return self.parsed().body

    @property
    def args(self) -> ast.arguments:  # type: ignore[override]
        """The parameters."""
        return self.parsed().args


def statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a body and all within them; expressions, of which there are many more, are left out."""
    for statement in body:
        yield statement
        for inner in blocks(statement):
            yield from statements(inner)


def blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """Yield the bodies of a statement that has some; none of a function that is yet to be parsed."""
    if isinstance(statement, Unparsed):
        return
    if isinstance(statement, _WITH_BODIES):
        yield statement.body
        if isinstance(statement, _WITH_MORE):
            yield statement.orelse
        if isinstance(statement, ast.Try | ast.TryStar):
            yield statement.finalbody
            for handler in statement.handlers:
                yield handler.body
    elif isinstance(statement, ast.Match):
        for case in statement.cases:
            yield case.body


_WITH_MORE = (ast.For, ast.AsyncFor, ast.While, ast.If, ast.Try, ast.TryStar)
_WITH_BODIES = (*_WITH_MORE, ast.With, ast.AsyncWith, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
