"""The body of one function, walked in order: what each name may hold, and what is done with it."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from waybill.exposure.code import chance, guards, injection, routes, syntax, vocabulary
from waybill.exposure.code.binding import Binding
from waybill.exposure.code.characters import ALL_INJECTED
from waybill.exposure.code.facts import Danger, From, Function, Source
from waybill.exposure.code.fixed import constant_in
from waybill.exposure.code.names import imported_names, module_path
from waybill.exposure.code.recording import Outer, Scope
from waybill.exposure.code.values import NONE, Value, cleaned, joined, whole

_TWICE = 2
"""Bodies of loops are walked twice: what comes at their end goes in again at their beginning."""
_DEEPEST = 3
"""How many functions are walked within each other to learn what they answer to constants."""
_MOST_STATEMENTS = 40
"""Longer functions are not walked for that."""

MOST_STEPS = 200_000
"""Statements of a file that are walked, those in loops and closures each time; no file written by people has more."""

Held = dict[str, Value]
Inner = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Body(Binding):
    """Walks a function, or a module, and writes down the facts."""

    def __init__(self, scope: Scope, name: str, owner: str = "", outer: Outer | None = None) -> None:
        super().__init__(scope, name, owner, outer or {})
        self.inner: list[Inner] = []
        self.loops = 0
        """How many loops are open; those within another are walked twice with it."""
        self.left: list[Held] = []
        """What names hold where a loop is left, or begun anew."""
        self.answers_clients = False
        """Whether what it returns is shown to a client as a page."""

    def run(self, body: Sequence[ast.stmt]) -> Function:
        """Walk the body and return the facts."""
        self.block(body)
        return self.facts()

    def take(self, node: ast.FunctionDef | ast.AsyncFunctionDef, *, is_method: bool) -> None:
        """Give the parameters their places, and what annotations and decorators tell of them."""
        names = list(syntax.places(node.args))
        self.parameters = names[1:] if is_method else names
        for place, name in enumerate(self.parameters):
            self.values[name.lstrip("*")] = Value(frozenset({(int(From.PARAMETER), place, 0)}), name=name.lstrip("*"))
        if is_method:
            self.values[names[0] if names else "self"] = Value(name=f"{self.owner}()")
        for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            if one.annotation is not None and one.arg in self.values and self.values[one.arg].sources:
                told = self.value(one.annotation).name
                if "." in told:
                    self.values[one.arg].name = f"{told}()"
        self._take_defaults(node.args)
        self._decorated(node)

    def _take_defaults(self, arguments: ast.arguments) -> None:
        every = [*arguments.posonlyargs, *arguments.args]
        given = [*zip(every[len(every) - len(arguments.defaults) :], arguments.defaults, strict=True),
                 *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]  # fmt: skip
        for one, default in given:
            if default is not None and one.arg in self.parameters:
                told = constant_in(self.value(default))
                if told is not None:
                    self.defaults[str(self.parameters.index(one.arg))] = told

    def _decorated(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for one in node.decorator_list:
            call = one.func if isinstance(one, ast.Call) else one
            name = call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "")
            if name in routes.VERBS and isinstance(call, ast.Attribute):
                typed = routes.is_typed(node, one)
                words = one.keywords if isinstance(one, ast.Call) else []
                self.answers_clients = not typed or any(
                    word.arg == "response_class" and self.value(word.value).name.endswith("HTMLResponse")
                    for word in words
                )
                for parameter in routes.said(node, one, self.scope.enumerations):
                    if parameter in self.values:
                        said = self.read(one, Source.REQUEST, f"part of the address {parameter}")
                        self.values[parameter].sources |= said
            elif name == "receiver" and isinstance(one, ast.Call):
                for keyword in one.keywords:
                    sender = self.value(keyword.value)
                    model = (sender.text or sender.name).rpartition(".")[2]
                    if keyword.arg == "sender" and vocabulary.is_personal_record(model) and "instance" in self.values:
                        self.values["instance"] = Value(
                            self.read(one, Source.PERSONS, f"every {model} that is saved"), name="instance"
                        )

    # Statements

    def block(self, body: Sequence[ast.stmt]) -> bool:
        """Walk statements; return whether the last of them leaves the block for good."""
        return any(self.statement(statement) for statement in body)  # what comes after is never reached

    def statement(self, node: ast.stmt) -> bool:  # noqa: PLR0911, PLR0912  one case for each kind of statement
        """Walk a statement; return whether it leaves the block."""
        self.scope.steps += 1
        if self.scope.steps > MOST_STEPS:
            raise ValueError("there is more in it than can be followed")
        match node:
            case ast.Expr(value=value):
                self.value(value)
                self.prove(guards.raising(value))
                return syntax.leaves(value)
            case ast.Assign(targets=targets, value=value):
                found = self.value(value)
                for target in targets:
                    self.bind(target, found)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self.bind(target, self.value(value))
            case ast.AugAssign(target=target, op=sign, value=value):
                self.bind(target, self.value(ast.copy_location(ast.BinOp(target, sign, value), node)))
            case ast.Return(value=value):
                self._returned(node, self.value(value) if value is not None else NONE)
                return True
            case ast.If():
                return self._if(node)
            case ast.For() | ast.AsyncFor():
                self._loop(node, node.target, node.iter)
            case ast.While(test=test):
                self.value(test)
                self._loop(node, None, test)
            case ast.With(items=items) | ast.AsyncWith(items=items):
                for item in items:
                    found = self.value(item.context_expr)
                    if item.optional_vars is not None:
                        self.bind(item.optional_vars, found)
                return self.block(node.body)
            case ast.Try() | ast.TryStar():
                return self._try(node)
            case ast.Match():
                return self._match(node)
            case ast.Assert(test=test):
                self.value(test)
                self.prove(guards.proof(test, self.predicate).holds)
            case ast.Raise():
                for child in ast.iter_child_nodes(node):
                    self.value(child)
                return True
            case ast.Break() | ast.Continue():
                self.left.append(self.values)
                return True
            case ast.Delete(targets=targets):
                for target in targets:
                    self.delete(target)
            case ast.Global(names=names):
                self.globals.update(names)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self.function(node)
            case ast.Import() | ast.ImportFrom():
                if not self.is_module:
                    self._imported(node)
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self.value(child)
        return False

    def _imported(self, node: ast.stmt) -> None:
        for name, full in imported_names(node, self.scope.module, is_package=False):
            if name not in self.scope.values:
                self.values[name] = Value(name=full)

    def function(self, node: Inner) -> None:
        """Note a function or class that is defined within this one: it is walked when this one has been."""
        if not self.is_module:
            self.inner.append(node)
            self.values[node.name] = Value(name=f"{self.name}.{node.name}")

    def _returned(self, node: ast.stmt, value: Value) -> None:
        self.answer = value if self.answer is None else joined(self.answer, value)
        if self.answers_clients and not value.name.endswith(("Response()", "redirect()", "jsonify()")):
            self.sink(node, Danger.MARKUP, "the page", injection.shown_as_page(value))
        if chance.is_secret_name(self.name.rpartition(".")[2]):
            self.sink(node, Danger.GUESSED, self.name, whole(value))

    def _if(self, node: ast.If) -> bool:
        test = self.value(node.test)
        if test.known:
            return self.block(node.body if test.const else node.orelse)
        proof = guards.proof(node.test, self.predicate)
        before = dict(self.values)
        self.level += 1
        self.prove(proof.holds)
        left_body = self.block(node.body)
        after_body = self.values
        self.values = before
        self.prove(proof.fails)
        left_else = self.block(node.orelse)
        self.level -= 1
        if left_else and not left_body:
            self.values = after_body
        elif not left_body:
            self.values = _either(after_body, self.values)
        return left_body and left_else

    def predicate(self, call: ast.Call) -> ast.expr | None:
        """Return what a function of the file that a test calls answers, in terms of its first parameter."""
        definition = self.scope.functions.get(self.value(call.func).name) if isinstance(call.func, ast.Name) else None
        match definition:
            case (
                ast.FunctionDef(args=ast.arguments(args=[parameter]), body=[*_, ast.Return(value=ast.expr() as told)]),
                "",
            ):
                return guards.told_of(told, parameter.arg, call)
        return None

    def prove(self, proved: Sequence[tuple[ast.expr, int]]) -> None:
        """Take dangers from what a test was about, and from what that was made from."""
        for expression, bits in proved:
            if not bits:
                continue
            about = self._made_of(self.value(expression))
            for name, value in list(self.values.items()):
                if (id(value) in about or about & {id(parent) for parent in value.parents}) and value.sources:
                    copy = joined(value, NONE)
                    copy.sources, copy.const, copy.text = cleaned(whole(value), bits), value.const, value.text
                    self.values[name] = copy

    @staticmethod
    def _made_of(value: Value) -> set[int]:
        found, waiting = set(), [(value, 6)]
        while waiting:
            one, deep = waiting.pop()
            if id(one) not in found and one is not NONE and one.sources and deep:
                found.add(id(one))
                waiting += [(parent, deep - 1) for parent in one.parents]
        return found

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, target: ast.expr | None, iterated: ast.expr) -> None:
        before = dict(self.values)
        for name in syntax.assigned(node, node.body):
            if name in self.values and self.values[name].known:
                held = self.values[name]
                self.values[name] = Value(held.sources, text=held.text, hidden=held.hidden, name=held.name)
        self.level += 1
        outermost, left, self.left = not self.loops, self.left, []
        self.loops += 1
        for _ in range(_TWICE if outermost else 1):
            if target is not None:
                self.bind(target, self.one_of(self.value(iterated)))
            self.block(node.body)
        self.loops -= 1
        self.level -= 1
        for one in (*self.left, before):
            self.values = _either(self.values, one)
        self.left = left
        self.block(node.orelse)

    def _try(self, node: ast.Try | ast.TryStar) -> bool:
        before = dict(self.values)
        left = self.block(node.body)
        after = self.values
        if not left:
            left = self.block(node.orelse)
        ends = [] if left else [self.values]
        self.level += 1
        for handler in node.handlers:
            self.values = _either(after, before)
            if handler.name:
                self.values[handler.name] = Value()
            if not self.block(handler.body):
                ends.append(self.values)
        self.level -= 1
        self.values = ends[0] if ends else after
        for end in ends[1:]:
            self.values = _either(self.values, end)
        return self.block(node.finalbody) or not ends

    def _match(self, node: ast.Match) -> bool:
        subject = self.value(node.subject)
        if subject.known:
            for case in node.cases:
                takes = self._takes(case.pattern, subject)
                told = self.value(case.guard) if takes and case.guard is not None else None
                if told is not None and not told.known:
                    break
                if takes and (told is None or told.const):
                    return self.block(case.body)
        before, ends = dict(self.values), [self.values]
        self.level += 1
        for case in node.cases:
            self.values = dict(before)
            if syntax.is_listed(case.pattern):
                self.prove([(node.subject, ALL_INJECTED)])
            for name in syntax.captured(case.pattern):
                self.values[name] = Value(whole(subject))
            if not self.block(case.body):
                ends.append(self.values)
        self.level -= 1
        self.values = ends[0]
        for end in ends[1:]:
            self.values = _either(self.values, end)
        return False

    def _takes(self, pattern: ast.pattern, subject: Value) -> bool:
        match pattern:
            case ast.MatchValue(value=value):
                return bool(self.value(value).const == subject.const)
            case ast.MatchOr(patterns=patterns):
                return any(self._takes(one, subject) for one in patterns)
            case ast.MatchAs(pattern=None, name=name):
                if name is not None:
                    self.values[name] = subject
                return True
        return False

    # Functions within functions

    def walk_closure(self, body: Sequence[ast.stmt]) -> Value:
        """Walk the body of a function within this one, and return what it answers."""
        before, self.answer = self.answer, None
        self.block(body)
        found, self.answer = self.answer, before
        return found if found is not None else NONE

    def answer_of(self, callee: str, given: Sequence[Value], keywords: dict[str, Value]) -> Value | None:
        """Return what a function of this file answers to constants, where it does not depend on anything else."""
        definition = self.scope.functions.get(callee)
        if definition is None or self.scope.depth >= _DEEPEST or keywords or len(definition[0].body) > _MOST_STATEMENTS:
            return None
        node, owner = definition
        body = Body(self.scope, callee, owner)
        body.take(node, is_method=bool(owner))
        for name, value in zip(body.parameters, given, strict=False):
            body.values[name] = value
        noted = set(self.scope.misuses)
        self.scope.depth += 1
        body.block(node.body)
        self.scope.depth -= 1
        self.scope.misuses = noted
        return body.answer

    def module_called(self, name: str) -> str:
        """Return the full name of a module that is loaded by a text."""
        return module_path(name, self.scope.module) if self.scope.is_script else name

    def held_for(self, inner: Inner) -> dict[str, tuple[str, Value]]:
        """Return what a function within this one can see of it, and note that it is kept for that."""
        used = {node.id for node in ast.walk(inner) if isinstance(node, ast.Name)}
        found = dict(self.outer)
        for name, value in self.values.items():
            if name in used:
                slot = f"{self.name}.{name}"
                found[name] = (slot, value)
                self.keep(slot, whole(value))
        return found


def _either(one: Held, other: Held) -> Held:
    """Return what names hold after one of two ways."""
    found = dict(other)
    for name, value in one.items():
        there = found.get(name)
        found[name] = value if there is None else joined(value, there)
    return found
