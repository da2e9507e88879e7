"""Putting records into the outbox, inside the transaction that stores what they are about."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from django.db import connection

from waybill.ledger.canonical import canonical
from waybill.outbox import models
from waybill.outbox.kinds import Kind
from waybill.outbox.subjects import person

_CHUNK = 500

Groups = Mapping[str, object]
"""Fields by group (``what``, ``who``, ``when``, ``evidence``, ``decision``); any group can be shown alone."""


@dataclass(frozen=True, slots=True)
class Record:
    """Something that is recorded: about what (``reference``), about whom (``subject``), and what is said."""

    kind: Kind
    reference: str
    groups: Groups
    subject: str = ""


def add(record: Record) -> str:
    """Put a record into the outbox, and return the name it has there. It is stored if the transaction around this is.

    Raises RuntimeError outside a transaction: a record must neither outlive nor miss what it is about.
    """
    (name,) = add_all([record])
    return name


def add_all(records: Iterable[Record]) -> list[str]:
    """Put many records into the outbox, like ``add``."""
    if not connection.in_atomic_block:
        raise RuntimeError("records are put into the outbox inside the transaction that stores what they are about")
    now = datetime.now(UTC)
    rows = models.Row.objects.bulk_create((_row(record, now) for record in records), batch_size=_CHUNK)
    return [row.record for row in rows]


def content_of(groups: Groups) -> str:
    """Return groups as they rest in a row; groups that say nothing are left out."""
    return canonical({name: msgspec.to_builtins(value) for name, value in groups.items() if value}).decode()


def _row(record: Record, now: datetime) -> models.Row:
    return models.Row(
        record=secrets.token_hex(16),
        kind=record.kind.value,
        reference=record.reference,
        subject=person(record.subject),
        content=content_of(record.groups),
        recorded_at=now,
    )
