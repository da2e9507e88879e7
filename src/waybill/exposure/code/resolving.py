"""Which function of a program a name stands for: through packages that hand on, and classes that inherit."""

from __future__ import annotations

from collections.abc import Container, Iterable

from waybill.exposure.code.facts import Module

_DEEPEST = 6
"""How often a name is handed on."""


class Names:
    """The names of a program."""

    def __init__(self, modules: Iterable[Module], functions: Container[str]) -> None:
        self._functions = functions
        self.aliases: dict[str, str] = {}
        """Names that modules hand on, with what they stand for."""
        self._bases: dict[str, list[str]] = {}
        for module in modules:
            self._bases |= module.bases
            for name, full in module.aliases.items():
                self.aliases[f"{module.name}.{name}" if name else module.name] = full
        self._found: dict[str, str] = {}

    def target(self, callee: str) -> str:
        """Return the function of the program that a call by this name reaches, or nothing."""
        found = self._found.get(callee)
        if found is None:
            found = self._found[callee] = self._resolve(callee.replace("()", ""), _DEEPEST)
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
