"""The rows that wait for the sequencer, and where the others stand in the log."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count, Max, Min, Q

from waybill.control import storage_faults
from waybill.model.errors import UsageError
from waybill.outbox import models
from waybill.outbox.kinds import Kind
from waybill.outbox.leaves import Waiting

_LEAST = 4
"""Letters that the beginning of an id needs."""

_CHUNK = 500
"""References asked for at once; below SQLite's limit of parameters."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How many rows there are in the log and how many wait, and since when the oldest of these."""

    logged: int
    waiting: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A record without what it says."""

    record: str
    kind: str
    reference: str
    recorded_at: datetime
    index: int | None


def waiting(most: int) -> list[Waiting]:
    """Return the first rows that wait, in the order in which they were added."""
    with storage_faults():
        rows = models.Row.objects.filter(index__isnull=True).order_by("id")
        return [Waiting(*row) for row in rows.values_list("id", "record", "kind", "subject", "content")[:most]]


def place(origin: str, indexes: Iterable[tuple[int, int]]) -> None:
    """Note where in the log ``origin`` rows stand, given as pairs of row and index; all or none."""
    table = connection.ops.quote_name(models.Row._meta.db_table)
    sql = f'UPDATE {table} SET log = %s, "index" = %s WHERE id = %s'  # noqa: S608  the table's own name
    with storage_faults(), transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(sql, [(origin, index, row) for row, index in indexes])


def end(origin: str) -> int:
    """Return the index after the last that a row has in this log."""
    with storage_faults():
        last: int | None = models.Row.objects.filter(log=origin).aggregate(last=Max("index"))["last"]
    return 0 if last is None else last + 1


def standing() -> Standing:
    """Return how many rows are logged and wait."""
    with storage_faults():
        rows = models.Row.objects
        found = rows.filter(index__isnull=True).aggregate(count=Count("id"), oldest=Min("recorded_at"))
        return Standing(rows.filter(index__isnull=False).count(), found["count"], found["oldest"])


def unplaced(references: Collection[str]) -> set[str]:
    """Return those of these things about which nothing is recorded, or something waits for its place."""
    known: set[str] = set()
    waiting: set[str] = set()
    asked = sorted(set(references))
    for start in range(0, len(asked), _CHUNK):
        with storage_faults():
            rows = models.Row.objects.filter(kind__in=list(Kind), reference__in=asked[start : start + _CHUNK])
            for reference, index in rows.values_list("reference", "index"):
                (waiting if index is None else known).add(reference)
    return (set(asked) - known) | waiting


def unproved(origin: str, size: int) -> tuple[int, datetime | None]:
    """Return how many rows have no proof under the ``size`` entries that a log shows, and since when the oldest."""
    with storage_faults():
        rows = models.Row.objects.filter(Q(index__isnull=True) | Q(log=origin, index__gte=size))
        found = rows.aggregate(count=Count("id"), oldest=Min("recorded_at"))
        return found["count"], found["oldest"]


def take_back(origin: str, size: int) -> int:
    """Let rows wait again whose leaves a log lost when it was cut back to ``size`` entries; returns how many."""
    with storage_faults():
        return models.Row.objects.filter(log=origin, index__gte=size).update(log="", index=None)


def about(id: str) -> list[Listed]:
    """Return what was recorded under an id or about the thing it names, oldest first; its beginning will do.

    Raises UsageError where several things begin so.
    """
    return [Listed(row.record, row.kind, row.reference, row.recorded_at, row.index) for row in _about(id)]


def named(id: str) -> models.Row | None:
    """Return the row of this name, or the newest statement about the thing of this id; its beginning will do.

    Raises UsageError where several things begin so.
    """
    found = _about(id)
    statements = [row for row in found if row.kind != Kind.DECISION]
    return statements[-1] if statements else found[-1] if found else None


def _about(id: str) -> list[models.Row]:
    with storage_faults():
        rows = models.Row.objects.order_by("id")
        found = list(rows.filter(record=id) or rows.filter(kind__in=list(Kind), reference=id)) if id else []
        if not found and len(id) >= _LEAST:
            found = list(rows.filter(Q(record__startswith=id) | Q(reference__startswith=id)))
            if len({row.reference or row.record for row in found}) > 1:
                raise UsageError("several records begin so", where=id, advice="give more of the id")
        return found


def placed(origin: str, page: int = 5_000) -> Iterator[models.Row]:
    """Yield the rows that stand in a log, by index."""
    index = -1
    while True:
        with storage_faults():
            rows = list(models.Row.objects.filter(log=origin, index__gt=index).order_by("index")[:page])
        yield from rows
        if not rows:
            return
        index = rows[-1].index or 0


def logs() -> set[str]:
    """Return the origins of all logs that rows stand in."""
    with storage_faults():
        return set(models.Row.objects.filter(index__isnull=False).values_list("log", flat=True).distinct())
