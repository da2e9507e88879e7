"""Asks for stored findings: by filter, page by page, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
from django.db.models import Count, Q, QuerySet

from waybill.control import storage_faults
from waybill.findings import models
from waybill.findings.columns import column
from waybill.findings.states import QUIET, FindingState
from waybill.findings.store import NAME_LENGTH, evidence_of, statement_of
from waybill.model.errors import UsageError
from waybill.model.findings import Finding
from waybill.model.words import Severity


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which findings are asked for; all given conditions hold."""

    since: datetime | None = None
    until: datetime | None = None
    """First moment that is not wanted any more; both compare the finding's first transfer."""
    stored_after: datetime | None = None
    """Only findings that were first stored after this moment."""
    severity: Severity | None = None
    """The least severity."""
    detector: str = ""
    rule_id: str = ""
    source: str = ""
    subject: str = ""
    """Also as ``subject@domain`` and ``DOMAIN\\subject``, as logs write people's accounts."""
    asset: str = ""
    states: frozenset[FindingState] = frozenset(FindingState) - QUIET
    """Without a wish, everything except what an exception or the alert budget set aside."""


ALL_STATES = frozenset(FindingState)
"""For ``Filter.states``: nothing is left out."""


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StoredFinding:
    """A finding and how it is handled."""

    finding: Finding
    state: FindingState
    exception: int | None
    """Number of the exception that covers it."""
    first_seen: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Some findings, newest first, and where the next page begins; empty after the last."""

    items: list[StoredFinding]
    next: str


def query(wanted: Filter, *, limit: int = 100, after: str = "") -> Page:
    """Return at most ``limit`` findings, beginning behind ``after`` (the ``next`` of an earlier page).

    Pages are keyed by time and id, so that findings which arrive meanwhile neither repeat nor hide others.
    """
    with storage_faults():
        rows = list(_behind(_chosen(wanted), after).order_by("-time", "-id")[: limit + 1])
        more, rows = len(rows) > limit, rows[:limit]
        evidence = evidence_of(row.id for row in rows)
    items = [handled(row, evidence[row.id]) for row in rows]
    return Page(items, _mark(rows[-1].time, rows[-1].id) if more and rows else "")


def every(wanted: Filter, *, page: int = 500) -> Iterator[StoredFinding]:
    """Yield all findings that are asked for, newest first."""
    after = ""
    while True:
        found = query(wanted, limit=page, after=after)
        yield from found.items
        after = found.next
        if not after:
            return


def get(finding_id: str) -> StoredFinding:
    """Return one finding by its id, or by the beginning of it if no other begins so. Raises UsageError if none."""
    with storage_faults():
        rows = list(models.Finding.objects.filter(id__startswith=finding_id.casefold())[:2])
        if len(rows) != 1 or not finding_id:
            raise UsageError(
                "There is no such finding." if not rows else "Several findings begin so.",
                where=finding_id,
                advice="List findings to see their ids.",
            )
        return handled(rows[0], evidence_of([rows[0].id])[rows[0].id])


def resting_on(transfer: str) -> list[StoredFinding]:
    """Return the findings that a transfer (its id as hex) is evidence for, newest first."""
    with storage_faults():
        rows = list(models.Finding.objects.filter(evidence__transfer=bytes.fromhex(transfer)).order_by("-time", "-id"))
        evidence = evidence_of(row.id for row in rows)
    return [handled(row, evidence[row.id]) for row in rows]


def counts(wanted: Filter) -> dict[tuple[Severity, FindingState], int]:
    """Return how many findings there are of each severity and state."""
    with storage_faults():
        rows = _chosen(wanted).values_list("severity", "state").annotate(number=Count("pk")).order_by()
        return {(list(Severity)[number - 1], FindingState(state)): count for number, state, count in rows}


def by_detector() -> dict[str, int]:
    """Return how many findings there are of each detector, whatever became of them."""
    with storage_faults():
        rows = models.Finding.objects.values_list("detector").annotate(number=Count("pk")).order_by()
        return dict(rows)


def _chosen(wanted: Filter) -> QuerySet[models.Finding]:
    names = {"detector": wanted.detector, "asset": column(wanted.asset)}
    names |= {"rule_id": column(wanted.rule_id, NAME_LENGTH), "source": column(wanted.source, NAME_LENGTH)}
    exact = {field: value for field, value in names.items() if value}
    rows = models.Finding.objects.filter(state__in=sorted(wanted.states), **exact)
    if wanted.subject:
        subject = column(wanted.subject)
        address, account = f"{subject}@", f"\\{subject}"
        rows = rows.filter(Q(subject=subject) | Q(subject__startswith=address) | Q(subject__endswith=account))
    if wanted.since is not None:
        rows = rows.filter(time__gte=wanted.since)
    if wanted.until is not None:
        rows = rows.filter(time__lt=wanted.until)
    if wanted.stored_after is not None:
        rows = rows.filter(first_seen__gt=wanted.stored_after)
    if wanted.severity is not None:
        rows = rows.filter(severity__gte=wanted.severity.number)
    return rows


def mark_of(stored: StoredFinding) -> str:
    """Return the mark of a page that ends with this finding."""
    return _mark(stored.finding.time, stored.finding.id)


def _mark(time: datetime, id: str) -> str:
    return f"{(time - _EPOCH) // timedelta(microseconds=1):x}-{id}"


def _behind(rows: QuerySet[models.Finding], after: str) -> QuerySet[models.Finding]:
    if not after:
        return rows
    moment, _, finding_id = after.partition("-")
    try:
        time = _EPOCH + timedelta(microseconds=int(moment, 16))
    except (ValueError, OverflowError):
        raise UsageError("This is not the mark of a page.", expected="the mark given with the earlier page") from None
    return rows.filter(Q(time__lt=time) | Q(time=time, id__lt=finding_id))


def handled(row: models.Finding, evidence: tuple[str, ...]) -> StoredFinding:
    """Return a stored finding with its evidence and how it is handled."""
    return StoredFinding(
        statement_of(row, evidence), FindingState(row.state), row.exception_id, row.first_seen, row.updated_at
    )
