"""What expressions come to, worked out without running anything."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, ClassVar

from waybill.exposure.code import constants, guards, misuse, requests
from waybill.exposure.code.closures import Closure
from waybill.exposure.code.constants import Unknown
from waybill.exposure.code.facts import NOTHING, Danger, Source
from waybill.exposure.code.recording import Recorder
from waybill.exposure.code.values import NONE, UNKNOWN, Value, cleaned, joined, seen_from_outside, whole

_LONGEST_NAME = 300
"""Names made of many calls one after the other end here."""

_BLOCK = 16
"""Bytes of a block of AES; that others are shorter makes no difference here."""
_OF_PATHS = frozenset({"name", "stem", "suffix"})
"""Parts of a path that lead nowhere else."""


class Expressions(Recorder):
    """Works out expressions."""

    def value(self, node: ast.AST | None) -> Value:
        """Return what an expression comes to."""
        work = self._EXPRESSIONS.get(type(node))
        return work(self, node) if work is not None else self._children(node)

    @abstractmethod
    def call(self, node: ast.Call) -> Value:
        """Return what a call comes to."""

    @abstractmethod
    def closure(self, node: Closure) -> None:
        """Walk a function of which it is not known who calls it."""

    @abstractmethod
    def bind(self, target: ast.expr, value: Value) -> None:
        """Give a name, or what else can be assigned to, a value."""

    @abstractmethod
    def prove(self, proved: Sequence[tuple[ast.expr, int]]) -> None:
        """Take dangers from what a test was about, and from what that was made from."""

    @abstractmethod
    def predicate(self, call: ast.Call) -> ast.expr | None:
        """Return what a function of the file that a test calls answers, in terms of its first parameter."""

    def _children(self, node: ast.AST | None) -> Value:
        if node is None:
            return NONE
        found = [self.value(one) for one in ast.iter_child_nodes(node) if isinstance(one, ast.expr | ast.keyword)]
        return Value(NOTHING.union(*map(whole, found))) if found else NONE

    def _constant(self, node: ast.Constant) -> Value:
        return Value(const=node.value)

    def _name(self, node: ast.Name) -> Value:
        name = node.id
        found = self.values.get(name)
        if found is not None:
            return found
        if name in self.outer:
            slot, held = self.outer[name]
            return self.outside(slot, held)
        held_by_module = self.scope.values.get(name)
        if held_by_module is None:
            return Value(name=name)
        return self.outside(f"{self.scope.module}.{name}", held_by_module)

    def outside(self, slot: str, held: Value) -> Value:
        """Return what is kept outside of this function: what it is, with the place as where it comes from."""
        is_thing = bool(held.name) and not held.name.endswith(")")
        found = seen_from_outside(held, NOTHING if is_thing and not held.sources else self.slot(slot))
        found.slot = slot
        return found

    def _attribute(self, node: ast.Attribute) -> Value:
        return self.attribute(node, self.value(node.value))

    def attribute(self, node: ast.Attribute, base: Value) -> Value:
        """Return an attribute of a value."""
        name = node.attr
        if isinstance(base.items, dict) and name in base.items:
            return base.items[name]
        if name == "block_size" and ".Cipher." in base.name:
            return Value(const=_BLOCK)
        own = f"{self.owner}()"
        if self.owner and base.name == own:
            slot = f"{self.owner}.{name}"
            found = self.outside(slot, self.scope.attributes.get(slot, Value(name=f"{own}.{name}")))
            found.sources = self.slot(slot)
        else:
            found = Value(whole(base), name=f"{base.name}.{name}"[:_LONGEST_NAME] if base.name else "", parents=(base,))
            found.texts = base.texts
        if requests.is_part(base.name, name, is_script=self.scope.is_script):
            found.sources |= self.read(node, Source.REQUEST, f"{base.name.rpartition('.')[2]}.{name}")
        elif name == "kwargs" and base.name == own and own.endswith(("View()", "ViewSet()")):  # of Django
            found.sources |= self.read(node, Source.REQUEST, "part of the address")
        elif name in _OF_PATHS and base.name.endswith("Path()"):
            found.sources = cleaned(found.sources, Danger.PATH.bit)
        if name in {"length", "size"} and self.scope.is_script:
            return Value(const=len(base.const)) if isinstance(base.const, str | list) else NONE
        return found

    def _sequence(self, node: ast.List | ast.Tuple | ast.Set) -> Value:
        parts = [self.value(one) for one in node.elts]
        found = Value()
        found.items, found.level = parts, self.level
        if any(isinstance(one, ast.Starred) for one in node.elts) or isinstance(node, ast.Set):
            found.sources = NOTHING.union(*map(whole, parts))
        if all(part.known for part in parts):
            consts = [part.const for part in parts]
            found.const = tuple(consts) if isinstance(node, ast.Tuple) else consts
            found.hidden = any(part.hidden for part in parts)
        return found

    def _dict(self, node: ast.Dict) -> Value:
        found, items = Value(), {}
        for key, value in zip(node.keys, node.values, strict=True):
            part = self.value(value)
            known = self.value(key) if key is not None else NONE
            if known.known and isinstance(known.const, str | int | float | bytes | None):
                items[known.const] = part
            elif known.text:
                items[known.text] = part
            elif key is None and isinstance(part.items, dict) and not part.slot:
                found.sources |= part.sources
                items |= part.items
            else:
                found.sources |= whole(part) | whole(known)
        found.items, found.level = items, self.level
        return found

    def _operation(self, node: ast.BinOp) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        sign = type(node.op).__name__
        const: Any = UNKNOWN
        if left.known and right.known:
            const = self._operated(sign, left.const, right.const)
        text = left.text + right.text if sign == "Add" else ""
        if sign == "Mod" and left.text:
            text = left.text.replace("%s", right.text, 1)
            if const is UNKNOWN and left.text.replace("%d", "") != left.text and not left.text.count("%s"):
                return Value(text=text)
        found = Value(
            whole(left) | whole(right),
            const=const,
            text=text[: constants.MOST],
            hidden=left.hidden or right.hidden,
            parents=(left, right),
        )
        found.name = left.name if sign == "Div" else ""
        if sign == "Add" and isinstance(left.items, list) and isinstance(right.items, list):
            found.sources, found.items = left.sources | right.sources, [*left.items, *right.items]
        if sign == "BitOr" and isinstance(left.items, dict) and isinstance(right.items, dict):
            found.sources, found.items = left.sources | right.sources, left.items | right.items
        found.level = self.level
        return found

    def _operated(self, sign: str, left: Any, right: Any) -> Any:
        if self.scope.is_script and sign == "Add" and isinstance(left, str) is not isinstance(right, str):
            left, right = str(left), str(right)
        try:
            return constants.operate(sign, left, right)
        except Unknown:
            return UNKNOWN

    def _joined_text(self, node: ast.JoinedStr) -> Value:
        parts = [self.value(one) for one in node.values]
        text = "".join(str(part.const) if part.known else part.text for part in parts)
        exact = all(part.known for part in parts)
        return Value(
            NOTHING.union(*map(whole, parts)) if parts else NOTHING,
            const=text if exact else UNKNOWN,
            text=text[: constants.MOST],
            hidden=any(part.hidden for part in parts),
            parents=tuple(parts),
        )

    def _formatted(self, node: ast.FormattedValue) -> Value:
        return self.value(node.value)

    def _subscript(self, node: ast.Subscript) -> Value:
        base = self.value(node.value)
        if isinstance(node.slice, ast.Slice):
            return self._sliced(base, node.slice)
        place = self.value(node.slice)
        if place.known:
            if base.items is not None:
                try:
                    return base.items[place.const]
                except (LookupError, TypeError):
                    return Value(base.sources)
            if isinstance(base.const, str | bytes | list | tuple):
                try:
                    return Value(const=base.const[place.const], hidden=base.hidden)
                except (LookupError, TypeError):
                    return NONE
        sources = whole(base)
        if place.const in (1, -1) and (base.name == "os.path.split()" or "/" in base.texts):
            sources = cleaned(sources, Danger.PATH.bit)  # the last part of a path
        key = f".{place.const}" if isinstance(place.const, str) else ""
        name = f"{base.name}{key}"[:_LONGEST_NAME] if base.name else ""
        return Value(sources, name=name, text="", parents=(base,))

    def _sliced(self, base: Value, node: ast.Slice) -> Value:
        ends = [
            self.value(one) if one is not None else Value(const=None) for one in (node.lower, node.upper, node.step)
        ]
        found = Value(whole(base), name=base.name, parents=(base,))
        backwards = node.step is not None
        if isinstance(base.items, list) and all(end.known for end in ends):
            try:
                part = base.items[slice(*(end.const for end in ends))]
            except (TypeError, ValueError):
                return found
            found.sources, found.items, found.level = base.sources, part, self.level
        if isinstance(base.const, str | bytes | list | tuple) and all(end.known for end in ends):
            try:
                found.const = base.const[slice(*(end.const for end in ends))]
            except (TypeError, ValueError):
                return found
            found.text = found.const if isinstance(found.const, str) else ""
            found.hidden = base.hidden or backwards
        return found

    def _condition(self, node: ast.IfExp) -> Value:
        test = self.value(node.test)
        if test.known:
            return self.value(node.body if test.const else node.orelse)
        proof, before = guards.proof(node.test, self.predicate), self.values
        found = []
        for branch, proved in ((node.body, proof.holds), (node.orelse, proof.fails)):
            self.values = dict(before)
            self.prove(proved)
            found.append(self.value(branch))
        self.values = before
        return joined(*found)

    def _boolean(self, node: ast.BoolOp) -> Value:
        parts = [self.value(one) for one in node.values]
        stop = isinstance(node.op, ast.Or)
        while len(parts) > 1 and parts[0].known:
            if bool(parts[0].const) is stop:
                return parts[0]
            del parts[0]
        found = parts[0]
        for part in parts[1:]:
            found = joined(found, part)
            found.const = UNKNOWN
        return found

    def _unary(self, node: ast.UnaryOp) -> Value:
        part = self.value(node.operand)
        if part.known:
            if isinstance(node.op, ast.Not):
                return Value(const=not part.const)
            if isinstance(node.op, ast.USub) and isinstance(part.const, int | float):
                return Value(const=-part.const)
        return Value(whole(part)) if not isinstance(node.op, ast.Not) else NONE

    def _compare(self, node: ast.Compare) -> Value:
        parts = [self.value(node.left), *map(self.value, node.comparators)]
        if not all(part.known for part in parts):
            misuse.look_at_comparison(self, node, parts)
            return NONE
        try:
            return Value(
                const=all(
                    constants.operate(type(sign).__name__, left.const, right.const)
                    for sign, (left, right) in zip(node.ops, pairwise(parts), strict=True)
                )
            )
        except Unknown:
            return NONE

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Value:
        consts: Sequence[Any] | None = None
        for generator in node.generators:
            iterated = self.value(generator.iter)
            consts = iterated.const if isinstance(iterated.const, str | bytes | list | tuple) else None
            self.bind(generator.target, self.one_of(iterated))
            for test in generator.ifs:
                self.value(test)
        if isinstance(node, ast.DictComp):
            return Value(whole(self.value(node.key)) | whole(self.value(node.value)))
        found = self.value(node.elt)
        result = Value(whole(found), text=found.text, hidden=found.hidden, name=found.name, parents=(found,))
        if consts is not None and len(node.generators) == 1 and len(consts) <= 2048 and not node.generators[0].ifs:
            result.const, result.hidden = self._each(node, consts, result.hidden)
        return result

    def _each(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, consts: Sequence[Any], hidden: bool) -> Any:
        """Return the constants that a comprehension over constants makes."""
        results = []
        for const in consts:
            self.bind(node.generators[0].target, Value(const=const))
            one = self.value(node.elt)
            if not one.known:
                return UNKNOWN, hidden
            hidden = hidden or one.hidden
            results.append(one.const)
        return results, hidden

    def one_of(self, iterated: Value) -> Value:
        """Return one of the parts of a value that is iterated over."""
        if isinstance(iterated.items, list) and iterated.items:
            found = iterated.items[0]
            for part in iterated.items[1:]:
                found = joined(found, part)
            return Value(found.sources | iterated.sources, name=found.name, text=found.text, parents=(found,))
        return Value(whole(iterated), name=iterated.name, text="", parents=(iterated,))

    def _walrus(self, node: ast.NamedExpr) -> Value:
        found = self.value(node.value)
        self.bind(node.target, found)
        return found

    def _inner(self, node: Any) -> Value:
        return self.value(node.value)

    def _lambda(self, node: ast.Lambda) -> Value:
        return NONE  # walked where it is called

    def _closure(self, node: Closure) -> Value:
        self.closure(node)
        return NONE

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> Value:
        found = self.value(node.value)
        self.answer = found if self.answer is None else joined(self.answer, found)
        return NONE

    def _call(self, node: ast.Call) -> Value:
        return self.call(node)

    _EXPRESSIONS: ClassVar[dict[type | None, Callable[..., Value]]] = {
        ast.Constant: _constant, ast.Name: _name, ast.Attribute: _attribute, ast.Call: _call, ast.List: _sequence,
        ast.Tuple: _sequence, ast.Set: _sequence, ast.Dict: _dict, ast.BinOp: _operation, ast.JoinedStr: _joined_text,
        ast.FormattedValue: _formatted, ast.Subscript: _subscript, ast.IfExp: _condition, ast.BoolOp: _boolean,
        ast.UnaryOp: _unary, ast.Compare: _compare, ast.ListComp: _comprehension, ast.SetComp: _comprehension,
        ast.GeneratorExp: _comprehension, ast.DictComp: _comprehension, ast.NamedExpr: _walrus, ast.Starred: _inner,
        ast.Await: _inner, ast.keyword: _inner, ast.Lambda: _lambda, ast.Yield: _yield, ast.YieldFrom: _yield,
        Closure: _closure,
    }  # fmt: skip
