"""What an expression may come to: where its content comes from, what it is if that is known, and what made it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any, Final

from waybill.exposure.code.facts import NOTHING, Sources

UNKNOWN: Final = object()
"""Stands for a constant that is not known; None is a constant."""

_DEEP = 3
"""How far containers within containers are looked into."""


class Value:
    """An abstract value. Containers are changed where they are, as the real ones are, so that two names share one."""

    __slots__ = ("const", "hidden", "items", "level", "name", "parents", "slot", "sources", "text", "texts")

    def __init__(
        self,
        sources: Sources = NOTHING,
        *,
        const: Any = UNKNOWN,
        text: str = "",
        hidden: bool = False,
        name: str = "",
        parents: tuple[Value, ...] = (),
    ) -> None:
        self.sources = sources
        self.const = const
        """What it is, if that is known exactly."""
        self.text = const if isinstance(const, str) else text
        """What it is, with what is not known left out."""
        self.hidden = hidden
        """Whether the text was decoded or put together from parts."""
        self.name = name
        """The full name of what it is or of what made it, the latter with ``()`` behind."""
        self.items: dict[Any, Value] | list[Value] | None = None
        """Parts of a container whose places are known."""
        self.texts: tuple[str, ...] = ()
        """Texts that were given to what made it."""
        self.parents = parents
        """What it was made from."""
        self.slot = ""
        """Where it is kept outside the function that uses it."""
        self.level = 0
        """How many open branches there were when it was made."""

    @property
    def known(self) -> bool:
        """Whether it is known exactly."""
        return self.const is not UNKNOWN

    def children(self) -> Iterable[Value]:
        """Return the parts of a container."""
        if self.items is None:
            return ()
        return self.items.values() if isinstance(self.items, dict) else self.items


NONE: Final = Value()
"""A value of which nothing is known. It is shared: never to be changed."""


def whole(value: Value, deep: int = _DEEP) -> Sources:
    """Return where a value and everything in it come from."""
    if value.items is None or not deep:
        return value.sources
    return value.sources.union(*(whole(one, deep - 1) for one in value.children()))


def joined(one: Value, other: Value) -> Value:
    """Return what may be either of two values."""
    if one is other:
        return one
    same = one.known and other.known and type(one.const) is type(other.const) and one.const == other.const
    found = Value(
        one.sources | other.sources,
        const=one.const if same else UNKNOWN,
        text=one.text or other.text,
        hidden=one.hidden or other.hidden,
        name=one.name or other.name,
        parents=(one, other),
    )
    found.texts = one.texts or other.texts
    if isinstance(one.items, dict) and isinstance(other.items, dict) and one.items.keys() == other.items.keys():
        found.items = {key: joined(part, other.items[key]) for key, part in one.items.items()}
    else:
        found.sources |= whole(one) | whole(other)
    return found


_MOST_PARTS = 200
"""Parts of a container that are seen from another function."""


def seen_from_outside(held: Value, sources: Sources, deep: int = _DEEP) -> Value:
    """Return a value as another function sees it: the same content, but all of it from ``sources``."""
    found = Value(sources, const=held.const, text=held.text, hidden=held.hidden, name=held.name)
    found.texts = held.texts
    if held.items is None or not deep or len(held.items) > _MOST_PARTS:
        return found
    if isinstance(held.items, dict):
        found.items = {key: seen_from_outside(one, sources, deep - 1) for key, one in held.items.items()}
    else:
        found.items = [seen_from_outside(one, sources, deep - 1) for one in held.items]
    return found


def cleaned(sources: Sources, bits: int) -> Sources:
    """Return sources of which some dangers are taken."""
    return frozenset((kind, number, bit | bits) for kind, number, bit in sources) if sources else sources


def restored(sources: Sources, bits: int) -> Sources:
    """Return sources into which some dangers came back."""
    return frozenset((kind, number, bit & ~bits) for kind, number, bit in sources)


def texts_in(value: Value, deep: int = 2) -> Iterable[str]:
    """Return the texts in a value."""
    own = (value.text,) if value.text else ()
    if value.items is None or not deep:
        return own
    return chain(own, chain.from_iterable(texts_in(one, deep - 1) for one in value.children()))


def hides(value: Value, deep: int = 2) -> bool:
    """Return whether a text in a value is hidden."""
    return value.hidden or (
        deep > 0 and value.items is not None and any(hides(one, deep - 1) for one in value.children())
    )
