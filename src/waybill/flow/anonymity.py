"""How the persons of a table hide, of a file, an object or a table of a database; nothing of it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import msgspec
import pyarrow as pa

from waybill.content import Assessment, Roles, Suggestion, Summary, Wanted, assess, grade, roles_of, scan_table
from waybill.content.inspecting import Inspection, inspect, named
from waybill.content.parsing import Caveat, Piece, Readers, Table
from waybill.flow.discovery.targets import target
from waybill.model.errors import InputError, UsageError
from waybill.model.findings import Text
from waybill.model.words import Grade

_TOLD = 20
"""Tables that are named where one of several has to be chosen."""

_COLUMNS_ASKED = 64
"""Columns whose kinds are recognised: beyond that somebody has to name them."""


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A table, looked at for persons who can be told apart."""

    table: str
    """Which one of what was named."""
    roles: Roles
    suggested: bool
    """Whether the quasi-identifiers were suggested, not named."""
    assessment: Assessment
    grade: Grade
    """Suggested; a person confirms it."""
    reason: Text
    rule: str
    caveats: tuple[Text, ...] = ()


@dataclass(slots=True)
class _Read:
    """A table as it is read."""

    name: str
    header: tuple[str, ...]
    pieces: list[Table] = field(default_factory=list)

    def whole(self) -> pa.Table:
        """Return all of it; two columns of one name are kept apart."""
        columns = dict(named(self.header))
        return pa.table(
            {
                name: pa.chunked_array([pa.array(piece.columns[number], pa.large_string()) for piece in self.pieces])
                for name, number in columns.items()
            }
        )


def judge(
    place: str,
    readers: Readers,
    *,
    table: str = "",
    quasi_identifiers: Sequence[str] = (),
    sensitive: Sequence[str] = (),
    wanted: Wanted | None = None,
    most_left_out: float = 0.05,
) -> Judged:
    """Look at a table; columns that are not named are suggested by what they hold and are called.

    Raises InputError where there is no table, UsageError where one of several has to be named, for unknown columns,
    and where no column is recognised as a quasi-identifier.
    """
    caveats: list[Caveat] = []
    read = _read(place, readers, table, caveats)
    whole = read.whole()
    cells = {name: whole[name].slice(0, 1 << 17).to_pylist() for name in whole.column_names[:_COLUMNS_ASKED]}
    likely = roles_of(scan_table(cells).values())
    told = tuple(quasi_identifiers) or likely.quasi_identifiers
    if not told:
        raise UsageError(
            "no column is recognised as one that tells persons apart",
            where=place,
            expected=", ".join(whole.column_names),
            advice="name such columns with --quasi",
        )
    secret = tuple(sensitive) or tuple(name for name in likely.sensitive if name not in told)
    named_too = tuple(name for name in likely.identifiers if name not in (*told, *secret))
    found = assess(whole, told, secret, wanted, most_left_out=most_left_out)
    suggestion = _grade(inspect(iter(read.pieces)), found, bool(secret))
    return Judged(
        table=read.name,
        roles=Roles(named_too, told, secret),
        suggested=not quasi_identifiers,
        assessment=found,
        grade=suggestion.grade,
        reason=Text(suggestion.reason["en"], suggestion.reason["zh"]),
        rule=suggestion.rule.id if suggestion.rule else "",
        caveats=tuple(dict.fromkeys(caveat.text() for caveat in caveats)),
    )


def _grade(inspection: Inspection, found: Assessment, is_sensitive: bool) -> Suggestion:
    """Return the grade that its kinds of data suggest, and that its persons can be told apart."""
    exposed = found.at_risk if is_sensitive else 0
    summary = Summary(inspection.values, inspection.distinct, inspection.persons, False, None, found.at_risk, exposed)
    return grade(summary)


def _read(place: str, readers: Readers, table: str, caveats: list[Caveat]) -> _Read:
    """Return the only table of what is named, or the one that is asked for: a sheet, or a table of a database."""
    items = list(target(place).items)
    if chosen := [item for item in items if table in (item.name, item.name.rpartition(".")[2])]:
        items, table = chosen, ""
    if len(items) != 1:
        raise _which(place, table, [item.name for item in items])
    found = [one for one in _tables(items[0].read(readers), items[0].name, caveats) if any(one.header)]
    if not found:
        raise InputError("there is no table with a heading in it", where=place)
    fitting = [one for one in found if table in ("", one.name, one.name.rpartition(" › ")[2])]
    if len(fitting) != 1:
        raise _which(place, table, [one.name for one in found])
    return fitting[0]


def _which(place: str, table: str, there: Sequence[str]) -> UsageError:
    said = "there is no such table" if table else "it has not just one table"
    return UsageError(said, where=table or place, expected=", ".join(there[:_TOLD]), advice="name one with --table")


def _tables(pieces: Iterator[Piece], name: str, caveats: list[Caveat]) -> list[_Read]:
    """Return the tables of a file, in the order in which they begin; rows may be longer than their heading."""
    known: dict[tuple[object, ...], _Read] = {}
    for piece in pieces:
        if isinstance(piece, Caveat):
            caveats.append(piece)
        elif isinstance(piece, Table):
            header = piece.header[: max((n + 1 for n, cell in enumerate(piece.header) if cell), default=0)]
            key = (piece.place.members, piece.place.part, piece.place.page, header)
            known.setdefault(key, _Read(piece.place.text().en or name, header)).pieces.append(piece)
    return list(known.values())
