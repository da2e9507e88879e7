"""Reads planned transfers from a file: TOML or JSON with facts by name, or CSV with a column for each fact."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec

from waybill.model.errors import InputError, UsageError
from waybill.rulebook.facts import Value, read_facts

MOST_BYTES = 64 << 20
"""Larger files are no plans."""


_Row = tuple[dict[str, Any], str, str]
"""What a file says of one transfer, where it stands, and its number."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A transfer that somebody plans."""

    name: str
    facts: dict[str, Value]
    day: date | None = None
    """When it is to happen; None: the day of asking."""


def read_usual(file: Path | None) -> dict[str, Value]:
    """Return the facts that a file says hold for all transfers; none without one. Raises as ``read_planned`` does."""
    return dict(read_planned(file)[0].facts) if file else {}


def read_planned(file: Path, usual: Mapping[str, Value] | None = None) -> list[Planned]:
    """Return the transfers of a file, by its ending: ``.toml``, ``.json`` or ``.csv``.

    A TOML or JSON file holds the facts of one, or ``transfers``, a list of them. ``name`` and ``day`` may stand
    beside the facts. ``usual`` are facts that hold where a transfer does not say otherwise. Raises InputError for a
    file that cannot be read, UsageError for a fact that cannot be.
    """
    reader = {".toml": _from_toml, ".json": _from_json, ".csv": _from_csv}.get(file.suffix.lower())
    if reader is None:
        raise UsageError("this file is none of the kinds that are read", where=str(file), expected=".toml, .json, .csv")
    try:
        if file.stat().st_size > MOST_BYTES:
            raise InputError(f"the file is larger than {MOST_BYTES:,} bytes", where=str(file))
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the file cannot be read: {error}", where=str(file)) from None
    try:
        found = [_planned(usual or {}, *row) for row in reader(text, str(file))]
    except (tomllib.TOMLDecodeError, msgspec.DecodeError, csv.Error) as error:
        raise InputError(f"the file is not {file.suffix[1:].upper()}: {error}", where=str(file)) from None
    if not found:
        raise InputError("the file holds no transfer", where=str(file))
    return found


def _from_toml(text: str, file: str) -> Iterator[_Row]:
    return _from_content(tomllib.loads(text), file)


def _from_json(text: str, file: str) -> Iterator[_Row]:
    return _from_content(msgspec.json.decode(text), file)


def _from_csv(text: str, file: str) -> Iterator[_Row]:
    rows = csv.DictReader(io.StringIO(text), strict=True)
    for row in rows:
        where = f"{file}:{rows.line_num}"
        if None in row:
            raise InputError("the row has more cells than the header", where=where)
        yield {name.strip(): cell for name, cell in row.items() if cell}, where, str(rows.line_num - 1)


def _from_content(content: Any, file: str) -> Iterator[_Row]:
    several = content.get("transfers") if isinstance(content, dict) else content
    if several is None:
        several = [content]
    if not isinstance(several, list):
        raise InputError("`transfers` is not a list", where=file, expected="a list of tables of facts")
    for number, one in enumerate(several, 1):
        where = f"{file}: transfer {number}"
        if not isinstance(one, dict):
            raise InputError("a transfer is not a table of facts", where=where)
        yield one, where, str(number)


def _planned(usual: Mapping[str, Value], content: dict[str, Any], where: str, number: str) -> Planned:
    given = {**usual, **content}
    name, day = str(given.pop("name", number)), given.pop("day", None)
    return Planned(name, read_facts(given, where), _day(day, where))


def _day(given: object, where: str) -> date | None:
    if given is None or given == "":
        return None
    if isinstance(given, datetime) or not isinstance(given, (date, str)):
        raise UsageError(f"{given!r} is no day", where=f"{where}: day", expected="a day such as 2026-11-11")
    try:
        day = given if isinstance(given, date) else date.fromisoformat(given)
    except ValueError:
        raise UsageError(f"{given!r} is no day", where=f"{where}: day", expected="a day such as 2026-11-11") from None
    if not 1990 <= day.year <= 2100:
        raise UsageError(f"{day} is out of range", where=f"{where}: day", expected="from 1990 to 2100")
    return day
