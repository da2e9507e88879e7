"""Devices: disks and sticks, from what machines report of themselves.

- ``volume``: a disk, a partition or a stick as checks see it.
- ``lsblk``, ``bitlocker``, ``osquery``: readers of what these print.
"""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.devices import bitlocker, lsblk, osquery
from waybill.exposure.documents import read_export
from waybill.exposure.snapshots import NotInspected, Snapshot


def read(target: str) -> Iterator[Snapshot | NotInspected]:
    """Yield the volumes in a report. The file is named after the machine that it is about."""
    expected = "`lsblk -J -O`, `Get-BitLockerVolume | ConvertTo-Json`, or osquery's disk_encryption as JSON"
    yield from read_export(target, (lsblk, bitlocker, osquery), expected)
