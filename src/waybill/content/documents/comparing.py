"""Says which registered documents are in a file, how much of each, and in which passages."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

import msgspec
import numpy as np
import numpy.typing as npt

from waybill.content.documents import geometry
from waybill.content.documents.index import Index
from waybill.content.documents.keyed import keyed
from waybill.content.documents.library import Document, Library
from waybill.content.documents.winnowing import GRAM, WINDOW, Bytes, Hashes, Places, fingerprints, normalised
from waybill.content.parsing.looks import distance
from waybill.content.parsing.pieces import Content, Picture, Place, Segment, Table

_GAP = 3 * WINDOW
"""Bytes between two shared fingerprints that belong to one passage: some are lost where a copy was edited."""

_LEAST_IN_PASSAGE = 8
"""Shared fingerprints that make a passage; fewer are a common phrase."""

_LEAST_LETTERS = 6
"""Different bytes that a run must have."""

_LEAST_ENTITIES = 20
_LEAST_SHARE = 0.1
"""Of a drawing: shared entities, and their share of the document."""

_MOST_DIFFERING = 16
"""Bits of 128 in which pictures that look alike may differ."""

_LARGEST_DRAWING = 64 << 20


class Passage(msgspec.Struct, frozen=True):
    """Where in the file text of a document stands: bytes ``start`` to ``end`` of the piece of text at ``place``."""

    place: Place
    start: int
    end: int


class Match(msgspec.Struct, frozen=True):
    """A document that is in a file, wholly or in part."""

    document: Document
    share: float
    """Of the document's own fingerprints, how many are in the file; 0 to 1."""
    passages: tuple[Passage, ...]
    """In the order of the file; a drawing, whose entities have no order, is one passage."""

    @property
    def size(self) -> int:
        """How many bytes of the file the passages are."""
        return sum(passage.end - passage.start for passage in self.passages)


class Resemblance(msgspec.Struct, frozen=True):
    """A picture that looks like a registered one: a hint, for somebody to look at both."""

    document: Document
    place: Place
    differing: int
    """Bits of 128 in which their looks differ."""


class Registered:
    """The library as it stands at one moment, ready to be compared with; shared by any number of comparisons."""

    def __init__(self, library: Library) -> None:
        stored = list(library.stored())
        self.secret = library.secret
        self.text = Index(entry for entry in stored if not len(entry.geometry))
        self.geometry = Index((entry for entry in stored if not len(entry.text)), geometry=True)
        self.pictures = [entry.document for entry in stored if entry.document.look and not entry.document.template]
        self.masked = library.masked


class Comparison:
    """Compares one file with all registered documents, piece by piece as it is read."""

    def __init__(self, registered: Registered) -> None:
        self._registered = registered
        self._found: dict[int, tuple[list[Hashes], list[Passage]]] = {}
        self._drawing: list[bytes] = []
        self._drawn: Place | None = None
        self._drawings: list[Match] = []
        self._alike: dict[str, Resemblance] = {}

    def add(self, piece: Content) -> None:
        """Take a piece of the file."""
        if isinstance(piece, Segment):
            self._continue(piece)
        elif isinstance(piece, Table):
            self._compare(piece.text().encode(), piece.place)
        elif isinstance(piece, Picture):
            self._look(piece)

    def matches(self) -> list[Match]:
        """Return what was found so far, the largest share first."""
        self._finish_drawing()
        index = self._registered.text
        found = [
            Match(
                index.documents[number],
                len(np.unique(np.concatenate(values))) / int(index.rare[number]),
                tuple(passages),
            )
            for number, (values, passages) in self._found.items()
        ]
        return sorted([*found, *self._drawings], key=lambda match: (-match.share, match.document.id))

    def resemblances(self) -> list[Resemblance]:
        """Return which registered pictures something looks like, the likest first; each is told once."""
        return sorted(self._alike.values(), key=lambda one: (one.differing, one.document.id))

    def _look(self, picture: Picture) -> None:
        seen = self._registered.masked(picture.look)
        for document in self._registered.pictures:
            differing = distance(seen, document.look)
            best = self._alike.get(document.id)
            if differing <= _MOST_DIFFERING and (best is None or differing < best.differing):
                self._alike[document.id] = Resemblance(document, picture.place, differing)

    def _continue(self, piece: Segment) -> None:
        """Gather a drawing, which is compared as a whole; compare anything else at once."""
        if piece.place.offset == 0:
            self._finish_drawing()
            self._drawn = piece.place if geometry.is_drawing(piece.data) else None
        if (
            self._drawn
            and self._drawn.members == piece.place.members
            and sum(map(len, self._drawing)) < _LARGEST_DRAWING
        ):
            self._drawing.append(piece.data)
        else:
            self._compare(piece.data, piece.place)

    def _compare(self, data: bytes, place: Place) -> None:
        text, origins = normalised(data)
        prints = fingerprints(text)
        values = keyed(prints.values, self._registered.secret)
        at, owners = self._registered.text.find(values)
        telling = _telling(text, prints.places[at])
        at, owners = at[telling], owners[telling]
        order = np.lexsort((at, owners))
        for number, group in groupby(order.tolist(), key=lambda entry: int(owners[entry])):
            entries = at[list(group)]
            for run in _runs(prints.places[entries]):
                shared = entries[run]
                start, end = int(prints.places[shared[0]]), int(prints.places[shared[-1]]) + GRAM
                hashes, passages = self._found.setdefault(number, ([], []))
                hashes.append(values[shared])
                passages.append(Passage(place, _origin(start, origins), _origin(end - 1, origins) + 1))

    def _finish_drawing(self) -> None:
        if not self._drawing or self._drawn is None:
            return
        whole = b"".join(self._drawing)
        passage = Passage(self._drawn, 0, len(whole))
        entities = keyed(geometry.fingerprints(whole), self._registered.secret)
        self._drawing.clear()
        index = self._registered.geometry
        _, owners = index.find(entities)
        for number, count in enumerate(np.bincount(owners, minlength=len(index.documents)).tolist()):
            share = count / max(1, int(index.rare[number]))
            if count >= _LEAST_ENTITIES and share >= _LEAST_SHARE:
                self._drawings.append(Match(index.documents[number], share, (passage,)))


def _telling(text: Bytes, places: Places) -> npt.NDArray[np.bool_]:
    """Return which runs say something: a rule of equals signs, or zeros, stand in any file."""
    runs = np.sort(text[places[:, None] + np.arange(GRAM)], axis=1)
    return np.asarray((np.diff(runs, axis=1) != 0).sum(axis=1) >= _LEAST_LETTERS)


def _runs(places: Places) -> Iterable[npt.NDArray[np.int64]]:
    """Return which of sorted places lie near to each other, where enough of them do."""
    breaks = np.flatnonzero(np.diff(places) > _GAP) + 1
    return [run for run in np.split(np.arange(len(places)), breaks) if len(run) >= _LEAST_IN_PASSAGE]


def _origin(place: int, origins: Places | None) -> int:
    return place if origins is None else int(origins[place])
