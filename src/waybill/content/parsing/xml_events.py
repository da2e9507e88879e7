"""XML as a stream of events, by expat: nothing is loaded, no entity is declared or expanded, depth is bounded.

A document type declaration ends the reading (``Declared``): whoever sends text needs none, and billion laughs and
external entities begin with one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple
from xml.parsers import expat

_BLOCK = 1 << 16
_DEPTH = 256
_BETWEEN = "}"
"""Stands between namespace and name, as expat gives them."""


class Declared(Exception):  # noqa: N818 -- told as a caveat
    """The document declares a type of its own."""


class Event(NamedTuple):
    """The start of an element, its end, or characters."""

    kind: str
    """``start``, ``end`` or ``text``."""
    name: str
    """Local name of the element, without its namespace; the characters of a text."""
    attributes: Mapping[str, str]
    """By local name."""


_NONE: Mapping[str, str] = {}


def events(stream: BinaryIO) -> Iterator[Event]:
    """Yield the events of a document as it is read.

    Raises Declared, ``expat.ExpatError`` where it is not well formed, RecursionError where elements lie too deep.
    """
    parser = expat.ParserCreate(namespace_separator=_BETWEEN)
    parser.buffer_text = True
    found: list[Event] = []
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEPTH:
            raise RecursionError
        found.append(Event("start", local(name), {local(key): value for key, value in attributes.items()}))

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        found.append(Event("end", local(name), _NONE))

    def declared(*_: Any) -> None:
        raise Declared

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = lambda text: found.append(Event("text", text, _NONE))
    parser.StartDoctypeDeclHandler = declared
    while block := stream.read(_BLOCK):
        parser.Parse(block, False)
        yield from found
        found.clear()
    parser.Parse(b"", True)
    yield from found


def local(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition(_BETWEEN)[2]
