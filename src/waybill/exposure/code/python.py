"""Python to facts: what the functions of a file read, call, return and keep, by its syntax tree alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from waybill.exposure.code.bodies import Body, Scope
from waybill.exposure.code.constants import fold, is_hidden
from waybill.exposure.code.facts import Function, Module
from waybill.exposure.code.names import blocks, dotted, imports, module_name, statements


def module_facts(content: bytes, path: str) -> Module:
    """Return the facts of a file; ``path`` is relative to the root of the code.

    Raises ``SyntaxError``, ``ValueError`` or ``RecursionError`` where it cannot be read as Python.
    """
    tree = ast.parse(content)
    name = module_name(path)
    constants = dict(_constants(tree.body))
    imported = imports(tree, name, is_package=path.endswith("__init__.py"))
    texts = {name: text for name, (text, _) in constants.items()}
    hidden = frozenset(name for name, (_, is_hidden) in constants.items() if is_hidden)
    scope = Scope(name, imported, texts, hidden, _assigned(tree.body), {})
    scope = replace(scope, makers=dict(_makers(tree.body, scope, name)))
    functions = [Body(scope, f"{name}.<module>", "", []).run(tree.body)]
    functions += _functions(tree.body, scope, name, "")
    return Module(name, functions)


def _functions(body: Sequence[ast.stmt], scope: Scope, prefix: str, owner: str) -> Iterator[Function]:
    """Yield the functions in a body, those within others and within classes too."""
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            yield _function(statement, scope, prefix, owner)
            yield from _functions(statement.body, scope, f"{prefix}.{statement.name}", owner)
        elif isinstance(statement, ast.ClassDef):
            name = f"{prefix}.{statement.name}"
            yield from _functions(statement.body, scope, name, name)
        else:
            for inner in blocks(statement):
                yield from _functions(inner, scope, prefix, owner)


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope, prefix: str, owner: str) -> Function:
    given = node.args
    parameters = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    is_method = bool(owner) and not any(getattr(one, "id", "") == "staticmethod" for one in node.decorator_list)
    body = Body(scope, f"{prefix}.{node.name}", owner, parameters[1:] if is_method else parameters)
    body.hear(node.decorator_list, parameters)
    return body.run(node.body)


def _constants(body: Sequence[ast.stmt]) -> Iterator[tuple[str, tuple[str, bool]]]:
    """Yield names of a module with the texts that they hold, and whether these are hidden."""
    known: dict[str, str] = {}
    for statement in body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                text = fold(value, known)
                if text is not None:
                    known[name] = text
                    yield name, (text, is_hidden(value))


def _makers(body: Sequence[ast.stmt], scope: Scope, prefix: str) -> Iterator[tuple[str, str]]:
    """Yield the attributes of classes with what made them: one method makes what another one uses."""
    for statement in body:
        if isinstance(statement, ast.ClassDef):
            name = f"{prefix}.{statement.name}"
            yield from _makers(statement.body, scope, name)
            for node in statements(statement.body):
                match node:
                    case ast.Assign(
                        targets=[ast.Attribute(value=ast.Name(id="self" | "cls"), attr=attribute)],
                        value=ast.Call(func=function),
                    ):
                        yield f"{name}.{attribute}", scope.full(dotted(function))


def _assigned(body: Sequence[ast.stmt]) -> frozenset[str]:
    """Return the names that a module keeps."""
    found: set[str] = set()
    for statement in body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        for target in targets:
            parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
            found.update(part.id for part in parts if isinstance(part, ast.Name))
    return frozenset(found)
