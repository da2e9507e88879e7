"""What discovery found where, and what people made of it: a suggestion until somebody confirms a grade.

The control database must be open before this module is imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import msgspec
from django.db import transaction

from waybill.control import storage_faults
from waybill.model.errors import UsageError
from waybill.model.register import Content
from waybill.model.words import Grade
from waybill.outbox import adding as outbox
from waybill.outbox.kinds import Kind as Recorded
from waybill.register import discovery_tables
from waybill.register.discovered import Found, id_of


def keep(found: Iterable[Found]) -> None:
    """Keep what was found; what a person confirmed of it before stays."""
    with storage_faults(), transaction.atomic():
        for one in found:
            columns = {
                "place": one.place,
                "name": one.name,
                "version": one.version,
                "basis": one.basis,
                "grade": str(one.grade),
                "partial": one.partial,
                "telling": bool(one.documents),
                "inspected_at": one.inspected_at,
                "gone_at": None,
                "body": msgspec.json.encode(one).decode(),
            }
            discovery_tables.Discovered.objects.update_or_create(id=one.id, defaults=columns)


def versions(place: str) -> Mapping[str, tuple[str, str]]:
    """Return version and basis of everything that was inspected in a place, by name."""
    rows = discovery_tables.Discovered.objects.filter(place=place, gone_at__isnull=True)
    with storage_faults():
        return {name: (version, basis) for name, version, basis in rows.values_list("name", "version", "basis")}


def mark_gone(place: str, names: Iterable[str], moment: datetime) -> None:
    """Say that things are no longer there."""
    with storage_faults(), transaction.atomic():
        for name in names:
            discovery_tables.Discovered.objects.filter(pk=id_of(place, name)).update(gone_at=moment)


def every(*, grade: Grade | None = None, place: str = "", first: int = 0, most: int = 100) -> list[Found]:
    """Return what is there: the gravest first, then what was only partly inspected, then by name."""
    with storage_faults():
        rows = list(_chosen(grade, place)[first : first + most])
    return [_of(row) for row in rows]


def count(*, grade: Grade | None = None, place: str = "") -> int:
    """Return how many there are of these."""
    with storage_faults():
        return int(_chosen(grade, place).count())


def counts() -> dict[str, dict[Grade, int]]:
    """Return how much of each grade lies in each place."""
    from django.db.models import Count

    found: dict[str, dict[Grade, int]] = {}
    with storage_faults():
        rows = discovery_tables.Discovered.objects.filter(gone_at__isnull=True).values_list("place", "grade")
        for place, grade, number in rows.annotate(number=Count("pk")).order_by("place"):
            found.setdefault(place, {})[Grade(grade)] = number
    return found


def telling() -> list[Found]:
    """Return what holds registered documents or marks of ours."""
    with storage_faults():
        rows = discovery_tables.Discovered.objects.filter(telling=True, gone_at__isnull=True).order_by("place", "name")
        return [_of(row) for row in rows]


def contents() -> tuple[Content, ...]:
    """Return what detectors are told of: things with registered documents or marks in them, or of a grave grade."""
    grave = [str(grade) for grade in Grade if grade.rank >= Grade.IMPORTANT.rank]
    rows = discovery_tables.Discovered.objects.filter(grade__in=grave, telling=False, gone_at__isnull=True)
    with storage_faults():
        graded = rows.order_by("place", "name").values_list("place", "name", "grade")
        others = tuple(Content(name=name, place=place, grade=Grade(grade)) for place, name, grade in graded)
    return (*(content for one in telling() for content in _contents(one)), *others)


def _contents(found: Found) -> list[Content]:
    """Return what a thing holds, by its own name and by those of its attachments or members."""
    return [
        Content(
            name=name,
            place=found.place,
            asset=held.asset,
            document=held.name,
            share=held.share,
            records=held.records,
            grade=found.grade,
            delivery=held.delivery,
            digest=found.digest,
        )
        for held in found.documents
        for name in (found.name, *held.members)
    ]


def get(found_id: str) -> Found:
    """Return one. Raises UsageError where there is none."""
    with storage_faults():
        row = discovery_tables.Discovered.objects.filter(pk=found_id).first()
    if row is None:
        raise UsageError("there is no such discovery", where=found_id)
    return _of(row)


def note_confirmed(found_id: str, asset: str, grade: Grade, *, who: str) -> None:
    """Keep that a person gave it a grade, as an asset of the register."""
    with storage_faults(), transaction.atomic():
        discovery_tables.Discovered.objects.filter(pk=found_id).update(
            asset=asset, confirmed=str(grade), confirmed_by=who, confirmed_at=datetime.now(UTC)
        )


def record(place: str, what: Mapping[str, object], *, who: str) -> None:
    """Have the ledger take that a place was walked."""
    with storage_faults(), transaction.atomic():
        outbox.add(outbox.Record(Recorded.DISCOVERY, place[:200], {"what": dict(what), "who": {"by": who}}))


def _chosen(grade: Grade | None, place: str) -> discovery_tables.Rows:
    from django.db.models import Case, IntegerField, Value, When

    rows = discovery_tables.Discovered.objects.filter(gone_at__isnull=True)
    if grade:
        rows = rows.filter(grade=str(grade))
    if place:
        rows = rows.filter(place=place)
    ranks = (When(grade=str(one), then=Value(one.rank)) for one in Grade)
    rank = Case(*ranks, default=Value(0), output_field=IntegerField())
    return rows.annotate(rank=rank).order_by("-rank", "-partial", "place", "name")


def _of(row: discovery_tables.Discovered) -> Found:
    found = msgspec.json.decode(row.body, type=Found)
    confirmed = Grade(row.confirmed) if row.confirmed else None
    return msgspec.structs.replace(
        found, gone_at=row.gone_at, asset=row.asset, confirmed=confirmed, confirmed_by=row.confirmed_by
    )
