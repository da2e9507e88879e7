"""Which names of what was read so far others must use to matter: what sends, and what it calls."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from waybill.exposure.code.facts import INJECTED, Danger
from waybill.exposure.code.linking import Program
from waybill.exposure.code.searching import made

_GRAVE = frozenset({Danger.SQL, Danger.COMMAND, Danger.CODE, Danger.OBJECTS})
"""Harm for which also those are read who bring something from afar."""

Words = dict[str, set[str]]
"""Names that can be imported, each with the words that show its use."""


class Reach(msgspec.Struct, array_like=True):
    """What the functions of a program lead to."""

    sending: Words
    """What sends what it is given."""
    harming: Words
    """What does harm with what clients say."""
    called: Words
    """What functions that send call elsewhere."""
    asked: Words
    """What functions that can do harm call elsewhere."""

    @classmethod
    def of(cls, program: Program) -> Reach:
        """Return what the functions of a program lead to, once its flows are known."""
        reach = cls({}, {}, {}, {})
        for name, dangers in program.senders():
            module = program.module_of(name)
            if dangers - INJECTED - {Danger.GUESSED}:
                _add(reach.sending, name, module)
            elif dangers & _GRAVE:
                _add(reach.harming, name, module)
        for slot in program.slots_sent():
            _add_slot(reach.sending, slot)
        for alias, full in program.aliases():
            for words in (reach.sending, reach.harming):
                if full in words:
                    words.setdefault(alias, set()).update(words[full] | {alias.rpartition(".")[2]})
        for callee, sends in program.unknown_calls():
            parts = callee.replace("()", "").split(".")
            words = reach.called if sends else reach.asked
            for end in {max(1, len(parts) - 2), len(parts) - 1} - {0}:
                words.setdefault(".".join(parts[:end]), set()).add(f"def {'.'.join(parts[end:])}")
        return reach

    def wanted(self, imports: Collection[str], module: str, *, asks: bool) -> frozenset[str] | None:
        """Return the words to search a file for, or nothing where it does not matter.

        ``imports`` is what it imports, ``module`` its name, ``asks`` whether it reads what clients say.
        """
        found = set(self.called.get(module, ()))
        if asks:
            found |= self.asked.get(module, set())
        for name in self.sending.keys() & imports:
            found |= self.sending[name]
        for name in self.harming.keys() & imports if asks else ():
            found |= self.harming[name]
        return frozenset(found) if found else None


def _add(words: Words, name: str, module: str) -> None:
    """Add a function by the names under which it can be imported: itself, its class, its module."""
    own = made(name.removeprefix(f"{module}."))
    if not own:
        return
    parts = own.removesuffix("(").split(".")
    for end in range(min(len(parts), 2) + 1):
        words.setdefault(".".join([module, *parts[:end]]), set()).add(own)


def _add_slot(words: Words, slot: str) -> None:
    """Add something kept by the names under which what holds it can be imported."""
    holder, _, name = slot.rpartition(".")
    above, _, last = holder.rpartition(".")
    for place in (above, holder, slot):
        if place:
            words.setdefault(place, set()).update({f"{last}(", f"{name} ="})
