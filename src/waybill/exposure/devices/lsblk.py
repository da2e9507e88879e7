"""Volumes from `lsblk -J -O` (util-linux)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from waybill.exposure.devices.volume import Volume
from waybill.exposure.documents import entries
from waybill.exposure.snapshots import NotInspected, Unread
from waybill.model.findings import Position

_LEFT_OUT = {"squashfs", "iso9660", "swap"}
"""File systems that hold nothing of the organisation's, or nothing at rest."""


def recognises(document: Any) -> bool:
    """Return whether this is such a report."""
    return isinstance(document, dict) and isinstance(document.get("blockdevices"), list)


def read(document: Any, file: str) -> Iterator[Volume | NotInspected]:
    """Yield the volumes that hold files."""
    host = Path(file).stem
    for number, device in enumerate(entries(document["blockdevices"]), 1):
        yield from _volumes(device, Position("lsblk", file, number), host, removable=None, encrypted=False)


def _volumes(
    device: dict[str, Any], source: Position, host: str, *, removable: bool | None, encrypted: bool
) -> Iterator[Volume | NotInspected]:
    """Yield the volumes of a device and of what lies in it; what lies in an encrypted one is encrypted."""
    known = [value for name in ("rm", "hotplug") if (value := _truth(device.get(name))) is not None]
    if known or device.get("tran") == "usb":
        removable = bool(removable) or any(known) or device.get("tran") == "usb"
    system, kind = device.get("fstype"), device.get("type")
    encrypted = encrypted or kind == "crypt" or system in {"crypto_LUKS", "BitLocker"}
    below = entries(device.get("children") or [])
    for child in below:
        yield from _volumes(child, source, host, removable=removable, encrypted=encrypted)
    if below or kind in {"loop", "rom"} or system in _LEFT_OUT or "ram" in str(device.get("name"))[:4]:
        return
    place = f"{host}:{device.get('path') or device.get('name')}"
    if not system and not _mounted(device):
        yield NotInspected(place, "lsblk names no file system; run it as root, and with -O")
        return
    parts = {
        "label": device.get("label"),
        "removable": Unread("lsblk ran without -O") if removable is None else removable,
        "encrypted": encrypted,
        "protected": encrypted,
        "method": system or "unknown",
    }
    yield Volume(place, source, _names(device, host), parts)


def _mounted(device: dict[str, Any]) -> bool:
    points = device.get("mountpoints") or [device.get("mountpoint")]
    return any(point and point != "[SWAP]" for point in points)


def _names(device: dict[str, Any], host: str) -> tuple[str, ...]:
    return tuple(str(name) for name in (host, device.get("serial"), device.get("uuid"), device.get("label")) if name)


def _truth(value: Any) -> bool | None:
    """Return a truth value: old versions print 0 and 1 as text."""
    return {"1": True, "0": False, "true": True, "false": False}.get(str(value).lower())
