"""Which findings a receiver has been told of, and the one message to it that may be under way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, QuerySet

from waybill.control import storage_faults
from waybill.findings import models
from waybill.findings.queries import StoredFinding, get
from waybill.findings.states import FindingState
from waybill.model.errors import UsageError
from waybill.model.words import Severity
from waybill.outbox.adding import Record, add

MOST = 1_000
"""Findings that one message tells of; the rest goes into the next."""

FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=10), timedelta(hours=1)
"""How long to wait after the first failure; twice as long after each further one, up to the longest."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message that is to be sent."""

    number: int
    findings: tuple[str, ...]
    made_at: datetime
    attempts: int


def under_way(receiver: str) -> Message | None:
    """Return the message to a receiver that has not got there yet."""
    with storage_faults():
        row = models.Alert.objects.filter(receiver=receiver, sent_at__isnull=True).first()
    return None if row is None else Message(row.pk, tuple(row.findings.split(";")), row.made_at, row.attempts)


def last_sent(receiver: str) -> datetime | None:
    """Return when a receiver last took a message."""
    with storage_faults():
        rows = models.Alert.objects.filter(receiver=receiver).exclude(findings="")
        latest: datetime | None = rows.aggregate(latest=Max("sent_at"))["latest"]
    return latest


def waiting() -> int:
    """Return how many messages have not got there yet."""
    with storage_faults():
        return models.Alert.objects.filter(sent_at__isnull=True).count()


def has_news(receiver: str, severity: Severity, pause: float, now: datetime) -> bool:
    """Return whether there is something to tell a receiver, and the last message is long enough ago."""
    with storage_faults():
        last = models.Alert.objects.filter(receiver=receiver).order_by("id").last()
        if last is None:
            return True  # its beginning is to be marked
        if last.sent_at is None:
            return last.next_at <= now
        if last.findings and now - last.sent_at < timedelta(seconds=pause):
            return False
        return _news(last.until, severity).exists()


def gather(receiver: str, severity: Severity, now: datetime) -> Message | None:
    """Make a message of what was found since the last one. A receiver who is new is told of what comes from now on."""
    with storage_faults(), transaction.atomic():
        last = models.Alert.objects.filter(receiver=receiver).order_by("id").last()
        if last is None:
            models.Alert.objects.create(receiver=receiver, until=now, made_at=now, next_at=now, sent_at=now)
            return None
        rows = list(_news(last.until, severity).order_by("first_seen", "id").values_list("id", "first_seen")[:MOST])
        if not rows:
            return None
        if len(rows) == MOST:  # findings of one commit share their time, and are not to be torn apart
            edge = rows[-1][1]
            rows = [row for row in rows if row[1] < edge] or list(
                _news(last.until, severity).filter(first_seen=edge).values_list("id", "first_seen")
            )
        ids = tuple(id for id, _ in rows)
        row = models.Alert.objects.create(
            receiver=receiver, findings=";".join(ids), until=max(at for _, at in rows), made_at=now, next_at=now
        )
    return Message(row.pk, ids, now, 0)


def told_of(message: Message) -> list[StoredFinding]:
    """Return the findings of a message as they stand now; those that were erased or settled meanwhile are left out."""
    found = []
    for id in message.findings:
        try:
            item = get(id)
        except UsageError:
            continue
        if item.state is FindingState.NEW:
            found.append(item)
    return found


def sent(message: Message, now: datetime, record: Record | None) -> None:
    """Note that a message got there (or that nothing was left to tell: no record), and forget older ones."""
    with storage_faults(), transaction.atomic():
        row = models.Alert.objects.get(pk=message.number)
        row.sent_at = now
        row.save(update_fields=["sent_at"])
        models.Alert.objects.filter(receiver=row.receiver, pk__lt=row.pk).delete()
        if record is not None:
            add(record)


def failed(message: Message, now: datetime) -> datetime:
    """Note that a message did not get there; returns when it is tried again."""
    again = now + pause_after(message.attempts)
    with storage_faults():
        models.Alert.objects.filter(pk=message.number).update(attempts=message.attempts + 1, next_at=again)
    return again


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many failures and one more."""
    return min(LONGEST_RETRY, FIRST_RETRY * (1 << min(attempts, 16)))


def _news(after: datetime, severity: Severity) -> QuerySet[models.Finding]:
    return models.Finding.objects.filter(
        first_seen__gt=after, severity__gte=severity.number, state=FindingState.NEW.value
    )
