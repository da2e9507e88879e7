"""What is written down while a function is walked, and the names that are seen in it."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from waybill.exposure.code.facts import NOTHING, Call, Danger, From, Function, Misuse, Read, Sink, Source, Sources
from waybill.exposure.code.values import Value, whole

Definition = tuple[ast.FunctionDef | ast.AsyncFunctionDef, str]
"""A function of a file and the class it is a method of, by its full name."""


Outer = Mapping[str, tuple[str, Value]]
"""What functions around another hold, by names, with the full name under which it is kept for the inner ones."""


@dataclass
class Scope:
    """What the functions of a file share."""

    module: str
    is_script: bool
    """Whether the file is of JavaScript or TypeScript."""
    ours: frozenset[str]
    """First parts of names that may be modules of the program."""
    values: dict[str, Value] = field(default_factory=dict)
    """What the module's names hold."""
    attributes: dict[str, Value] = field(default_factory=dict)
    """What the attributes of classes hold, by full names."""
    functions: dict[str, Definition] = field(default_factory=dict)
    """Functions by full names."""
    bases: dict[str, list[str]] = field(default_factory=dict)
    """Classes of the file, and what of the program they inherit from, by full names."""
    fields: dict[str, list[str]] = field(default_factory=dict)
    """Classes that are given their attributes in order, and those."""
    enumerations: set[str] = field(default_factory=set)
    """Names of classes with a few fixed values."""
    misuses: set[Misuse] = field(default_factory=set)
    steps: int = 0
    """How many statements have been walked."""
    depth: int = 0
    """How many functions are being walked to learn what they answer."""

    def is_ours(self, name: str) -> bool:
        """Return whether a name may be one of the program."""
        return name.partition(".")[0].removesuffix("()") in self.ours


class Recorder:
    """Writes down the facts of one function."""

    def __init__(self, scope: Scope, name: str, owner: str, outer: Outer) -> None:
        self.scope = scope
        self.name = name
        self.owner = owner
        """The class it is a method of, by its full name."""
        self.outer = outer
        """What the functions around it hold."""
        self.parameters: list[str] = []
        self.values: dict[str, Value] = {}
        """What the names hold, where the walk is."""
        self.level = 0
        """How many branches are open that may not be taken."""
        self.globals: set[str] = set()
        self.answer: Value | None = None
        self.reads: dict[Read, int] = {}
        self.calls: list[Call] = []
        self.sinks: list[Sink] = []
        self.slots: dict[str, int] = {}
        self.kept: dict[str, Sources] = {}
        self.defaults: dict[str, bool | int | str] = {}

    def facts(self) -> Function:
        """Return what was written down."""
        returns = whole(self.answer) if self.answer is not None else NOTHING
        return Function(
            self.name,
            self.parameters,
            list(self.reads),
            self.calls,
            self.sinks,
            list(self.slots),
            returns,
            self.kept,
            self.defaults,
        )

    def read(self, node: ast.AST, kind: Source, what: str) -> Sources:
        """Note a read; return it as a source."""
        read = Read(getattr(node, "lineno", 0), kind, what)
        return frozenset({(int(From.READ), self.reads.setdefault(read, len(self.reads)), 0)})

    def slot(self, name: str) -> Sources:
        """Return something kept outside as a source."""
        return frozenset({(int(From.SLOT), self.slots.setdefault(name, len(self.slots)), 0)})

    def keep(self, slot: str, sources: Sources) -> None:
        """Note that something is kept outside."""
        if sources:
            self.kept[slot] = self.kept.get(slot, NOTHING) | sources

    def sink(self, node: ast.AST, danger: Danger, callee: str, given: Sources) -> None:
        """Note a place where what arrives can do harm, if anything can arrive there."""
        open_ = frozenset(one for one in given if not one[2] & danger.bit)
        if danger == Danger.GUESSED:  # what callers hand over is judged where they made it
            open_ = frozenset(one for one in open_ if one[0] != From.PARAMETER)
        if open_:
            self.sinks.append(Sink(getattr(node, "lineno", 0), danger, callee, open_))

    def misuse(self, node: ast.AST, rule: str, what: str) -> None:
        """Note something that is wrong as it stands."""
        self.scope.misuses.add(Misuse(getattr(node, "lineno", 0), rule, what, self.name))
