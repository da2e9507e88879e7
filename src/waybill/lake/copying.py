"""Which files, and how much of each, are the lake at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from waybill.lake import manifest as manifests
from waybill.lake.table import Table, View
from waybill.lake.wal import Wal


@dataclass(frozen=True, slots=True)
class Copy:
    """The files at one version; those of the table never change, the log only grows."""

    version: int
    sequence: int
    files: tuple[tuple[Path, int], ...]
    """Each with the bytes that belong to this moment."""
    manifest: bytes
    """What ``durable.json`` said."""


def copy_of(folder: Path, table: Table, wal: Wal, view: View) -> Copy:
    """Return what is to be copied. The table must not be written meanwhile, nor the log trimmed."""
    named = [table.folder / file.path for file in view.files]
    named += [table.log_folder / name for name in sorted(table.manifest().log)]
    named += sorted(path for path in (folder / "damaged").glob("*") if path.is_file())
    files = [(path, path.stat().st_size) for path in named]
    content = (folder / manifests.NAME).read_bytes()
    return Copy(view.version, view.sequence, (*files, *wal.extent()), content)
