"""Which days people in China work in 2025: weekends, public holidays, and the days worked to make up for them.

Source: General Office of the State Council, notice on public holidays in 2025 (国办发明电〔2024〕12号).
"""

from __future__ import annotations

from datetime import date, timedelta


def days(first: date, last: date) -> list[date]:
    """Return all days from ``first`` to ``last``, both included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


HOLIDAYS = frozenset(
    day
    for first, last in (
        (date(2025, 1, 1), date(2025, 1, 1)),  # New Year
        (date(2025, 1, 28), date(2025, 2, 4)),  # Spring Festival
        (date(2025, 4, 4), date(2025, 4, 6)),  # Qingming
        (date(2025, 5, 1), date(2025, 5, 5)),  # Labour Day
        (date(2025, 5, 31), date(2025, 6, 2)),  # Dragon Boat
        (date(2025, 10, 1), date(2025, 10, 8)),  # National Day and Mid-Autumn
    )
    for day in days(first, last)
)
"""Days off beside or on weekends."""

MADE_UP = frozenset(
    {
        date(2025, 1, 26),
        date(2025, 2, 8),
        date(2025, 4, 27),
        date(2025, 9, 28),
        date(2025, 10, 11),
    }
)
"""Days of weekends that are worked."""


def is_working_day(day: date) -> bool:
    """Return whether offices are open."""
    return day in MADE_UP or (day.weekday() < 5 and day not in HOLIDAYS)
