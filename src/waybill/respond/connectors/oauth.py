"""Revokes a grant at an OAuth 2.0 authorization server (RFC 7009), and sees by introspection that it ended (RFC 7662).

Which token is told decides what ends: a refresh token ends the grant with all of its access tokens, an access token
often itself alone. Nothing brings a grant back; who had it is given another by signing in.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import quote, urlencode

from waybill.respond.acting import Arguments, Before, Connector, ConnectorError
from waybill.respond.connectors.web import Answer, ask

SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class AuthorizationServer:
    """Where grants are revoked and introspected, and as which client."""

    revocation: str
    introspection: str
    client_id: str
    client_secret: str = field(repr=False)
    trust: str = ""
    """File of certificates (PEM) to trust in place of the system's."""


@dataclass(frozen=True, slots=True)
class RevokeGrant(Connector):
    """``oauth.revoke``: the grant of ``token`` ended.

    ``seen``, if it is told, is another token of the same grant that is introspected in its place: some servers say
    nothing of refresh tokens.
    """

    server: AuthorizationServer
    name: ClassVar[str] = "oauth.revoke"
    arguments: ClassVar[tuple[str, ...]] = ("token",)
    needs_two: ClassVar[bool] = True
    secrets: ClassVar[frozenset[str]] = frozenset({"token", "seen"})
    lasting: ClassVar[bool] = True

    def says(self, arguments: Arguments) -> str:
        """Return the call that it would make."""
        mark = hashlib.sha256(arguments["token"].encode()).hexdigest()[:8]
        return f"POST {self.server.revocation}: revoke the token of SHA-256 {mark}…"

    def before(self, arguments: Arguments) -> Before:
        """Return whether the server says that it is active."""
        return {"active": "yes" if self._is_active(arguments, SECONDS) else "no"}

    def act(self, arguments: Arguments, seconds: float) -> None:
        """Revoke it. One that was not active before is told: whether the server knows it cannot be seen then."""
        known = self._is_active(arguments, seconds)
        answer = self._ask(self.server.revocation, arguments["token"], seconds)
        if answer.status != 200:
            raise ConnectorError(f"the server refuses: {answer.status}", where=self.server.revocation)
        if not known:
            raise ConnectorError("the server did not say before that it was active, so it may not know it")

    def in_force(self, arguments: Arguments) -> bool:
        """Return whether the server says that it is not active."""
        return not self._is_active(arguments, SECONDS)

    def undo(self, arguments: Arguments, before: Before, seconds: float) -> None:
        """Tell that there is no way back."""
        raise ConnectorError("what was revoked is not given back; who had it signs in anew")

    def _is_active(self, arguments: Arguments, seconds: float) -> bool:
        answer = self._ask(self.server.introspection, arguments.get("seen") or arguments["token"], seconds)
        active = answer.content.get("active") if isinstance(answer.content, dict) else None
        if answer.status != 200 or not isinstance(active, bool):
            raise ConnectorError(f"the server does not tell of it: {answer.status}", where=self.server.introspection)
        return active

    def _ask(self, url: str, token: str, seconds: float) -> Answer:
        client = f"{quote(self.server.client_id, safe='')}:{quote(self.server.client_secret, safe='')}"
        headers = {
            "Authorization": f"Basic {base64.b64encode(client.encode()).decode()}",  # RFC 6749, 2.3.1
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = urlencode({"token": token}).encode()
        return ask("POST", url, headers=headers, body=body, seconds=seconds, trust=self.server.trust)
