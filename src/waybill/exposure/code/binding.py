"""What names, attributes and places in containers are set to, and what is wrong with that by itself."""

from __future__ import annotations

import ast

from waybill.exposure.code import chance, injection, misuse, vocabulary
from waybill.exposure.code.calls import Calls
from waybill.exposure.code.containers import put, remove
from waybill.exposure.code.facts import Danger
from waybill.exposure.code.recording import Outer, Scope
from waybill.exposure.code.values import NONE, Value, joined, whole


class Binding(Calls):
    """Binds values to what can be assigned to."""

    def __init__(self, scope: Scope, name: str, owner: str, outer: Outer) -> None:
        super().__init__(scope, name, owner, outer)
        self.is_module = name.endswith(".<module>")

    def delete(self, target: ast.expr) -> None:
        """Take what an expression names out of the container that it is in."""
        if isinstance(target, ast.Subscript):
            box, key = self.value(target.value), self.value(target.slice)
            if key.known:
                remove(self, box, key.const)

    def bind(self, target: ast.expr, value: Value) -> None:
        """Give a name, or what else can be assigned to, a value."""
        match target:
            case ast.Name(id=name):
                self._bind_name(target, name, value)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                items = value.items if isinstance(value.items, list) and len(value.items) == len(parts) else None
                for place, part in enumerate(parts):
                    self.bind(part, items[place] if items else Value(whole(value), name=value.name))
            case ast.Starred(value=inner):
                self.bind(inner, value)
            case ast.Attribute():
                self._bind_attribute(target, value)
            case ast.Subscript(value=inner, slice=place):
                box, key = self.value(inner), self.value(place)
                if box.name.endswith(("session", "Session()")):
                    self.sink(target, Danger.TRUST, box.name, whole(value) | whole(key))
                    self.sink(target, Danger.GUESSED, box.name, whole(value))
                if box.name.endswith(".config"):  # of Flask
                    misuse.look_at_setting(self, target, key.text, value)
                if key.text in {"Location", "location"} and not injection.stays(value):
                    self.sink(target, Danger.REDIRECT, f"{box.name}[Location]", whole(value))
                if key.known and box.items is not None and not box.slot:
                    put(self, box, key.const, value)
                else:
                    self.carry(box, whole(value))

    def _bind_name(self, target: ast.expr, name: str, value: Value) -> None:
        misuse.look_at_setting(self, target, name, value)
        if chance.is_secret_name(name):
            self.sink(target, Danger.GUESSED, name, whole(value))
        if self.is_module or name in self.globals:
            self.keep(f"{self.scope.module}.{name}", whole(value))
            self.scope.values[name] = value
            if not self.is_module:
                return
        self.values[name] = value
        if value.level == 0 and value.items is not None:
            value.level = self.level

    def _bind_attribute(self, target: ast.Attribute, value: Value) -> None:
        base, name = self.value(target.value), target.attr
        if chance.is_secret_name(name):
            self.sink(target, Danger.GUESSED, name, whole(value))
        if self.owner and base.name == f"{self.owner}()":
            slot = f"{self.owner}.{name}"
            self.keep(slot, whole(value))
            held = self.scope.attributes.get(slot)
            self.scope.attributes[slot] = value if held is None else joined(held, value)
            return
        if self.scope.is_script:
            if name in vocabulary.LOADING:
                self.egress(target, f"an address that is loaded ({name})", name, whole(value), NONE, [value])
            elif name in {"innerHTML", "outerHTML"}:
                self.sink(target, Danger.MARKUP, name, whole(value))
            if isinstance(base.items, dict):
                put(self, base, name, value)
                return
        misuse.look_at_attribute(self, target, base, name, value)
        self.carry(base, whole(value))
