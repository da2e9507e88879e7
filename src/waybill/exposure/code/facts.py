"""What one file of code does, by itself: what each function reads, calls, returns and keeps.

Nothing of other files is needed for it, so that it can be kept as long as the file stays as it is; ``linking`` then
follows data from function to function.
"""

from __future__ import annotations

from enum import IntEnum

import msgspec


class From(IntEnum):
    """Where a value may come from."""

    READ = 0
    """A read of personal data; its number is the place in ``Function.reads``."""
    PARAMETER = 1
    """A parameter, by its place."""
    CALL = 2
    """The answer of a call; its number is the place in ``Function.calls``."""
    SLOT = 3
    """Something kept outside the function; its number is the place in ``Function.slots``."""


Value = frozenset[tuple[int, int]]
"""Everything that a value may come from: ``From`` and a number."""

NOTHING: Value = frozenset()


class Read(msgspec.Struct, frozen=True, array_like=True):
    """A read of the personal data of many."""

    line: int
    what: str
    """The model, table or collection."""


class Call(msgspec.Struct, array_like=True):
    """A call, with what it is given."""

    line: int
    callee: str
    """The full name of what is called, as far as imports tell."""
    arguments: list[Value]
    keywords: dict[str, Value]
    receiver: Value
    """What the method is called on."""
    made_by: str
    """What made what the method is called on; empty where nothing tells."""
    texts: list[str]
    """Texts among the arguments, and among those of what made the receiver."""
    hidden: bool
    """Whether one of these texts is decoded or put together from parts."""

    @property
    def given(self) -> Value:
        """Everything it is given."""
        return NOTHING.union(*self.arguments, *self.keywords.values())


class Function(msgspec.Struct, array_like=True):
    """A function, a method, or what a module does when it is imported."""

    name: str
    parameters: list[str]
    reads: list[Read]
    calls: list[Call]
    slots: list[str]
    """Names of what is kept outside, which it uses."""
    returns: Value
    kept: dict[str, Value]
    """What it keeps outside, by name."""


class Module(msgspec.Struct, array_like=True):
    """A file."""

    name: str
    """As imports name it."""
    functions: list[Function]
