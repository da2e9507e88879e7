"""What calls come to: what they read, send, change and answer."""

from __future__ import annotations

import ast
import re
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from waybill.exposure.code import chance, constants, injection, misuse, reading, vocabulary
from waybill.exposure.code.characters import ALL_INJECTED
from waybill.exposure.code.closures import Closure, is_closure, parameters_of
from waybill.exposure.code.constants import Unknown
from waybill.exposure.code.containers import change, made_again
from waybill.exposure.code.expressions import Expressions
from waybill.exposure.code.facts import EVERYTHING_BUT_GUESSED, NOTHING, PART, Call, Danger, From, Sink, Source, Sources
from waybill.exposure.code.fixed import constant_in
from waybill.exposure.code.values import (
    NONE,
    UNKNOWN,
    Value,
    cleaned,
    hides,
    joined,
    restored,
    seen_from_outside,
    texts_in,
    whole,
)

_NAMED_BY_ARGUMENT = frozenset(
    {"from", "from_", "knex", "collection", "table", "get_model", "getRepository", "model", "db"}
)
"""Calls after which things are called by the text they are given."""

_LOADING = frozenset({"import_module", "__import__", "require"})
_LATER = re.compile(r"\.(?:delay|apply_async|si?)$")
"""How tasks of Celery are called for later."""
_ANSWERED_WITH = frozenset(
    {"then", "forEach", "map", "filter", "reduce", "each", "flatMap", "submit", "apply", "catch"}
)


@dataclass(slots=True)
class Given:
    """A call with what it is given, worked out."""

    node: ast.Call
    callee: str
    """Its full name, as far as it is known."""
    receiver: Value
    arguments: Sequence[Value]
    keywords: dict[str, Value]
    method: str = field(init=False)
    """The last part of the name."""
    values: list[Value] = field(init=False)
    """Everything that it is given."""

    def __post_init__(self) -> None:
        self.method = self.callee.rpartition(".")[2]
        self.values = [*self.arguments, *self.keywords.values()]

    def sources(self) -> Sources:
        """Return where everything it is given comes from."""
        return NOTHING.union(*map(whole, self.values)) if self.arguments or self.keywords else NOTHING


class Calls(Expressions):
    """Works out calls."""

    @abstractmethod
    def walk_closure(self, body: Sequence[ast.stmt]) -> Value:
        """Walk the body of a function within this one, and return what it answers."""

    @abstractmethod
    def answer_of(self, callee: str, given: Sequence[Value], keywords: dict[str, Value]) -> Value | None:
        """Return what a function of this file answers to constants, where it does not depend on anything else."""

    def call(self, node: ast.Call) -> Value:
        """Return what a call comes to, and note what it reads and sends."""
        given = self._given(node)
        closures = [one for one in (*node.args, *(word.value for word in node.keywords)) if is_closure(one)]
        found = self._answer(given, has_closure=bool(closures))
        for closure in closures:
            self._hand_over(closure, given, found)
        return found

    def _given(self, node: ast.Call) -> Given:
        function = node.func
        receiver, callee = NONE, ""
        if isinstance(function, ast.Attribute):
            receiver = self.value(function.value)
            if receiver.name == "super()" and (above := self.scope.bases.get(self.owner)):
                receiver = Value(name=f"{above[0]}()")
            callee = f"{receiver.name}.{function.attr}" if receiver.name else function.attr
            if self.owner and receiver.name == f"{self.owner}()":
                receiver = Value(name=receiver.name)
            else:
                held = self.attribute(function, receiver)
                if held.sources - whole(receiver):
                    receiver = joined(held, receiver)
        elif isinstance(function, ast.Name):
            callee = self.value(function).name or function.id
        elif is_closure(function):
            self._hand_over(function, Given(node, "", NONE, [], {}), NONE)
        else:
            receiver = self.value(function)
            callee = receiver.name
        arguments = [NONE if is_closure(one) else self.value(one) for one in node.args]
        keywords: dict[str, Value] = {}
        for one in node.keywords:
            word = NONE if is_closure(one.value) else self.value(one.value)
            if one.arg is None and isinstance(word.items, dict):
                keywords |= {name: part for name, part in word.items.items() if isinstance(name, str)}
            else:
                keywords[one.arg or "**"] = word
        return Given(node, callee, receiver, arguments, keywords)

    def _answer(self, given: Given, *, has_closure: bool) -> Value:  # noqa: PLR0911  one case for each kind of call
        node, callee, receiver, method = given.node, given.callee, given.receiver, given.method
        is_script = self.scope.is_script
        known = self._constant_answer(given)
        if known is not None:
            return known
        if method == "getattr" and len(given.arguments) > 1:
            attribute = given.arguments[1].text
            return Value(whole(given.arguments[0]), name=f"{given.arguments[0].name}.{attribute}")
        if method in _LOADING and given.arguments and given.arguments[0].known:
            return Value(name=self.module_called(given.arguments[0].text))
        what = reading.persons_read(
            callee, given.arguments, given.keywords, is_script=is_script, has_closure=has_closure
        )
        if what:
            found = Value(self.read(node, Source.PERSONS, what), name=self._result_name(given))
            if method.startswith("execute") or method == "copy_expert":
                self.carry(receiver, found.sources)
            return found
        if is_script and (field := reading.fields_read(callee, given.arguments)) is not None:
            return Value(self.read(node, Source.FIELDS, field), name="field of a page")
        if (guess := chance.random_read(self, node, callee)) is not None:
            return guess
        self._sinks(given)
        if what == "" or method in vocabulary.NO_RECORD:
            change(self, receiver, method, given.arguments, given.keywords)
            return Value(name=self._result_name(given))
        return self._followed(given)

    def _followed(self, given: Given) -> Value:  # noqa: PLR0912  what a call may do besides
        """Return the answer of a call that reads nothing by itself."""
        callee, receiver = given.callee, given.receiver
        sources = given.sources()
        result = Value(name=self._result_name(given), parents=(receiver, *given.values)[:6])
        if vocabulary.keeps_nothing(callee):  # what can be guessed can be guessed through it too
            result.sources = cleaned(whole(receiver) | sources, EVERYTHING_BUT_GUESSED) if self.reads else NOTHING
        elif self.scope.is_ours(callee):
            result.sources = self._emit(given, callee, given.arguments, given.keywords)
            answered = None
            if not sources:
                answered = self.answer_of(callee, given.arguments, given.keywords)
            if answered is not None:
                result.const, result.text, result.hidden = answered.const, answered.text, answered.hidden
                result.items = seen_from_outside(answered, NOTHING).items
                result.name = answered.name or result.name
            if callee in self.scope.fields:
                result.items = dict(zip(self.scope.fields[callee], given.arguments, strict=False)) | given.keywords
            elif callee.rpartition(".")[2] in self.scope.enumerations:
                result.sources = cleaned(sources, ALL_INJECTED)
        else:
            result.sources = whole(receiver) | sources
        if (bits := injection.cleaned_by(callee, receiver, given.arguments)) and result.sources:
            result.sources = cleaned(result.sources, bits)
        if (bits := injection.restored_by(given.method)) and result.sources:
            result.sources = restored(result.sources, bits)
        self._callbacks(given, sources)
        changed = change(self, receiver, given.method, given.arguments, given.keywords)
        if changed is None:
            changed = made_again(self, callee, given.arguments, given.keywords)
        if changed is not None:
            return changed
        if given.method in vocabulary.CARRYING and isinstance(given.node.func, ast.Attribute):
            self.carry(receiver, sources)
            for one in given.arguments[1:]:
                self.carry(one, sources)
        result.texts = (*receiver.texts, *islice((text for one in given.values for text in texts_in(one)), 20))[:20]
        result.hidden = result.hidden or any(map(hides, given.values))
        if injection.resolves_entities(callee, given.arguments, given.keywords):
            result.texts = (*receiver.texts, injection.ENTITIES)
            if receiver is not NONE:
                receiver.texts = result.texts
        if given.method == "open" and receiver.name.endswith("XMLHttpRequest()"):
            receiver.texts, receiver.hidden = result.texts, result.hidden
        if not result.text and receiver.text and given.method in {"format", "decode", "encode", "replace", "strip"}:
            result.text, result.hidden = receiver.text, receiver.hidden
        if given.method in {"urljoin", "URL"}:
            result.text = "".join(reversed([one.text for one in given.arguments])) if self.scope.is_script else (
                given.arguments[0].text if given.arguments else "")  # fmt: skip
        return result

    def _constant_answer(self, given: Given) -> Value | None:
        """Return what a call of the language on constants comes to, if it is one."""
        if given.callee == "map" and len(given.arguments) == 2:
            return _mapped(*given.arguments)
        if not all(one.known for one in given.arguments):
            return None
        receiver, method = given.receiver, given.method
        of_nothing = (
            not isinstance(given.node.func, ast.Attribute) or method in _STATIC or given.callee == "Buffer.from"
        )
        if not of_nothing and not receiver.known and method not in {"digest", "hexdigest"}:
            return None
        name = given.callee if given.callee == "Buffer.from" else method
        try:
            const = constants.call(name, None if of_nothing else receiver.const, [one.const for one in given.arguments])
        except Unknown:
            const = misuse.digest_of_constant(receiver, method)
            if const is None:
                return None
        hidden = method in constants.HIDING or receiver.hidden or any(map(hides, given.arguments))
        decodes = given.callee == "Buffer.from" and len(given.arguments) > 1
        return Value(const=const, hidden=hidden or decodes, parents=(receiver, *given.arguments))

    def _result_name(self, given: Given) -> str:
        """Return how what a call answers is called."""
        if not given.callee:
            return ""
        if reading.is_narrowed(given.method, given.arguments, given.keywords):
            return f"{given.receiver.name}.get()"
        name = f"{given.callee}()"
        if given.method in _NAMED_BY_ARGUMENT and given.arguments:
            asked = given.arguments[-1].text or given.arguments[0].name
            name = f"{name}.{asked.rpartition('.')[2].split(' ')[0]}" if asked else name
        return name[:300]

    def _emit(self, given: Given, callee: str, arguments: Sequence[Value], keywords: dict[str, Value]) -> Sources:
        """Note a call of a function of the program; return its answer as a source."""
        consts: dict[str, bool | int | str] = {}
        hidden = False
        for place, one in [*((str(place), one) for place, one in enumerate(arguments)), *keywords.items()]:
            const = constant_in(one)
            if const is not None:
                consts[place] = const[:500] if isinstance(const, str) else const
            elif one.text:
                consts[f"{PART} {place}"] = one.text[:500]
            hidden = hidden or hides(one)
        for number, text in enumerate(given.receiver.texts):
            if vocabulary.may_tell_where(text):
                consts[f"receiver {number}"] = text[:500]
        self.calls.append(
            Call(
                given.node.lineno,
                _LATER.sub("", callee),
                [whole(one) for one in arguments],
                {name: whole(one) for name, one in keywords.items()},
                whole(given.receiver),
                consts,
                hidden,
            )
        )
        return frozenset({(int(From.CALL), len(self.calls) - 1, 0)})

    def _callbacks(self, given: Given, sources: Sources) -> None:
        """Note functions of the program that are handed over, to be called with the rest."""
        if not sources and not given.receiver.sources:
            return
        for one in given.values:
            if one.name and not one.name.endswith(")") and self.scope.is_ours(one.name) and one is not given.receiver:
                rest = [other for other in given.arguments if other is not one]
                for word in given.keywords.values():
                    if isinstance(word.items, list):
                        rest += word.items
                if given.method in _ANSWERED_WITH and not rest:
                    rest = [given.receiver]
                self._emit(given, one.name, rest, {})

    def _hand_over(self, closure: ast.expr, given: Given, answer: Value) -> None:
        """Walk a function that is handed to a call, with what the call works on as its parameters."""
        arguments, body = self.parts_of(closure)
        names = parameters_of(arguments)
        if self.scope.is_script and reading.is_typing(given.method, given.arguments):
            passed = Value(self.read(given.node, Source.FIELDS, "what is typed"), name="event")
        else:
            sources = whole(answer) | whole(given.receiver)
            passed = Value(sources, name=answer.name if given.method == "then" else "")
        before = {name: self.values.get(name) for name in names}
        for place, name in enumerate(names):
            is_request = name in _REQUESTS or (place == 0 and len(names) > 1 and given.method in _ROUTING)
            named = "req" if is_request else "res" if name in _ANSWERS else ""
            self.values[name] = Value(name=named) if named else passed
        found = self.walk_closure(body) if isinstance(body, list) else self.value(body)
        if given.method in _ANSWERED_WITH and answer is not NONE:
            answer.sources |= whole(found)
        for name, value in before.items():
            if value is None:
                self.values.pop(name, None)
            else:
                self.values[name] = value

    def closure(self, node: Closure) -> None:
        """Walk a function of which it is not known who calls it."""
        self._hand_over(node, Given(ast.Call(node, [], []), "", NONE, [], {}), NONE)

    @staticmethod
    def parts_of(closure: ast.expr) -> tuple[ast.arguments, Any]:
        """Return the parameters and the body of a function that is an expression."""
        if isinstance(closure, Closure):
            return closure.function.args, closure.function.body
        assert isinstance(closure, ast.Lambda)  # noqa: S101  is_closure says so
        return closure.args, closure.body

    def _sinks(self, given: Given) -> None:
        """Note what a call sends, and what else can be done by what it is given."""
        over = vocabulary.way_out(given.callee, is_script=self.scope.is_script)
        if over:
            self.egress(given.node, over, given.callee, given.sources(), given.receiver, given.values)
        for danger, sources in injection.sinks(given.callee, given.receiver, given.arguments, given.keywords):
            if sources:
                self.sink(given.node, danger, given.callee, sources)
        misuse.look(self, given.node, given.callee, given.arguments, given.keywords)
        misuse.plain_login(self, given.node, given.callee, given.receiver)

    def egress(  # noqa: PLR0917  each is another thing
        self, node: ast.AST, over: str, callee: str, sources: Sources, receiver: Value, values: Sequence[Value]
    ) -> None:
        """Note that something is sent."""
        if not sources:
            return
        given = [text for one in values for text in texts_in(one)]
        is_path = bool(given) and given[0].startswith("/") and not given[0].startswith("//")
        if self.scope.is_script and is_path and not receiver.texts:
            return  # to the host that the page came from
        texts = [text[:500] for text in (*given, *receiver.texts) if vocabulary.may_tell_where(text)]
        hidden = receiver.hidden or any(map(hides, values))
        line = getattr(node, "lineno", 0)
        self.sinks.append(Sink(line, Danger.EGRESS, callee, sources, over, texts[:8], hidden and bool(texts)))

    def carry(self, into: Value, sources: Sources) -> None:
        """Put sources into a value, and into what it was made from."""
        if not sources or into is NONE:
            return
        for one in (into, *into.parents):
            if one is NONE:
                continue
            one.sources |= sources
            one.const = UNKNOWN
            if one.slot:
                self.keep(one.slot, sources)
            elif self.owner and one.name.startswith(f"{self.owner}()."):
                self.keep(f"{self.owner}.{one.name[len(self.owner) + 3 :].partition('.')[0]}", sources)

    def module_called(self, name: str) -> str:
        """Return the full name of a module that is loaded by a text."""
        return name.removeprefix("node:")


def _mapped(function: Value, values: Value) -> Value | None:
    """Return what a function of the language makes of each of some constants."""
    if not isinstance(values.const, str | bytes | list | tuple):
        return None
    try:
        return Value(const=[constants.call(function.name, None, [one]) for one in values.const], hidden=True)
    except Unknown:
        return None


_STATIC = frozenset(
    {"b64decode", "urlsafe_b64decode", "decodebytes", "b32decode", "b16decode", "a85decode", "b85decode", "fromhex",
     "unhexlify", "fromCharCode", "fromCodePoint", "atob", "unquote", "b64encode", "urlsafe_b64encode", "hexlify"}
)  # fmt: skip
"""Functions that are named with what they belong to."""

_REQUESTS = frozenset({"req", "request", "ctx"})
_ANSWERS = frozenset({"res", "response", "reply"})
_ROUTING = frozenset({"get", "post", "put", "patch", "delete", "all", "use"})
"""Methods that are given what answers requests, in Express and its like."""
