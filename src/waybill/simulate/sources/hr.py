"""Feed of the personnel system, a CSV file: who joins, moves to other work, gives notice, leaves."""

from __future__ import annotations

from datetime import date
from typing import Literal

from waybill.simulate.sources.log import Layout
from waybill.simulate.sources.values import csv_line

HEADER = ("date", "employee", "event", "organisation", "unit", "role", "until")

LAYOUT = Layout("{owner}/hr/people-{month}.csv", lambda _first: f"{csv_line(HEADER)}\n".encode())


def row(
    day: date,
    *,
    employee: str,
    event: Literal["joined", "moved", "notice", "left"],
    organisation: str,
    unit: str,
    role: str,
    until: date | None = None,
) -> bytes:
    """Write what happens to somebody on ``day``; ``until`` is the last day of work, where it is known."""
    return csv_line((day, employee, event, organisation, unit, role, until or "")).encode()
