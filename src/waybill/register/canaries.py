"""Marked copies and decoys: asked for with a reason, approved by somebody else, made, revoked; all in the ledger.

None is made of what the public has an interest in: a mark would point at whoever speaks up. The control database must
be open before this module is imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from django.db import transaction

from waybill.control import storage_faults
from waybill.model.errors import UsageError
from waybill.model.register import Decoy
from waybill.outbox import adding as outbox
from waybill.outbox.kinds import Kind as Recorded
from waybill.register import discovery_tables, models


class CanaryKind(StrEnum):
    """What is handed out."""

    COPY = "copy"
    """A copy of a document with marks of its own."""
    DECOYS = "decoys"
    """A table with rows of nobody."""
    THING = "thing"
    """A file, an object or a table that is only there to be found; nobody has a reason to touch it."""


@dataclass(frozen=True, slots=True)
class Canary:
    """One delivery: what was asked for, and what became of it."""

    number: int
    kind: CanaryKind
    document: str
    asset: str
    recipient: str
    reason: str
    asked_by: str
    asked_at: datetime
    decided_by: str
    decided_at: datetime | None
    approved: bool | None
    answer: str
    made_at: datetime | None
    values: tuple[str, ...]
    revoked_by: str
    revoked_at: datetime | None
    revoked_because: str

    @property
    def is_watched(self) -> bool:
        """Whether it is out there, and looked for."""
        return self.made_at is not None and self.revoked_at is None

    @property
    def may_be_revoked(self) -> bool:
        """Whether it was not refused, nor revoked before."""
        return self.approved is not False and self.revoked_at is None

    @property
    def delivery(self) -> str:
        """What its marks are of."""
        return f"delivery-{self.number}"


def ask(kind: CanaryKind, document: str, asset: str, recipient: str, reason: str, *, who: str) -> Canary:
    """Ask for a marked copy or decoys for a recipient.

    Raises UsageError without a reason or a recipient, for an unknown asset, and for one of public interest.
    """
    if not reason.strip() or not recipient.strip():
        raise UsageError("no reason or no recipient is given", expected="who gets it, and why it is marked")
    with storage_faults(), transaction.atomic():
        _check(asset)
        row = discovery_tables.Canary.objects.create(
            kind=str(kind),
            document=document,
            asset=asset,
            recipient=recipient.strip(),
            reason=reason.strip(),
            asked_by=who,
            asked_at=datetime.now(UTC),
        )
        return _recorded(row, "asked", who)


def decide(number: int, approved: bool, answer: str, *, who: str) -> Canary:
    """Approve or refuse. Raises UsageError for whoever asked, without a reason, and for what is decided."""
    if not answer.strip():
        raise UsageError("no reason is given", expected="why it is approved or refused")
    with storage_faults(), transaction.atomic():
        row = _row(number)
        if row.approved is not None or row.revoked_at is not None:
            raise UsageError("this is decided already", where=str(number))
        if who == row.asked_by:
            raise UsageError("nobody approves what they asked for", advice="another person decides")
        _check(row.asset)
        row.approved, row.answer, row.decided_by, row.decided_at = approved, answer.strip(), who, datetime.now(UTC)
        if approved and row.kind == CanaryKind.THING:  # it is not made here, and watched from now on
            row.made_at = row.decided_at
        row.save()
        return _recorded(row, "approved" if approved else "refused", who)


def revoke(number: int, because: str, *, who: str) -> Canary:
    """Take it back: nothing is made of it any more, and it is no longer looked for. One person will do.

    Raises UsageError without a reason, and for what was refused or revoked.
    """
    if not because.strip():
        raise UsageError("no reason is given", expected="why it is revoked")
    with storage_faults(), transaction.atomic():
        row = _row(number)
        if not _of(row).may_be_revoked:
            raise UsageError("there is nothing to revoke", where=str(number))
        row.revoked_by, row.revoked_at, row.revoked_because = who, datetime.now(UTC), because.strip()
        row.save()
        return _recorded(row, "revoked", who)


def to_make(number: int) -> Canary:
    """Return what may be made now. Raises UsageError for what is not approved, or may be made no more."""
    with storage_faults(), transaction.atomic():
        row = _row(number)
        if not row.approved:
            raise UsageError("this is not approved", where=str(number), advice="another person approves it first")
        if row.revoked_at is not None:
            raise UsageError("this was revoked", where=str(number))
        if row.kind == CanaryKind.THING:
            raise UsageError("there is nothing to make of a decoy thing", where=str(number))
        _check(row.asset)
        return _of(row)


def made(number: int, values: tuple[str, ...], *, who: str) -> Canary:
    """Keep that it was made, with the keyed hashes of its decoys."""
    with storage_faults(), transaction.atomic():
        row = _row(number)
        row.made_at, row.values = datetime.now(UTC), " ".join(values)
        row.save()
        return _recorded(row, "made", who)


def every() -> list[Canary]:
    """Return all of them, the newest first."""
    with storage_faults():
        return [_of(row) for row in discovery_tables.Canary.objects.order_by("-pk")]


def watched() -> list[Canary]:
    """Return those that are out there and looked for; never of what the public has an interest in by now."""
    with storage_faults():
        withheld = set(models.Asset.objects.filter(public_interest=True).values_list("pk", flat=True))
    return [one for one in every() if one.is_watched and one.asset not in withheld]


def decoys() -> tuple[Decoy, ...]:
    """Return what nobody has a reason to touch, as detectors are told of it: names and no values."""
    return tuple(
        Decoy(id=one.delivery, document=one.document, asset=one.asset, is_thing=one.kind is CanaryKind.THING)
        for one in watched()
        if one.kind is not CanaryKind.COPY
    )


def _check(asset: str) -> None:
    """Raise UsageError for an asset that is unknown, or that the public has an interest in."""
    row = models.Asset.objects.filter(pk=asset).first()
    if row is None:
        raise UsageError("there is no such asset", where=asset, advice="`waybill assets list` lists them")
    if row.public_interest:
        raise UsageError(
            "the public has an interest in this asset: copies of it are never marked",
            where=asset,
            advice="a mark would point at whoever speaks up",
        )


def _row(number: int) -> discovery_tables.Canary:
    row = discovery_tables.Canary.objects.select_for_update().filter(pk=number).first()
    if row is None:
        raise UsageError("there is no such delivery", where=str(number), advice="`waybill canary list` lists them")
    return row


def _recorded(row: discovery_tables.Canary, step: str, who: str) -> Canary:
    found = _of(row)
    what = {"step": step, "kind": str(found.kind), "document": found.document, "asset": found.asset}
    groups = {
        "what": what,
        "who": {"by": who, "recipient": found.recipient},
        "decision": {"reason": found.revoked_because or found.answer or found.reason},
    }
    outbox.add(outbox.Record(Recorded.CANARY, found.delivery, groups, found.recipient))
    return found


def _of(row: discovery_tables.Canary) -> Canary:
    return Canary(
        row.pk,
        CanaryKind(row.kind),
        row.document,
        row.asset,
        row.recipient,
        row.reason,
        row.asked_by,
        row.asked_at,
        row.decided_by,
        row.decided_at,
        row.approved,
        row.answer,
        row.made_at,
        tuple(row.values.split()),
        row.revoked_by,
        row.revoked_at,
        row.revoked_because,
    )
