"""Messages of playbooks that are on their way: kept when a playbook says so, sent later, as often as it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from waybill.control import storage_faults
from waybill.findings.alerting import pause_after
from waybill.outbox.adding import Record, add
from waybill.respond import models

AGAIN = timedelta(hours=1)
"""Within that time a receiver is told the same once, whatever runs say it and whatever crashes in between."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to a receiver."""

    number: int
    receiver: str
    message: str
    made_at: datetime
    attempts: int
    sent_at: datetime | None
    """None while it was not taken."""


def keep(receiver: str, message: str, now: datetime) -> None:
    """Keep a message to be sent, unless the receiver has just been told the same."""
    with storage_faults(), transaction.atomic():
        same = models.Notice.objects.filter(receiver=receiver, message=message)
        if not same.filter(made_at__gt=now - AGAIN).exists():
            models.Notice.objects.create(receiver=receiver, message=message, made_at=now, next_at=now)


def is_kept(receiver: str, message: str) -> bool:
    """Return whether a message is on its way, or was taken."""
    with storage_faults():
        return models.Notice.objects.filter(receiver=receiver, message=message).exists()


def due(now: datetime) -> list[Notice]:
    """Return the messages to be sent now, the oldest first."""
    with storage_faults():
        rows = models.Notice.objects.filter(sent_at__isnull=True, next_at__lte=now)
        return [_notice(row) for row in rows.order_by("pk")]


def every() -> Sequence[Notice]:
    """Return all messages, the newest first."""
    with storage_faults():
        return [_notice(row) for row in models.Notice.objects.order_by("-pk")]


def sent(notice: Notice, now: datetime, record: Record) -> None:
    """Note that a message was taken, with its record for the ledger."""
    with storage_faults(), transaction.atomic():
        models.Notice.objects.filter(pk=notice.number).update(sent_at=now, attempts=notice.attempts + 1)
        add(record)


def failed(notice: Notice, now: datetime) -> None:
    """Note that a message was not taken; it is tried again, each time after a longer pause."""
    again = now + pause_after(notice.attempts)
    with storage_faults():
        models.Notice.objects.filter(pk=notice.number).update(attempts=notice.attempts + 1, next_at=again)


def _notice(row: models.Notice) -> Notice:
    return Notice(row.pk, row.receiver, row.message, row.made_at, row.attempts, row.sent_at)
