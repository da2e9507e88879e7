"""What is known of assets in the words of the rulebook's facts, and the grades that people confirmed.

The control database must be open before this module is imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from django.db import transaction

from waybill.control import storage_faults
from waybill.model.errors import UsageError
from waybill.model.words import Grade
from waybill.outbox import adding as outbox
from waybill.outbox.kinds import Kind as Recorded
from waybill.register import legal_tables, models
from waybill.rulebook.facts import Value, read_facts


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of an asset."""

    asset: str
    facts: dict[str, Value]
    said_by: str = ""
    said_at: datetime | None = None
    grade: Grade | None = None
    """The grade that a person confirmed; None before."""
    graded_by: str = ""
    graded_at: datetime | None = None
    reason: str = ""


def every() -> dict[str, Profile]:
    """Return every profile by the id of its asset."""
    with storage_faults():
        return {row.asset: _of(row) for row in legal_tables.AssetProfile.objects.order_by("asset")}


def say(asset: str, given: Mapping[str, object], *, who: str) -> Profile:
    """Add facts to what is known of an asset; an empty value takes one back. Raises UsageError for what cannot be."""
    with storage_faults(), transaction.atomic():
        row = _row(asset)
        known = msgspec.json.decode(row.facts, type=dict[str, Value])
        kept = {name: value for name, value in known.items() if name not in given}
        facts = read_facts({**kept, **given}, where=asset)
        row.facts = msgspec.json.encode(facts, order="sorted").decode()
        row.said_by, row.said_at = who, datetime.now(UTC)
        row.save()
        outbox.add(outbox.Record(Recorded.GRADING, asset, {"what": {"facts": facts}, "who": {"by": who}}))
        return _of(row)


def confirm(asset: str, grade: Grade, reason: str, *, rules: tuple[str, ...], rulebook: str, who: str) -> Profile:
    """Give an asset the grade that a person decided on; ``rules`` suggested it, of the rule set ``rulebook``.

    Raises UsageError without a reason, or for an asset that the register does not know.
    """
    if not reason.strip():
        raise UsageError("no reason is given", where=asset, expected="why it has this grade")
    with storage_faults(), transaction.atomic():
        if not models.Asset.objects.filter(pk=asset).update(grade=str(grade)):
            raise UsageError("there is no such asset", where=asset, advice="`waybill assets list` lists them")
        row = _row(asset)
        row.grade, row.graded_by, row.graded_at, row.reason = str(grade), who, datetime.now(UTC), reason.strip()
        row.save()
        groups = {
            "what": {"grade": grade, "rules": rules, "rulebook": rulebook},
            "who": {"by": who},
            "decision": {"reason": row.reason},
        }
        outbox.add(outbox.Record(Recorded.GRADING, asset, groups))
        return _of(row)


def _row(asset: str) -> legal_tables.AssetProfile:
    if not models.Asset.objects.filter(pk=asset).exists():
        raise UsageError("there is no such asset", where=asset, advice="`waybill assets list` lists them")
    row, _ = legal_tables.AssetProfile.objects.select_for_update().get_or_create(pk=asset)
    return row


def _of(row: legal_tables.AssetProfile) -> Profile:
    return Profile(
        row.asset,
        msgspec.json.decode(row.facts, type=dict[str, Value]),
        row.said_by,
        row.said_at,
        Grade(row.grade) if row.grade else None,
        row.graded_by,
        row.graded_at,
        row.reason,
    )
