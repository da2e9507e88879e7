"""Holds shipments and all else that a permit lets go: suspends it in the register, from where everybody reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar

import msgspec

from waybill.model.register import Permit
from waybill.respond.acting import Arguments, Before, Connector, ConnectorError


@dataclass(frozen=True, slots=True)
class SuspendPermit(Connector):
    """``permit.suspend``: what ``permit`` allowed is allowed no more until it is undone."""

    find: Callable[[str], Permit | None] = field(repr=False)
    """Returns a permit of the register as it stands now."""
    keep: Callable[[Permit], None] = field(repr=False)
    """Puts it back, with its record for the ledger."""
    name: ClassVar[str] = "permit.suspend"
    arguments: ClassVar[tuple[str, ...]] = ("permit",)
    needs_two: ClassVar[bool] = True

    def says(self, arguments: Arguments) -> str:
        """Return the change that it would make."""
        return f"suspend permit {arguments['permit']} in the register until further notice"

    def before(self, arguments: Arguments) -> Before:
        """Return its suspension as it stands."""
        permit = self._permit(arguments)
        times = {"from": permit.suspended_from, "until": permit.suspended_until}
        return {name: moment.isoformat() for name, moment in times.items() if moment is not None}

    def act(self, arguments: Arguments, seconds: float) -> None:
        """Suspend it from now on."""
        permit = self._permit(arguments)
        if not permit.is_suspended(datetime.now(UTC)) or permit.suspended_until is not None:
            self.keep(msgspec.structs.replace(permit, suspended_from=datetime.now(UTC), suspended_until=None))

    def in_force(self, arguments: Arguments) -> bool:
        """Return whether it is suspended without an end."""
        permit = self._permit(arguments)
        return permit.is_suspended(datetime.now(UTC)) and permit.suspended_until is None

    def undo(self, arguments: Arguments, before: Before, seconds: float) -> None:
        """Restore the suspension that there was, or none."""
        times = {name: datetime.fromisoformat(said) for name, said in before.items()}
        permit = self._permit(arguments)
        self.keep(msgspec.structs.replace(permit, suspended_from=times.get("from"), suspended_until=times.get("until")))

    def _permit(self, arguments: Arguments) -> Permit:
        permit = self.find(arguments["permit"])
        if permit is None:
            raise ConnectorError("the register has no such permit", where=arguments["permit"])
        return permit
