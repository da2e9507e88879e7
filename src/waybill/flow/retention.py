"""How long transfers are kept."""

from __future__ import annotations

from datetime import UTC, datetime

from waybill.flow.settings import Settings
from waybill.model.errors import UsageError


def edge(settings: Settings, before: datetime | None, *, now: datetime | None = None) -> datetime:
    """Return the moment before which transfers go: the day asked for, else what ``retention_months`` says.

    Raises UsageError if neither is given, or the day lies in the future.
    """
    now = now or datetime.now(UTC)
    if before is not None:
        day = before.replace(tzinfo=UTC)
        if day > now:
            raise UsageError("this day is in the future: everything would go", where=f"{day:%Y-%m-%d}")
        return day
    if settings.retention_months is None:
        raise UsageError(
            "nothing says how long transfers are kept",
            advice="name a day, or set `retention_months` in waybill.toml",
        )
    months = now.year * 12 + now.month - 1 - settings.retention_months
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)
