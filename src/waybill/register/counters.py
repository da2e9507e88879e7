"""Keeps who was counted for which export: persons as numbers, and of each person nothing but a keyed hash.

The control database must be open before this module is imported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from pyroaring import BitMap

from waybill.control import storage_faults
from waybill.register import models
from waybill.rulebook.counting import Entry

_MARK_BYTES = 16
_CONTEXT = b"waybill subject"
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Exported:
    """The persons of one category that an exporter gave a recipient on a day, as the exporter names them."""

    day: date
    exporter: str
    recipient: str
    category: str
    exempt: bool
    persons: frozenset[str]


def add(exports: Iterable[Exported], key: bytes) -> int:
    """Count persons, each once for its day, pair, category and ground, however often told; returns how many are new."""
    with storage_faults(), transaction.atomic():
        return sum(_add(one, key) for one in exports)


def entries() -> list[Entry]:
    """Return everything that was counted."""
    with storage_faults():
        rows = models.CountedExport.objects.order_by("day", "id")
        return [_entry(row) for row in rows]


def _add(one: Exported, key: bytes) -> int:
    numbers = _numbers(sorted({_mark(person, key) for person in one.persons}))
    row, _ = models.CountedExport.objects.select_for_update().get_or_create(
        day=one.day,
        exporter=one.exporter,
        recipient=one.recipient,
        category=one.category,
        exempt=one.exempt,
        defaults={"persons": BitMap().serialize()},
    )
    known = BitMap.deserialize(bytes(row.persons))
    together = known | numbers
    row.persons = together.serialize()
    row.save(update_fields=["persons"])
    return len(together) - len(known)


def _entry(row: models.CountedExport) -> Entry:
    persons = BitMap.deserialize(bytes(row.persons))
    return Entry(row.day, row.exporter, row.recipient, row.category, row.exempt, persons)


def _numbers(marks: Sequence[bytes]) -> BitMap:
    """Return the numbers of persons by their marks; those not seen before get one."""
    found = BitMap()
    for start in range(0, len(marks), _CHUNK):
        part = marks[start : start + _CHUNK]
        rows = (models.DataSubject(mark=mark) for mark in part)
        models.DataSubject.objects.bulk_create(rows, ignore_conflicts=True)
        found.update(models.DataSubject.objects.filter(mark__in=part).values_list("number", flat=True))
    return found


def _mark(person: str, key: bytes) -> bytes:
    return hashlib.blake2b(person.encode(), key=key, digest_size=_MARK_BYTES, person=_CONTEXT).digest()
