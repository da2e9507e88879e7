"""Which rows must go, by age or by whom they concern, and removing them for good.

A pseudonym stands alone or beside a domain (``p-…@domain``, ``DOMAIN\\p-…``), in one of several recipients, and in
the records of others. So a pseudonym is looked for inside longer texts: where it names the actor or a recipient the
transfer goes, elsewhere the pseudonym is cut out. Any other value (a service, an organisation) must match whole.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from waybill.durable import storage_faults, sync_folder
from waybill.lake import rewriting
from waybill.lake.engine import Engine
from waybill.lake.files import DataFile
from waybill.lake.rewriting import Condition
from waybill.model.errors import UsageError
from waybill.model.ids import ID_BYTES
from waybill.model.transfers import COLUMNS, TEXT

REPLACEMENT = "erased"
"""Stands where a pseudonym was cut out."""

_ID = re.compile(rf"[0-9a-f]{{{2 * ID_BYTES}}}")
_PSEUDONYM = re.compile(r"p-[0-9a-z]{8,}")
_NOTHING = r"[^\s\S]"
_TEXTS = [column.name for column in COLUMNS if column.type == TEXT]

_CONCERNED = """coalesce(
    list_has_any(string_split(concat_ws(chr(31), actor, to_party), chr(31)), $values)
    OR regexp_matches(concat_ws(chr(31), actor, to_party), $pattern)
    OR list_contains($ids, id),
    false
)"""
_MENTIONING = f"""(
    regexp_matches(concat_ws(chr(31), {", ".join(_TEXTS)}), $pattern)
    OR coalesce(regexp_matches(array_to_string(map_values(fields), chr(31)), $pattern), false)
    OR coalesce(regexp_matches(raw::VARCHAR, $pattern), false)
)"""
_CUT = f"regexp_replace({{}}, $pattern, '{REPLACEMENT}', 'g')"
_CHANGES = {
    **{name: _CUT.format(name) for name in _TEXTS},
    "fields": f"map(map_keys(fields), list_transform(map_values(fields), lambda value: {_CUT.format('value')}))",
    # A record that is no text cannot be cut, so it goes where it mentions the person.
    "raw": f"""CASE WHEN regexp_matches(raw::VARCHAR, $pattern)
        THEN encode({_CUT.format("try(decode(raw))")}) ELSE raw END""",
}


@dataclass(frozen=True, slots=True)
class Removal:
    """What an erasure is about to remove: transfers, and mentions in the transfers of others."""

    files: list[DataFile]
    rows: int
    mentions: int


def not_before(moment: int) -> Condition:
    """Keep what happened at ``moment`` (microseconds since 1970) or later."""
    return Condition("time >= make_timestamptz($moment)", {"moment": moment})


def before(moment: int) -> Condition:
    """Choose what happened before ``moment`` (microseconds since 1970)."""
    return Condition("time < make_timestamptz($moment)", {"moment": moment})


def concerned(values: Collection[str]) -> Condition:
    """Choose the transfers of or to these parties, or with these ids."""
    return Condition(_CONCERNED, _bound(values))


def without(folder: Path, old: Sequence[DataFile], engine: Engine, keep: Condition) -> list[DataFile]:
    """Write each file anew with the rows that are kept; files of which nothing remains have no successor."""
    return [new for file in old for new in rewriting.rewrite(folder, [file], engine, keep)]


def find(folder: Path, files: Sequence[DataFile], engine: Engine, values: Collection[str]) -> Removal:
    """Return the files that hold transfers of or to these parties, with these ids, or that mention them."""
    bound = _bound(values)
    going = rewriting.count_by_file(folder, files, engine, concerned(values))
    mentioning = Condition(f"{_MENTIONING} AND NOT {_CONCERNED}", bound)
    mentioned = rewriting.count_by_file(folder, files, engine, mentioning)
    affected = [file for file in files if file.path in going or file.path in mentioned]
    return Removal(affected, sum(going.values()), sum(mentioned.values()))


def write_without(folder: Path, old: Sequence[DataFile], engine: Engine, values: Collection[str]) -> list[DataFile]:
    """Write files anew without the transfers that go, and without the pseudonyms in those that stay."""
    keep = Condition(f"NOT {_CONCERNED}", _bound(values))
    return [new for file in old for new in rewriting.rewrite(folder, [file], engine, keep, _CHANGES)]


def remove_files(folder: Path) -> int:
    """Remove every file of ``folder``, durably, and return how many there were."""
    with storage_faults("cannot remove files", folder):
        paths = [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
        for path in paths:
            path.unlink(missing_ok=True)
        for parent in {path.parent for path in paths}:
            sync_folder(parent)
    return len(paths)


def _bound(values: Collection[str]) -> dict[str, object]:
    if isinstance(values, str) or not values or not all(values):
        raise UsageError("nothing to erase was named", expected="pseudonyms or ids of transfers, none of them empty")
    pseudonyms = [value for value in values if _PSEUDONYM.fullmatch(value)]
    ids = [bytes.fromhex(value) for value in values if _ID.fullmatch(value)]
    return {"values": list(values), "ids": ids, "pattern": "|".join(pseudonyms) or _NOTHING}
