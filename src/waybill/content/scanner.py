"""The scanner: candidates from one pass over the runs and from fixed letters, scored by what stands around them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from waybill.content.anchored import FORMS, Anchors, judge
from waybill.content.catalogue import DataType, types
from waybill.content.checking import rule_number
from waybill.content.hits import Evidence, Hits
from waybill.content.keywords import said, words
from waybill.content.literals import finder
from waybill.content.matching import match
from waybill.content.patterns import shapes, tables
from waybill.content.runs import Bytes, Places, find_runs
from waybill.content.weighing import settle, weigh
from waybill.content.widths import TELLING, views
from waybill.model.errors import UsageError

LEAST = 0.5
"""How sure a hit must be to be told of, if nobody says otherwise."""

_ROOM = 1 << 12
"""Candidates that there is room for at first."""


class Scanner:
    """Looks for some types; ``bare``: also as they are written only under a heading that names them.

    Made once, asked often, by one thread at a time.
    """

    def __init__(self, wanted: Sequence[DataType], *, bare: bool = False) -> None:
        self.types = tuple(one.id for one in wanted)
        given = [
            (shape, kind, rule_number(one.check), score)
            for kind, one in enumerate(wanted)
            for text, score in one.shapes
            if score or bare
            for shape in shapes(text)
        ]
        self._tables = tables([(shape, check) for shape, _, check, _ in given])
        anchored = [(literal, kind, one) for kind, one in enumerate(wanted) for literal in sorted(_literals(one))]
        self._finder = finder([literal.encode() for literal in (*(one for one, _, _ in anchored), *TELLING)])
        self._anchors = _anchors([(literal, one) for literal, _, one in anchored])
        self._words = words([one.keywords for one in wanted])
        self._near = np.array([one.near for one in wanted], np.float32)
        self._kind_of_shape = np.array([kind for _, kind, _, _ in given], np.int32)
        self._score_of_shape = np.array([score for *_, score in given], np.float32)
        checked = [Evidence.SHAPE | (Evidence.CHECK if check else 0) for _, _, check, _ in given]
        self._evidence_of_shape = np.array(checked, np.uint8)
        self._kind_of_anchor = np.array([kind for _, kind, _ in anchored], np.int32)
        self._score_of_anchor = np.array([one.alone for _, _, one in anchored], np.float32)

    def scan(self, data: bytes, *, header: str = "", least: float = LEAST, apart: bool = False) -> Hits:
        """Return what is found; ``header`` is the heading or key that the whole data stand under.

        ``apart``: what stands around a value says nothing of it, and values may overlap, as in the cells of a column.
        """
        events = self._finder.find(data)
        is_telling = events[:, 0] >= len(self._anchors.form)
        hits = self._look(data, events[~is_telling], header, least, apart)
        if not is_telling.any():
            return hits
        found = [hits]
        for view in views(data, np.unique(events[is_telling, 1])):
            again = self._look(view.text, self._finder.find(view.text), header, least, apart)
            found.append(_placed(again, view.places))
        return _joined(found, apart)

    def _look(self, data: bytes, events: Places, header: str, least: float, apart: bool) -> Hits:
        """Return what is found at runs and at literals."""
        view = np.frombuffer(data, np.uint8)
        shaped, anchored = self._shaped(view), self._anchored(view, events)
        candidates = np.concatenate([shaped, anchored])
        kind = np.concatenate([self._kind_of_shape[shaped[:, 0]], self._kind_of_anchor[anchored[:, 0]]])
        score = np.concatenate([self._score_of_shape[shaped[:, 0]], self._score_of_anchor[anchored[:, 0]]])
        by_letters = np.full(len(anchored), Evidence.LITERAL, np.uint8)
        evidence = np.concatenate([self._evidence_of_shape[shaped[:, 0]], by_letters])
        candidates[:, 0] = kind
        if header:
            under = said(header, self._words)[kind]
            score[under] = np.maximum(score[under], self._near[kind[under]])
            evidence[under] |= np.uint8(Evidence.HEADER)
        order = np.argsort(candidates[:, 1], kind="stable")
        candidates, score, evidence = candidates[order], score[order], evidence[order]
        if apart:
            kept = score >= least
        else:
            weigh(view, candidates, score, evidence, self._near, self._words)
            kept = settle(candidates, score, float(np.float32(least)))
        kind, start, end = candidates[kept].T
        return Hits(self.types, kind, start, end, score[kept], evidence[kept])

    def _shaped(self, view: Bytes) -> Places:
        """Return the candidates that runs begin."""
        found, room = [], np.empty((_ROOM, 3), np.int64)
        for runs in find_runs(view):
            while (count := match(view, runs, self._tables, room)) > len(room):
                room = np.empty((count, 3), np.int64)
            found.append(room[:count].copy())
        return np.concatenate(found) if found else np.empty((0, 3), np.int64)

    def _anchored(self, view: Bytes, events: Places) -> Places:
        """Return the candidates that stand at literals."""
        found = np.empty((len(events), 3), np.int64)
        return found[: judge(view, events, self._anchors, found)]


def _placed(hits: Hits, places: npt.NDArray[np.int64]) -> Hits:
    """Return the hits of a view where they come from: those that only the view shows."""
    start, end = places[hits.start], places[hits.end]
    hidden = end - start > hits.end - hits.start
    evidence = hits.evidence | np.uint8(Evidence.FULL_WIDTH)
    return Hits(hits.types, hits.kind, start, end, hits.score, evidence).chosen(hidden)


def _joined(found: Sequence[Hits], apart: bool) -> Hits:
    """Return hits of several looks as those of one."""
    first = found[0]
    kind, start, end = (np.concatenate([getattr(one, name) for one in found]) for name in ("kind", "start", "end"))
    score, evidence = (np.concatenate([getattr(one, name) for one in found]) for name in ("score", "evidence"))
    order = np.argsort(start, kind="stable")
    joined = Hits(first.types, kind[order], start[order], end[order], score[order], evidence[order])
    if apart:
        return joined
    rows = np.stack([joined.kind, joined.start, joined.end], axis=1)
    return joined.chosen(settle(rows, joined.score, 0.0))


def _anchors(given: Sequence[tuple[str, DataType]]) -> Anchors:
    """Return the arrays of literals."""
    tails = [shapes(one.tail)[0].groups[0] if one.tail else None for _, one in given]
    members = np.zeros((len(given), 256), np.bool_)
    for n, tail in enumerate(tails):
        if tail:
            members[n, [ord(letter) for letter in tail.classes[0]]] = True
    return Anchors(
        form=np.array([FORMS.index(one.form) for _, one in given], np.int32),
        size=np.array([len(literal.encode()) for literal, _ in given], np.int32),
        least=np.array([tail.least if tail else 0 for tail in tails], np.int32),
        most=np.array([tail.most if tail else 0 for tail in tails], np.int32),
        members=members,
    )


def _literals(one: DataType) -> set[str]:
    """Return the literals of a type; its keywords are those of a labelled one, in the ways that words are written."""
    labels = one.keywords if one.form == "labelled" else ()
    return {*one.literals, *(way for word in labels for way in (word, word.upper(), word.title(), word.capitalize()))}


@cache
def scanner_for(wanted: frozenset[str] | None = None, *, bare: bool = False) -> Scanner:
    """Return the scanner of some types, by default of all (see ``Scanner``). Raises UsageError."""
    known = types()
    for one in wanted or ():
        if one not in known:
            raise UsageError("there is no such data type", where=one, advice="docs/reference/data-types.md lists them")
    return Scanner([one for one in known.values() if wanted is None or one.id in wanted], bare=bare)


def scan(data: bytes, *, header: str = "", only: Iterable[str] | None = None, least: float = LEAST) -> Hits:
    """Return what is found in bytes: by default every type, where it is at least half sure.

    ``header`` is the heading of the column or the key that all the data stand under. Raises UsageError.
    """
    return scanner_for(None if only is None else frozenset(only)).scan(data, header=header, least=least)
