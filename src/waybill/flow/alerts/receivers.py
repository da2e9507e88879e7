"""The addresses that are told, and handing them a message through Apprise.

An address is shown nowhere, since it may hold a password; a receiver is known by a mark made from it and by its kind.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from pydantic import SecretStr

from waybill.model.errors import UsageError
from waybill.respond.bounded import LateError, within

_APP = "Waybill"
SECONDS = 60.0
"""How long a receiver may take; then it counts as down."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """One address."""

    mark: str
    """16 hex digits, the same for the same address of this installation."""
    kind: str
    """How it is reached: ``mailtos``, ``jsons``, …"""
    address: str = field(repr=False)

    def send(self, title: str, body: str) -> bool:
        """Hand over a message; return whether the receiver took it."""
        from apprise import Apprise, AppriseAsset

        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # it tells addresses
        told = Apprise(asset=AppriseAsset(app_id=_APP, app_desc=_APP, secure_logging=True, async_mode=False))
        try:
            return told.add(self.address) and within(
                SECONDS, lambda: bool(told.notify(body, title, body_format="text"))
            )
        except LateError:
            return False


def receivers(addresses: Iterable[SecretStr], key: bytes) -> list[Receiver]:
    """Return the receivers that the settings name. Raises UsageError for one that is no address."""
    found = {}
    for secret in addresses:
        address = secret.get_secret_value()
        kind, separator, rest = address.partition("://")
        if not separator or not rest:
            raise _wrong(kind if separator else "")
        mark = hmac.digest(key, b"alert " + address.encode(), "sha256").hex()[:16]
        found[mark] = Receiver(mark, kind.casefold(), address)
    return list(found.values())


def _wrong(kind: str) -> UsageError:
    return UsageError(
        "the setting `alerts` holds something that is no address",
        where=f"{kind}://…" if kind else "alerts",
        expected="an address as Apprise takes it, such as mailtos://… or jsons://…",
    )
