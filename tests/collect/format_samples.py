"""Collects invented records with the built-in mappings, for the tests of the source formats."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as Lookup
from pathlib import Path
from typing import Any

import orjson

from waybill.collect import Batch, Plan, Rejected, built_in_mappings, collect
from waybill.model.words import PartyKind

WELL_KNOWN = frozenset(
    {"system", "local service", "network service", "anonymous logon", "-", "root", "public", "default"}
)


class Pseudonyms:
    """Gives each name a pseudonym, always the same one; no names are registered."""

    def pseudonym(self, identity: str, kind: PartyKind) -> str:
        folded = identity.casefold()
        if kind is not PartyKind.PERSON or folded in WELL_KNOWN or folded.endswith("$"):
            return identity
        return "p-" + hashlib.blake2b(folded.encode(), digest_size=8).hexdigest()

    def known(self) -> Lookup[str, str]:
        return {}


class NoProtectedChannels:
    """Protects nothing."""

    def protects(self, value: str) -> bool:
        return False

    def protects_bytes(self, raw: bytes) -> bool:
        return False


def pseudonym(name: str) -> str:
    """Return the pseudonym that the collected records bear for a person."""
    return Pseudonyms().pseudonym(name, PartyKind.PERSON)


def plan() -> Plan:
    """Return a plan with the built-in mappings and nothing to protect."""
    return Plan(b"k" * 32, Pseudonyms(), NoProtectedChannels(), built_in_mappings())


def batches(path: Path) -> list[Batch]:
    """Return what is collected from a file or folder."""
    return list(collect([path], plan(), workers=0))


def rows_of(found: list[Batch]) -> list[dict[str, Any]]:
    """Return the transfers of batches, in order, ``fields`` as a dictionary."""
    rows = [row for batch in found for row in batch.transfers.to_pylist()]
    return [row | {"fields": dict(row["fields"])} for row in rows]


def rejected_of(found: list[Batch]) -> list[Rejected]:
    """Return the rejected records of batches, in order."""
    return [record for batch in found for record in batch.rejected]


def read_records(folder: Path, *records: Any) -> list[dict[str, Any]]:
    """Return the transfers of records, given as one JSON object a line; none may be rejected."""
    file = folder / "sample.log"
    file.write_bytes(b"\n".join(orjson.dumps(record) for record in records))
    found = batches(file)
    assert not rejected_of(found)
    rows = rows_of(found)
    assert len(rows) == len(records)
    return rows


def read_record(folder: Path, record: Any) -> dict[str, Any]:
    """Return the one transfer of one record."""
    return read_records(folder, record)[0]
