"""Checking every byte of the data folder against what was written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from waybill.durable import storage_faults
from waybill.lake import segment
from waybill.lake.damage import Damage, describe
from waybill.lake.files import DataFile
from waybill.lake.manifest import Manifest, digest
from waybill.lake.segment import Broken
from waybill.lake.table import Table
from waybill.lake.wal import Wal
from waybill.model.errors import DamagedError, WaybillError

_RESTORE = "restore this file from a backup, or read the source files of that time again after removing it"


def damage_of_log(wal: Wal, table: Table) -> Iterator[Damage]:
    """Yield what is wrong with the write-ahead log: entries that do not match, bytes that are none, entries missing."""
    try:
        last = table.manifest().sequence
    except DamagedError:
        last = 0  # named by damage_of_table
    for path, size in wal.extent():
        for item in segment.entries(path, end=size):
            if isinstance(item, Broken):
                yield describe(item)
                last = item.header.sequence if item.header else last
                continue
            header = item[0].header
            if header.previous > last:
                what = f"log entries between {last} and {header.sequence} are missing"
                yield Damage(path, item[0].offset, what, "restore the log from a backup, or read the sources again")
            last = max(last, header.sequence)


def damage_of_table(table: Table) -> Iterator[Damage]:
    """Yield what is wrong with the manifest, the table's log and its files."""
    try:
        yield from _damage_of_table_log(table, table.manifest())
        listed = table.view().files
    except WaybillError as error:
        yield Damage(Path(error.where), None, error.what, error.advice)
        listed = ()
    for file in listed:
        yield from _damage_of_file(table.folder, file)


def damage_kept(folder: Path) -> Iterator[Damage]:
    """Yield the damaged bytes that were kept aside earlier."""
    for path in sorted(folder.glob("*.bin")):
        yield Damage(
            path,
            None,
            f"{path.stat().st_size} bytes of the log were found damaged earlier",
            "read the source files of that time again, then remove this file",
        )


def _damage_of_table_log(table: Table, known: Manifest) -> Iterator[Damage]:
    for name, expected in known.log.items():
        path = table.log_folder / name
        if not path.exists():
            yield Damage(path, None, "a file of the table's log is missing", _RESTORE)
        elif digest(path.read_bytes()) != expected:
            yield Damage(path, None, "a file of the table's log is not as it was written", _RESTORE)


def _damage_of_file(folder: Path, file: DataFile) -> Iterator[Damage]:
    path = folder / file.path
    with storage_faults("cannot read a file of the table", path):
        if not path.exists():
            yield Damage(path, None, f"a file of the table with {file.rows} transfers is missing", _RESTORE)
            return
        content = path.read_bytes()
    if len(content) != file.size:
        what = f"a file of the table has {len(content)} bytes instead of {file.size}"
        yield Damage(path, min(len(content), file.size), what, _RESTORE)
    elif digest(content) != file.digest:
        yield Damage(path, None, f"a file of the table with {file.rows} transfers is not as it was written", _RESTORE)
