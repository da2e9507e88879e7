"""Volumes from osquery: rows of its table disk_encryption, from a scheduled query or `osqueryi --json`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from waybill.exposure.devices.volume import Volume
from waybill.exposure.documents import entries
from waybill.exposure.snapshots import Unread
from waybill.model.findings import Position


def recognises(document: Any) -> bool:
    """Return whether this is such a report."""
    return any("encrypted" in row for row, _ in _rows(document, ""))


def read(document: Any, file: str) -> Iterator[Volume]:
    """Yield the volumes. The table says nothing of whether they can be pulled out; a join with usb_devices may."""
    host = Path(file).stem
    for number, (row, machine) in enumerate(_rows(document, host), 1):
        name = str(row.get("name") or row.get("uuid") or row.get("device_id"))
        removable = row.get("removable")
        parts = {
            "removable": Unread("disk_encryption does not say") if removable is None else str(removable) == "1",
            "encrypted": str(row.get("encrypted")) == "1",
            "protected": str(row.get("encrypted")) == "1",
            "method": row.get("type"),
        }
        yield Volume(f"{machine}:{name}", Position("osquery", file, number), (machine,), parts)


def _rows(document: Any, host: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield rows and the machine of each: bare, or in results of scheduled queries."""
    for one in entries(document):
        machine = str(one.get("hostIdentifier") or host)
        if isinstance(one.get("snapshot"), list):
            yield from ((row, machine) for row in entries(one["snapshot"]))
        elif isinstance(one.get("columns"), dict):
            yield one["columns"], machine
        else:
            yield one, machine
