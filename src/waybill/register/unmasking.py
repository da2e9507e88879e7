"""Seeing who is behind a pseudonym: asked with a reason, granted by somebody else, for a while, and each step recorded.

Where the public has an interest in the asset concerned, whoever decides belongs to another organisation than the
asset's owner and the person: a unit does not look into its own reports.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction

from waybill.control import storage_faults
from waybill.model.errors import UsageError
from waybill.outbox import adding as outbox
from waybill.outbox.kinds import Kind
from waybill.register import identities, models

HOURS = 24
"""How long a granted name can be seen where nobody says."""

MOST_HOURS = 24 * 30


@dataclass(frozen=True, slots=True)
class Unmasking:
    """A wish to see who is behind a pseudonym, and what became of it."""

    number: int
    pseudonym: str
    reason: str
    finding: str
    asset: str
    asked_by: str
    asked_at: datetime
    decided_by: str
    decided_at: datetime | None
    granted: bool | None
    answer: str
    until: datetime | None

    def shows(self, now: datetime) -> bool:
        """Return whether the name can be seen now."""
        return bool(self.granted) and self.until is not None and now < self.until


def ask(pseudonym: str, reason: str, *, who: str, finding: str = "", asset: str = "") -> Unmasking:
    """Ask to see who is behind a pseudonym. Raises UsageError where nobody is known by it, or no reason is given."""
    if not reason.strip():
        raise UsageError("no reason is given", expected="why this name must be known")
    with storage_faults(), transaction.atomic():
        if not models.Identity.objects.filter(pk=pseudonym).exists():
            raise UsageError("nobody is known by this pseudonym", where=pseudonym)
        row = models.Unmasking.objects.create(
            pseudonym=pseudonym,
            reason=reason.strip(),
            finding=finding,
            asset=asset,
            asked_by=who,
            asked_at=datetime.now(UTC),
        )
        return _recorded(row, "asked", who)


def decide(number: int, granted: bool, answer: str, *, who: str, hours: int = HOURS) -> Unmasking:
    """Grant or refuse. Raises UsageError for whoever asked, is the person or belongs to the unit concerned."""
    if not answer.strip():
        raise UsageError("no reason is given", expected="why it is granted or refused")
    if not 1 <= hours <= MOST_HOURS:
        raise UsageError("this is too long or too short", where=f"{hours} h", expected=f"1 to {MOST_HOURS} hours")
    with storage_faults(), transaction.atomic():
        row = models.Unmasking.objects.select_for_update().filter(pk=number).first()
        if row is None:
            raise UsageError("there is no such request", where=str(number))
        _check_may_decide(row, who)
        now = datetime.now(UTC)
        row.granted, row.answer, row.decided_by, row.decided_at = granted, answer.strip(), who, now
        row.until = now + timedelta(hours=hours) if granted else None
        row.save()
        return _recorded(row, "granted" if granted else "refused", who)


def see(number: int, key: bytes, *, who: str) -> str:
    """Return the name that was granted to ``who``, who has asked for it; that it was seen is recorded.

    Raises UsageError if it was not granted, or no longer is.
    """
    with storage_faults(), transaction.atomic():
        row = models.Unmasking.objects.filter(pk=number, asked_by=who).first()
        if row is None or not _of(row).shows(datetime.now(UTC)):
            raise UsageError("this name cannot be seen", where=str(number), advice="ask for it; somebody else decides")
        name, _ = identities.identity_of(row.pseudonym, key)
        _recorded(row, "seen", who)
    return name


def every() -> list[Unmasking]:
    """Return all requests, the newest first."""
    with storage_faults():
        return [_of(row) for row in models.Unmasking.objects.order_by("-asked_at", "-pk")]


def _check_may_decide(row: models.Unmasking, who: str) -> None:
    if row.granted is not None:
        raise UsageError("this is decided already", where=str(row.pk))
    if who in {row.asked_by, row.pseudonym}:
        raise UsageError("nobody decides on the own wish or the own name", advice="another privacy officer decides")
    asset = models.Asset.objects.filter(pk=row.asset).first()
    if asset is None or not asset.public_interest:
        return
    concerned = {asset.owner, *_organisations([asset.owner, row.pseudonym])} - {""}
    own = _organisations([who])
    if not own or own & concerned:
        raise UsageError(
            "the public has an interest in this asset: somebody from outside the unit concerned decides",
            where=row.asset,
            advice="the register's party of whoever decides names another organisation",
        )


def _organisations(parties: Iterable[str]) -> set[str]:
    """Return the organisations of these parties, and those around them."""
    found: set[str] = set()
    waiting = {name for name in parties if name}
    while waiting:
        orgs = set(models.Party.objects.filter(pk__in=waiting).values_list("org", flat=True))
        waiting = orgs - found - {""}
        found |= waiting
    return found


def _recorded(row: models.Unmasking, step: str, who: str) -> Unmasking:
    groups = {
        "what": {"request": row.pk, "step": step, "finding": row.finding, "asset": row.asset},
        "who": {"person": row.pseudonym, "by": who},
        "when": {"until": row.until} if row.until else {},
        "decision": {"reason": row.answer if step in {"granted", "refused"} else row.reason},
    }
    outbox.add(outbox.Record(Kind.UNMASKING, str(row.pk), groups, row.pseudonym))
    return _of(row)


def _of(row: models.Unmasking) -> Unmasking:
    return Unmasking(
        row.pk,
        row.pseudonym,
        row.reason,
        row.finding,
        row.asset,
        row.asked_by,
        row.asked_at,
        row.decided_by,
        row.decided_at,
        row.granted,
        row.answer,
        row.until,
    )
