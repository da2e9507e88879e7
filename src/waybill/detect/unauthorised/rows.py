"""Picks, by columns, the few rows that this family must judge one by one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from waybill.detect.unauthorised.moves import Move
from waybill.model.protocols import Tables
from waybill.model.register import Asset, RegisterSnapshot
from waybill.model.words import MOVING, Grade

COLUMNS = (
    "time",
    "id",
    "source",
    "action",
    "outcome",
    "channel",
    "actor",
    "actor_org",
    "asset",
    "from_place",
    "to_place",
    "to_party",
    "to_jurisdiction",
    "bytes",
    "records",
    "permit",
    "origin",
    "position",
)
"""Columns of transfers that are read."""

_OF_MOVE = tuple(field for field in Move._fields if field != "asset")
_OF_ROW = ("time", "origin", "position", "id", "outcome", "source", "bytes", "records")

Numbers = npt.NDArray[np.int64]


class Row(NamedTuple):
    """One transfer that needs a permit; ordered by time, then as ``model.findings.merge`` orders statements."""

    time: datetime
    origin: str
    position: int
    id: str
    move: Move
    outcome: str
    source: str
    bytes: int | None
    records: int | None


def graded(tables: Tables) -> tuple[list[Asset | None], Numbers]:
    """Return the registered assets that are named, and for each row the number of its asset in that list.

    The number is -1 for rows that cannot matter: the asset is not registered or is general, or nothing moves.
    """
    names, numbers = _encoded(tables.transfers["asset"])
    assets = [tables.register.asset_of(name) for name in names]
    matters = np.array([asset is not None and asset.grade is not Grade.GENERAL for asset in assets] + [False])
    if not matters.any():
        return assets, np.full(len(numbers), -1, dtype=np.int64)
    actions, action_numbers = _encoded(tables.transfers["action"])
    moves = np.array([action in MOVING for action in actions] + [False])
    # A null is number -1 and so meets the False at the end of each list.
    return assets, np.where(matters[numbers] & moves[action_numbers], numbers, -1)


def rows_to_judge(tables: Tables, leaves: Callable[[Move], bool]) -> list[Row]:
    """Return the rows whose move ``leaves`` the asset's home, in the order of time, each transfer once."""
    assets, numbers = graded(tables)
    chosen = np.flatnonzero(numbers >= 0)
    if not len(chosen):
        return []
    transfers = tables.transfers.select(sorted({*_OF_MOVE, *_OF_ROW})).take(pa.array(chosen))
    ids = [asset.id if asset else "" for asset in assets]
    leaving = _leaving(transfers, [ids[number] for number in numbers[chosen]], tables.register, leaves)
    rest = transfers.select(_OF_ROW).take(pa.array([index for index, _ in leaving], pa.int64()))
    values = zip(*(rest[name].to_pylist() for name in _OF_ROW), strict=True)
    rows = {
        record_id: Row(time, origin or "", position or 0, record_id.hex(), move, outcome, source, size, records)
        for (_, move), (time, origin, position, record_id, outcome, source, size, records) in zip(
            leaving, values, strict=True
        )
    }
    return sorted(rows.values(), key=lambda row: row[:4])


def _leaving(
    transfers: pa.Table, ids: list[str], register: RegisterSnapshot, leaves: Callable[[Move], bool]
) -> list[tuple[int, Move]]:
    """Ask once per distinct combination of values, since a log repeats few combinations."""
    encoded = [_encoded(transfers[name]) for name in _OF_MOVE]
    names = [[*values, ""] for values, _ in encoded]
    actors = _OF_MOVE.index("actor")
    names[actors] = [_registered(register, name) for name in names[actors]]
    known: dict[tuple[Any, ...], Move | None] = {}
    found = []
    for index, key in enumerate(zip(ids, *(numbers.tolist() for _, numbers in encoded), strict=True)):
        if key not in known:
            asset, *rest = key
            move = Move(asset, *(names[column][number] for column, number in enumerate(rest)))
            known[key] = move if leaves(move) else None
        if (leaving := known[key]) is not None:
            found.append((index, leaving))
    return found


def _registered(register: RegisterSnapshot, name: str) -> str:
    """Return the register's id of an actor, so that one person is one subject however a log writes the account."""
    party = register.party(name)
    return party.id if party else name


def _encoded(column: pa.ChunkedArray) -> tuple[list[str], Numbers]:
    """Return the distinct values of a text column, and the number of each row's value; -1 for null."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    array = column.unify_dictionaries().combine_chunks()
    numbers = array.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return array.dictionary.to_pylist(), numbers.astype(np.int64, copy=False)
