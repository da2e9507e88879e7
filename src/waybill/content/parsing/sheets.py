"""Spreadsheets as tables: only cells that are there are read, whatever size a sheet claims to have."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import BinaryIO

from waybill.content.parsing.markup import Caught, member_events
from waybill.content.parsing.pieces import Caveat, Content, Reason
from waybill.content.parsing.plan import Refused
from waybill.content.parsing.reading import Task
from waybill.content.parsing.tables import tables
from waybill.content.parsing.xml_events import Event

_SHEET = re.compile(r"xl/worksheets/\w+\.xml$")
_COLUMN = re.compile(r"[A-Z]{1,3}")
_REPEATS = 64
"""How often a cell or row that is said to be repeated is taken, at most."""


def spreadsheet(archive: zipfile.ZipFile, task: Task) -> Iterator[Content]:
    """Yield the sheets of SpreadsheetML (ISO/IEC 29500-1, 18), and its comments."""
    shared = _shared_strings(archive, task)
    names = _sheet_names(archive, task)
    for info in archive.infolist():
        if _SHEET.search(info.filename):
            part = names.get(info.filename, PurePosixPath(info.filename).stem)
            yield from _sheet(archive, info, task, part, shared)
        elif re.search(r"xl/(threadedComments|comments)", info.filename):
            yield from _sheet(archive, info, task, "comments", shared, comments=True)


def _sheet(
    archive: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    task: Task,
    part: str,
    shared: Sequence[str],
    *,
    comments: bool = False,
) -> Iterator[Content]:
    place = task.place.at(part=part)
    with Caught() as caught, archive.open(info) as stream:
        reader = member_events(stream, info, task)
        rows = ([event.name] for event in reader if event.kind == "text") if comments else _rows(reader, shared)
        yield from tables(rows, place, ("comment",) if comments else None)
    if caught.reason:
        yield Caveat(place, caught.reason, caught.detail)


def _rows(reader: Iterator[Event], shared: Sequence[str]) -> Iterator[list[str]]:
    """Yield rows; columns that no row has a cell in do not exist, so that a cell far out costs one column."""
    places: dict[int, int] = {}  # column of the sheet: column of the table
    row: dict[int, str] = {}
    column, kind, value = -1, "", ""
    for event in reader:
        if event.kind == "text":
            value += event.name
        elif event.kind == "start":
            if event.name == "row":
                row, column = {}, -1
            elif event.name == "c":
                column = _column(event.attributes.get("r", ""), column + 1)
                kind, value = event.attributes.get("t", "n"), ""
            elif event.name in ("f", "v", "is"):
                value = ""
        elif event.name == "f":
            value = ""  # the formula; what it amounts to follows
        elif event.name in ("v", "is"):
            row[places.setdefault(column, len(places))] = _value(value, kind, shared)
        elif event.name == "row" and row:
            yield [row.get(place, "") for place in range(max(row) + 1)]


def _column(reference: str, following: int) -> int:
    """Return the column that a reference such as ``AB12`` names, from 0."""
    letters = _COLUMN.match(reference)
    if letters is None:
        return following
    number = 0
    for letter in letters[0]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _value(text: str, kind: str, shared: Sequence[str]) -> str:
    if kind == "s":
        return shared[int(text)] if text.isdecimal() and int(text) < len(shared) else ""
    return plain_number(text) if kind == "n" else text


def plain_number(text: str) -> str:
    """Return a number without an exponent where it is whole: long numbers are kept as 6.2E+17."""
    if "E" in text or "e" in text:
        try:
            number = float(text)
        except ValueError:
            return text
        return f"{number:.0f}" if number.is_integer() and abs(number) < 1e22 else text
    return text


def _shared_strings(archive: zipfile.ZipFile, task: Task) -> list[str]:
    info = archive.NameToInfo.get("xl/sharedStrings.xml")
    strings: list[str] = []
    if info is None:
        return strings
    with Caught() as caught, archive.open(info) as stream:
        parts: list[str] = []
        size = 0
        for event in member_events(stream, info, task):
            if event.kind == "text":
                parts.append(event.name)
            elif event.kind == "end" and event.name == "si":
                strings.append("".join(parts))
                size += len(strings[-1])
                task.budget.check_text(size)
                parts.clear()
    if caught.reason:
        raise Refused(caught.reason, caught.detail)
    return strings


def _sheet_names(archive: zipfile.ZipFile, task: Task) -> dict[str, str]:
    """Return the names that people gave to the sheets, by member."""
    names, targets = {}, {}
    for member in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
        info = archive.NameToInfo.get(member)
        if info is None:
            continue
        with Caught(), archive.open(info) as stream:
            for event in member_events(stream, info, task):
                if event.kind != "start":
                    continue
                if event.name == "sheet":
                    names[event.attributes.get("id", "")] = event.attributes.get("name", "")
                elif event.name == "Relationship":
                    targets[event.attributes.get("Id", "")] = event.attributes.get("Target", "")
    return {f"xl/{targets[key].removeprefix('/xl/')}": name for key, name in names.items() if key in targets}


def open_spreadsheet(archive: zipfile.ZipFile, task: Task) -> Iterator[Content]:
    """Yield the tables of an OpenDocument spreadsheet; a repeated cell counts a few times at most."""
    info = archive.getinfo("content.xml")
    with Caught() as caught, archive.open(info) as stream:
        reader = member_events(stream, info, task)
        for event in reader:
            if event.kind == "start" and event.name == "table":
                place = task.place.at(part=event.attributes.get("name", ""))
                yield from tables(_open_rows(reader), place)
    if caught.reason:
        yield Caveat(task.place, caught.reason, caught.detail)


def _open_rows(reader: Iterator[Event]) -> Iterator[list[str]]:
    row: list[str] = []
    value, cells, rows = "", 1, 1
    for kind, name, attributes in reader:
        if kind == "text":
            value += name
        elif kind == "start" and name == "table-row":
            row, rows = [], _repeats(attributes.get("number-rows-repeated", ""))
        elif kind == "start" and name == "table-cell":
            value, cells = "", _repeats(attributes.get("number-columns-repeated", ""))
        elif kind == "end" and name == "table-cell":
            row += [value] * cells
        elif kind == "end" and name == "table-row" and any(row):
            yield from [row] * rows
        elif kind == "end" and name == "table":
            return


def _repeats(said: str) -> int:
    return min(int(said), _REPEATS) if said.isdecimal() else 1


def by_calamine(stream: BinaryIO, task: Task) -> Iterator[Content]:
    """Yield the sheets of an old or binary workbook (xls, xlsb)."""
    from python_calamine import CalamineWorkbook, PasswordError

    stream.seek(0)
    try:
        book = CalamineWorkbook.from_filelike(stream)
    except PasswordError as error:
        raise Refused(Reason.ENCRYPTED) from error
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).iter_rows()
        yield from tables(([_cell(cell) for cell in row] for row in rows), task.place.at(part=name))


def _cell(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() else repr(cell)
    return cell.isoformat() if isinstance(cell, date | datetime) else str(cell)
