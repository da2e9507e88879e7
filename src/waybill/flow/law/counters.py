"""Counts of persons whose data were exported: entered from files, told with their distance to the next threshold."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from waybill.flow.installation import Installation
from waybill.flow.law.assessments import rulebook_of
from waybill.model.errors import InputError, UsageError
from waybill.model.register import RegisterSnapshot
from waybill.rulebook.counting import CATEGORIES, Count, Split, counts, since_january, split_over_affiliates
from waybill.rulebook.deciding import Regime
from waybill.rulebook.facts import vocabulary

if TYPE_CHECKING:
    from waybill.register.counters import Exported

COLUMNS = ("day", "exporter", "recipient", "category", "basis", "person")
MOST_NAME = 200


def add_exports(installation: Installation, file: Path) -> int:
    """Count the persons of a file, a row each; returns how many are new. All rows are entered, or none.

    Raises InputError or UsageError naming file, line and column.
    """
    from waybill.flow.law.alarms import tell_alarms
    from waybill.register import counters

    grouped: dict[tuple[date, str, str, str, bool], set[str]] = defaultdict(set)
    for key, person in _rows(file):
        grouped[key].add(person)
    exports: list[Exported] = [counters.Exported(*key, frozenset(persons)) for key, persons in grouped.items()]
    fresh = counters.add(exports, installation.folder.key("pseudonym"))
    tell_alarms(installation)
    return fresh


def standing(installation: Installation, day: date) -> list[Count]:
    """Return how every count stands on a day, by the rules of that day."""
    from waybill.register import counters

    return counts(counters.entries(), _regimes(installation, day), day)


def standing_and_splits(installation: Installation, day: date) -> tuple[list[Count], list[Split]]:
    """Return how every count stands, and where exporters of one organisation reach a threshold that none does alone."""
    from waybill.register import counters

    entries, regimes = counters.entries(), _regimes(installation, day)
    groups = _affiliates(installation.register(), {one.exporter for one in entries})
    return counts(entries, regimes, day), split_over_affiliates(entries, groups, regimes, day)


def together(installation: Installation, exporters: list[str], day: date) -> dict[str, int]:
    """Return, by category, the distinct persons of several exporters since 1 January: those of affiliates, say."""
    from waybill.register import counters

    found = counters.entries()
    categories = sorted({one.category for one in found if one.exporter in exporters})
    return {category: len(since_january(found, exporters, category, day)) for category in categories}


def _regimes(installation: Installation, day: date) -> dict[str, Regime]:
    """Return the rules of a day that counts are held against."""
    book = rulebook_of(installation)
    return {kind.regime: book.regime(kind.regime, day, day) for kind in CATEGORIES.values()}


def _affiliates(register: RegisterSnapshot, exporters: Iterable[str]) -> list[list[str]]:
    """Return the exporters that belong to one organisation at the top of the register, where there are several."""
    groups: dict[str, list[str]] = {}
    for exporter in sorted(exporters):
        groups.setdefault(_top(register, exporter), []).append(exporter)
    return [group for group in groups.values() if len(group) > 1]


def _top(register: RegisterSnapshot, party: str) -> str:
    seen: list[str] = []
    while party not in seen:
        seen.append(party)
        found = register.party(party)
        party = found.org if found is not None and found.org else party
    return party


def _rows(file: Path) -> Iterator[tuple[tuple[date, str, str, str, bool], str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines, strict=True)
            missing = set(COLUMNS) - set(rows.fieldnames or ())
            if missing:
                raise InputError(
                    f"the header lacks {', '.join(sorted(missing))}", where=f"{file}:1", expected=",".join(COLUMNS)
                )
            for row in rows:
                yield _row(row, f"{file}:{rows.line_num}")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"the file cannot be read: {error}", where=str(file)) from None


def _row(row: dict[str, str | None], where: str) -> tuple[tuple[date, str, str, str, bool], str]:
    cells = {name: (row[name] or "").strip() for name in COLUMNS}
    for name in ("exporter", "recipient", "person"):
        if not cells[name] or len(cells[name]) > MOST_NAME:
            raise UsageError(f"{name} is empty or too long", where=f"{where}: {name}", expected="1 to 200 characters")
    if cells["category"] not in CATEGORIES:
        raise UsageError(
            f"{cells['category']!r} is not counted", where=f"{where}: category", expected=", ".join(CATEGORIES)
        )
    grounds = vocabulary()["exempt_basis"].choices
    if (cells["basis"] or "none") not in grounds:
        raise UsageError(f"{cells['basis']!r} is no ground", where=f"{where}: basis", expected=", ".join(grounds))
    try:
        day = date.fromisoformat(cells["day"])
    except ValueError:
        raise UsageError(
            f"{cells['day']!r} is no day", where=f"{where}: day", expected="a day such as 2026-11-11"
        ) from None
    exempt = cells["basis"] not in {"", "none"}
    return (day, cells["exporter"], cells["recipient"], cells["category"], exempt), cells["person"]
