"""Deactivates an account wherever a SCIM 2.0 service provisions it (RFC 7643, 4.1.1 ``active``; RFC 7644, 3.5.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

import msgspec

from waybill.respond.acting import Arguments, Before, Connector, ConnectorError
from waybill.respond.connectors.web import ask

SECONDS = 5.0
_MEDIA = "application/scim+json"
_PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_DONE = frozenset({200, 204})


@dataclass(frozen=True, slots=True)
class Provisioning:
    """Where accounts are provisioned, and with which token they may be changed."""

    url: str
    """Above ``/Users``."""
    token: str = field(repr=False)
    trust: str = ""
    """File of certificates (PEM) to trust in place of the system's."""


class _Account(msgspec.Struct):
    """An account, as far as it is looked up."""

    id: str


@dataclass(frozen=True, slots=True)
class DeactivateAccount(Connector):
    """``scim.deactivate``: the account of ``login`` (its ``userName``) is not active until it is undone."""

    provisioning: Provisioning
    name: ClassVar[str] = "scim.deactivate"
    arguments: ClassVar[tuple[str, ...]] = ("login",)
    needs_two: ClassVar[bool] = True
    persons: ClassVar[frozenset[str]] = frozenset({"login"})

    def says(self, arguments: Arguments) -> str:
        """Return the call that it would make."""
        return f"PATCH the user {arguments['login']} of {self.provisioning.url}: active = false"

    def before(self, arguments: Arguments) -> Before:
        """Return whether it is active; an account that does not say so is."""
        return {"active": "no" if self._account(arguments).get("active") is False else "yes"}

    def act(self, arguments: Arguments, seconds: float) -> None:
        """Deactivate it."""
        self._set(arguments, False, seconds)

    def in_force(self, arguments: Arguments) -> bool:
        """Return whether it says that it is not active."""
        return self._account(arguments).get("active") is False

    def undo(self, arguments: Arguments, before: Before, seconds: float) -> None:
        """Activate it again, if it was active before."""
        if before.get("active") == "yes":
            self._set(arguments, True, seconds)

    def _set(self, arguments: Arguments, active: bool, seconds: float) -> None:
        account = self._account(arguments, seconds)
        if account.get("active") is active:
            return
        operation = {"op": "replace", "path": "active", "value": active}
        body = msgspec.json.encode({"schemas": [_PATCH], "Operations": [operation]})
        self._ask("PATCH", f"/Users/{quote(account['id'], safe='')}", seconds, body)

    def _account(self, arguments: Arguments, seconds: float = SECONDS) -> dict[str, Any]:
        """Return the account as the service tells it, read by its id: searches may lag behind."""
        quoted = msgspec.json.encode(arguments["login"]).decode()  # values of filters are JSON (RFC 7644, 3.4.2.2)
        found = self._ask("GET", "/Users?" + urlencode({"filter": f"userName eq {quoted}"}), seconds)
        try:
            (account,) = msgspec.convert(found.get("Resources") or [], list[_Account])
        except (msgspec.ValidationError, ValueError):
            where = self.provisioning.url
            raise ConnectorError("the service has not exactly one account of this name", where=where) from None
        return {**self._ask("GET", f"/Users/{quote(account.id, safe='')}", seconds), "id": account.id}

    def _ask(self, method: str, path: str, seconds: float, body: bytes = b"") -> dict[str, Any]:
        here = self.provisioning
        headers = {"Authorization": f"Bearer {here.token}", "Accept": _MEDIA}
        if body:
            headers["Content-Type"] = _MEDIA
        answer = ask(method, here.url.rstrip("/") + path, headers=headers, body=body, seconds=seconds, trust=here.trust)
        if answer.status not in _DONE:
            raise ConnectorError(f"the service refuses: {answer.status}", where=here.url)
        if answer.content is not None and not isinstance(answer.content, dict):
            raise ConnectorError("the service says what cannot be read", where=here.url)
        return answer.content or {}
