"""The budget of privacy: what a set of data may give away in a year, what was spent, and who signed for it.

A release is proposed, signed by two people, and drawn once. It is spent when the second signs, whatever becomes of it
then; every step is a record of the ledger, in the same transaction.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
from django.db import transaction

from waybill.control import storage_faults
from waybill.model.errors import UsageError
from waybill.outbox.adding import Record, add
from waybill.outbox.kinds import Kind
from waybill.trends import models, store
from waybill.trends.noise import MECHANISM, UNIT
from waybill.trends.words import SpendState

SIGNERS = 2
"""How many people must sign, none of them twice."""

_SPENT = (SpendState.SIGNED.value, SpendState.PUBLISHED.value)


class Query(msgspec.Struct, frozen=True):
    """What is to be published: which tables of which years."""

    tables: tuple[str, ...]
    first: int
    last: int

    @property
    def years(self) -> range:
        """The years, both ends included."""
        return range(self.first, self.last + 1)


@dataclass(frozen=True, slots=True)
class Release:
    """A release as it stands."""

    number: int
    source: str
    year: int
    state: SpendState
    epsilon: Decimal
    bound: int
    query: Query
    query_hash: str
    version: str
    reason: str
    proposed_at: datetime
    proposed_by: str
    signed_by: tuple[str, ...]
    release: str
    """What was drawn, as JSON; empty before."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands."""

    source: str
    year: int
    limit: Decimal
    spent: Decimal
    releases: tuple[Release, ...]

    @property
    def left(self) -> Decimal:
        """What may still be spent."""
        return self.limit - self.spent


def open_account(source: str, year: int, limit: Decimal, *, who: str) -> None:
    """Set the limit of a set of data and a year. Raises UsageError where it was set: a limit that moves is none."""
    _positive(limit, "limit")
    with storage_faults(), transaction.atomic():
        if models.Account.objects.filter(source=source, year=year).exists():
            raise UsageError("this account has a limit already", where=f"{source} {year}")
        models.Account.objects.create(source=source, year=year, limit=limit)
        what = {"source": source, "year": year, "limit": str(limit), "unit": UNIT}
        add(Record(Kind.RELEASE, f"account-{source}-{year}", {"what": what, "who": {"by": who}}))


def propose(source: str, year: int, query: Query, *, epsilon: Decimal, bound: int, reason: str, who: str) -> int:
    """Propose a release; returns its number. Raises UsageError where there is no account, or too little left in it."""
    _positive(epsilon, "epsilon")
    if not reason.strip():
        raise UsageError("a release needs a reason", expected="reason")
    with storage_faults(), transaction.atomic():
        account = _locked(source, year)
        _check(account, epsilon)
        row = models.Spend.objects.create(
            account=account, epsilon=epsilon, unit=UNIT, bound=bound, mechanism=MECHANISM,
            query=msgspec.json.encode(query).decode(), version=store.version(), reason=reason.strip(),
            proposed_at=datetime.now(UTC), proposed_by=who,
        )  # fmt: skip
        _record(row, "proposed", who)
    return row.pk


def sign(number: int, *, who: str) -> Release:
    """Consent to a release; with the second person's consent its budget is spent.

    Raises UsageError where there is none to be signed, this person has signed, or too little is left by now.
    """
    if not who.strip():
        raise UsageError("nobody is named who signs", expected="who")
    with storage_faults(), transaction.atomic():
        row = _proposed(number)
        account = _locked(row.account.source, row.account.year)
        if row.signatures.filter(who=who).exists():
            raise UsageError("this person has signed already", where=str(number), expected="somebody else")
        models.Signature.objects.create(spend=row, who=who, at=datetime.now(UTC))
        if row.signatures.count() >= SIGNERS:
            _check(account, row.epsilon)
            row.state = SpendState.SIGNED.value
            row.save()
        _record(row, "signed", who)
    return release(number)


def refuse(number: int, *, who: str, reason: str) -> None:
    """Refuse a release that is not signed yet."""
    if not reason.strip():
        raise UsageError("a refusal needs a reason", expected="reason")
    with storage_faults(), transaction.atomic():
        row = _proposed(number)
        row.state = SpendState.REFUSED.value
        row.save()
        _record(row, "refused", who, reason)


def keep(number: int, drawn: str, *, who: str) -> Release:
    """Keep what was drawn for a release; what was drawn before stays, so that nobody draws twice."""
    with storage_faults(), transaction.atomic():
        row = models.Spend.objects.select_for_update().get(pk=number)
        if row.state not in _SPENT:
            raise UsageError("this release is not signed by two people", where=str(number))
        if not row.release:
            row.release, row.state = drawn, SpendState.PUBLISHED.value
            row.save()
            _record(row, "published", who)
    return release(number)


def release(number: int) -> Release:
    """Return a release. Raises UsageError if there is none."""
    with storage_faults():
        row = models.Spend.objects.select_related("account").filter(pk=number).first()
        if row is None:
            raise _no_such(number)
        return _release(row)


def standings() -> list[Standing]:
    """Return every account with its releases, newest year first."""
    with storage_faults():
        accounts = models.Account.objects.order_by("-year", "source").prefetch_related("spends__signatures")
        return [
            Standing(
                account.source, account.year, account.limit, _spent(account),
                tuple(_release(row) for row in sorted(account.spends.all(), key=lambda row: row.pk)),
            )
            for account in accounts
        ]  # fmt: skip


def _locked(source: str, year: int) -> models.Account:
    account = models.Account.objects.select_for_update().filter(source=source, year=year).first()
    if account is None:
        raise UsageError(
            "there is no account for this set of data and year",
            where=f"{source} {year}",
            advice="`waybill trends account open` sets its limit",
        )
    return account


def _proposed(number: int) -> models.Spend:
    row = models.Spend.objects.select_for_update().filter(pk=number, state=SpendState.PROPOSED.value).first()
    if row is None:
        raise _no_such(number)
    return row


def _no_such(number: int) -> UsageError:
    return UsageError("there is no such release", where=str(number), advice="`waybill trends account list` shows all")


def _check(account: models.Account, epsilon: Decimal) -> None:
    """Raise UsageError where an account cannot bear a release."""
    left = account.limit - _spent(account)
    if epsilon > left:
        raise UsageError(
            "the budget of this year does not bear this release",
            where=f"{account.source} {account.year}: epsilon {epsilon.normalize():f}",
            expected=f"at most {left.normalize():f}, which is left of {account.limit.normalize():f}",
        )


def _spent(account: models.Account) -> Decimal:
    return sum((row.epsilon for row in account.spends.all() if row.state in _SPENT), Decimal(0))


def _positive(value: Decimal, name: str) -> None:
    if not value.is_finite() or not 0 < value <= 1000:
        raise UsageError(f"this is no {name}", where=str(value), expected="a number above 0, such as 1.0")


def _record(row: models.Spend, act: str, who: str, reason: str = "") -> None:
    said = _release(row)
    what = {
        "release": row.pk, "act": act, "source": said.source, "year": said.year, "epsilon": str(said.epsilon),
        "unit": row.unit, "bound": row.bound, "mechanism": row.mechanism, "query": said.query_hash,
        "version": row.version, "content": hashlib.sha256(row.release.encode()).hexdigest() if row.release else "",
    }  # fmt: skip
    groups = {
        "what": {name: value for name, value in what.items() if value != ""},
        "who": {"by": who, "signed": list(said.signed_by)},
        "decision": {"reason": reason or row.reason},
    }
    add(Record(Kind.RELEASE, f"release-{row.pk}", groups))


def _release(row: models.Spend) -> Release:
    return Release(
        number=row.pk,
        source=row.account.source,
        year=row.account.year,
        state=SpendState(row.state),
        epsilon=Decimal(row.epsilon),
        bound=row.bound,
        query=msgspec.json.decode(row.query, type=Query),
        query_hash=hashlib.sha256(row.query.encode()).hexdigest(),
        version=row.version[:12],
        reason=row.reason,
        proposed_at=row.proposed_at,
        proposed_by=row.proposed_by,
        signed_by=tuple(one.who for one in sorted(row.signatures.all(), key=lambda one: one.pk)),
        release=row.release,
    )
