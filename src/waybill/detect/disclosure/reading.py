"""Reads reports and their figures from transfers, and takes over nothing that tells who wrote them.

Only named fields are looked at: a field that nobody thought of stays behind.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from waybill.model.disclosures import Disclosure, Figure, Stage

LOGSOURCE = "waybill/disclosure/"
"""Log source of transfers that are reports; mappings set it."""

COLUMNS = ("time", "id", "source", "logsource", "asset", "actor_org", "origin", "position", "fields")
"""Columns that are read."""

_FIGURES = "figures"
_LONGEST = 200
"""Letters that are kept of an event, a site, a number or a reason."""


def read(transfers: pa.Table) -> tuple[list[Disclosure], Counter[str]]:
    """Return the reports among some transfers, and how many fields or records could not be read, by what is wrong."""
    rows = transfers.filter(pc.equal(transfers["logsource"].cast(pa.string()), LOGSOURCE))
    faults: Counter[str] = Counter()
    found = [_disclosure(row, faults) for row in rows.select(list(COLUMNS)).to_pylist()]
    return [one for one in found if one is not None], faults


def _disclosure(row: dict[str, Any], faults: Counter[str]) -> Disclosure | None:
    fields: dict[str, str] = {name: value for name, value in row["fields"] or () if value}
    event = _line(fields.get("event") or row["asset"])
    stage = _line(fields.get("stage")).casefold()
    if not event or stage not in set(Stage):
        faults["reports without an event or a stage"] += 1
        return None
    return Disclosure(
        id=row["id"].hex(),
        stage=Stage(stage),
        event=event,
        organisation=_line(fields.get("organisation") or row["actor_org"]),
        made_at=row["time"],
        kind=_line(fields.get("kind")),
        day=_day(fields.get("day", ""), faults),
        site=_line(fields.get("site")),
        figures=_figures(fields, faults),
        due_at=_moment(fields.get("due_at", ""), faults),
        document=_line(fields.get("document") or fields.get("id")),
        amends=_line(fields.get("amends")),
        reason=_line(fields.get("reason")),
        basis=_line(fields.get("basis")),
        transfer=row["id"].hex(),
        source=row["source"] or "",
        file=row["origin"] or "",
        position=row["position"] or 0,
    ).without_author()


def _line(text: str | None) -> str:
    """Return a text as the register keeps it: on one line, without control characters, and not endless."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text or "").split())[:_LONGEST]


def _figures(fields: dict[str, str], faults: Counter[str]) -> tuple[Figure, ...]:
    """Return the figures: fields ``figures.NAME`` with ``units.NAME``, or one field ``figures`` as in the register."""
    found: dict[str, Figure] = {}
    texts = [part for part in fields.get(_FIGURES, "").split(";") if part.strip()]
    named = [name for name in fields if name.startswith(f"{_FIGURES}.")]
    for name in (*texts, *named):
        try:
            figure = Figure.parse(name) if name in texts else _named(name, fields)
        except ValueError:
            faults["figures that are no plain numbers"] += 1
            continue
        if found.setdefault(figure.name, figure) != figure:
            faults["figures that one report states twice"] += 1
            found[figure.name] = max(found[figure.name], figure)
    return tuple(sorted(found.values()))


def _named(field: str, fields: dict[str, str]) -> Figure:
    name = field.removeprefix(f"{_FIGURES}.")
    return Figure.of(name, fields[field], fields.get(f"units.{name}", ""))


def _day(text: str, faults: Counter[str]) -> date | None:
    """Return the day as it is written: a moment's date is that of the place where it was written."""
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        faults["days that are not written YYYY-MM-DD"] += 1
        return None


def _moment(text: str, faults: Counter[str]) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        moment = None
    if text and (moment is None or moment.tzinfo is None):
        faults["due times without a zone"] += 1
        return None
    return moment.astimezone(UTC) if moment else None
