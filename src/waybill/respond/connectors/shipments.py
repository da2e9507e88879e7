"""Holds a shipment: what is shipped, as an EPCIS event sets its disposition, and the permit that lets it go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from waybill.respond.acting import Arguments, Before, Connector
from waybill.respond.connectors.permits import SuspendPermit

HELD = "unavailable"
"""The persistent disposition of what is held (CBV 2.0, 7.2): it stays until an event takes it away."""


@dataclass(frozen=True, slots=True)
class HoldShipment(Connector):
    """``shipment.hold``: ``item``, a lot or a thing, is held, and ``permit`` allows nothing, until it is undone."""

    permits: SuspendPermit
    is_held: Callable[[str], bool] = field(repr=False)
    """Says of an item whether it has that disposition now. Raises UsageError where no event tells of it."""
    observe: Callable[[str, bool], None] = field(repr=False)
    """Records that an item is held from now on, or no longer."""
    name: ClassVar[str] = "shipment.hold"
    arguments: ClassVar[tuple[str, ...]] = ("item", "permit")
    needs_two: ClassVar[bool] = True

    def says(self, arguments: Arguments) -> str:
        """Return the changes that it would make."""
        return f"{self.permits.says(arguments)}; record of {arguments['item']}: holding, {HELD}"

    def before(self, arguments: Arguments) -> Before:
        """Return whether it is held already, and the suspension of the permit as it stands."""
        return {"held": "yes" if self.is_held(arguments["item"]) else "no", **self.permits.before(arguments)}

    def act(self, arguments: Arguments, seconds: float) -> None:
        """Suspend the permit, so that nothing sets out, then hold the item wherever it is."""
        self.permits.act(arguments, seconds)
        if not self.is_held(arguments["item"]):
            self.observe(arguments["item"], True)

    def in_force(self, arguments: Arguments) -> bool:
        """Return whether both hold."""
        return self.permits.in_force(arguments) and self.is_held(arguments["item"])

    def undo(self, arguments: Arguments, before: Before, seconds: float) -> None:
        """Release the item and restore the permit; what another had held before stays held."""
        suspension = {name: said for name, said in before.items() if name != "held"}
        if before.get("held") != "yes" and self.is_held(arguments["item"]):
            self.observe(arguments["item"], False)
        self.permits.undo(arguments, suspension, seconds)
