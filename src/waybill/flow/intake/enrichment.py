"""Adds what the register knows to transfers as they come in: grade and kind of the asset, jurisdiction of the place.

What the source itself says is kept. Work is done once per distinct value.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from waybill.model.register import RegisterSnapshot
from waybill.model.transfers import TEXT


def enrich(transfers: pa.Table, register: RegisterSnapshot) -> pa.Table:
    """Return the transfers with empty ``grade``, ``asset_kind`` and ``to_jurisdiction`` filled from the register."""
    if register.assets:
        transfers = _fill(transfers, "grade", "asset", lambda name: _grade(register, name))
        transfers = _fill(transfers, "asset_kind", "asset", lambda name: _kind(register, name))
    if register.places:
        transfers = _fill(transfers, "to_jurisdiction", "to_place", lambda name: _jurisdiction(register, name))
    return transfers


def _grade(register: RegisterSnapshot, name: str) -> str | None:
    asset = register.asset_of(name)
    return str(asset.grade) if asset else None


def _kind(register: RegisterSnapshot, name: str) -> str | None:
    asset = register.asset_of(name)
    return str(asset.kind) if asset else None


def _jurisdiction(register: RegisterSnapshot, name: str) -> str | None:
    place = register.place_of(name)
    return (place.jurisdiction or None) if place else None


def _fill(transfers: pa.Table, target: str, source: str, look_up: Callable[[str], str | None]) -> pa.Table:
    chunks = []
    for chunk in transfers[source].chunks:
        values = pa.array([look_up(name) for name in chunk.dictionary.to_pylist()], pa.string())
        chunks.append(values.take(chunk.indices))
    found = pa.chunked_array(chunks, pa.string())
    if found.null_count == len(found):
        return transfers
    filled = pc.coalesce(transfers[target].cast(pa.string()), found).dictionary_encode().cast(TEXT)
    return transfers.set_column(transfers.schema.get_field_index(target), transfers.schema.field(target), filled)
