"""Keeps findings together with how far each detector has read and what it remembers.

Implements ``model.protocols.FindingStore`` on the control database, which must be open before this module is
imported. Everything of one commit is stored, or nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from django.db import transaction

from waybill.control import storage_faults
from waybill.findings import models
from waybill.findings.columns import HASHED, column
from waybill.findings.exceptions import active_exceptions, covering
from waybill.findings.handling import record_change
from waybill.findings.recording import finding_record
from waybill.findings.states import FindingState
from waybill.model.errors import StorageError
from waybill.model.findings import SHIELDED, Finding, merge
from waybill.model.protocols import State
from waybill.outbox import adding as outbox

CHUNK = 500
"""Rows asked for at once; below SQLite's limit of parameters."""

NAME_LENGTH = 200
"""Characters of the names of a source and a rule, as in ``models``."""

_CHANGED = [field.attname for field in models.Finding._meta.concrete_fields if not field.primary_key]

Item = TypeVar("Item")


class DatabaseFindingStore:
    """The findings of the open control database."""

    def cursor(self, detector: str) -> int:
        """Return the number of the last log entry whose transfers this detector has seen; 0 at first."""
        with storage_faults():
            found = models.DetectorState.objects.filter(pk=detector).values_list("cursor", flat=True).first()
        return found or 0

    def state(self, detector: str) -> State:
        """Return what this detector remembered, by key."""
        with storage_faults():
            rows = models.DetectorMemory.objects.filter(detector_id=detector).values_list("key", "value")
            return dict(_remembered(key, value) for key, value in rows)

    def commit(
        self, detector: str, findings: Iterable[Finding], state: State, cursor: int, over: Iterable[str] = ()
    ) -> None:
        """Store findings, the whole new state and the cursor in one transaction: all of it or nothing.

        A finding that is already stored is merged with what is new. Those in ``over`` are resolved, unless a person
        has decided on them. Raises StorageError if ``cursor`` is lower than the stored one, because then another
        process has already read further.
        """
        with storage_faults(), transaction.atomic():
            row, _ = models.DetectorState.objects.get_or_create(pk=detector)
            if cursor < row.cursor:
                raise StorageError(
                    f"The detector {detector} has already read up to entry {row.cursor}.",
                    where="control database",
                    expected=f"a cursor of at least {row.cursor}, not {cursor}",
                    advice="Another process has run this detector; run it again from where that one stopped.",
                )
            now = datetime.now(UTC)
            _store_findings(merge(findings), now)
            _resolve(over, now)
            _store_memory(row, state)
            row.cursor = cursor
            row.save()


def add(findings: Iterable[Finding]) -> None:
    """Store findings that a person made of what a detector keeps: its state and position stay as they are."""
    with storage_faults(), transaction.atomic():
        _store_findings(merge(findings), datetime.now(UTC))


def _store_findings(findings: Sequence[Finding], now: datetime) -> None:
    for chunk in chunks(findings):
        rows = models.Finding.objects.in_bulk([finding.id for finding in chunk])
        exceptions = active_exceptions(now)
        _insert([finding for finding in chunk if finding.id not in rows], exceptions, now)
        _update(rows, [finding for finding in chunk if finding.id in rows], exceptions, now)


def _resolve(over: Iterable[str], now: datetime) -> None:
    """Close findings whose cause is gone by itself; what a person has decided on stays as it is."""
    for row in models.Finding.objects.filter(pk__in=list(over), state=FindingState.NEW.value):
        record_change(row, FindingState.RESOLVED, who="waybill", reason="its cause is gone", at=now)
        row.save()


def _insert(findings: Sequence[Finding], exceptions: Sequence[models.ExceptionRule], now: datetime) -> None:
    """Store new findings, all of them with one statement a table: one by one costs five times as much."""
    models.Finding.objects.bulk_create(_row(finding, covering(finding, exceptions), now) for finding in findings)
    _add_evidence((finding.id, transfer) for finding in findings for transfer in finding.transfers)
    outbox.add_all(map(finding_record, findings))


def _row(finding: Finding, exception: models.ExceptionRule | None, now: datetime) -> models.Finding:
    state = FindingState.NEW if exception is None else FindingState.EXCEPTED
    row = models.Finding(id=finding.id, state=state.value, exception=exception, first_seen=now, updated_at=now)
    _fill(row, finding)
    return row


def _update(
    rows: Mapping[str, models.Finding],
    findings: Sequence[Finding],
    exceptions: Sequence[models.ExceptionRule],
    now: datetime,
) -> None:
    """Merge new evidence into stored findings, all of them with one statement a table."""
    evidence = evidence_of(rows)
    changed: list[tuple[models.Finding, Finding, set[str]]] = []
    for finding in findings:
        row, known = rows[finding.id], statement_of(rows[finding.id], evidence[finding.id])
        merged = _merged(known, finding)
        if merged != known:
            changed.append((row, merged, set(merged.transfers) - set(known.transfers)))
    for row, merged, fresh in changed:
        _fill(row, merged)
        row.updated_at = now
        if fresh:
            _reopen(row, merged, exceptions, now)
    models.Finding.objects.bulk_create(
        (row for row, _, _ in changed), update_conflicts=True, unique_fields=["id"], update_fields=_CHANGED
    )
    _add_evidence((row.id, transfer) for row, _, fresh in changed for transfer in sorted(fresh))
    outbox.add_all(finding_record(merged) for _, merged, _ in changed)


def _merged(known: Finding, finding: Finding) -> Finding:
    """Return a finding with what is new of it."""
    (merged,) = merge([known, finding])
    if SHIELDED in known.tags:  # what comes later brings nobody back: only the evidence grows
        return msgspec.structs.replace(known, transfers=merged.transfers, last_time=merged.last_time)
    return merged


def _reopen(row: models.Finding, finding: Finding, exceptions: Sequence[models.ExceptionRule], now: datetime) -> None:
    """Open again what was closed, since there is something new to see, unless an exception covers it."""
    if row.state not in (FindingState.RESOLVED, FindingState.EXCEPTED):
        return
    row.exception = covering(finding, exceptions)
    after = FindingState.NEW if row.exception is None else FindingState.EXCEPTED
    record_change(row, after, who="waybill", reason="new evidence", at=now)


def _fill(row: models.Finding, finding: Finding) -> None:
    row.detector = finding.detector
    row.rule_id = column(finding.rule_id, NAME_LENGTH)
    row.severity = finding.severity.number
    row.score = finding.score
    row.time = finding.time
    row.last_time = finding.last_time
    row.subject = column(finding.subject)
    row.asset = column(finding.asset)
    row.channel = finding.channel
    row.source = column(finding.source.name, NAME_LENGTH)
    row.statement = msgspec.json.encode(msgspec.structs.replace(finding, transfers=())).decode()


def _add_evidence(evidence: Iterable[tuple[str, str]]) -> None:
    """Store pairs of a finding and one of its transfers."""
    models.FindingTransfer.objects.bulk_create(
        (models.FindingTransfer(finding_id=id, transfer=bytes.fromhex(transfer)) for id, transfer in evidence),
        batch_size=CHUNK,
    )


def _store_memory(row: models.DetectorState, state: State) -> None:
    """Write only what changed: a detector may remember far more keys than one run touches."""
    stored: dict[str, str] = dict(row.memory.values_list("key", "value"))
    wanted = dict(_memory(key, value) for key, value in state.items())
    changed = [
        models.DetectorMemory(detector=row, key=key, value=value)
        for key, value in wanted.items()
        if stored.get(key) != value
    ]
    models.DetectorMemory.objects.bulk_create(
        changed, CHUNK, update_conflicts=True, unique_fields=["detector", "key"], update_fields=["value"]
    )
    for chunk in chunks(sorted(stored.keys() - wanted.keys())):
        row.memory.filter(key__in=chunk).delete()


def _memory(key: str, value: object) -> tuple[str, str]:
    """Return the columns that keep what is remembered of a key; one that does not fit stands with its value."""
    kept = column(key)
    return kept, msgspec.json.encode(value if kept == key else [key, value], order="deterministic").decode()


def _remembered(kept: str, content: str) -> tuple[str, Any]:
    value = msgspec.json.decode(content)
    return (value[0], value[1]) if kept.startswith(HASHED) else (kept, value)


def statement_of(row: models.Finding, evidence: Sequence[str]) -> Finding:
    """Return the finding that ``row`` holds, resting on ``evidence``."""
    return msgspec.structs.replace(msgspec.json.decode(row.statement, type=Finding), transfers=tuple(sorted(evidence)))


def evidence_of(ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the transfers that each of these findings rests on, as hex, sorted."""
    found: dict[str, list[str]] = {finding: [] for finding in ids}
    for chunk in chunks(list(found)):
        rows = models.FindingTransfer.objects.filter(finding_id__in=chunk).values_list("finding_id", "transfer")
        for finding, transfer in rows:
            found[finding].append(bytes(transfer).hex())
    return {finding: tuple(sorted(transfers)) for finding, transfers in found.items()}


def chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Yield ``items`` in parts that fit into one query."""
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
