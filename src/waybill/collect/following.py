"""Reads files in parts, as they grow: together the parts give what one reading of the whole file would have given.

A ``Place`` says up to where a file was read and how to go on there. The caller keeps it, with what ``Occurrences``
has seen, once the batches before it are durable. Reading again from an older place gives the same records with the
same ids, which the lake then knows; so a crash between the two does no harm.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from types import TracebackType
from typing import ClassVar, Generic, Self, TypeVar

from waybill.collect.collector import Names, batches_of, recognise_content
from waybill.collect.contents import PRINT_BYTES, Contents
from waybill.collect.evtx import is_evtx
from waybill.collect.framing import Content, chunks
from waybill.collect.inspecting import Inspector, Provider
from waybill.collect.mapping import AT_HAND
from waybill.collect.occurrences import Earlier, Occurrences
from waybill.collect.parts import Place, Reading, blocks_of, content_mark, part_bytes, step_of
from waybill.collect.plan import MEBIBYTE, Batch, Plan
from waybill.collect.pool import Pool
from waybill.collect.records import Unread
from waybill.collect.sniff import Recognised
from waybill.collect.steps import File, Step, unrecognised

DOCUMENTS = ("json", "evtx", *AT_HAND)
"""Formats that are read whole."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What a reading left unread: the end of a file that may still be written."""

    bytes: int
    """How much of its content; all of it where the file is not recognised yet, or is a document."""
    looks_whole: bool
    """Whether it ends as a record or a document ends, so that it need not be waited for long."""


Made = TypeVar("Made")
"""What is made of the parts of a file."""


class Following(ABC, Generic[Made]):
    """Reads files in parts; ``_made`` says what becomes of a part. Not for several threads at once."""

    passes_ends: ClassVar[bool] = False
    """Whether what ends a file unfinished is passed as well, so that no byte is handed out twice."""
    looks_inside: ClassVar[bool] = False
    """Whether messages and archives of them are read."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._names = Names(plan)
        self._mappings = {mapping.name: mapping for mapping in reversed(plan.mappings)}

    @abstractmethod
    def _made(self, steps: Iterable[Step]) -> Iterator[Made]:
        """Yield what is made of some steps."""

    def occurrences(self, earlier: Earlier) -> Occurrences:
        """Return the numbering of a file's equal records, going on with what ``earlier`` gives."""
        return Occurrences(self.plan.id_key, earlier)

    def shown(self, name: str) -> str:
        """Return the name of a file as it may be shown."""
        return self._names.file(name).name

    def unreadable(self, name: str, reason: str) -> Iterator[Made]:
        """Yield what tells why a file was not read."""
        unread = Unread(0, b"", reason, "a readable file", "Check its rights and its disk.")
        return self._made([Step(self._names.file(name), unread=unread)])

    def continues(self, contents: Contents, place: Place) -> bool:
        """Return whether the content is what was read up to ``place``, and maybe more; leaves off there.

        It is not where the mapping that read it is no longer there.
        """
        contents.read(min(PRINT_BYTES, place.offset))
        if place.mapping not in self._mappings or self.mark(contents.first) != place.first:
            return False
        contents.skip(place.offset)
        return contents.offset == place.offset and self.mark(contents.last) == place.last

    def mark(self, content: bytes) -> bytes:
        """Return the keyed hash by which content is known again."""
        return content_mark(content, self.plan)

    def read(
        self, contents: Contents, name: str, place: Place | None, occurrences: Occurrences, *, ended: bool
    ) -> Iterator[Made | Place | Unfinished]:
        """Yield what is made from ``place`` on; after that of each part the place to keep, at the end what is left.

        ``contents`` must stand at the place. ``ended``: the file is not being written any more, so the rest is read
        too; the place stays before it, since it may go on after all. Packed data themselves say where they end.
        """
        file = self._names.file(name, occurrences, contents.folder)
        if place is None:
            yield from self._begin(contents, file, ended=ended)
        else:
            recognised = Recognised(self._mappings[place.mapping], place.format)
            yield from self._go_on(Reading.at(place, contents, file, recognised), ended=ended)

    def _begin(self, contents: Contents, file: File, *, ended: bool) -> Iterator[Made | Place | Unfinished]:
        """Read a file from its beginning, once it is known what it is; a document only when it is whole."""
        size = part_bytes(self.plan)
        head = contents.read(size)
        whole = len(head) < size
        ended = ended or _is_complete(contents, whole=whole)
        cut = len(head) if ended or not whole else head.rfind(b"\n") + 1
        content = Content(blocks_of(head[:cut]))
        recognised = recognise_content(content, self.plan, at_hand=self.looks_inside) if cut else None
        if recognised is None or recognised.format in DOCUMENTS:
            if not ended:
                yield _unfinished(head)
            else:
                yield from self._whole(head, contents, file)
            return
        reading = Reading.begun(contents, file, recognised, content.encoding, head)
        yield from self._go_on(reading, ended=ended)

    def _whole(self, head: bytes, contents: Contents, file: File) -> Iterator[Made]:
        """Read a file that goes on behind ``head`` in one piece."""
        rest = iter(lambda: contents.read(MEBIBYTE), b"")
        content = Content(chain(blocks_of(head), rest))
        recognised = recognise_content(content, self.plan, at_hand=self.looks_inside)
        steps: Iterable[Step] = ()
        if recognised is not None:
            parts = chunks(content, recognised, self.plan.limits)
            steps = (step_of(file, recognised, part) for part in parts)
        elif content.head:
            steps = [Step(file, unread=unrecognised(self.plan))]
        yield from self._made(steps)
        yield from self._failure(file, contents)

    def _failure(self, file: File, contents: Contents) -> Iterator[Made]:
        failure = contents.failure
        if failure is not None:
            unread = Unread(0, b"", failure.what, failure.expected or "a whole file", failure.advice)
            yield from self._made([Step(file, unread=unread)])

    def _go_on(self, reading: Reading, *, ended: bool) -> Iterator[Made | Place | Unfinished]:
        while reading.fill():
            yield from self._made(reading.steps())
            yield reading.place()
        if ended or _is_complete(reading.contents, whole=True):
            yield from self._made(reading.last_steps())
            if self.passes_ends:
                reading.pass_end()
                yield reading.place()
            yield from self._failure(reading.file, reading.contents)
        elif reading.raw or reading.contents.failure is not None:
            yield _unfinished(reading.raw)


class Follower(Following[Batch]):
    """Reads files into batches of transfers, with workers that stay up; a context manager."""

    looks_inside = True

    def __init__(self, plan: Plan, workers: int, known: Provider | None = None) -> None:
        """``known``: what content at hand is compared with."""
        super().__init__(plan)
        self._pool = Pool(plan, workers)
        self._inspector = Inspector(plan, workers, known)

    def __enter__(self) -> Self:
        self._pool.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._inspector.__exit__(kind, error, at)
        self._pool.__exit__(kind, error, at)

    def _made(self, steps: Iterable[Step]) -> Iterator[Batch]:
        return batches_of(self._inspector.steps(steps), self.plan, self._pool)


def _is_complete(contents: Contents, *, whole: bool) -> bool:
    """Return whether nothing can follow what was read: packed data say where they end."""
    return whole and contents.packed and contents.failure is None


def _unfinished(rest: bytes) -> Unfinished:
    end = rest[-4:].rstrip(b"\0").rstrip()  # the line end of UTF-16 holds a NUL
    return Unfinished(len(rest), rest.endswith((b"\n", b"\n\0")) or end.endswith((b"}", b"]")) or is_evtx(rest))
