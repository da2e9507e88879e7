"""One look at a file, a table or a message: kinds of data, persons, a grade, what is known of it, what was unread.

Pieces are looked at as they come, so that nothing needs to be held whole; what was seen of values is kept as hashes
under a key of that look alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from waybill.content.canaries import Sighting, Watch
from waybill.content.columns import scan_table
from waybill.content.documents import Comparison, Match, Registered, Resemblance
from waybill.content.exact import Opened, RecordMatch, RecordSearch
from waybill.content.grading import grade
from waybill.content.hits import Hits
from waybill.content.names import Finder, names_in
from waybill.content.parsing import Caveat, End, Piece, Segment, Table
from waybill.content.scanner import scan
from waybill.content.tally import Summary, Tally
from waybill.model.findings import Text
from waybill.model.words import Grade

_ALONE = 0.75
"""How sure a value must be in a column that is nothing in particular: free text, or numbers of no known kind."""

_MOST_CAVEATS = 100
"""Caveats that are kept of one file; archives may have one for each member."""


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. Holds no value and no text of what was inspected."""

    format: str
    size: int
    """Bytes of the file; 0 for a table of a database."""
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
    tally, caveats, search = Tally(names_sought=bool(names)), list[Caveat](), RecordSearch(tables)
    comparison = Comparison(registered) if registered else None
    end = End("none", 0)
    for piece in pieces:
        if isinstance(piece, End):
            end = piece
            continue
        if comparison:
            comparison.add(piece)
        if watch:
            watch.add(piece)
        search.add(piece)
        if isinstance(piece, Segment):
            _add(piece.data, scan(piece.data), tally, names)
        elif isinstance(piece, Table):
            _count(piece, tally, names)
        elif isinstance(piece, Caveat):
            caveats.append(piece)
    records = search.matches()
    tally.share = records[0].share if records else None
    told = _told(end, tally.summary(), caveats, comparison.matches() if comparison else [])
    sightings = tuple(watch.sightings()) if watch else ()
    alike = tuple(comparison.resemblances()) if comparison else ()
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
        _add(data, hits, tally, names)


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
