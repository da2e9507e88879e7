"""Recognises tokens: ``Authorization: Bearer wbt_…`` (RFC 6750), and whether they allow what is asked."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus

from django.http import HttpRequest
from ninja.security.http import HttpAuthBase

from waybill.access.scopes import Scope
from waybill.access.tokens import Token, Tokens
from waybill.console.problems import Refusal

_tokens = Tokens()


class Bearer(HttpAuthBase):
    """Lets requests pass that show a good token of one scope."""

    openapi_scheme = "bearer"

    def __init__(self, scope: Scope, *, unbounded: bool = False) -> None:
        """``unbounded``: what is told cannot be narrowed, so a token whose reach has bounds is refused."""
        super().__init__()
        self._scope = scope
        self._unbounded = unbounded

    def __call__(self, request: HttpRequest) -> Token:
        """Return the token of a request. Raises Refusal (401, 403)."""
        kind, _, shown = request.headers.get("Authorization", "").partition(" ")
        token = _tokens.recognise(shown.strip()) if kind.casefold() == "bearer" else None
        if token is None:
            expected, advice = "Authorization: Bearer wbt_…", "`waybill tokens create` makes one"
            raise Refusal(HTTPStatus.UNAUTHORIZED, "no token, or none that is known", expected=expected, advice=advice)
        if not token.is_good(datetime.now(UTC)):
            what = "the token is revoked" if token.revoked_at else "the token is over"
            raise Refusal(HTTPStatus.UNAUTHORIZED, what, where=token.id, advice="make a new one")
        if self._scope not in token.scopes:
            expected = f"a token with scope {self._scope}"
            raise Refusal(HTTPStatus.FORBIDDEN, "the token does not allow this", where=token.id, expected=expected)
        if self._unbounded and not token.reach.is_whole:
            expected = "a token for all organisations and grades"
            raise Refusal(HTTPStatus.FORBIDDEN, "the token does not reach so far", where=token.id, expected=expected)
        return token


def token_of(request: HttpRequest) -> Token:
    """Return the token of a request that was let pass."""
    token: Token = request.auth  # type: ignore[attr-defined]  # the bearer put it there
    return token
