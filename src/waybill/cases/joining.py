"""Merging and splitting cases by hand: findings move with the reason, and nothing of either journal is lost."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

import msgspec
from django.db.models import Max, Min

from waybill.cases import journal, models
from waybill.cases.acting import acting
from waybill.cases.words import OVER, Act, CaseState, Link
from waybill.model.errors import UsageError


def merge(number: int, into: int, *, who: str, reason: str) -> None:
    """Move all findings, open tasks and reports made of a case into another; the empty one says where they are.

    A protected disclosure stays one, wherever it goes. Raises UsageError for a case that is over.
    """
    if number == into:
        raise UsageError("A case is not merged into itself.", where=str(number))
    with acting(number, who=who, reason=reason) as case, acting(into, who=who, reason=reason) as other:
        if other.state in OVER:
            raise UsageError("The other case is over.", where=str(into), advice="Open it again first.")
        moved = sorted(case.findings.values_list("pk", flat=True))
        case.findings.update(case=other)
        case.tasks.filter(done_at__isnull=True).update(case=other)
        for row in case.evidence.exclude(sha256__in=other.evidence.values("sha256")):
            row.case = other
            row.save(update_fields=["case"])
        other.protected = other.protected or case.protected
        other.public_interest = other.public_interest or case.public_interest
        other.opened_at = min(case.opened_at, other.opened_at)  # known since then: no clock starts later by merging
        _move_reports(case, other)
        for name in ("facts", "moments"):
            known = {**msgspec.json.decode(getattr(case, name)), **msgspec.json.decode(getattr(other, name))}
            setattr(other, name, msgspec.json.encode(known).decode())
        _settle(other)
        case.state, case.merged_into = CaseState.MERGED.value, other
        now = datetime.now(UTC)
        journal.write(case, Act.MERGED, who=who, at=now, what={"into": into, "findings": moved}, reason=reason)
        journal.write(other, Act.MERGED, who=who, at=now, what={"from": number, "findings": moved}, reason=reason)


def split(number: int, findings: Collection[str], *, who: str, reason: str) -> int:
    """Move some findings of a case into a new one; returns its number. What the case is judged to be goes along.

    The new case is known as long as the old one was, so that no clock starts later for it. Raises UsageError for
    findings that are not in the case, and for all of them.
    """
    with acting(number, who=who, reason=reason) as case:
        chosen = case.findings.filter(pk__in=list(findings))
        moved = sorted(chosen.values_list("pk", flat=True))
        if not moved or set(moved) != set(findings):
            raise UsageError("These findings are not in the case.", where=", ".join(sorted(set(findings) - set(moved))))
        if len(moved) == case.findings.count():
            raise UsageError("Something must stay in the case.", expected="some of its findings, not all")
        other = models.Case.objects.create(
            opened_at=case.opened_at,
            first=case.first,
            last=case.last,
            severity=case.severity,
            judged_severity=case.judged_severity,
            intent=case.intent,
            origin=case.origin,
            public_interest=case.public_interest,
            protected=case.protected,
            assignee=case.assignee,
            facts=case.facts,
            moments=case.moments,
        )
        chosen.update(case=other, link=Link.HAND.value, via="")
        for one in (case, other):
            _settle(one)
        other.save()
        now = datetime.now(UTC)
        journal.write(case, Act.SPLIT, who=who, at=now, what={"into": other.pk, "findings": moved}, reason=reason)
        journal.write(other, Act.SPLIT, who=who, at=now, what={"from": number, "findings": moved}, reason=reason)
    return other.pk


def _move_reports(case: models.Case, other: models.Case) -> None:
    """Let reports that were made for a case count for another, in place of its clocks that still ask for them."""
    made = set(case.clocks.filter(is_met=True).values_list("clock", flat=True))
    made -= set(other.clocks.filter(is_met=True).values_list("clock", flat=True))
    other.clocks.filter(clock__in=made).delete()
    case.clocks.filter(clock__in=made).update(case=other)


def _settle(case: models.Case) -> None:
    """Let a case span the findings that it now has, and be as grave as the gravest unless somebody has judged that."""
    found = case.findings.aggregate(
        first=Min("finding__time"), last=Max("finding__last_time"), severity=Max("finding__severity")
    )
    case.first, case.last = found["first"] or case.first, found["last"] or case.last
    if not case.judged_severity:
        case.severity = found["severity"] or case.severity
