"""What every check is given: the history, what lots hold, what moved, and what was declared beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from waybill.detect.materials.codes import Codebook
from waybill.epcis.history.contents import Contents
from waybill.epcis.history.history import History
from waybill.epcis.history.movements import Movements
from waybill.model.custody import Custody
from waybill.model.register import RegisterSnapshot


@dataclass(frozen=True)
class Chain:
    """A chain of custody, ready to be checked."""

    history: History
    contents: Contents
    movements: Movements
    codes: Codebook
    thresholds: Mapping[str, float] = field(default_factory=dict)
    """Kilograms of a shipment from which it must be reported or licensed, by the beginning of its HS heading."""

    @classmethod
    def of(
        cls,
        custody: Custody,
        register: RegisterSnapshot,
        now: datetime | None,
        codes: Codebook,
        thresholds: Mapping[str, float],
    ) -> Chain:
        """Return the chain that custody tells of."""
        history = History(custody, register, now)
        return cls(history, Contents(history), Movements(history), codes, thresholds)
