"""Reads files in parts to be passed on as they are: whole records of one source, without those that are protected.

No byte is handed out twice: where the end of a file is handed out unfinished, the place goes past it.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from waybill.collect.following import DOCUMENTS, Following
from waybill.collect.mapping import Mapping
from waybill.collect.plan import Plan
from waybill.collect.records import Chunk, Unread
from waybill.collect.sifting import Sieve
from waybill.collect.sniff import text_encoding
from waybill.collect.steps import Step

PIECE_BYTES = 1 << 20
"""Content of one piece; a record that is larger is a piece by itself."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Records that can be read by themselves."""

    mapping: str
    """Name of the mapping that reads them."""
    lines: bool
    """Whether it is NDJSON."""
    content: bytes


@dataclass(frozen=True, slots=True)
class Omitted:
    """What cannot be passed on: a record, or a file as a whole."""

    file: str
    """As it may be shown."""
    position: int
    """0 for the whole file."""
    reason: str
    advice: str


class PassingOn(Following[Piece | Omitted]):
    """Reads files into pieces."""

    passes_ends = True

    def __init__(self, plan: Plan, *, guarded: bool) -> None:
        """``guarded``: whether there are protected channels; looking for them costs time."""
        super().__init__(replace(plan, limits=replace(plan.limits, chunk_bytes=PIECE_BYTES)))
        self._sieve = Sieve(plan.channels, plan.limits)
        self._guarded = guarded

    def _made(self, steps: Iterable[Step]) -> Iterator[Piece | Omitted]:
        for step in steps:
            if step.chunk is not None and step.recognised is not None:
                content, unread = self._content(step.chunk, step.recognised.mapping)
                yield from _pieces(content, step.chunk, step.recognised.mapping)
                yield from self._omitted(step, unread)
            elif step.unread is not None and step.unread.raw and step.recognised is not None:
                if not self.plan.channels.protects_bytes(step.unread.raw):  # the service keeps it in quarantine
                    yield Piece(step.recognised.mapping.name, False, step.unread.raw)
            elif step.unread is not None:
                yield from self._omitted(step, [step.unread])

    def _omitted(self, step: Step, unread: Iterable[Unread]) -> Iterator[Omitted]:
        for one in unread:
            if not self.plan.channels.protects_bytes(one.raw):
                yield Omitted(step.file.name, one.position, one.reason, one.advice)

    def _content(self, chunk: Chunk, mapping: Mapping) -> tuple[bytes, list[Unread]]:
        """Return what of a chunk is passed on, and what of it is no record."""
        if chunk.format in DOCUMENTS:
            return self._sieve.records(chunk, mapping)
        return self._sieve.kept(chunk, mapping) if self._guarded else chunk.data, []


def _pieces(content: bytes, chunk: Chunk, mapping: Mapping) -> Iterator[Piece]:
    """Yield content in pieces that can be read by themselves: behind header lines, and a mark of another encoding."""
    lines = chunk.format in {"ndjson", *DOCUMENTS}
    marked = not lines and chunk.encoding != text_encoding(mapping, marked=False)
    head = (codecs.BOM_UTF8 if marked else b"") + chunk.preamble
    for part in _divided(content) if lines else [content]:
        if part.strip():
            yield Piece(mapping.name, lines, head + part)


def _divided(content: bytes) -> Iterator[bytes]:
    """Yield lines, many at a time."""
    start = 0
    while start < len(content):
        end = len(content)
        if end - start > PIECE_BYTES:
            end = content.rfind(b"\n", start, start + PIECE_BYTES) + 1 or content.find(b"\n", start) + 1 or end
        yield content[start:end]
        start = end
