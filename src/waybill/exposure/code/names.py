"""What names in a file of Python stand for: modules by their place, imports, dotted names."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence


def module_name(path: str) -> str:
    """Return the name of the module in a file, by its path relative to the root."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a body and all within them; expressions, of which there are many more, are left out."""
    for statement in body:
        yield statement
        for inner in blocks(statement):
            yield from statements(inner)


def blocks(statement: ast.stmt) -> Iterator[Sequence[ast.stmt]]:
    """Yield the bodies of a statement that has some."""
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


def imports(tree: ast.Module, module: str, *, is_package: bool) -> dict[str, str]:
    """Return what imported names stand for, wherever in the file they are imported."""
    found: dict[str, str] = {}
    package = module if is_package else module.rpartition(".")[0]
    for node in statements(tree.body):
        if isinstance(node, ast.Import):
            for one in node.names:
                found[one.asname or one.name.partition(".")[0]] = one.name if one.asname else one.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([node.module] if node.module else [])])
            for one in node.names:
                found[one.asname or one.name] = f"{base}.{one.name}" if base else one.name
    return found


def dotted(node: ast.AST) -> str:
    """Return a dotted name through attributes, calls and items, innermost name first; empty if it begins otherwise."""
    parts: list[str] = []
    while True:
        match node:
            case ast.Attribute(value=inner, attr=name):
                parts.append(name)
                node = inner
            case ast.Call(func=inner) | ast.Subscript(value=inner) | ast.Await(value=inner):
                node = inner
            case ast.Name(id=name):
                return ".".join([name, *reversed(parts)])
            case _:
                return ""


def root_of(node: ast.AST) -> str:
    """Return the name at the root of an expression, or nothing."""
    return dotted(node).partition(".")[0]
