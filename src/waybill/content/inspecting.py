"""One look at a file, a table or a message: kinds of data, persons, a grade, what is known of it, what was unread.

Pieces are looked at as they come, so that nothing needs to be held whole; what was seen of values is kept as hashes
under a key of that look alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
import numpy as np

from waybill.content.canaries import Sighting, Watch
from waybill.content.columns import scan_table
from waybill.content.documents import Comparison, Match, Registered, Resemblance
from waybill.content.exact import Opened, RecordMatch, RecordSearch
from waybill.content.grading import grade
from waybill.content.hits import Evidence, Hits
from waybill.content.names import Finder, names_in
from waybill.content.parsing import Caveat, End, Piece, Segment, Table
from waybill.content.scanner import scan
from waybill.content.tally import Summary, Tally
from waybill.model.findings import Text
from waybill.model.words import Grade

_ALONE = 0.75
"""How sure a value must be in a column that is nothing in particular: free text, or numbers of no known kind."""

_CHANCE = 0.2
"""Share of numbers that keep some check digit by chance, at most: each rule is kept by one in ten or so."""

_MOST_CAVEATS = 100
"""Caveats that are kept of one file; archives may have one for each member."""


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. Holds no value and no text of what was inspected."""

    format: str
    size: int
    """Bytes of the file; 0 for a table of a database."""
    digest: str = ""
    """SHA-256 of the file, in hex; empty where there is none, or it was not computed."""
    values: dict[str, int]
    """How many values of each data type."""
    distinct: dict[str, int]
    """How many different ones."""
    persons: int
    """At least so many persons."""
    grade: Grade
    """Suggested; a person confirms it."""
    reason: Text
    rule: str = ""
    """Id of the grading rule that it rests on."""
    matches: tuple[Match, ...] = ()
    """Registered documents that are in it."""
    resemblances: tuple[Resemblance, ...] = ()
    """Registered pictures that pictures in it look like: hints, which no grade rests on."""
    records: tuple[RecordMatch, ...] = ()
    """Registered tables of which it holds records."""
    sightings: tuple[Sighting, ...] = ()
    """Deliveries whose marks or decoys are in it."""
    caveats: tuple[Caveat, ...] = ()
    names_sought: bool = False
    """Whether names, addresses and organisations were looked for by a language model too."""

    @property
    def partial(self) -> bool:
        """Whether something was left unread."""
        return any(caveat.reason.partial for caveat in self.caveats)


def inspect(
    pieces: Iterable[Piece],
    registered: Registered | None = None,
    watch: Watch | None = None,
    tables: Sequence[Opened] = (),
    names: Sequence[Finder] = (),
) -> Inspection:
    """Look at what reading a file yields; ``watch`` knows the marks of what was handed out, and is of this file.

    ``names``: what finds names that only a sentence gives away; without, they are not sought.
    """
    look = Look(registered, watch, tables, names)
    for piece in pieces:
        look.add(piece)
    return look.told()


class Look:
    """A look at one thing, piece by piece as it is read; see ``inspect``."""

    def __init__(
        self,
        registered: Registered | None = None,
        watch: Watch | None = None,
        tables: Sequence[Opened] = (),
        names: Sequence[Finder] = (),
    ) -> None:
        self._tally = Tally(names_sought=bool(names))
        self._comparison = Comparison(registered) if registered else None
        self._watch = watch
        self._search = RecordSearch(tables)
        self._names = names
        self._caveats: list[Caveat] = []
        self._end = End("none", 0)

    def add(self, piece: Piece) -> None:
        """Take a piece."""
        if isinstance(piece, End):
            self._end = piece
            return
        if self._comparison:
            self._comparison.add(piece)
        if self._watch:
            self._watch.add(piece)
        self._search.add(piece)
        if isinstance(piece, Segment):
            _add(piece.data, scan(piece.data), self._tally, self._names)
        elif isinstance(piece, Table):
            _count(piece, self._tally, self._names)
        elif isinstance(piece, Caveat):
            self._caveats.append(piece)

    def told(self) -> Inspection:
        """Return what was found."""
        records = self._search.matches()
        self._tally.share = records[0].share if records else None
        matches = self._comparison.matches() if self._comparison else []
        told = _told(self._end, self._tally.summary(), self._caveats, matches)
        sightings = tuple(self._watch.sightings()) if self._watch else ()
        alike = tuple(self._comparison.resemblances()) if self._comparison else ()
        return msgspec.structs.replace(told, records=tuple(records), sightings=sightings, resemblances=alike)


def _add(data: bytes, hits: Hits, tally: Tally, names: Sequence[Finder]) -> None:
    """Count what the scanner tells, and what else is a name."""
    tally.add(data, hits)
    if names:
        tally.add(data, names_in(data, names, hits))


def _count(table: Table, tally: Tally, names: Sequence[Finder]) -> None:
    """Count what the columns of a table hold: as a whole column says, and else only what is sure by itself."""
    columns = dict(named(table.header))
    decided = scan_table({name: table.columns[number] for name, number in columns.items()})
    for name, number in columns.items():
        kind = decided[name].type
        data = "\n".join(table.columns[number]).encode()
        header = table.header[number]
        hits = scan(data, header=header, only=[kind]) if kind else scan(data, header=header, least=_ALONE)
        _add(data, hits if kind else _beyond_chance(hits, table.columns[number]), tally, names)


def _beyond_chance(hits: Hits, cells: Sequence[str]) -> Hits:
    """Return hits of a column of no known kind; among numbers, a few keep any check digit by chance and are none."""
    given = [cell for cell in cells if cell]
    if 2 * sum(cell.isdecimal() for cell in given) < len(given):
        return hits
    few = np.bincount(hits.kind, minlength=len(hits.types)) < _CHANCE * len(given)
    by_number = (hits.evidence & ~np.uint8(Evidence.SHAPE | Evidence.CHECK)) == 0
    return hits.chosen(~(by_number & few[hits.kind]))


def named(header: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Yield each column with a name of its own: two may be called the same, or nothing."""
    seen: set[str] = set()
    for number, name in enumerate(header):
        own = name if name and name not in seen else f"{name} {number + 1}"
        seen.add(own)
        yield own, number


def _told(end: End, summary: Summary, caveats: list[Caveat], matches: list[Match]) -> Inspection:
    suggested = grade(summary)
    return Inspection(
        format=end.format,
        size=end.size,
        digest=end.digest,
        values=dict(summary.values),
        distinct=dict(summary.distinct),
        persons=summary.persons,
        grade=suggested.grade,
        reason=Text(suggested.reason["en"], suggested.reason["zh"]),
        rule=suggested.rule.id if suggested.rule else "",
        matches=tuple(matches),
        caveats=tuple(caveats[:_MOST_CAVEATS]),
        names_sought=summary.names_sought,
    )
