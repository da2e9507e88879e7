"""Exceptions: findings that an owner accepts until a date. They are kept in the state ``excepted``, never dropped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from django.db import transaction

from waybill.control import storage_faults
from waybill.findings import models
from waybill.findings.handling import record_change
from waybill.findings.recording import exception_record
from waybill.findings.states import FindingState
from waybill.model.errors import UsageError
from waybill.model.findings import Finding
from waybill.outbox import adding as outbox

_FIELDS = ("rule_id", "subject", "asset", "channel", "source")


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """Which findings an exception covers: all of these hold. Exact, or a beginning followed by ``*``; empty is any."""

    rule_id: str = ""
    subject: str = ""
    asset: str = ""
    channel: str = ""
    source: str = ""


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """A stored exception."""

    number: int
    owner: str
    reason: str
    created_at: datetime
    expires_at: datetime
    match: Match
    findings: int
    """How many findings it covers by now."""


def add_exception(match: Match, *, owner: str, reason: str, expires_at: datetime) -> int:
    """Store an exception, let it cover the new findings it matches, and return its number.

    Raises UsageError unless it has an owner, a reason, an end in the future, and restricts something.
    """
    now = datetime.now(UTC)
    if not any(getattr(match, field).strip("*") for field in _FIELDS):
        raise UsageError("An exception for everything would hide everything.", expected="a rule, subject, asset, …")
    if not owner.strip() or not reason.strip():
        raise UsageError("An exception needs an owner and a reason.", expected="owner and reason")
    if expires_at <= now:
        raise UsageError("The exception would have ended already.", expected="an end in the future")
    with storage_faults(), transaction.atomic():
        rule = models.ExceptionRule.objects.create(
            owner=owner, reason=reason, created_at=now, expires_at=expires_at, **msgspec.structs.asdict(match)
        )
        for row in models.Finding.objects.filter(state__in=[FindingState.NEW, FindingState.SUMMARISED]).iterator():
            if _covers(rule, row.rule_id, row.subject, row.asset, row.channel, row.source):
                row.exception = rule
                record_change(row, FindingState.EXCEPTED, who=owner, reason=reason, at=now)
                row.save()
        outbox.add(exception_record(rule, who=owner, reason=reason))
    return rule.pk


def exceptions() -> list[Accepted]:
    """Return all exceptions, also those that have ended, in the order in which they were made."""
    with storage_faults():
        return [
            Accepted(
                number=rule.pk,
                owner=rule.owner,
                reason=rule.reason,
                created_at=rule.created_at,
                expires_at=rule.expires_at,
                match=Match(**{field: getattr(rule, field) for field in _FIELDS}),
                findings=rule.findings.count(),
            )
            for rule in models.ExceptionRule.objects.order_by("pk")
        ]


def end_exception(number: int, *, who: str, reason: str) -> int:
    """End an exception now; the findings it covered are new again. Return how many."""
    now = datetime.now(UTC)
    with storage_faults(), transaction.atomic():
        rule = models.ExceptionRule.objects.filter(pk=number).first()
        if rule is None:
            raise UsageError("There is no such exception.", where=str(number), advice="List exceptions to see them.")
        rows = list(rule.findings.filter(state=FindingState.EXCEPTED))
        for row in rows:
            row.exception = None
            record_change(row, FindingState.NEW, who=who, reason=reason, at=now)
            row.save()
        rule.expires_at = max(now, rule.created_at + timedelta(microseconds=1))
        rule.save()
        outbox.add(exception_record(rule, who=who, reason=reason))
    return len(rows)


def active_exceptions(now: datetime) -> list[models.ExceptionRule]:
    """Return the exceptions that hold at ``now``, oldest first."""
    return list(models.ExceptionRule.objects.filter(expires_at__gt=now).order_by("pk"))


def covering(finding: Finding, rules: Iterable[models.ExceptionRule]) -> models.ExceptionRule | None:
    """Return the first of ``rules`` that covers ``finding``."""
    values = finding.rule_id, finding.subject, finding.asset, finding.channel, finding.source.name
    return next((rule for rule in rules if _covers(rule, *values)), None)


def _covers(rule: models.ExceptionRule, *values: str) -> bool:
    patterns: Sequence[str] = [getattr(rule, field) for field in _FIELDS]
    return all(_fits(pattern, value) for pattern, value in zip(patterns, values, strict=True))


def _fits(pattern: str, value: str) -> bool:
    if pattern.endswith("*"):
        return value.startswith(pattern[:-1])
    return pattern in ("", value)
