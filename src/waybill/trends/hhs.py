"""The list of breaches of health data that the US Department of Health and Human Services publishes, as CSV.

It holds the day of submission alone, under a duty to report within sixty days: that is ``reported_at``, and of the
incident itself only the year can be said.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime

from waybill.trends.incidents import (
    NAME_LENGTH,
    UNKNOWN,
    Action,
    Actor,
    Asset,
    Data,
    Incident,
    Precision,
    RefusedError,
    intent_of,
)

COLUMNS = ("Name of Covered Entity", "State", "Individuals Affected", "Breach Submission Date", "Type of Breach")
"""Columns by which such a file is known."""

_KINDS = {
    "hacking/it incident": Action("hacking"),
    "unauthorized access/disclosure": Action("misuse"),
    "theft": Action("physical", "Theft"),
    "loss": Action("error", "Loss"),
    "improper disposal": Action("error", "Disposal error"),
    "other": Action("unknown"),
    "unknown": Action("unknown"),
}
_UNSAID = "unauthorized access/disclosure"
"""This type holds letters to the wrong address as well as curious staff: nothing is said of the intent."""

_ASSETS = {
    "paper/films": "M - Documents",
    "laptop": "U - Laptop",
    "desktop computer": "U - Desktop",
    "email": "S - Mail",
    "network server": "S - Unknown",
    "electronic medical record": "S - Database",
    "other portable electronic device": "U - Unknown",
    "other": UNKNOWN,
}


def read(row: Mapping[str, str], source: str) -> Incident:
    """Return the incident of a row. Raises RefusedError for one that cannot be taken."""
    name = (row.get("Name of Covered Entity") or "").strip()
    submitted = _day(row.get("Breach Submission Date") or "")
    said = [one.strip().casefold() for one in (row.get("Type of Breach") or "").split(",") if one.strip()]
    unknown = [one for one in said if one not in _KINDS]
    if unknown or not said:
        raise RefusedError("Type of Breach", "this type of breach is not known", ", ".join(_KINDS))
    actions = tuple(dict.fromkeys(_KINDS[one] for one in said))
    kinds = [] if _UNSAID in said else [one.kind for one in actions]
    places = [one.strip().casefold() for one in (row.get("Location of Breached Information") or "").split(",")]
    people = _people(row.get("Individuals Affected") or "")
    # The list has no ids: the same line is the same incident.
    id = hashlib.blake2b("\x1f".join(f"{row.get(one) or ''}" for one in COLUMNS).encode(), digest_size=12).hexdigest()
    return Incident(
        source=source,
        id=id,
        occurred=date(submitted.year, 1, 1),
        precision=Precision.YEAR,
        reported_at=submitted,
        coded_at=submitted,
        disclosed="Yes",
        intent=intent_of(kinds),
        victim=name[:NAME_LENGTH],
        industry="62",
        countries=("US",),
        records=people,
        actions=actions,
        actors=(Actor("unknown"),),
        data=(Data("Medical", people),),
        assets=tuple(Asset(_ASSETS[one]) for one in places if one in _ASSETS),
    )


def _day(said: str) -> date:
    for form in ("%m/%d/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(said.strip(), form).date()
        except ValueError:
            continue
    raise RefusedError("Breach Submission Date", "this day is in no calendar", "12/31/2024 or 2024-12-31")


def _people(said: str) -> int | None:
    text = said.replace(",", "").strip()
    if not text:
        return None
    if not text.isdigit() or len(text) > 12:
        raise RefusedError("Individuals Affected", "this is no number of people", "1200")
    return int(text)
