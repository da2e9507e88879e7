"""Plans, mappings and records that the tests of collection share; all of it is invented."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from waybill.collect import Batch, Limits, Mapping, Plan, Rejected, built_in_mappings, collect
from waybill.collect.mapping import parse_mapping
from waybill.model.protocols import ChannelFilter
from waybill.register.channels import ProtectedChannels
from waybill.register.pseudonyms import KeyedPseudonymiser

PSEUDONYMISER = KeyedPseudonymiser(b"a key that only tests use, really")
CHANNELS = ProtectedChannels(
    addresses=["integrity@ombudsman.example"], domains=["council.example"], prefixes=["https://intranet.example/union/"]
)

USB = parse_mapping(
    """
    name = "usb-export"
    format = ["csv", "ndjson"]
    logsource = "usb//device-control"
    [recognise]
    require = ["when", "employee", "event", "file"]
    [columns]
    time = { from = "when", zone = "Asia/Shanghai" }
    actor = "employee"
    action = { from = "event", map = { COPY_OUT = "copy", "READ*" = "read" }, default = "other" }
    channel = { value = "usb" }
    asset = "file"
    bytes = { from = "kbytes", scale = 1024 }
    """,
    "usb.toml",
)
"""A user's mapping."""


def plan(
    *mappings: Mapping, channels: ChannelFilter = CHANNELS, known: dict[str, str] | None = None, **limits: Any
) -> Plan:
    """Return a plan with the given mappings before the built-in ones."""
    pseudonymiser = PSEUDONYMISER if known is None else KeyedPseudonymiser(b"a key that only tests use, really", known)
    return Plan(b"k" * 32, pseudonymiser, channels, (*mappings, *built_in_mappings()), limits=Limits(**limits))


def event(number: int = 0, **fields: Any) -> dict[str, Any]:
    """Return a transfer in Waybill's own format; None takes a field away."""
    record = {
        "time": f"2026-03-04T05:{number // 60 % 60:02d}:{number % 60:02d}Z",
        "action": "copy",
        "channel": "usb",
        "actor": "li.na",
        "asset": f"/recipes/etch-{number}.csv",
        **fields,
    }
    return {name: value for name, value in record.items() if value is not None}


def ndjson(records: Iterable[Any]) -> bytes:
    """Return records as lines; bytes stand for themselves."""
    return b"".join((record if isinstance(record, bytes) else orjson.dumps(record)) + b"\n" for record in records)


def read(path: Path, *mappings: Mapping, workers: int = 0, **limits: Any) -> list[Batch]:
    """Return the batches of a path."""
    return list(collect([path], plan(*mappings, **limits), workers=workers))


def read_bytes(folder: Path, content: bytes, *mappings: Mapping, name: str = "log", **limits: Any) -> list[Batch]:
    """Return the batches of a file with this content."""
    path = folder / name
    path.write_bytes(content)
    return read(path, *mappings, **limits)


def table(batches: Sequence[Batch]) -> pa.Table:
    """Return all transfers, dictionaries unified."""
    return pa.concat_tables([batch.transfers for batch in batches]).unify_dictionaries()


def rows(batches: Sequence[Batch]) -> list[dict[str, Any]]:
    """Return all transfers as dictionaries."""
    found: list[dict[str, Any]] = table(batches).to_pylist()
    return found


def rejected(batches: Sequence[Batch]) -> list[Rejected]:
    """Return all rejected records."""
    return [record for batch in batches for record in batch.rejected]
