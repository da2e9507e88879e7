"""What is wrong with the data folder, in words a user can act on; damaged bytes are kept aside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from waybill.durable import make_folder, replace_file, storage_faults
from waybill.lake.segment import Broken, read_bytes


@dataclass(frozen=True, slots=True)
class Damage:
    """One fault: the file, the offset in it (or ``None`` for the whole file), what is wrong and what to do."""

    file: Path
    offset: int | None
    what: str
    advice: str


def keep(folder: Path, broken: Broken) -> Damage:
    """Copy the bytes of a damaged stretch into ``folder``, once, and say what happened."""
    copy = folder / f"{broken.path.stem}-{broken.offset}.bin"
    with storage_faults("cannot keep damaged bytes aside", copy):
        if not copy.exists():
            make_folder(folder)
            replace_file(copy, read_bytes(broken.path, broken.offset, broken.end))
    return describe(broken)


def describe(broken: Broken) -> Damage:
    """Say what is wrong with a stretch of a segment."""
    length = broken.end - broken.offset
    if broken.header is not None:
        what = f"log entry {broken.header.sequence} ({broken.header.rows} transfers) does not match its checksum"
    else:
        what = f"{length} bytes are no valid log entry"
    return Damage(
        broken.path,
        broken.offset,
        what,
        "the bytes are kept in the folder `damaged`; read the source files of that time again, "
        "what is already stored will not be stored twice",
    )
