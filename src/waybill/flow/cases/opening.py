"""Opens cases for what detectors stored, and says who may see which: a case is seen by whoever sees all of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from waybill.access.reach import Reach
from waybill.cases import clocks, models
from waybill.cases.grouping import Incoming, group
from waybill.cases.queries import Case, Wanted, cases, get
from waybill.cases.traits import traits_of
from waybill.cases.words import Link
from waybill.control import storage_faults
from waybill.detect.coverage import SilentSourceDetector, UnwatchedAssetDetector
from waybill.findings import models as stored
from waybill.findings.queries import StoredFinding, handled
from waybill.findings.states import FindingState
from waybill.findings.store import CHUNK, chunks, evidence_of, statement_of
from waybill.flow.cases import clocks as case_clocks
from waybill.flow.inquiry import Fits, within
from waybill.flow.installation import Installation
from waybill.flow.passages import Passage, stored_passages
from waybill.flow.telling import ASKED, is_withheld
from waybill.model.findings import Finding
from waybill.model.register import RegisterSnapshot
from waybill.model.words import Severity
from waybill.outbox.subjects import person

OVERLAP = timedelta(minutes=10)
"""How far back findings are looked for that changed and were not looked at yet: on a server, transactions end in any
order."""

NO_CASES = frozenset({SilentSourceDetector.name, UnwatchedAssetDetector.name, case_clocks.DETECTOR})
"""Detectors that say what is not seen or not done yet; nothing has left, and nothing is to be contained."""

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_HANDLED = (FindingState.FALSE_POSITIVE.value, FindingState.EXCEPTED.value)


def open_cases(installation: Installation, now: datetime | None = None) -> list[int]:
    """Put findings that are new or changed into cases; returns the numbers of cases that were opened.

    All of it is one transaction, which also notes how far it has read: whatever crashes, nothing is put twice and
    nothing is left out.
    """
    now = now or datetime.now(UTC)
    window = timedelta(hours=installation.settings.case_hours)
    with storage_faults(), transaction.atomic():
        reading, _ = models.Reading.objects.get_or_create(pk=1, defaults={"until": _BEGINNING})
        fresh = _findings(~Q(considered__until__gte=F("updated_at")), updated_at__gt=reading.until - OVERLAP)
        if not fresh:
            return []
        register = installation.register()
        opened = group(_incoming(installation, fresh, register), window=window, now=now)
        around = [one for case in opened for one in _around(case, window)]
        group(_incoming(installation, around, register), window=window, now=now)
        reading.until = max(one.updated_at for one in fresh)
        reading.save()
        _remember(fresh, reading.until - OVERLAP)
        rules = case_clocks.law_of(installation)
        for number in opened:
            clocks.run(number, rules, now=now)
    return opened


def _remember(looked_at: Sequence[StoredFinding], since: datetime) -> None:
    """Note that findings were looked at as they are, and forget what is asked about no more."""
    models.Considered.objects.filter(until__lt=since).delete()
    models.Considered.objects.bulk_create(
        (models.Considered(finding_id=one.finding.id, until=one.updated_at) for one in looked_at),
        CHUNK,
        update_conflicts=True,
        unique_fields=["finding"],
        update_fields=["until"],
    )


def visible(reach: Reach, register: RegisterSnapshot, wanted: Wanted | None = None) -> list[Case]:
    """Return the cases asked for that lie within somebody's reach."""
    found = cases(wanted)
    fits = within(reach, register)
    if fits is None:
        return found
    findings = {one.id: one for one in _statements({p.finding for case in found for p in case.findings})}
    return [case for case in found if _fits(case, findings, fits)]


def covers(reach: Reach, register: RegisterSnapshot, number: int) -> bool:
    """Return whether a case lies within somebody's reach: all of its findings do. One without any is for all."""
    fits = within(reach, register)
    if fits is None:
        return True
    return all(map(fits, _statements(placed.finding for placed in get(number).findings)))


def findings_of(number: int) -> list[StoredFinding]:
    """Return the findings of a case with how each is handled, by time."""
    with storage_faults():
        rows = list(stored.Finding.objects.filter(placed__case_id=number).order_by("time", "id"))
        evidence = evidence_of(row.id for row in rows)
    return [handled(row, evidence[row.id]) for row in rows]


def gravest(numbers: Sequence[int]) -> dict[int, StoredFinding]:
    """Return the gravest finding of each of these cases, as ``gravity`` orders them, however many cases they are."""
    first: dict[int, str] = {}
    with storage_faults():
        for chunk in chunks(numbers):
            rows = stored.Finding.objects.filter(placed__case_id__in=chunk)
            ordered = rows.order_by("-severity", "-score", "time", "id").values_list("placed__case_id", "id")
            for number, id in ordered:
                first.setdefault(number, id)
        found = {
            row.id: row for part in chunks(list(first.values())) for row in stored.Finding.objects.filter(pk__in=part)
        }
        evidence = evidence_of(found)
    return {number: handled(found[id], evidence[id]) for number, id in first.items() if id in found}


def _fits(case: Case, findings: dict[str, Finding], fits: Fits) -> bool:
    return all(fits(findings[placed.finding]) for placed in case.findings if placed.finding in findings)


def _statements(ids: Iterable[str]) -> Iterator[Finding]:
    """Yield findings without their evidence."""
    with storage_faults():
        for chunk in chunks(sorted(ids)):
            for row in stored.Finding.objects.filter(pk__in=chunk):
                yield statement_of(row, ())


def _findings(*wanted: Q, **conditions: object) -> list[StoredFinding]:
    """Return findings that may belong to a case, by these conditions of Django's."""
    rows = (
        stored.Finding.objects.filter(*wanted, **conditions).exclude(state__in=_HANDLED).exclude(detector__in=NO_CASES)
    )
    found = list(rows.order_by("time", "id"))
    evidence = evidence_of(row.id for row in found)
    return [handled(row, evidence[row.id]) for row in found]


def _around(number: int, window: timedelta) -> list[StoredFinding]:
    """Return lesser findings, not in any case, of the time around a new case that share its actor or its asset."""
    case = models.Case.objects.get(pk=number)
    span = {"time__lte": case.last + window, "last_time__gte": case.first - window, "placed__isnull": True}
    found: dict[str, StoredFinding] = {}
    for place in case.findings.select_related("finding"):
        actors = place.traits.filter(kind=Link.ACTOR.value).exists()
        names = {"subject": place.finding.subject if actors else "", "asset": place.finding.asset}
        for field, value in names.items():
            if value:
                found |= {one.finding.id: one for one in _findings(**span, **{field: value})}
    return list(found.values())


def _incoming(installation: Installation, items: Sequence[StoredFinding], register: RegisterSnapshot) -> list[Incoming]:
    """Return findings with what they share with others; where they went is asked of the lake at once."""
    least = installation.settings.case_severity
    passages = _passages(installation, [one.finding for one in items])
    return [_one(item.finding, register, passages, least) for item in items]


def _one(finding: Finding, register: RegisterSnapshot, passages: dict[str, Passage], least: Severity) -> Incoming:
    asset = register.asset_of(finding.asset)
    withheld = is_withheld(finding, asset)
    ways = [passages[one] for one in finding.transfers[:ASKED] if one in passages]
    destinations = {way.to_place or way.to_party for way in ways if not person(way.to_place or way.to_party)}
    return Incoming(
        finding,
        traits_of(finding, register, destinations, withheld=withheld),
        public_interest=withheld,
        opens=finding.severity.number >= least.number,
    )


def _passages(installation: Installation, findings: Collection[Finding]) -> dict[str, Passage]:
    if not findings:
        return {}
    wanted = {one for finding in findings for one in finding.transfers[:ASKED]}
    span = min(one.time for one in findings), max(one.last_time for one in findings)
    with installation.lake.snapshot() as snapshot:
        return stored_passages(snapshot, wanted, span)
