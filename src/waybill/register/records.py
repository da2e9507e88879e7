"""The stored register: import, list, remove, export, and the snapshot for detectors.

The control database must be open before this module is imported.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TextIO

import msgspec
from django.db import models as django
from django.db import transaction

from waybill.control import storage_faults
from waybill.model.disclosures import Figure
from waybill.model.errors import UsageError
from waybill.model.protocols import Pseudonymiser
from waybill.model.register import RegisterSnapshot
from waybill.outbox import adding as outbox
from waybill.register import canaries, discoveries, identities, models
from waybill.register.fields import SEPARATOR, Kind, Record, render
from waybill.register.importing import Problem, Reading, RegisterError
from waybill.register.masking import masked
from waybill.register.recording import recorded
from waybill.register.references import Known, without_broken, without_rewritten

_TABLES: dict[Kind, type[models.Table]] = {
    Kind.PLACES: models.Place,
    Kind.ASSETS: models.Asset,
    Kind.PARTIES: models.Party,
    Kind.PERMITS: models.Permit,
    Kind.DISCLOSURES: models.Disclosure,
    Kind.DUTIES: models.Duty,
    Kind.PRICES: models.Price,
}
_REFERENCES = frozenset({"home", "parent", "asset", "place"})
_SEVERAL = frozenset({"patterns", "roles", "kinds", "applies_when", "figures"})
_KEPT = frozenset({Kind.DISCLOSURES})
"""Tables whose records are neither changed nor removed: what was reported stays reported."""
_SEALED = frozenset({"aliases"})
"""Columns of files that no table of the register has: they name people, and are sealed with the identities."""
_CHUNK = 500


class Counts(NamedTuple):
    """What an import did to one table."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0


class Imported(msgspec.Struct, frozen=True):
    """What an import did, and the mistakes it left out."""

    counts: dict[Kind, Counts]
    problems: tuple[Problem, ...] = ()


def import_reading(
    reading: Reading, pseudonymiser: Pseudonymiser, key: bytes, *, partial: bool = False, where: str = ""
) -> Imported:
    """Store what was read in one transaction, people by pseudonym and their identities sealed under ``key``.

    Records are told apart by id: new ones are inserted, changed ones updated, others of the register stay; to change
    a disclosure is a mistake. Raises RegisterError for mistakes unless ``partial`` leaves those records out.
    """
    with storage_faults(), transaction.atomic():
        reading = checked(reading, pseudonymiser, key, partial=partial, where=where)
        counts = {kind: _store(kind, reading.records[kind]) for kind in Kind if kind in reading.records}
    return Imported(counts, tuple(reading.problems))


def checked(
    reading: Reading, pseudonymiser: Pseudonymiser, key: bytes, *, partial: bool = False, where: str = ""
) -> Reading:
    """Return what was read as it may be stored: its references hold, and people are pseudonyms whose names are sealed.

    Raises RegisterError for mistakes unless ``partial`` leaves those records out.
    """
    known = _known()
    people = masked(reading, pseudonymiser, known.parties)
    reading = without_rewritten(without_broken(people.reading, known), _kept())
    if reading.problems and not partial:
        raise RegisterError(reading.problems, where)
    identities.keep(people.identities, key)
    identities.keep_aliases(people.aliases, key)
    return reading


def snapshot() -> RegisterSnapshot:
    """Return the register as it stands now."""
    with storage_faults(), transaction.atomic():
        tables: dict[str, Any] = {str(kind): tuple(_records(kind)) for kind in Kind}
    return RegisterSnapshot(**tables, contents=discoveries.contents(), decoys=canaries.decoys())


def records(kind: Kind) -> list[Record]:
    """Return all records of one table, by id."""
    with storage_faults():
        return _records(kind)


def remove(kind: Kind, ids: Sequence[str]) -> int:
    """Remove these records, all or none, and return how many there were.

    Raises UsageError for an id that does not exist, or that another record still names, and for records that stay.
    """
    if kind in _KEPT:
        raise UsageError(f"What is among the {kind} stays.", advice="Import a record that amends or withdraws it.")
    with storage_faults(), transaction.atomic():
        for record_id in dict.fromkeys(ids):
            found = _TABLES[kind].objects.filter(pk=record_id)
            if not found.exists():
                raise UsageError(f"There is no such record among the {kind}.", where=record_id)
            outbox.add(recorded(kind, *_records(kind, found), removed=True))
            try:
                found.delete()
            except django.ProtectedError as used:
                users = sorted(f"{type(row).__name__.lower()} {row.pk}" for row in used.protected_objects)
                raise UsageError(
                    f"The record is still named by {', '.join(users[:5])}{' and others' * (len(users) > 5)}.",
                    where=record_id,
                    advice="Remove or change those first.",
                ) from None
    return len(dict.fromkeys(ids))


def export_csv(kind: Kind, stream: TextIO) -> int:
    """Write one table as CSV that ``import_reading`` takes back unchanged, and return the number of records."""
    writer = csv.DictWriter(stream, kind.columns, lineterminator="\n")
    writer.writeheader()
    found = records(kind)
    writer.writerows(render(record) for record in found)
    return len(found)


def _known() -> Known:
    parties = models.Party.objects.values_list("pk", "org")
    return Known(
        places={name: parent or "" for name, parent in models.Place.objects.values_list("pk", "parent_id")},
        assets=frozenset(models.Asset.objects.values_list("pk", flat=True)),
        parties=frozenset(name for row in parties for name in row if name),
    )


def _kept() -> dict[tuple[Kind, str], Record]:
    return {(kind, record.id): record for kind in _KEPT for record in _records(kind)}


def _store(kind: Kind, records: Sequence[Record]) -> Counts:
    table = _TABLES[kind]
    stored = {record.id: record for record in _records(kind)}
    new = [record for record in records if record.id not in stored]
    changed = [record for record in records if record.id in stored and stored[record.id] != record]
    manager: django.Manager[Any] = table.objects
    manager.bulk_create(
        [table(**_row(record)) for record in new + changed],
        _CHUNK,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[column for column in kind.columns if column not in {"id", *_SEALED}],
    )
    outbox.add_all(recorded(kind, record) for record in new + changed)
    return Counts(len(new), len(changed), len(records) - len(new) - len(changed))


def _records(kind: Kind, among: django.QuerySet[Any] | None = None) -> list[Record]:
    rows: Iterable[Any] = (_TABLES[kind].objects.all() if among is None else among).order_by("pk").values()
    return [_record(kind, row) for row in rows]


def _row(record: Record) -> dict[str, Any]:
    """Return a record's values by column of its table; ``_record`` is the way back."""
    row: dict[str, Any] = {}
    for name in record.__struct_fields__:
        if name in _SEALED:
            continue
        value = getattr(record, name)
        if isinstance(value, tuple):
            value = SEPARATOR.join(map(str, value))
        if name in _REFERENCES:
            row[f"{name}_id"] = value or None
        else:
            row[name] = value
    return row


def _record(kind: Kind, row: dict[str, Any]) -> Record:
    values: dict[str, Any] = {}
    for name in kind.columns:
        if name in _REFERENCES:
            values[name] = row[f"{name}_id"] or ""
        elif name in _SEVERAL:
            several = row[name].split(SEPARATOR) if row[name] else ()
            values[name] = tuple(map(Figure.parse, several)) if kind is Kind.DISCLOSURES else tuple(several)
        elif name not in _SEALED:
            values[name] = row[name]
    return msgspec.convert(values, kind.record)
