"""When a period of law ends: in hours to the moment, in days at the end of the last one where the law holds.

Hours pass the same whether clocks are put forward or back. A period in days or months leaves out the day on which it
begins and ends with the last hour of its last day (Civil Code of China, articles 201 to 203; Regulation (EEC) 1182/71,
article 3). That a last day which is a holiday may be put off is left out: the earlier reading is the safe one.
"""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from waybill.rulebook.instruments import Unit

if TYPE_CHECKING:
    from holidays import HolidayBase

_LAST_SECOND = time(23, 59, 59)


def end_of(start: datetime, length: int, unit: Unit, zone: str, country: str = "") -> datetime:
    """Return when a period that begins at ``start`` ends, in UTC.

    ``country`` (ISO 3166-1) says whose public holidays are no working days, and which weekends are worked there.
    """
    if unit is Unit.AT_ONCE:
        return start.astimezone(UTC)
    if unit is Unit.HOURS:
        return start.astimezone(UTC) + timedelta(hours=length)
    place = ZoneInfo(zone)
    day = start.astimezone(place).date()
    match unit:
        case Unit.DAYS:
            last = day + timedelta(days=length)
        case Unit.MONTHS:
            last = months_later(day, length)
        case _:
            last = _working_days(day, length, country)
    return datetime.combine(last, _LAST_SECOND, place).astimezone(UTC)


def months_later(day: date, length: int) -> date:
    """Return the same day of a later month, or its last if it has no such day."""
    years, month = divmod(day.month - 1 + length, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _working_days(day: date, length: int, country: str) -> date:
    holidays = _holidays(country)
    while length:
        day += timedelta(days=1)
        length -= holidays.is_working_day(day) if holidays is not None else day.weekday() < calendar.SATURDAY
    return day


@lru_cache
def _holidays(country: str) -> HolidayBase | None:
    if not country:
        return None
    from holidays import country_holidays

    return country_holidays(country)
