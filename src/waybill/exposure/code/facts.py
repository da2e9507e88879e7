"""What one file of code does, by itself: what each function reads, calls, sends, returns and keeps.

Nothing of other files is needed for it, so that it can be kept as long as the file stays as it is; ``linking`` then
follows data from function to function. Files of every language come to the same facts.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum

import msgspec


class From(IntEnum):
    """Where a value may come from."""

    READ = 0
    """A read of something worth following; its number is the place in ``Function.reads``."""
    PARAMETER = 1
    """A parameter, by its place."""
    CALL = 2
    """The answer of a call; its number is the place in ``Function.calls``."""
    SLOT = 3
    """Something kept outside the function; its number is the place in ``Function.slots``."""


Sources = frozenset[tuple[int, int, int]]
"""Everything that a value may come from: ``From``, a number, and the dangers it was cleaned of (bits of ``Danger``)."""

NOTHING: Sources = frozenset()


class Source(StrEnum):
    """What is read."""

    PERSONS = "persons"
    """The personal data of many."""
    FIELDS = "fields"
    """What people type into the fields of a page."""
    REQUEST = "request"
    """What a client of a web application says."""
    RANDOM = "random"
    """Numbers that can be guessed."""
    CONSTANT = "constant"
    """What is written in the code, and handed to a function."""


class Danger(StrEnum):
    """What a value can do where it arrives; the order gives each its bit."""

    EGRESS = "egress"
    SQL = "sql-injection"
    COMMAND = "command-injection"
    PATH = "path-traversal"
    LDAP = "ldap-injection"
    XPATH = "xpath-injection"
    MARKUP = "cross-site-scripting"
    REDIRECT = "open-redirect"
    CODE = "code-injection"
    TRUST = "trust-boundary"
    OBJECTS = "unsafe-deserialisation"
    ENTITIES = "external-entities"
    KEY = "fixed-key"
    VECTOR = "fixed-vector"
    SALT = "fixed-salt"
    ROUNDS = "few-rounds"
    SEED = "fixed-seed"
    GUESSED = "guessable-secret"
    HASH = "weak-hash"
    CIPHER = "weak-cipher"
    LENGTH = "short-key"
    PEER = "unverified-peer"
    PROTOCOL = "old-protocol-in-code"
    PLAIN = "plain-transport"

    @property
    def bit(self) -> int:
        """Its bit among what a value was cleaned of."""
        return _BITS[self]


_BITS = {danger: 1 << place for place, danger in enumerate(Danger)}

INJECTED = frozenset(list(Danger)[1:12])
"""Dangers of what a client says."""

FIXED = frozenset(list(Danger)[12:]) - {Danger.GUESSED}
"""Dangers of what is written into the code, and should not be."""


EVERYTHING_BUT_GUESSED = sum(danger.bit for danger in Danger if danger != Danger.GUESSED)
"""Dangers, as bits, that a digest takes from what it is made of."""


class Read(msgspec.Struct, frozen=True, array_like=True):
    """A read of something worth following."""

    line: int
    kind: Source
    what: str
    """The model, table, collection, field or part of a request."""


PART = "part of"
"""Stands before the place of an argument of which only a part is written in the code."""


class Call(msgspec.Struct, array_like=True):
    """A call of what may be a function of the program, with what it is given."""

    line: int
    callee: str
    """The full name of what is called, as far as imports tell; ``()`` stands behind what is called in it."""
    arguments: list[Sources]
    keywords: dict[str, Sources]
    receiver: Sources
    """What the method is called on."""
    constants: dict[str, bool | int | str]
    """Arguments that are written in the code, by place or name."""
    hidden: bool
    """Whether one of these texts is decoded or put together from parts."""

    @property
    def given(self) -> Sources:
        """Everything it is given."""
        return NOTHING.union(*self.arguments, *self.keywords.values())


class Sink(msgspec.Struct, array_like=True):
    """A place where what arrives can do harm."""

    line: int
    danger: Danger
    callee: str
    given: Sources
    over: str = ""
    """What it is sent over."""
    texts: list[str] = []
    """Texts that may tell where to."""
    hidden: bool = False
    """Whether one of these texts is decoded or put together from parts."""


class Misuse(msgspec.Struct, frozen=True, array_like=True, order=True):
    """Something that is wrong as it stands."""

    line: int
    rule: str
    what: str
    function: str


class Function(msgspec.Struct, array_like=True):
    """A function, a method, or what a module does when it is imported."""

    name: str
    parameters: list[str]
    reads: list[Read]
    calls: list[Call]
    sinks: list[Sink]
    slots: list[str]
    """Names of what is kept outside, which it uses."""
    returns: Sources
    kept: dict[str, Sources]
    """What it keeps outside, by name."""
    defaults: dict[str, bool | int | str] = {}
    """What parameters are where callers hand over nothing, by place."""

    @property
    def matters(self) -> bool:
        """Whether anything can come of it; what is given to a function that is not known comes out again."""
        return bool(self.reads or self.sinks or self.calls or self.kept or self.returns or self.parameters)


class Module(msgspec.Struct, array_like=True):
    """A file."""

    name: str
    """As imports name it."""
    functions: list[Function]
    misuses: list[Misuse] = []
    aliases: dict[str, str] = {}
    """Names that it hands on from elsewhere, with what they stand for."""
    bases: dict[str, list[str]] = {}
    """Classes and what they inherit from, by full names."""


def made_of(function: Function, sources: Sources) -> Sources:
    """Return sources with those that calls among them are given."""
    found: set[tuple[int, int, int]] = set()
    waiting = list(sources)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            if one[0] == From.CALL and one[1] < len(function.calls):
                call = function.calls[one[1]]
                waiting += call.given | call.receiver
    return frozenset(found)
