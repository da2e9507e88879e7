"""An app or a token as checks see it, whatever service let it in."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from waybill.exposure.apps.powers import Power
from waybill.exposure.snapshots import Snapshot


class App(Snapshot):
    """Parts by their names in ``parts``; each raises ``NotInspected`` where the export does not say."""

    channel: ClassVar[str] = "cloud-api"

    @property
    def name(self) -> str:
        """What people call it."""
        return str(self.parts.get("name") or self.place)

    @property
    def scopes(self) -> tuple[str, ...]:
        """What it was granted, in the service's words."""
        return tuple(self.part("scopes"))

    @property
    def powers(self) -> frozenset[Power]:
        """What that amounts to."""
        return frozenset(self.part("powers"))

    @property
    def people(self) -> int:
        """How many people let it in; 0 where it was let in for all."""
        return int(self.part("people"))

    @property
    def verified(self) -> bool:
        """Whether the service vouches for who publishes it."""
        return bool(self.part("verified"))

    @property
    def expires(self) -> datetime | None:
        """When it ends; nothing if never."""
        found: datetime | None = self.part("expires")
        return found
