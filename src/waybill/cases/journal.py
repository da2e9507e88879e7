"""The journal of a case: each act is a row there and a record in the ledger, in the transaction that does it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from waybill.cases import models
from waybill.cases.words import Act
from waybill.control import storage_faults
from waybill.outbox.adding import Record, add_all
from waybill.outbox.kinds import Kind

SYSTEM = "waybill"
"""Who acts where nobody does: grouping, clocks."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One act."""

    number: int
    at: datetime
    who: str
    act: Act
    what: Mapping[str, Any]
    """What changed, by name."""
    reason: str


_MARK = "case-"


def reference(case: int) -> str:
    """Return what a case is called in the ledger."""
    return f"{_MARK}{case}"


def number_of(reference: str) -> int:
    """Return the number of the case that is called so in the ledger."""
    return int(reference.removeprefix(_MARK))


def write(
    case: models.Case, act: Act, *, who: str, at: datetime, what: Mapping[str, object] | None = None, reason: str = ""
) -> None:
    """Keep an act, inside an open transaction. Whoever calls has made sure that no text of it names a person."""
    write_all(case, act, [(what or {}, reason)], who=who, at=at)


def write_all(
    case: models.Case, act: Act, acts: Sequence[tuple[Mapping[str, object], str]], *, who: str, at: datetime
) -> None:
    """Keep acts of one sort, each what changed and the reason; all with one statement a table."""
    said = [(msgspec.to_builtins(dict(what)), reason) for what, reason in acts]
    models.CaseEntry.objects.bulk_create(
        models.CaseEntry(
            case=case, at=at, who=who, act=act.value, what=msgspec.json.encode(what).decode(), reason=reason
        )
        for what, reason in said
    )
    add_all(
        Record(
            Kind.CASE,
            reference(case.pk),
            {
                "what": {"case": case.pk, "act": act, **({"changes": what} if what else {})},
                "who": {"by": who},
                "when": {"time": at},
                "decision": {"reason": reason} if reason else {},
            },
        )
        for what, reason in said
    )


def entries(case: int, *acts: Act) -> list[Entry]:
    """Return the journal of a case, oldest first; of these acts alone if any are named."""
    with storage_faults():
        rows = models.CaseEntry.objects.filter(case_id=case).order_by("id")
        if acts:
            rows = rows.filter(act__in=[act.value for act in acts])
        return [_entry(row) for row in rows]


def between(cases: Collection[int], since: datetime, until: datetime) -> dict[int, list[Entry]]:
    """Return what was done to these cases within a time, by case, the oldest first."""
    found: dict[int, list[Entry]] = {}
    with storage_faults():
        for row in models.CaseEntry.objects.filter(at__gte=since, at__lt=until).order_by("case_id", "id"):
            if row.case_id in cases:
                found.setdefault(row.case_id, []).append(_entry(row))
    return found


def latest(case: int) -> dict[Act, Entry]:
    """Return the newest entry of each act: what holds now, and why."""
    return {entry.act: entry for entry in entries(case)}


def _entry(row: models.CaseEntry) -> Entry:
    return Entry(row.pk, row.at, row.who, Act(row.act), msgspec.json.decode(row.what), row.reason)
