"""Asking for a permit: asked with a reason, granted by somebody else; granted, it is in the register like any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from django.db import transaction

from waybill.control import storage_faults
from waybill.model.errors import UsageError
from waybill.model.protocols import Pseudonymiser
from waybill.model.register import Permit
from waybill.outbox import adding as outbox
from waybill.outbox.kinds import Kind as Recorded
from waybill.register import models, records
from waybill.register.fields import CellError, Kind, parse
from waybill.register.importing import Reading, RegisterError

UNNUMBERED = "asked-0"
"""Id of a permit that is not granted yet."""


@dataclass(frozen=True, slots=True)
class PermitRequest:
    """A wish for a permit, and what became of it."""

    number: int
    terms: Permit
    reason: str
    asked_by: str
    asked_at: datetime
    decided_by: str
    decided_at: datetime | None
    granted: bool | None
    answer: str


def ask(cells: Mapping[str, str], reason: str, pseudonymiser: Pseudonymiser, key: bytes, *, who: str) -> PermitRequest:
    """Ask for a permit with these terms, as cells of ``permits.csv`` without an id.

    Raises UsageError for terms that cannot be read or name what the register does not know, without a basis, an end or
    a reason.
    """
    if not reason.strip():
        raise UsageError("no reason is given", expected="what the permit is needed for")
    terms = _terms(cells)
    with storage_faults(), transaction.atomic():
        masked = _checked(terms, pseudonymiser, key)
        row = models.PermitRequest.objects.create(
            terms=msgspec.json.encode(masked).decode(),
            asset_id=terms.asset,
            reason=reason.strip(),
            asked_by=who,
            asked_at=datetime.now(UTC),
        )
        return _recorded(row, "asked", who)


def decide(
    number: int, granted: bool, answer: str, pseudonymiser: Pseudonymiser, key: bytes, *, who: str
) -> PermitRequest:
    """Grant or refuse; granted, the permit holds from now on.

    Raises UsageError for whoever asked or whom the permit is for, and for a wish that is decided or over.
    """
    if not answer.strip():
        raise UsageError("no reason is given", expected="why it is granted or refused")
    with storage_faults(), transaction.atomic():
        row = models.PermitRequest.objects.select_for_update().filter(pk=number).first()
        if row is None:
            raise UsageError("there is no such request", where=str(number))
        found, now = _of(row), datetime.now(UTC)
        if found.granted is not None:
            raise UsageError("this is decided already", where=str(number))
        if who in {found.asked_by, found.terms.party}:
            raise UsageError("nobody decides on the own wish", advice="another person of trade control decides")
        if granted:
            permit = msgspec.structs.replace(found.terms, id=f"asked-{row.pk}")
            if permit.valid_until is None or permit.valid_until <= now:
                raise UsageError("the permit would be over already", where=str(number), advice="refuse it; ask anew")
            records.import_reading(_reading(permit), pseudonymiser, key, where=f"request {row.pk}")
            row.terms = msgspec.json.encode(permit).decode()
        row.granted, row.answer, row.decided_by, row.decided_at = granted, answer.strip(), who, now
        row.save()
        return _recorded(row, "granted" if granted else "refused", who)


def every() -> list[PermitRequest]:
    """Return all requests, the newest first."""
    with storage_faults():
        return [_of(row) for row in models.PermitRequest.objects.order_by("-asked_at", "-pk")]


def _terms(cells: Mapping[str, str]) -> Permit:
    try:
        terms = parse(Kind.PERMITS, {**cells, "id": UNNUMBERED})
    except CellError as error:
        raise UsageError(str(error), where=error.column, expected=error.expected) from None
    if not isinstance(terms, Permit) or not terms.basis:
        raise UsageError("the permit has no basis", where="basis", expected="the licence, contract or decision")
    if terms.valid_until is None or terms.valid_until <= datetime.now(UTC):
        raise UsageError("the permit has no end to come", where="valid_until", expected="a time that is still to come")
    return terms


def _checked(terms: Permit, pseudonymiser: Pseudonymiser, key: bytes) -> Permit:
    """Return terms as they may be stored. Raises UsageError for one that names what the register does not know."""
    try:
        (masked,) = records.checked(_reading(terms), pseudonymiser, key).records[Kind.PERMITS]
    except RegisterError as error:
        first = error.problems[0]
        raise UsageError(first.what, where=first.column, expected=first.expected) from None
    if not isinstance(masked, Permit):
        raise TypeError(masked)
    return masked


def _reading(permit: Permit) -> Reading:
    return Reading({Kind.PERMITS: [permit]}, lines={(Kind.PERMITS, permit.id): ("request", 1)})


def _recorded(row: models.PermitRequest, step: str, who: str) -> PermitRequest:
    found = _of(row)
    terms = {name: value for name, value in msgspec.structs.asdict(found.terms).items() if value}
    party = {"party": terms.pop("party")} if "party" in terms else {}
    groups = {
        "what": {"request": row.pk, "step": step, "terms": terms},
        "who": {"by": who, **party},
        "decision": {"reason": row.answer if row.granted is not None else row.reason},
    }
    outbox.add(outbox.Record(Recorded.PERMIT_REQUEST, str(row.pk), groups, found.terms.party))
    return found


def _of(row: models.PermitRequest) -> PermitRequest:
    return PermitRequest(
        row.pk,
        msgspec.json.decode(row.terms, type=Permit),
        row.reason,
        row.asked_by,
        row.asked_at,
        row.decided_by,
        row.decided_at,
        row.granted,
        row.answer,
    )
