"""Which function of a program a name stands for: through packages that hand on, and classes that inherit."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from waybill.exposure.code.facts import Module

_DEEPEST = 6
"""How often a name is handed on."""


class Names:
    """The names of a program."""

    def __init__(self, modules: Iterable[Module], functions: Collection[str]) -> None:
        self._functions = functions
        self.aliases: dict[str, str] = {}
        """Names that modules hand on, with what they stand for."""
        self._bases: dict[str, list[str]] = {}
        for module in modules:
            self._bases |= module.bases
            for name, full in module.aliases.items():
                self.aliases[f"{module.name}.{name}" if name else module.name] = full
        self._starts = {_start(name) for name in (*functions, *self.aliases)}
        self._found: dict[str, str] = {}

    def target(self, callee: str) -> str:
        """Return the function of the program that a call by this name reaches, or nothing."""
        found = self._found.get(callee)
        if found is None:
            name = callee.replace("()", "")
            found = self._found[callee] = self._resolve(name, _DEEPEST) if _start(name) in self._starts else ""
        return found

    def _resolve(self, name: str, deep: int) -> str:
        for one in (name, f"{name}.__init__", f"{name}.constructor"):
            if one in self._functions:
                return one
        if not deep:
            return ""
        holder, _, method = name.rpartition(".")
        for base in self._bases.get(holder, ()):
            if found := self._resolve(f"{base}.{method}", deep - 1):
                return found
        parts = name.split(".")
        for end in range(len(parts), 0, -1):
            full = self.aliases.get(".".join(parts[:end]))
            if full is not None and full != name:
                return self._resolve(".".join([full, *parts[end:]]), deep - 1)
        return ""


def _start(name: str) -> str:
    """Return the first two parts of a name, which most names that are none of the program do not share."""
    first, _, rest = name.partition(".")
    return f"{first}.{rest.partition('.')[0]}"
