"""Which rows must go, by age or by whom they concern, and removing them for good."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from waybill.lake import rewriting
from waybill.lake.durable import storage_faults, sync_folder
from waybill.lake.engine import Engine
from waybill.lake.files import DataFile
from waybill.lake.rewriting import Condition
from waybill.model.errors import UsageError
from waybill.model.ids import ID_BYTES

_ID = re.compile(rf"[0-9a-f]{{{2 * ID_BYTES}}}")
_CONCERNED = """(
    coalesce(list_has_any(string_split(actor, chr(31)), $values), false)
    OR coalesce(list_has_any(string_split(to_party, chr(31)), $values), false)
    OR list_contains($ids, id)
)"""


def not_before(moment: int) -> Condition:
    """Keep what happened at ``moment`` (microseconds since 1970) or later."""
    return Condition("time >= make_timestamptz($moment)", {"moment": moment})


def of(values: Collection[str]) -> Condition:
    """Choose transfers of or to these parties, or with these ids (hex)."""
    if isinstance(values, str) or not all(values):
        raise UsageError("nothing to erase was named", expected="pseudonyms or ids of transfers, none of them empty")
    ids = [bytes.fromhex(value) for value in values if _ID.fullmatch(value)]
    return Condition(_CONCERNED, {"values": list(values), "ids": ids})


def not_of(values: Collection[str]) -> Condition:
    """Keep what ``of`` does not choose."""
    chosen = of(values)
    return Condition(f"NOT {chosen.sql}", chosen.values)


def without(folder: Path, old: Sequence[DataFile], engine: Engine, keep: Condition) -> list[DataFile]:
    """Write each file anew with the rows that are kept; files of which nothing remains have no successor."""
    return [new for file in old for new in rewriting.rewrite(folder, [file], engine, keep)]


def remove_files(folder: Path) -> int:
    """Remove every file of ``folder``, durably, and return how many there were."""
    with storage_faults("cannot remove files", folder):
        paths = [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
        for path in paths:
            path.unlink(missing_ok=True)
        for parent in {path.parent for path in paths}:
            sync_folder(parent)
    return len(paths)
