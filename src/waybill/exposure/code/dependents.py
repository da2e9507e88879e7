"""Which functions of a program depend on which: by calls, by what is kept outside of them, and since when.

A function depends on those that it calls, and on those that keep what it uses. What was worked out of a function still
holds where neither it nor anything that it depends on is another than before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Self

from waybill.exposure.code.facts import FIXED, From, Function, Sink


class Dependents:
    """The functions of a program, by their names, and what depends on them."""

    def __init__(self, functions: Mapping[str, tuple[str, Function]], target: Callable[[str], str]) -> None:
        """Take functions with the files they are in, and what tells which of them a call by a name reaches."""
        self.functions = functions
        self.targets: dict[str, list[str]] = {}
        """Which functions of the program the calls of each reach, in their order; the empty text where none."""
        self.sinks_of_slots: dict[str, list[tuple[str, str, Sink]]] = {}
        """Where what is kept must not be fixed: file, function and sink."""
        self._callers: dict[str, set[str]] = {}
        self._users: dict[str, set[str]] = {}
        self.keepers: dict[str, list[str]] = {}
        """Which functions keep what outside."""
        for name, (file, function) in functions.items():
            self.targets[name] = targets = [target(call.callee) for call in function.calls]
            for one in targets:
                if one:
                    self._callers.setdefault(one, set()).add(name)
            for slot in function.slots:
                self._users.setdefault(slot, set()).add(name)
            for slot in function.kept:
                self.keepers.setdefault(slot, []).append(name)
            for sink in function.sinks:
                if sink.danger in FIXED:
                    for kind, number, _ in sink.given:
                        if kind == From.SLOT:
                            self.sinks_of_slots.setdefault(function.slots[number], []).append((file, name, sink))
        self.relevant = self._relevant()
        """Functions that read or send, those that call them or use what they keep, and what these call."""

    def callers(self, name: str) -> Iterable[str]:
        """Return which functions call one."""
        return self._callers.get(name, ())

    def users(self, slot: str) -> Iterable[str]:
        """Return which functions use what is kept outside."""
        return self._users.get(slot, ())

    def _relevant(self) -> set[str]:
        found = {
            name
            for name, (_, function) in self.functions.items()
            if function.reads or function.sinks or not self.sinks_of_slots.keys().isdisjoint(function.kept)
        }
        waiting = list(found)
        while waiting:
            name = waiting.pop()
            near = set(self.callers(name)).union(*map(self.users, self.functions[name][1].kept))
            waiting += near - found
            found |= near
        waiting = list(found)
        while waiting:
            for target in self.targets[waiting.pop()]:
                if target and target not in found:
                    found.add(target)
                    waiting.append(target)
        return found

    def unsettled_since(self, before: Self) -> set[str]:
        """Return relevant functions of which what was worked out before does not hold for certain.

        Who keeps something together with such a function is one too: what is kept is worked out from all of them.
        """
        found: set[str] = set()
        waiting = [name for name in self.relevant if name not in before.relevant or self._differs(name, before)]
        waiting += before.relevant - self.relevant
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self._near(name, before)
        return found & self.relevant

    def _differs(self, name: str, before: Self) -> bool:
        file, function = self.functions[name]
        return (
            before.functions[name] != (file, function)
            or before.targets[name] != self.targets[name]
            or any(self.sinks_of_slots.get(slot) != before.sinks_of_slots.get(slot) for slot in function.kept)
        )

    def _near(self, name: str, before: Self) -> Iterable[str]:
        """Return what depends on a function, or keeps something together with it, now or before."""
        yield from self.callers(name)
        for one in (self, before):
            if name in one.functions:
                for slot in one.functions[name][1].kept:
                    yield from self.users(slot)
                    yield from self.keepers.get(slot, ())
