"""Volumes from `Get-BitLockerVolume | ConvertTo-Json` (Windows PowerShell)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from waybill.exposure.devices.volume import Volume
from waybill.exposure.documents import entries
from waybill.exposure.snapshots import Unread
from waybill.model.findings import Position

_STATES = {0: "FullyDecrypted", 1: "FullyEncrypted", 2: "EncryptionInProgress", 3: "DecryptionInProgress"}
_KINDS = {0: "OperatingSystem", 1: "Data"}
_METHODS = {0: "None", 3: "Aes128", 4: "Aes256", 6: "XtsAes128", 7: "XtsAes256"}
_REMOVABLE = {2, "Removable"}
"""Values of Win32_Volume's DriveType, which some scripts add."""


def recognises(document: Any) -> bool:
    """Return whether this is such a report."""
    return any("VolumeStatus" in one and "MountPoint" in one for one in entries(document))


def read(document: Any, file: str) -> Iterator[Volume]:
    """Yield the volumes; numbers and words stand for the same, as PowerShell's versions differ."""
    host = Path(file).stem
    for number, one in enumerate(entries(document), 1):
        state = str(_STATES.get(one.get("VolumeStatus"), one.get("VolumeStatus")))  # type: ignore[arg-type]
        kind = _KINDS.get(one.get("VolumeType"), one.get("VolumeType"))  # type: ignore[arg-type]
        name = str(one.get("ComputerName") or host)
        drive = one.get("DriveType")
        fixed = Unread("the report names no DriveType") if kind != "OperatingSystem" else False
        parts = {
            "label": one.get("MountPoint"),
            "removable": drive in _REMOVABLE if drive is not None else fixed,
            "encrypted": state in {"FullyEncrypted", "EncryptionInProgress"},
            "protected": str(one.get("ProtectionStatus")) in {"1", "On"},
            "method": _METHODS.get(one.get("EncryptionMethod"), one.get("EncryptionMethod")),  # type: ignore[arg-type]
        }
        yield Volume(f"{name}:{one.get('MountPoint')}", Position("bitlocker", file, number), (name,), parts)
