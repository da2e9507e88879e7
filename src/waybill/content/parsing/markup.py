"""HTML and XML as text; what they declare is not believed, and what they refer to is not fetched."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from types import TracebackType
from typing import IO, BinaryIO, Self, cast
from xml.parsers import expat

from waybill.content.parsing.decoding import decoded, encoding_of, segments
from waybill.content.parsing.pieces import Caveat, Content, Reason
from waybill.content.parsing.reading import Source, Task
from waybill.content.parsing.text import blocks, plain
from waybill.content.parsing.xml_events import Declared, Event, events

_SILENT = frozenset({"style"})
_INLINE = frozenset({"a", "abbr", "b", "bdi", "code", "em", "font", "i", "mark", "s", "small", "span", "strong", "sub"})
_TOLD = ("alt", "content", "href", "placeholder", "src", "title", "value")
"""Attributes that hold what people read, or where things lead."""


class Caught:
    """Ends the reading of a part of XML that is damaged, or that declares entities, and keeps the reason."""

    def __init__(self) -> None:
        self.reason: Reason | None = None
        self.detail = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> bool:
        if isinstance(error, Declared):
            self.reason, self.detail = Reason.BOMB, "it declares entities, which are not expanded"
        elif isinstance(error, expat.ExpatError | RecursionError):
            self.reason, self.detail = Reason.DAMAGED, type(error).__name__
        return self.reason is not None


class _Blocks:
    """Blocks that come one after another, as a stream to be read forward."""

    def __init__(self, source: Iterator[bytes]) -> None:
        self._source = source

    def read(self, _size: int) -> bytes:
        """Return the next block."""
        return next(self._source, b"")


def member_events(stream: IO[bytes], info: zipfile.ZipInfo, task: Task) -> Iterator[Event]:
    """Yield the events of a member of a zip file, whose real bytes are counted."""
    return events(cast(BinaryIO, _Blocks(task.counted(cast(BinaryIO, stream), info.compress_size))))


def xml(source: Source, task: Task) -> Iterator[Content]:
    """Yield the text and the attributes of a document of XML; one that declares entities is read as plain text."""

    def texts() -> Iterator[str]:
        for kind, name, attributes in events(source.opened()):
            if kind == "text" and name.strip():
                yield name + "\n"
            elif kind == "start" and attributes:
                yield "".join(f"{key}={value}\n" for key, value in attributes.items())

    with Caught() as caught:
        yield from segments(texts(), task.place)
    if caught.reason is Reason.BOMB:
        yield Caveat(task.place, Reason.DECLARATION)
    elif caught.reason:
        yield Caveat(task.place, Reason.DAMAGED, "not well-formed XML; read as plain text")
    if caught.reason:
        yield from plain(source, task)


def html(source: Source, task: Task) -> Iterator[Content]:
    """Yield what a page says, where it links to, and its scripts, in which people leave keys."""

    def texts() -> Iterator[str]:
        parser = _Text()
        for text, _ in decoded(blocks(source.opened()), encoding_of(source.head)):
            for begin in range(0, len(text), 65_536):
                parser.feed(text[begin : begin + 65_536])
                yield parser.taken()
        parser.close()
        yield parser.taken()

    yield from segments(texts(), task.place)


class _Text(HTMLParser):
    """Keeps text and scripts, and attributes that people see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._kept: list[str] = []
        self._silent = 0

    def taken(self) -> str:
        """Return what was kept since the last time."""
        text = "".join(self._kept)
        self._kept.clear()
        return text

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line before anything but inline elements."""
        if tag in _SILENT:
            self._silent += 1
        self._kept.extend(f" {value} " for name, value in attrs if value and name in _TOLD)
        if tag == "td":
            self._kept.append("\t")
        elif tag not in _INLINE:
            self._kept.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End what is not shown."""
        if tag in _SILENT and self._silent:
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        """Keep text that is shown, and scripts."""
        if not self._silent:
            self._kept.append(data)

    def handle_comment(self, data: str) -> None:
        """Keep comments: people leave secrets in them."""
        self._kept.append(f"\n{data}\n")
