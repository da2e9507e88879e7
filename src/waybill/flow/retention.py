"""How long transfers are kept, and removing those that are older."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from functools import partial

from django.db import transaction

from waybill.control import storage_faults
from waybill.epcis import forgetting
from waybill.flow.installation import Installation
from waybill.flow.settings import Settings
from waybill.lake.reports import Retained
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


def retain(installation: Installation, before: datetime) -> Retained:
    """Remove transfers that happened before this moment, and record that it was done.

    What is removed was recorded first, and the batches of those that stay keep what their paths need.
    """
    from waybill.flow.custody.proving import record_captures
    from waybill.flow.proof.batches import keep_paths, record_batches
    from waybill.flow.proof.sequencing import PATIENCE
    from waybill.outbox.adding import Record, add
    from waybill.outbox.kinds import Kind

    with installation.ledger.lock.exclusive(PATIENCE):
        installation.lake.commit()
        record_batches(installation)
        record_captures(installation)
        done = installation.lake.retain(before, going=partial(keep_paths, installation))
        events = forgetting.retain(installation.custody_store, before)
    groups = {
        "what": {"before": before, "transfers": done.rows, "custody_events": events},
        "who": {"by": getpass.getuser()},
        "when": {"time": datetime.now(UTC)},
    }
    with storage_faults(), transaction.atomic():
        add(Record(Kind.RETENTION, "", groups))
    return done
