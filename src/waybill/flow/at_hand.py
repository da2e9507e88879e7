"""What content at hand is compared with while sources are collected: what is registered, as it stands."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from waybill.flow.installation import Installation

if TYPE_CHECKING:
    from waybill.collect.known import Known

FRESH_SECONDS = 30.0
"""How long collection goes on before it looks whether something else is registered now."""


class AtHand:
    """Provides collection with what is registered; read when content is first at hand, and again where it changed.

    To be called by one thread, that which may use the control database.
    """

    def __init__(self, installation: Installation, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._installation = installation
        self._clock = clock
        self._known: Known | None = None
        self._state: tuple[object, ...] = ()
        self._looked = 0.0

    def __call__(self) -> Known:
        """Return what is registered, at most half a minute ago."""
        if self._known is None or self._clock() - self._looked > FRESH_SECONDS:
            self._looked = self._clock()
            state = self._registered()
            if self._known is None or state != self._state:
                self._known, self._state = self._read(), state
        return self._known

    def _registered(self) -> tuple[object, ...]:
        """Return what changes whenever something else is registered."""
        from waybill.flow import documents, records
        from waybill.flow.canaries import deliveries

        assets = self._installation.register().assets
        versions = documents.library(self._installation).version(), records.library(self._installation).version()
        return (*versions, deliveries(), [(asset.id, asset.grade) for asset in assets])

    def _read(self) -> Known:
        from waybill.collect.known import Known
        from waybill.flow import documents, records
        from waybill.flow.canaries import watching

        return Known(
            documents=documents.registered(self._installation),
            watch=watching(self._installation),
            tables=records.opened(self._installation),
            grades={asset.id: asset.grade for asset in self._installation.register().assets},
        )
