"""Tokens of agents and programs: made, told once, listed, revoked, and recognised when they are shown.

A token reads ``wbt_ID_SECRET``. The id is no secret and finds the row; the secret is 256 random bits, of which only
the SHA-256 is kept and compared in constant time.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction

from waybill.access import models
from waybill.access.reach import EVERYTHING, Bound, Reach, check_organisations
from waybill.access.recording import token_record
from waybill.access.scopes import Scope
from waybill.control import storage_faults
from waybill.model.errors import UsageError
from waybill.model.words import Grade
from waybill.outbox import adding as outbox

PREFIX = "wbt"
FRESH_SECONDS = 1.0
"""How long tokens are remembered: so much later at most a revoked one is refused."""

DAYS = 90
"""How long a token is good for where nobody says."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_SOURCE = re.compile(r"[^;\s][^;]{0,199}")
_SHOWN = re.compile(rf"{PREFIX}_([0-9a-f]{{12}})_([A-Za-z0-9_-]{{43}})")


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it may be shown."""

    id: str
    name: str
    scopes: frozenset[Scope]
    sources: tuple[str, ...]
    """The sources it may send; all if empty."""
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    bound: Bound = EVERYTHING
    """Whose records it may read, and up to which grade."""

    @property
    def reach(self) -> Reach:
        """What lies within."""
        return Reach.of([self.bound])

    def is_good(self, now: datetime) -> bool:
        """Return whether it is neither revoked nor over."""
        return self.revoked_at is None and now < self.expires_at


def create(
    name: str,
    scopes: Collection[Scope],
    *,
    who: str,
    sources: Collection[str] = (),
    bound: Bound = EVERYTHING,
    expires_at: datetime | None = None,
) -> tuple[Token, str]:
    """Make a token; returns it and what must be told its user now, since it is kept nowhere.

    ``bound`` is what it may read, as roles are given to persons.

    Raises UsageError for a name that is taken or not of small letters, digits and ``.-_``, and for an end that is past.
    """
    now = datetime.now(UTC)
    expires_at = expires_at or now + timedelta(days=DAYS)
    _check(name, scopes, sources, now, expires_at)
    check_organisations(bound.organisations)
    secret = secrets.token_urlsafe(32)
    row = models.Token(
        id=secrets.token_hex(6),
        name=name,
        digest=_digest(secret),
        scopes=";".join(sorted(scopes)),
        sources=";".join(sorted(sources)),
        organisations=";".join(sorted(bound.organisations)),
        grade=bound.grade.value,
        created_at=now,
        expires_at=expires_at,
    )
    try:
        with storage_faults(), transaction.atomic():
            row.save(force_insert=True)
            outbox.add(token_record(row, who=who))
    except IntegrityError:
        raise UsageError(
            "there is a token of this name already", where=name, advice="take another name, so that lists stay clear"
        ) from None
    return _token(row), f"{PREFIX}_{row.id}_{secret}"


def every() -> list[Token]:
    """Return all tokens, the newest first, those that are over among them."""
    with storage_faults():
        return [_token(row) for row in models.Token.objects.order_by("-created_at")]


def revoke(named: str, *, who: str) -> Token:
    """End a token, given by name or id, for good. Raises UsageError if there is none."""
    with storage_faults(), transaction.atomic():
        row = models.Token.objects.filter(name=named).first() or models.Token.objects.filter(pk=named).first()
        if row is None:
            raise UsageError("there is no such token", where=named, advice="`waybill tokens list` shows them")
        if row.revoked_at is None:
            row.revoked_at = datetime.now(UTC)
            row.save(update_fields=["revoked_at"])
            outbox.add(token_record(row, who=who))
        return _token(row)


class Tokens:
    """Recognises tokens that are shown, from memory; for several threads."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[bytes, Token]] = {}
        self._fresh_until = 0.0
        self._lock = threading.Lock()

    def recognise(self, shown: str) -> Token | None:
        """Return the token, or None if there is no such token; whether it is still good is asked of it."""
        match = _SHOWN.fullmatch(shown)
        if match is None:
            return None
        self._refresh()
        digest, token = self._known.get(match[1]) or self._new(match[1])
        return token if hmac.compare_digest(digest, _digest(match[2])) else None

    def _new(self, id: str) -> tuple[bytes, Token | None]:
        """Return a token that was made since the last look."""
        with storage_faults():
            row = models.Token.objects.filter(pk=id).first()
        return (bytes(row.digest), _token(row)) if row else (b"", None)

    def _refresh(self) -> None:
        with self._lock:
            if time.monotonic() < self._fresh_until:
                return
            with storage_faults():
                self._known = {row.id: (bytes(row.digest), _token(row)) for row in models.Token.objects.all()}
            self._fresh_until = time.monotonic() + FRESH_SECONDS


def _check(name: str, scopes: Collection[Scope], sources: Collection[str], now: datetime, expires_at: datetime) -> None:
    if not _NAME.fullmatch(name):
        raise UsageError("this cannot be the name of a token", where=name, expected="a-z, 0-9 and .-_, at most 64")
    if not scopes:
        raise UsageError("a token needs a scope", expected=", ".join(Scope))
    wrong = [source for source in sources if not _SOURCE.fullmatch(source)]
    if wrong:
        raise UsageError("this cannot be the name of a source", where=wrong[0], expected="up to 200 letters without ;")
    if expires_at <= now:
        raise UsageError("a token cannot end in the past", where=expires_at.isoformat())


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _token(row: models.Token) -> Token:
    return Token(
        row.id,
        row.name,
        frozenset(Scope(scope) for scope in row.scopes.split(";")),
        tuple(filter(None, row.sources.split(";"))),
        row.created_at,
        row.expires_at,
        row.revoked_at,
        Bound(frozenset(filter(None, row.organisations.split(";"))), Grade(row.grade)),
    )
