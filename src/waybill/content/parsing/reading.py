"""Reads a source and what lies in it, whatever happens: every part ends in text or in a caveat."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from typing import BinaryIO

from waybill.content.parsing.pieces import Caveat, Content, Place, Reason
from waybill.content.parsing.plan import MEBIBYTE, Budget, Exhausted, Refused
from waybill.content.parsing.sniffing import HEAD, recognise

_BLOCK = MEBIBYTE

NOWHERE = Place()
"""The place of a file itself."""


class Source:
    """Bytes to read: a stream that can be read again from its beginning, and how many there are."""

    def __init__(self, stream: BinaryIO, size: int, *, cut: bool = False) -> None:
        self._stream = stream
        self.size = size
        self.cut = cut
        """Whether it is the beginning of something larger."""
        self.head = self.opened().read(HEAD)

    @classmethod
    def of(cls, data: bytes, *, cut: bool = False) -> Source:
        """Return bytes as a source."""
        return cls(io.BytesIO(data), len(data), cut=cut)

    def opened(self) -> BinaryIO:
        """Return the stream at its beginning."""
        self._stream.seek(0)
        return self._stream

    def whole(self, most: int) -> bytes:
        """Return everything. Raises Refused where it is more than ``most`` bytes or only a beginning."""
        if self.size > most or self.cut:
            raise Refused(Reason.SIZE, f"more than {most} bytes of a format that is read whole")
        return self.opened().read()


@dataclass(slots=True)
class Task:
    """Reading one source: where it lies and what may still be spent on it."""

    budget: Budget
    place: Place = NOWHERE
    depth: int = 0
    format: str = ""
    """What the source turned out to be."""
    second: bool = False
    """Whether the first choice of reader broke down over it before."""
    after_page: int = 0
    """Pages up to this one have been read before."""

    def member(self, name: str, source: Source) -> Iterator[Content]:
        """Yield what a member of the source holds."""
        self.budget.add_member()
        place = self.place.inside(name)
        if self.depth >= self.budget.limits.depth:
            yield Caveat(place, Reason.DEPTH)
            return
        if source.cut:
            yield Caveat(place, Reason.SIZE, "only its beginning was read")
        yield from pieces(source, replace(self, place=place, depth=self.depth + 1, second=False, after_page=0))

    def unpacked(self, stream: BinaryIO, packed: int) -> Source:
        """Return a member held in memory: real bytes are counted, and headers not believed.

        Raises Refused for a bomb, after which the rest of the archive can still be read.
        """
        data = bytearray()
        while block := stream.read(_BLOCK):
            data += block
            self.budget.add_unpacked(len(block), len(data), packed)
            if len(data) > self.budget.limits.member:
                return Source.of(bytes(data[: self.budget.limits.member]), cut=True)
        return Source.of(bytes(data))

    def counted(self, stream: BinaryIO, packed: int) -> Iterator[bytes]:
        """Yield a member in blocks, counted in the same way, for readers that need not hold it."""
        done = 0
        while block := stream.read(_BLOCK // 4):
            done += len(block)
            self.budget.add_unpacked(len(block), done, packed)
            yield block


def pieces(source: Source, task: Task) -> Iterator[Content]:
    """Yield what a source holds; raises nothing but Exhausted, when the whole file has cost enough."""
    task.format = recognise(source.head, whole=source.size <= len(source.head))
    if task.format == "empty":
        return
    try:
        yield from reader_of(task.format)(source, task)
    except Exhausted:
        raise
    except Refused as refused:
        yield Caveat(task.place, refused.reason, refused.detail)
    except MemoryError:
        yield Caveat(task.place, Reason.MEMORY)
    except Exception as error:  # noqa: BLE001 -- whatever hostile bytes make of a library, the file gets its answer
        # Only the kind of fault: its message may quote what is in the file.
        yield Caveat(task.place, Reason.DAMAGED, type(error).__name__)


Reader = Callable[[Source, Task], Iterator[Content]]
"""Yields what a source of its format holds; may raise anything."""

_READERS = {
    "bzip2": "archives:packed",
    "cfb": "compound:compound",
    "csv": "text:delimited",
    "dxf": "text:plain",
    "eml": "mail:message",
    "gzip": "archives:packed",
    "html": "markup:html",
    "json": "structured:document",
    "mbox": "mail:mailbox",
    "ndjson": "structured:lines",
    "parquet": "structured:parquet",
    "pdf": "portable:document",
    "picture": "pictures:picture",
    "seven-zip": "archives:seven_zip",
    "sqlite": "structured:database",
    "step": "text:plain",
    "tar": "archives:tar",
    "text": "text:plain",
    "unknown": "text:strings",
    "xml": "markup:xml",
    "xz": "archives:packed",
    "zip": "archives:zipped",
    "zstd": "archives:packed",
}
"""By format: the module and function that read it; loaded when first needed, so that a worker starts quickly."""


def reader_of(format_name: str) -> Reader:
    """Return the reader of a format."""
    module, _, function = _READERS[format_name].partition(":")
    reader: Reader = getattr(import_module(f"waybill.content.parsing.{module}"), function)
    return reader
