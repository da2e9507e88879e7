"""The register as six tables of Arrow, for Parquet and for whoever wants to count by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from waybill.durable import make_folder, storage_faults
from waybill.trends.incidents import PARTS, Incident

_KEY = ("incident_source", "incident_id")


def tables(incidents: Sequence[Incident]) -> dict[str, pa.Table]:
    """Return the table of incidents, and one of each of their parts, by name."""
    whole = [{name: value for name, value in _plain(one).items() if name not in PARTS} for one in incidents]
    found = {"incidents": pa.Table.from_pylist(whole, schema=_schema(Incident, leave_out=tuple(PARTS)))}
    for name, kind in PARTS.items():
        rows = [
            dict(zip(_KEY, (one.source, one.id), strict=True)) | msgspec.structs.asdict(part)
            for one in incidents
            for part in getattr(one, name)
        ]
        key = [pa.field(column, pa.string()) for column in _KEY]
        found[name] = pa.Table.from_pylist(rows, schema=pa.schema([*key, *_schema(kind)]))
    return found


def write_parquet(incidents: Sequence[Incident], folder: Path) -> None:
    """Write the tables into a folder, a file each."""
    from pyarrow import parquet

    make_folder(folder)
    with storage_faults("the tables cannot be written", folder):
        for name, table in tables(incidents).items():
            parquet.write_table(table, folder / f"{name}.parquet", compression="zstd")


def read_parquet(folder: Path) -> list[Incident]:
    """Return the incidents of such a folder, as they were."""
    from pyarrow import parquet

    read = {name: parquet.read_table(folder / f"{name}.parquet").to_pylist() for name in ("incidents", *PARTS)}
    parts = {name: _grouped(read[name]) for name in PARTS}
    return [
        msgspec.convert(
            row | {name: found.get((row["source"], row["id"]), []) for name, found in parts.items()}, Incident
        )
        for row in read["incidents"]
    ]


def _grouped(rows: Iterable[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault((row.pop(_KEY[0]), row.pop(_KEY[1])), []).append(row)
    return found


def _plain(one: Incident) -> dict[str, Any]:
    said = msgspec.structs.asdict(one)
    return said | {name: str(said[name]) for name in ("precision", "intent", "origin")}


_DATES = {"occurred", "reported_at", "coded_at"}
_TYPES: dict[str, pa.DataType] = {
    "records": pa.int64(),
    "discovery_value": pa.float64(),
    "public_interest": pa.bool_(),
    "countries": pa.list_(pa.string()),
    **{name: pa.date32() for name in _DATES},
}


def _schema(kind: Any, *, leave_out: Sequence[str] = ()) -> pa.Schema:
    names = [name for name in kind.__struct_fields__ if name not in leave_out]
    return pa.schema([pa.field(name, _TYPES.get(name, pa.string())) for name in names])
