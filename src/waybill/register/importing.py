"""Reads the register from CSV files, without Django: each bad line is named, the good ones go on.

A folder holds any of ``places.csv``, ``assets.csv``, ``parties.csv`` and ``permits.csv``. Nothing of a folder with
a mistake is taken unless asked for: half a register would either raise false findings or hide true ones.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from waybill.model.errors import InputError
from waybill.model.register import RegisterSnapshot
from waybill.register.fields import CellError, Kind, Record, parse

MAX_FILE_BYTES = 256 * 1024 * 1024
"""Largest file that is read."""

_SHOWN = 20


class Problem(msgspec.Struct, frozen=True):
    """One mistake in a file of the register. It names the place and what was expected, never the value."""

    file: str
    line: int
    """From 1, the header being line 1; 0 for the file as a whole."""
    column: str
    what: str
    expected: str

    def __str__(self) -> str:
        where = ", ".join(
            part
            for part in (self.file, f"line {self.line}" * bool(self.line), f"column {self.column}" * bool(self.column))
            if part
        )
        return f"{where}: {self.what} Expected: {self.expected}."


class RegisterError(InputError):
    """The register's files hold mistakes, listed in ``problems``; nothing was taken."""

    def __init__(self, problems: Sequence[Problem], where: str) -> None:
        listed = [str(problem) for problem in problems[:_SHOWN]]
        if len(problems) > _SHOWN:
            listed.append(f"and {len(problems) - _SHOWN} more")
        super().__init__(
            f"The register has {len(problems)} mistake{'s' * (len(problems) != 1)}; nothing was taken.",
            where=where,
            expected="\n            ".join(listed),
            advice="Correct these lines, or ask for a partial import to take the others.",
        )
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Reading:
    """What was read: the good records, the mistakes, and the file and line of each record."""

    records: dict[Kind, list[Record]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    lines: dict[tuple[Kind, str], tuple[str, int]] = field(default_factory=dict)

    def snapshot(self) -> RegisterSnapshot:
        """Return the records as detectors read them."""
        fields: dict[str, Any] = {str(kind): tuple(records) for kind, records in self.records.items()}
        return RegisterSnapshot(**fields)


def read_csv(kind: Kind, path: Path) -> tuple[list[Record], list[Problem]]:
    """Return the good records of one file, in order, and the mistakes. Raises InputError if it cannot be opened."""
    reading = read_files({kind: path})
    return reading.records[kind], reading.problems


def read_files(paths: dict[Kind, Path]) -> Reading:
    """Read these files; references between them are not looked at, see ``references``."""
    reading = Reading()
    for kind, path in paths.items():
        reading.records[kind] = []
        for line, found in _lines(kind, path):
            if isinstance(found, Problem):
                reading.problems.append(found)
            elif (kind, found.id) in reading.lines:
                first = reading.lines[kind, found.id][1]
                reading.problems.append(
                    Problem(path.name, line, "id", f"The id was already used in line {first}.", "each id once")
                )
            else:
                reading.records[kind].append(found)
                reading.lines[kind, found.id] = (path.name, line)
    return reading


def read_folder(folder: Path) -> Reading:
    """Read the register's files in ``folder``. Raises InputError if it has none of them."""
    paths = {kind: path for kind in Kind if (path := folder / f"{kind}.csv").exists()}
    if not paths:
        raise InputError(
            "The folder holds no file of the register.",
            where=str(folder),
            expected="one or more of " + ", ".join(f"{kind}.csv" for kind in Kind),
        )
    return read_files(paths)


def read_register(folder: Path, *, partial: bool = False) -> RegisterSnapshot:
    """Return the register in ``folder`` with identities still in the clear: pseudonymise it before keeping it.

    Raises RegisterError for mistakes, in lines or in references, unless ``partial`` leaves those records out.
    """
    from waybill.register.references import without_broken

    reading = without_broken(read_folder(folder))
    if reading.problems and not partial:
        raise RegisterError(reading.problems, str(folder))
    return reading.snapshot()


def _lines(kind: Kind, path: Path) -> Iterator[tuple[int, Record | Problem]]:
    text = _text(path)
    if isinstance(text, Problem):
        yield 0, text
        return
    # Strict: else a quote that is never closed would silently swallow the rest of the file.
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] | None = None
    while True:
        line = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            break
        except csv.Error as fault:
            yield line, Problem(path.name, line, "", f"The line is not CSV: {fault}.", "cells separated by commas")
            continue
        if not any(cell.strip() for cell in row):
            continue
        if header is None:
            header = [name.strip() for name in row]
            if problem := _check_header(kind, path.name, line, header):
                yield line, problem
                return
        else:
            yield line, _record(kind, path.name, line, header, row)
    if header is None:
        yield 0, Problem(path.name, 0, "", "The file is empty.", "a header: " + ",".join(kind.columns))


def _text(path: Path) -> str | Problem:
    """Return the file's text: UTF-8 with or without mark, else GB 18030, as spreadsheets in China write it."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as fault:
        raise InputError(
            f"The file cannot be read: {fault.strerror}.", where=str(path), advice="Check its name and permissions."
        ) from fault
    if len(data) > MAX_FILE_BYTES:
        return Problem(path.name, 0, "", "The file is too large.", f"at most {MAX_FILE_BYTES} bytes")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return Problem(path.name, 0, "", "The file is UTF-16.", "UTF-8 or GB 18030; save it as CSV UTF-8")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return Problem(path.name, 0, "", "The characters cannot be read.", "UTF-8 or GB 18030")


def _check_header(kind: Kind, file: str, line: int, header: list[str]) -> Problem | None:
    """An unknown column may be a misspelt limit; leaving it out would widen a permit, so the file is refused."""
    expected = "columns among " + ", ".join(kind.columns)
    for name in header:
        if name not in kind.columns:
            shown = name if name.isascii() and name.isidentifier() else ""
            return Problem(file, line, shown, "The column is not known.", expected)
        if header.count(name) > 1:
            return Problem(file, line, name, "The column appears twice.", "each column once")
    for name in sorted(kind.required - set(header)):
        return Problem(file, line, name, "The column is missing.", expected)
    return None


def _record(kind: Kind, file: str, line: int, header: list[str], row: list[str]) -> Record | Problem:
    if len(row) != len(header):
        return Problem(file, line, "", f"The line has {len(row)} cells.", f"{len(header)} cells, as in the header")
    try:
        return parse(kind, dict(zip(header, row, strict=True)))
    except CellError as wrong:
        return Problem(file, line, wrong.column, wrong.what, wrong.expected)
