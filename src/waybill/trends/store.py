"""Incidents in the control database: added once each, counted once each, read back as they were."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import models as django
from django.db import transaction

from waybill.cases.words import Origin
from waybill.control import storage_faults
from waybill.model.words import Intent
from waybill.outbox.adding import Record, add
from waybill.outbox.kinds import Kind
from waybill.trends import models
from waybill.trends.duplicates import by_id
from waybill.trends.incidents import PARTS, Incident, Precision, Register

_CHUNK = 2_000

_CHILDREN: dict[str, type[django.Model]] = {
    "actions": models.IncidentAction,
    "actors": models.IncidentActor,
    "data": models.IncidentData,
    "assets": models.IncidentAsset,
    "discoveries": models.IncidentDiscovery,
}
"""The long tables beside that of incidents; a row of each becomes what ``PARTS`` says."""

_COLUMNS = (
    "occurred", "reported_at", "coded_at", "status", "disclosed", "victim", "industry", "employees", "records",
    "discovery_value", "discovery_unit", "public_interest",
)  # fmt: skip
"""Columns that are stored as they are."""


@dataclass(frozen=True, slots=True)
class Added:
    """What became of records that were to be added."""

    source: str
    added: int
    known: int
    duplicates: int
    """Records of the source, of all times, that do not count because another one has their id."""
    refused: int
    version: str


def add_incidents(source: str, incidents: Iterable[Incident], *, refused: int, who: str) -> Added:
    """Add incidents of one source, all or none; one that is there with the same content is left as it is.

    The register's new version goes into the ledger in the same transaction.
    """
    now = datetime.now(UTC)
    with storage_faults(), transaction.atomic():
        rows = models.Incident.objects.filter(source=source)
        known = set(rows.values_list("name", "digest"))
        fresh, count = _fresh(incidents, known)
        newest = models.Import.objects.select_for_update().order_by("-id").first()  # versions follow one another
        before = newest.version if newest else ""
        version = hashlib.sha256("\n".join([before, *(digest for _, digest in fresh)]).encode()).hexdigest()
        if not fresh and not _tells_news(source, refused):
            return Added(source, 0, count, rows.filter(duplicate_of__isnull=False).count(), refused, before[:12])
        brought = models.Import.objects.create(
            at=now, who=who, source=source, added=len(fresh), known=count - len(fresh), refused=refused,
            version=version,
        )  # fmt: skip
        _insert(fresh, brought)
        duplicates = _mark_duplicates(source)
        add(
            Record(
                Kind.INCIDENTS,
                f"incidents-{brought.pk}",
                {
                    "what": {"source": source, "added": len(fresh), "refused": refused, "version": version},
                    "who": {"by": who},
                    "when": {"time": now},
                },
            )
        )
    return Added(source, len(fresh), count - len(fresh), duplicates, refused, version[:12])


def register(sources: Sequence[str] = ()) -> Register:
    """Return the incidents that count, of these sources or of all."""
    with storage_faults():
        rows = models.Incident.objects.all()
        imports = models.Import.objects.all()
        if sources:
            rows, imports = rows.filter(source__in=sources), imports.filter(source__in=sources)
        refused = imports.aggregate(django.Sum("refused"))["refused__sum"] or 0
        counting, doubles = (tuple(_read(rows.filter(duplicate_of__isnull=one))) for one in (True, False))
        return Register(counting, doubles, refused, version())


def version() -> str:
    """Return the version of the register, twelve letters of a hash; empty if nothing was ever added."""
    with storage_faults():
        newest = models.Import.objects.order_by("-id").values_list("version", flat=True).first()
    return (newest or "")[:12]


def sources() -> dict[str, int]:
    """Return each source with how many records it has, doubles included."""
    with storage_faults():
        counted = models.Incident.objects.values("source").annotate(records=django.Count("id")).order_by("source")
        return {row["source"]: row["records"] for row in counted}


def _tells_news(source: str, refused: int) -> bool:
    """Return whether refusals alone are worth a new version: not where the same file is read again."""
    return refused > 0 and not models.Import.objects.filter(source=source, refused=refused).exists()


def _fresh(
    incidents: Iterable[Incident], known: Collection[tuple[str, str]]
) -> tuple[dict[tuple[str, str], Incident], int]:
    """Return the incidents that are not known, by id and digest, and how many were looked at.

    Two equal records of a file are two; the same file read twice is one: a digest holds the occurrence's number.
    """
    fresh: dict[tuple[str, str], Incident] = {}
    seen: Counter[bytes] = Counter()
    for one in incidents:
        content = msgspec.json.encode(one)
        seen[content] += 1
        digest = hashlib.blake2b(content, digest_size=16, salt=seen[content].to_bytes(8, "big")).hexdigest()
        if (one.id, digest) not in known:
            fresh[one.id, digest] = one
    return fresh, seen.total()


def _insert(fresh: dict[tuple[str, str], Incident], brought: models.Import) -> None:
    """Insert rows, parents first; both engines return the ids of what was inserted."""
    stored = models.Incident.objects.bulk_create(
        (
            models.Incident(
                source=one.source, name=one.id, digest=digest, brought=brought, precision=one.precision.value,
                intent=one.intent.value, origin=one.origin.value, countries=",".join(one.countries),
                **{name: getattr(one, name) for name in _COLUMNS},
            )
            for (_, digest), one in fresh.items()
        ),
        batch_size=_CHUNK,
    )  # fmt: skip
    numbered = [(row.pk, one) for row, one in zip(stored, fresh.values(), strict=True)]
    for name, model in _CHILDREN.items():
        model._default_manager.bulk_create(
            (
                model(incident_id=number, **msgspec.structs.asdict(part))
                for number, one in numbered
                for part in getattr(one, name)
            ),
            batch_size=_CHUNK,
        )


def _mark_duplicates(source: str) -> int:
    """Say of each record of a source whether another one counts instead of it; returns how many do not count."""
    rows = models.Incident.objects.filter(source=source)
    twice = rows.values("name").annotate(times=django.Count("id")).filter(times__gt=1)
    doubled = list(rows.filter(name__in=twice.values("name")).order_by("id"))
    counting = by_id(
        [
            Incident(source=source, id=row.name, occurred=row.occurred, precision=Precision.DAY, coded_at=row.coded_at)
            for row in doubled
        ]
    )
    for position, row in enumerate(doubled):
        row.duplicate_of = doubled[counting[position]] if position in counting else None
    models.Incident.objects.bulk_update(doubled, ["duplicate_of"], batch_size=_CHUNK)
    return len(counting)


def _read(rows: django.QuerySet[models.Incident]) -> Iterator[Incident]:
    children = {name: _by_incident(model, PARTS[name], rows) for name, model in _CHILDREN.items()}
    columns = ("id", "source", "name", "precision", "intent", "origin", "countries", *_COLUMNS)
    for number, source, name, precision, intent, origin, countries, *rest in rows.order_by("id").values_list(*columns):
        yield Incident(
            source=source,
            id=name,
            precision=Precision(precision),
            intent=Intent(intent),
            origin=Origin(origin),
            countries=tuple(countries.split(",")) if countries else (),
            **dict(zip(_COLUMNS, rest, strict=True)),
            **_parts(children, number),
        )


def _parts(children: Mapping[str, Mapping[int, list[Any]]], number: int) -> dict[str, Any]:
    return {name: tuple(found.get(number, ())) for name, found in children.items()}


def _by_incident(
    model: type[django.Model], make: Callable[..., Any], rows: django.QuerySet[models.Incident]
) -> dict[int, list[Any]]:
    names = [field.name for field in model._meta.fields if field.name not in {"id", "incident"}]
    found: dict[int, list[Any]] = {}
    parts = model._default_manager.filter(incident__in=rows.values("id")).order_by("id")
    for number, *said in parts.values_list("incident_id", *names):
        found.setdefault(number, []).append(make(*said))
    return found
