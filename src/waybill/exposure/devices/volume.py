"""A disk, a partition or a stick as checks see it, whatever reported it."""

from __future__ import annotations

from typing import ClassVar

from waybill.exposure.snapshots import Snapshot


class Volume(Snapshot):
    """Parts by their names in ``parts``; each raises ``NotInspected`` where the report does not say."""

    channel: ClassVar[str] = "usb"

    @property
    def label(self) -> str:
        """What people call it."""
        return str(self.parts.get("label") or self.place)

    @property
    def removable(self) -> bool:
        """Whether it can be pulled out and taken along."""
        return bool(self.part("removable"))

    @property
    def encrypted(self) -> bool:
        """Whether what lies on it can be read without a key."""
        return bool(self.part("encrypted"))

    @property
    def protected(self) -> bool:
        """Whether its key is guarded: encryption can be suspended, and then the key lies beside the data."""
        return bool(self.part("protected"))

    @property
    def method(self) -> str:
        """How it is encrypted."""
        return str(self.parts.get("method") or "")
