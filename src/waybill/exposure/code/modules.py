"""A syntax tree to facts: what the functions of a file read, call, send, return and keep."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from waybill.exposure.code.bodies import Body
from waybill.exposure.code.facts import NOTHING, From, Function, Module, made_of
from waybill.exposure.code.injection import is_dangerous
from waybill.exposure.code.names import imported_names, module_name
from waybill.exposure.code.recording import Outer, Scope
from waybill.exposure.code.screening import Interest, is_word
from waybill.exposure.code.searching import last_of, made
from waybill.exposure.code.statements import blocks, statements
from waybill.exposure.code.values import Value, joined, whole

_FRAMEWORKS = frozenset(
    {"django", "flask", "requests", "httpx", "aiohttp", "boto3", "celery", "sqlalchemy", "rest_framework", "pytest",
     "cryptography", "Crypto", "Cryptodome", "fastapi", "starlette", "numpy", "pandas", "yaml", "jwt", "lxml",
     "graphene", "jinja2", "werkzeug", "urllib3", "redis", "pydantic", "attr", "paramiko", "bcrypt", "PIL",
     "setuptools"}
)  # fmt: skip
FOREIGN = frozenset(sys.stdlib_module_names) | _FRAMEWORKS
"""First parts of names that are never modules of a program that is looked at."""


def facts_of(
    tree: ast.Module,
    path: str,
    interest: Interest,
    attributes: dict[str, Value],
    *,
    is_script: bool = False,
    more: frozenset[str] = frozenset(),
) -> Module:
    """Return the facts of a file from its tree; ``path`` is relative to the root of the code.

    Functions without a line of interest are left out: what they are given is taken to come out of them again.
    ``attributes`` are what the attributes of its classes are known to hold; what is learnt of them is put in.
    ``more`` are first parts of names of other files of the program, where the language does not tell.
    """
    module = module_name(path)
    is_package = path.endswith("__init__.py")
    imported: dict[str, str] = {}
    for statement in statements(tree.body):
        if isinstance(statement, ast.Import | ast.ImportFrom):
            imported.update(imported_names(statement, module, is_package=is_package))
    roots = more if is_script else {full.partition(".")[0] for full in imported.values()} - FOREIGN
    scope = Scope(module, is_script, frozenset({module.partition(".")[0], *roots}), attributes=attributes)
    for name, full in imported.items():
        scope.values[name] = Value(name=full)
    if not is_script:
        interest.add(name for name, full in imported.items() if _is_sought(name, full))
    bases = scope.bases = _define(scope, tree.body, module, "")
    body = Body(scope, f"{module}.<module>")
    body.values = dict(scope.values)
    walked: set[str] = set()
    functions = [body.run(tree.body), *_functions(Walk(scope, interest, walked), tree.body, module, "", {})]
    told: set[str] = set()
    while fresh := set(_told(functions, module, told)) - told:
        told |= fresh
        interest.add(fresh)
        functions += _functions(Walk(scope, interest, walked), tree.body, module, "", {})
    aliases = _aliases(scope, imported) if is_package or is_script else {}
    if is_script and "default" in scope.values:
        aliases[""] = f"{module}.default"
    return Module(module, [one for one in functions if one.matters], sorted(scope.misuses), aliases, bases)


def _is_sought(name: str, full: str) -> bool:
    """Return whether what is imported can do harm, or is weak, under a name that is no word of the screening."""
    root = full.partition(".")[0]
    if root == "hashlib":
        return name != full and not name.startswith(("sha2", "sha3", "sha512", "blake2"))
    return root in _CRYPTOGRAPHIC or (is_dangerous(full, name) and not is_word(f"{name}("))


_CRYPTOGRAPHIC = frozenset(
    {"cryptography", "Crypto", "Cryptodome", "ssl", "jose", "random", "nacl", "M2Crypto", "OpenSSL"}
)


@dataclass(frozen=True)
class Walk:
    """How far a file has been walked."""

    scope: Scope
    interest: Interest
    walked: set[str]
    """Names of functions and classes that were."""


def _told(functions: Sequence[Function], module: str, told: Collection[str]) -> Iterator[str]:
    """Yield by which words others in the file reach what functions send, read or keep, as ``searching`` has them.

    ``told`` are those that were yielded so far: what is asked for what it returns, is asked where it has that from.
    """
    asked = {last_of(word) for word in told if word.startswith("def ")}
    used = {last_of(word) for word in told}
    for function in functions:
        yield from _telling(function, module, asked, used)


def _telling(function: Function, module: str, asked: Collection[str], used: Collection[str]) -> Iterator[str]:
    is_asked = function.name.rpartition(".")[2] in asked
    given = [sink.given for sink in function.sinks]
    feeding = made_of(function, NOTHING.union(function.returns if is_asked else NOTHING, *given))
    is_given = any(kind == From.PARAMETER for kind, _, _ in feeding)
    if is_given or (function.reads and function.returns) or _hands_on(function, used):
        yield from filter(None, [made(function.name.removeprefix(f"{module}."))])
    for slot, sources in function.kept.items():
        if any(kind == From.READ for kind, _, _ in made_of(function, sources)):
            yield from _slot(slot)
    for slot in function.slots if function.sinks else ():
        yield from (f"{name} =" for name in _slot(slot))
    for kind, number, _ in feeding:
        if kind == From.CALL and function.calls[number].callee.startswith(f"{module}."):
            called = function.calls[number].callee.removeprefix(f"{module}.").replace("()", "").split(".")
            if len(called) <= _NAMED:
                yield f"def {'.'.join(called)}"


_NAMED = 2
"""Parts of the name of a method within its module; what has more is a method of something else."""


def _slot(slot: str) -> Iterator[str]:
    name = slot.rpartition(".")[2]
    if name not in _HANDED:
        yield name


_HANDED = frozenset({"request", "req"})
"""What frameworks hand to a function: known by its name wherever it is used."""


def _hands_on(function: Function, names: Collection[str]) -> bool:
    """Return whether a function hands what it is given to one of some others, by their last names."""
    return any(
        call.callee.rpartition(".")[2] in names and any(kind == From.PARAMETER for kind, _, _ in call.given)
        for call in function.calls
    )


def _aliases(scope: Scope, imported: dict[str, str]) -> dict[str, str]:
    """Return what a module hands on: what it imports from the program, and what its names stand for."""
    handed = {name: full for name, full in imported.items() if scope.is_ours(full)}
    for name, value in scope.values.items():
        if name not in handed and value.name and value.name != f"{scope.module}.{name}" and scope.is_ours(value.name):
            handed[name] = value.name
    return handed


def _define(scope: Scope, body: Sequence[ast.stmt], prefix: str, owner: str) -> dict[str, list[str]]:
    """Make the functions and classes of a body known before anything is walked; return what classes inherit from."""
    bases: dict[str, list[str]] = {}
    for statement in _definitions(body):
        name = f"{prefix}.{statement.name}"
        if not owner:
            scope.values.setdefault(statement.name, Value(name=name))
        if isinstance(statement, ast.ClassDef):
            above = [_full(scope, one) for one in statement.bases]
            if any(one.endswith(("Enum", "Flag")) for one in above):
                scope.enumerations.add(statement.name)
            if _is_record(statement, above):
                parts = (one for one in statement.body if isinstance(one, ast.AnnAssign))
                scope.fields[name] = [one.target.id for one in parts if isinstance(one.target, ast.Name)]
            if ours := [one for one in above if one and scope.is_ours(one)]:
                bases[name] = ours
            bases |= _define(scope, statement.body, name, name)
        else:
            scope.functions[name] = (statement, "" if _is_static(statement) else owner)
    return bases


def _is_record(node: ast.ClassDef, above: Sequence[str]) -> bool:
    """Return whether a class is given its attributes in the order in which it names them."""
    decorators = [one.func if isinstance(one, ast.Call) else one for one in node.decorator_list]
    names = {getattr(one, "attr", getattr(one, "id", "")) for one in decorators}
    return bool(names & {"dataclass", "define", "frozen"}) or any(one.endswith("NamedTuple") for one in above)


def _full(scope: Scope, node: ast.expr) -> str:
    """Return the full name of a class that is inherited from."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    first = getattr(node, "id", "")
    held = scope.values.get(first)
    return ".".join([held.name if held is not None else first, *reversed(parts)])


def _is_static(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(getattr(one, "id", "") == "staticmethod" for one in node.decorator_list)


def _definitions(body: Sequence[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Yield functions and classes of a body, those within branches too."""
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield statement
        else:
            for inner in blocks(statement):
                yield from _definitions(inner)


def _functions(walk: Walk, body: Sequence[ast.stmt], prefix: str, owner: str, outer: Outer) -> Iterator[Function]:
    """Yield the functions in a body, those within classes too; what makes an object comes first."""
    found = sorted(_definitions(body), key=lambda one: one.name not in {"__init__", "constructor"})
    for node in found:
        yield from _function(walk, node, prefix, owner, outer)


def _function(
    walk: Walk,
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
    prefix: str,
    owner: str,
    outer: Outer,
) -> Iterator[Function]:
    name = f"{prefix}.{node.name}"
    first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
    is_inner = prefix in walk.walked and prefix != owner  # of a function that is walked
    if not walk.interest.covers(first, node.end_lineno or node.lineno) and not (is_inner or node.name in _ALWAYS):
        return
    if isinstance(node, ast.ClassDef):
        if name not in walk.walked:
            walk.walked.add(name)
            yield _class(walk.scope, node, name, outer)
        yield from _functions(walk, node.body, name, name, outer)
        return
    if name in walk.walked:
        return
    walk.walked.add(name)
    body = Body(walk.scope, name, owner, outer)
    body.take(node, is_method=bool(owner) and not _is_static(node))
    body.block(node.body)
    inner = [(one, body.held_for(one)) for one in body.inner]
    yield body.facts()
    for one, seen in inner:
        yield from _function(walk, one, name, owner if not isinstance(one, ast.ClassDef) else "", seen)


_ALWAYS = frozenset({"__init__", "constructor"})
"""What makes an object is walked with any of its methods."""


def _class(scope: Scope, node: ast.ClassDef, name: str, outer: Outer) -> Function:
    """Walk what a class keeps for all its objects."""
    body = Body(scope, f"{name}.<class>", "", outer)
    for statement in node.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            body.statement(statement)
    for attribute, value in body.values.items():
        slot = f"{name}.{attribute}"
        held = scope.attributes.get(slot)
        scope.attributes[slot] = value if held is None else joined(held, value)
        body.keep(slot, whole(value))
    return body.facts()
