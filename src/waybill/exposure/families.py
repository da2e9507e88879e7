"""The families of things that are surveyed: how each is read, and with what it is looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from waybill.exposure import apps, code, crypto, deployed, devices, storage
from waybill.exposure.checks import Check, checks_of
from waybill.exposure.snapshots import NotInspected, Snapshot

Read = Callable[[str], Iterator[Snapshot | NotInspected]]
"""Reads what a target names; raises ``InputError`` where it names nothing that can be read."""


@dataclass(frozen=True, slots=True)
class Family:
    """Things of one sort."""

    name: str
    read: Read
    package: str
    """Where its checks are."""

    def checks(self) -> tuple[Check, ...]:
        """Return its checks, by name."""
        return checks_of(self.package)


FAMILIES = {
    family.name: family
    for family in (
        Family("code", code.read, "waybill.exposure.code.checks"),
        Family("deployed", deployed.read, "waybill.exposure.deployed.checks"),
        Family("storage", storage.read, "waybill.exposure.storage.checks"),
        Family("crypto", crypto.read, "waybill.exposure.crypto.checks"),
        Family("devices", devices.read, "waybill.exposure.devices.checks"),
        Family("apps", apps.read, "waybill.exposure.apps.checks"),
    )
}
"""Families by name."""
