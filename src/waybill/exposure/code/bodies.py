"""The body of one function, walked in order: what each name may come from, and what is done with it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from waybill.exposure.code import vocabulary
from waybill.exposure.code.constants import fold, is_hidden
from waybill.exposure.code.facts import NOTHING, Call, From, Function, Read, Value
from waybill.exposure.code.names import dotted, root_of

_TWICE = 2
"""Bodies of loops are walked twice: what comes at their end goes in again at their beginning."""


@dataclass(frozen=True)
class Scope:
    """What the functions of a file share."""

    module: str
    imports: Mapping[str, str]
    texts: Mapping[str, str]
    """Texts that the module's names hold."""
    hidden: frozenset[str]
    """Those of them whose texts are decoded or put together from parts."""
    assigned: frozenset[str]
    """Names that the module keeps."""
    makers: Mapping[str, str]
    """What made the attributes of classes, by their full names."""

    def full(self, name: str) -> str:
        """Return a dotted name with what was imported under its first part."""
        first, _, rest = name.partition(".")
        return f"{self.imports.get(first, first)}{'.' if rest else ''}{rest}"


@dataclass
class Body:
    """Gathers the facts of a function."""

    scope: Scope
    name: str
    owner: str
    """The class it is a method of, by its full name."""
    parameters: list[str]
    reads: list[Read] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    slots: list[str] = field(default_factory=list)
    returns: Value = NOTHING
    kept: dict[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._values: dict[str, Value] = {
            name: frozenset({(From.PARAMETER, place)}) for place, name in enumerate(self.parameters)
        }
        self._makers: dict[str, str] = {}
        self._texts: dict[str, str] = dict(self.scope.texts)
        self._hidden: set[str] = set(self.scope.hidden)
        self._models: dict[str, list[str]] = {}
        self._made_from: dict[str, list[str]] = {}
        self._made_with: dict[str, tuple[list[str], bool]] = {}
        self._called: dict[ast.Call, Value] = {}
        self._globals: set[str] = set()

    def run(self, body: Sequence[ast.stmt]) -> Function:
        """Walk the body and return the facts."""
        self._block(body)
        return Function(self.name, self.parameters, self.reads, self.calls, self.slots, self.returns, self.kept)

    def hear(self, decorators: Iterable[ast.expr], parameters: Sequence[str]) -> None:
        """Take what a signal hands over for a read, where it is told of every record of persons that is saved."""
        for one in decorators:
            if isinstance(one, ast.Call) and dotted(one.func).rpartition(".")[2] == "receiver":
                for keyword in one.keywords:
                    sender = fold(keyword.value, {}) or dotted(keyword.value)
                    if keyword.arg == "sender" and vocabulary.is_personal_record(sender.rpartition(".")[2]):
                        read = self._read(one, f"every {sender.rpartition('.')[2]} that is saved")
                        self._values |= {name: read for name in parameters if name == "instance"}

    # Statements

    def _block(self, body: Sequence[ast.stmt]) -> None:
        for statement in body:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:  # noqa: PLR0912  one case for each kind of statement
        match node:
            case ast.Assign(targets=targets, value=value):
                found = self._value(value)
                for target in targets:
                    self._bind(target, found, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._bind(target, self._value(value), value)
            case ast.AugAssign(target=target, value=value):
                self._bind(target, self._value(value) | self._value(target), None)
            case ast.For(target=target, iter=iterated) | ast.AsyncFor(target=target, iter=iterated):
                for _ in range(_TWICE):
                    self._bind(target, self._value(iterated), None)
                    self._block(node.body)
                self._block(node.orelse)
            case ast.While(test=test):
                for _ in range(_TWICE):
                    self._value(test)
                    self._block(node.body)
                self._block(node.orelse)
            case ast.If(test=test):
                self._value(test)
                self._block(node.body)
                self._block(node.orelse)
            case ast.With(items=items) | ast.AsyncWith(items=items):
                for item in items:
                    found = self._value(item.context_expr)
                    if item.optional_vars is not None:
                        self._bind(item.optional_vars, found, item.context_expr)
                self._block(node.body)
            case ast.Try() | ast.TryStar():
                self._block(node.body)
                for handler in node.handlers:
                    self._block(handler.body)
                self._block(node.orelse)
                self._block(node.finalbody)
            case ast.Match(subject=subject, cases=cases):
                self._value(subject)
                for case in cases:
                    self._block(case.body)
            case ast.Return(value=ast.expr() as value):
                self.returns |= self._value(value)
            case ast.Expr(value=ast.Yield(value=ast.expr() as value) | ast.YieldFrom(value=value)):
                self.returns |= self._value(value)
            case ast.Global(names=names):
                self._globals.update(names)
            case ast.Expr(value=value):
                self._value(value)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                pass  # has facts of its own
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self._value(child)

    def _bind(self, target: ast.expr, value: Value, expression: ast.expr | None) -> None:
        match target:
            case ast.Name(id=name):
                self._values[name] = value
                if self.name.endswith(".<module>") or name in self._globals:
                    self._keep(f"{self.scope.module}.{name}", value)
                self._remember(name, expression)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for part in parts:
                    self._bind(part, value, None)
            case ast.Starred(value=inner):
                self._bind(inner, value, None)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name) if self.owner:
                self._keep(f"{self.owner}.{name}", value)
                self._remember(f"self.{name}", expression)
            case ast.Attribute() | ast.Subscript():
                self._carry(target.value, value)

    def _remember(self, name: str, expression: ast.expr | None) -> None:
        """Keep in mind what made a name's value, from what, and what text it is."""
        text = fold(expression, self._texts)
        if text is not None:
            self._texts[name] = text
            if is_hidden(expression, self._hidden):
                self._hidden.add(name)
        if isinstance(expression, ast.Await):
            expression = expression.value
        if isinstance(expression, ast.Call):
            self._makers[name] = self.scope.full(dotted(expression.func))
            if dotted(expression.func).rpartition(".")[2] == "import_module" and expression.args:
                self._makers[name] = fold(expression.args[0], self._texts) or ""
            self._made_from[name] = [found for one in expression.args if (found := root_of(one))]
            self._made_with[name] = self._texts_of(expression)
            if dotted(expression.func).endswith("get_model"):
                self._models[name] = [text for one in expression.args if (text := fold(one, self._texts))]

    def _keep(self, slot: str, value: Value) -> None:
        if value:
            self.kept[slot] = self.kept.get(slot, NOTHING) | value

    def _carry(self, target: ast.expr, value: Value) -> None:
        """Put a value into what an expression names, and into what that was made from."""
        name, _, rest = dotted(target).partition(".")
        if not value or not name:
            return
        if name in {"self", "cls"} and self.owner:
            self._keep(f"{self.owner}.{rest.partition('.')[0]}", value)
            return
        if name not in self._values and name in self.scope.assigned:
            self._keep(f"{self.scope.module}.{name}", value)
        self._values[name] = self._values.get(name, NOTHING) | value
        for other in self._made_from.get(name, ()):
            self._values[other] = self._values.get(other, NOTHING) | value

    # Expressions

    def _value(self, node: ast.AST) -> Value:  # noqa: PLR0911, PLR0912  one case for each kind of expression
        match node:
            case ast.Name(id=name):
                if name in self._values:
                    return self._values[name]
                return self._slot(f"{self.scope.module}.{name}") if name in self.scope.assigned else NOTHING
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name) if self.owner:
                return self._slot(f"{self.owner}.{name}")
            case ast.Call():
                return self._call(node)
            case ast.Constant():
                return NOTHING
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                for generator in node.generators:
                    self._bind(generator.target, self._value(generator.iter), None)
                parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
                return NOTHING.union(*map(self._value, parts))
            case ast.NamedExpr(target=target, value=value):
                found = self._value(value)
                self._bind(target, found, value)
                return found
            case ast.Compare():
                for child in ast.iter_child_nodes(node):
                    self._value(child)
                return NOTHING
            case (
                ast.Attribute(value=inner)
                | ast.Starred(value=inner)
                | ast.Await(value=inner)
                | ast.keyword(value=inner)
            ):
                return self._value(inner)
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts) | ast.BoolOp(values=parts):
                return NOTHING.union(*map(self._value, parts)) if parts else NOTHING
            case ast.Subscript(value=inner, slice=place):
                self._value(place)
                return self._value(inner)
        children = (child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr | ast.keyword))
        return NOTHING.union(*map(self._value, children))

    def _slot(self, name: str) -> Value:
        if name not in self.slots:
            self.slots.append(name)
        return frozenset({(From.SLOT, self.slots.index(name))})

    def _read(self, node: ast.expr, what: str) -> Value:
        read = Read(node.lineno, what)
        if read not in self.reads:
            self.reads.append(read)
        return frozenset({(From.READ, self.reads.index(read))})

    def _call(self, node: ast.Call) -> Value:
        function = node.func
        receiver = self._value(function.value) if isinstance(function, ast.Attribute) else NOTHING
        if not isinstance(function, ast.Attribute | ast.Name):
            receiver = self._value(function)
        arguments = [self._value(one.value if isinstance(one, ast.Starred) else one) for one in node.args]
        keywords = {one.arg or "**": self._value(one.value) for one in node.keywords}
        name = dotted(function)
        method = name.rpartition(".")[2]
        given = NOTHING.union(*arguments, *keywords.values())
        if (read := self._bulk_read(node, name, method)) is not None:
            if method in {"execute", "executemany", "copy_expert"}:
                self._carry(function, read)
            return read
        if method in vocabulary.NO_RECORD:
            return NOTHING
        texts, hidden = self._texts_of(node)
        holder = name.rpartition(".")[0]
        more, also_hidden = self._made_with.get(holder, ([], False))
        callee = self._callee(node, name)
        self.calls.append(
            Call(
                node.lineno, callee, arguments, keywords, receiver, self._maker(function, holder),
                [*texts, *more], hidden or also_hidden,
            )
        )  # fmt: skip
        if method in vocabulary.CARRYING and isinstance(function, ast.Attribute):
            self._carry(function.value, given)
            for one in node.args[1:]:
                self._carry(one, given)
        return frozenset({(From.CALL, len(self.calls) - 1)})

    def _callee(self, node: ast.Call, name: str) -> str:
        """Return the full name of what is called; a name looked up by ``getattr`` is followed."""
        match node.func:
            case ast.Call(func=ast.Name(id="getattr"), args=[holder, attribute, *_]):
                made = self._makers.get(dotted(holder)) or self.scope.full(dotted(holder))
                return f"{made}.{fold(attribute, self._texts) or ''}"
        first, _, rest = name.partition(".")
        if first in {"self", "cls"} and self.owner:
            return f"{self.owner}.{rest}"
        if first in self._makers and rest and self._makers[first] in self.scope.imports.values():
            return f"{self._makers[first]}.{rest}"
        full = self.scope.full(name)
        return full if "." in full else f"{self.scope.module}.{full}"

    def _maker(self, function: ast.expr, holder: str) -> str:
        """Return what made the thing that a method is called on."""
        if holder in self._makers:
            return self._makers[holder]
        if holder.startswith(("self.", "cls.")):
            return self.scope.makers.get(f"{self.owner}.{holder.partition('.')[2]}", "")
        inner = function.value if isinstance(function, ast.Attribute) else None
        if isinstance(inner, ast.Call):
            return self.scope.full(dotted(inner.func))
        return self.scope.full(holder)

    def _texts_of(self, node: ast.Call) -> tuple[list[str], bool]:
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        parts = [part for value in values for part in (value.elts if isinstance(value, ast.List) else [value])]
        texts = [text for part in parts if (text := fold(part, self._texts)) and vocabulary.may_tell_where(text)]
        return texts, bool(texts) and any(is_hidden(value, self._hidden) for value in values)

    def _bulk_read(self, node: ast.Call, name: str, method: str) -> Value | None:
        """Return what a call reads if it reads personal data, nothing where it is another call."""
        parts = name.split(".")
        for place, part in enumerate(parts):
            if part in vocabulary.MANAGERS:
                return self._by_manager(node, parts[:place], method)
        if method in vocabulary.ONE_RECORD:
            return None
        texts = [text for one in node.args if (text := fold(one, self._texts))]
        if method in vocabulary.QUERYING and any(map(vocabulary.is_bulk_query, texts)):
            return self._read(node, "a query over persons")
        if method in {"select", "query", "scalars"} and node.args:
            model = dotted(node.args[0]).rpartition(".")[2]
            if model[:1].isupper() and vocabulary.is_personal_record(model):
                return self._read(node, model)
        if method in {"find", "aggregate", "to_list"} and len(parts) > 2 and vocabulary.is_personal_record(parts[-2]):
            return self._read(node, parts[-2])
        return None

    def _by_manager(self, node: ast.Call, before: Sequence[str], method: str) -> Value:
        """Return what a chain of calls on a manager of Django reads: many records of persons, or nothing to follow."""
        if method in vocabulary.ONE_RECORD or method in vocabulary.NO_RECORD:
            for one in node.args:
                self._value(one)
            return NOTHING
        model = self._model(node, before)
        fields = [text for call in ast.walk(node) if isinstance(call, ast.Call) for one in call.args
                  if dotted(call.func).rpartition(".")[2] in {"values", "values_list", "only"}
                  and (text := fold(one, {}))]  # fmt: skip
        if vocabulary.is_personal_record(model) or any(
            vocabulary.PERSONAL_FIELD.match(one.rpartition("__")[2]) for one in fields
        ):
            return self._read(node, model or "records of persons")
        return NOTHING

    def _model(self, node: ast.Call, before: Sequence[str]) -> str:
        name = before[-1] if before else ""
        maker = self._makers.get(name, "")
        if name in {"get_model", "get_user_model"} or maker.endswith(("get_model", "get_user_model")):
            model = self._models.get(name, [])
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and dotted(call.func).rpartition(".")[2] == "get_model":
                    model = [text for one in call.args if (text := fold(one, self._texts))]
            return model[-1].rpartition(".")[2] if model else "User"
        return name
