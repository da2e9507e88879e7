"""Devices: disks and sticks, from what machines report of themselves.

- ``volume``: a disk, a partition or a stick as checks see it.
- ``lsblk``, ``bitlocker``, ``osquery``: readers of what these print.
"""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.devices import bitlocker, lsblk, osquery
from waybill.exposure.documents import file_of, read_json
from waybill.exposure.snapshots import NotInspected, Snapshot
from waybill.model.errors import InputError


def read(target: str) -> Iterator[Snapshot | NotInspected]:
    """Yield the volumes in a report. The file is named after the machine that it is about."""
    path = file_of(target)
    document = read_json(path)
    for form in (lsblk, bitlocker, osquery):
        if form.recognises(document):
            yield from form.read(document, path.name, path.stem)
            return
    raise InputError(
        "the file is of no form that is known here",
        where=target,
        expected="`lsblk -J -O`, `Get-BitLockerVolume | ConvertTo-Json`, or osquery's disk_encryption as JSON",
    )
