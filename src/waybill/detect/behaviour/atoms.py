"""Transfers added up: one row for each who, day, kind of deed and thing it was done to.

Adding up is associative, so rows may come in windows of any size and order, and what is kept of a day is bounded by
how many different things were touched on it, not by how often.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from waybill.detect.behaviour.kinds import (
    TAKES_OUT,
    Codes,
    Company,
    Kind,
    Text,
    archive_of,
    failures,
    grade_ranks,
    kinds,
)
from waybill.model.protocols import Tables
from waybill.model.register import RegisterSnapshot
from waybill.model.words import Channel, PartyKind

DAY, HOUR = 86_400_000_000, 3_600_000_000
"""Microseconds."""

COLUMNS = (
    "time",
    "recorded_at",
    "id",
    "source",
    "logsource",
    "action",
    "outcome",
    "channel",
    "actor",
    "actor_kind",
    "actor_org",
    "asset",
    "grade",
    "from_place",
    "to_place",
    "to_party",
    "bytes",
    "records",
    "origin",
    "position",
)
"""Columns of transfers that are read."""

HOST = "host:"
"""Begins the names of hosts among those that act."""

_KEYS = ["actor", "day", "kind", "thing", "area", "hour", "aside", "archive"]
_WITH_NAMES = (Kind.QUERY, Kind.DOWNLOAD, Kind.READ, Kind.UPLOAD, Kind.RENAME, Kind.RIGHTS)
"""Kinds of which the asset's name is kept, for harvests and sequences."""

SCHEMA = pa.schema(
    [
        ("actor", pa.string()),
        ("day", pa.int32()),
        ("kind", pa.int8()),
        ("thing", pa.uint64()),
        ("area", pa.uint64()),
        ("hour", pa.int8()),
        ("aside", pa.bool_()),
        ("archive", pa.uint64()),
        ("count", pa.int64()),
        ("graded", pa.int64()),
        ("failed", pa.int64()),
        ("bytes", pa.int64()),
        ("records", pa.int64()),
        ("rank", pa.int64()),
        ("largest", pa.int64()),
        ("asset", pa.string()),
        ("time", pa.int64()),
        ("id", pa.binary()),
    ]
)
"""``thing`` and ``area`` are numbers of names; ``rank`` is that of the gravest grade; ``aside`` says the public has
an interest in the asset, or that a permit lets it go there, so that it counts for nobody's habits; ``archive`` is the
number of the archive's name that was made or left, 0 for other things; ``asset``, ``time`` and ``id`` are of the
earliest transfer."""

_SUMMED = ("count", "graded", "failed", "bytes", "records")
_HIGHEST = ("rank", "largest")
_SUMS = [(name, "sum") for name in _SUMMED]
_OF_ASSETS = [
    int(one) for one in (Kind.READ, Kind.QUERY, Kind.DELETE, Kind.OTHER, Kind.RENAME, Kind.ARCHIVE, Kind.RIGHTS)
]
"""Kinds of deeds that are done to an asset where it is."""
_KINDS_OF_ACTORS = ("", PartyKind.PERSON, PartyKind.SERVICE)


def moments(rows: pa.Table) -> npt.NDArray[np.int64]:
    """Return when each row happened (microseconds since 1970); a clock that is ahead does not count as the future."""
    happened = pc.min_element_wise(rows["time"].cast(pa.int64()), rows["recorded_at"].cast(pa.int64()))
    found: npt.NDArray[np.int64] = happened.to_numpy()
    return found


def number_of(name: str) -> int:
    """Return a number that stands for a name, the same in every run; 0 is no name."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest()) if name else 0


def known_as(name: str, register: RegisterSnapshot) -> str:
    """Return the id of the registered party that a log means by a name, else the name."""
    party = register.party(name)
    return party.id if party else name


def atoms(tables: Tables, company: Company) -> pa.Table:
    """Return what these rows add up to.

    Where nobody is known to be the actor, it is the host of ours that something came from; other rows are left out.
    """
    rows = tables.transfers
    texts = {name: Text(rows[name]) for name in ("action", "channel", "outcome", "actor", "asset", "grade")}
    texts |= {name: Text(rows[name]) for name in ("from_place", "to_place", "to_party", "actor_kind")}
    hosts = texts["from_place"].each(company.is_ours) * (texts["actor"].each(bool) == 0)
    known = (texts["actor"].each(bool) + hosts) > 0
    known &= texts["actor_kind"].each(lambda value: value in _KINDS_OF_ACTORS) > 0
    known &= texts["channel"].each(lambda value: value != Channel.EMPLOYMENT) > 0
    ranks = grade_ranks(texts["asset"], texts["grade"], company)
    kind = kinds(texts, ranks, company)
    thing, area = _things(texts, kind, tables.register)
    moment = moments(rows)
    record_count = pc.fill_null(rows["records"], 0).to_numpy()
    columns = {
        "day": moment // DAY,
        "kind": kind,
        "thing": thing,
        "area": area,
        "hour": moment % DAY // HOUR,
        "aside": texts["asset"].each(company.is_public) | _permitted(texts, company),
        "archive": _archives(texts["asset"], kind),
        "count": np.ones(len(kind), np.int64),
        "graded": (ranks > 0).astype(np.int64),
        "rank": ranks,
        "failed": failures(texts["outcome"]).astype(np.int64),
        "bytes": pc.fill_null(rows["bytes"], 0).to_numpy(),
        "records": record_count,
        "largest": record_count,
        "time": moment,
    }
    names = [known_as(name, tables.register) for name in texts["actor"].values]
    actor = np.where(hosts > 0, texts["from_place"].codes + len(names), texts["actor"].codes)
    names += [HOST + name for name in texts["from_place"].values]
    chosen = np.flatnonzero(known)
    firsts, starts, order = _grouped(actor, columns, rows["id"], chosen)
    sums: dict[str, Any] = {
        name: np.add.reduceat(columns[name][order], starts) if len(starts) else [] for name in _SUMMED
    }
    for name in _HIGHEST:
        sums[name] = np.maximum.reduceat(columns[name][order], starts) if len(starts) else []
    asset = pa.array(texts["asset"].values).take(pa.array(texts["asset"].codes[firsts]))
    with_name = pa.array(np.isin(kind[firsts], [int(one) for one in _WITH_NAMES]))
    table = {
        **{name: columns[name][firsts] for name in columns},
        **sums,
        "actor": pa.array(names).take(pa.array(actor[firsts])),
        "id": rows["id"].take(pa.array(firsts)),
        "asset": pc.if_else(with_name, asset, ""),
    }
    return pa.table({name: table[name] for name in SCHEMA.names}).cast(SCHEMA)


def _grouped(
    actor: Codes, columns: dict[str, npt.NDArray[Any]], ids: pa.ChunkedArray, chosen: Codes
) -> tuple[Codes, Codes, Codes]:
    """Return for each group of equal keys its earliest row and its place, and the chosen rows group by group."""
    key = np.zeros(len(chosen), np.uint64)
    for part in (actor, *(columns[name] for name in _KEYS[1:])):
        key = (key ^ part[chosen].astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(29)
    order = np.lexsort([id_prefixes(ids)[chosen], columns["time"][chosen], key])
    key = key[order]
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])) if len(key) else np.zeros(0, np.int64)
    order = chosen[order]
    return order[starts], starts, order


def id_prefixes(ids: pa.ChunkedArray) -> npt.NDArray[np.uint64]:
    """Return the first eight bytes of each id as a number, to order rows of the same moment."""
    array = ids.combine_chunks()
    array = array.chunk(0) if isinstance(array, pa.ChunkedArray) else array
    if not len(array):
        return np.zeros(0, np.uint64)
    offsets = np.frombuffer(array.buffers()[1], np.int32)[array.offset : array.offset + len(array)]
    data = np.frombuffer(array.buffers()[2], np.uint8)
    prefix: npt.NDArray[np.uint64] = (
        np.ascontiguousarray(data[offsets[:, None] + np.arange(8)]).view(">u8")[:, 0].astype(np.uint64)
    )
    return prefix


def summed(table: pa.Table) -> pa.Table:
    """Return one row for each key; the earliest transfer stays as the example."""
    if not table.num_rows:
        return SCHEMA.empty_table()
    ordered = table.sort_by([("time", "ascending"), ("id", "ascending")])
    firsts = [*((name, "max") for name in _HIGHEST), ("asset", "first"), ("time", "first"), ("id", "first")]
    grouped = ordered.group_by(_KEYS, use_threads=False).aggregate([*_SUMS, *firsts])
    return grouped.select([*_KEYS, *(f"{name}_{how}" for name, how in [*_SUMS, *firsts])]).rename_columns(SCHEMA.names)


def _things(texts: dict[str, Text], kind: Codes, register: RegisterSnapshot) -> tuple[npt.NDArray[np.uint64], ...]:
    """Return what each deed was done to, and what tells it apart further.

    That is the area (folder) of an asset, the asset that left, or whose rights were changed.
    """

    def numbers(text: Text, spell: bool = False) -> npt.NDArray[np.uint64]:
        names = [_area(value) if spell else value for value in text.values]
        found: npt.NDArray[np.uint64] = np.array([number_of(name) for name in names], np.uint64)[text.codes]
        return found

    to_place, asset = numbers(texts["to_place"]), numbers(texts["asset"])
    destination = np.where(to_place > 0, to_place, numbers(texts["to_party"]))
    at_host = (to_place > 0) & (texts["channel"].each(lambda value: value == Channel.HOST) > 0)
    machine = np.where(at_host, to_place, numbers(texts["from_place"]))
    thing = np.where(kind == Kind.SIGN_IN, machine, destination)
    is_asset = np.isin(kind, [int(one) for one in _OF_ASSETS])
    area = np.where(is_asset, numbers(texts["asset"], spell=True), np.uint64(0))
    parties = np.array([number_of(known_as(name, register)) for name in texts["to_party"].values], np.uint64)
    area = np.where(kind == Kind.RIGHTS, parties[texts["to_party"].codes], area)
    moved = np.isin(kind, [int(one) for one in TAKES_OUT])  # each thing that left is evidence of its own
    return np.where(is_asset, asset, thing), np.where(moved, asset, area)


def _archives(asset: Text, kind: Codes) -> npt.NDArray[np.uint64]:
    """Return the number of the name of each archive that was made or left; 0 for everything else."""
    numbers = np.array([number_of(archive_of(name)) for name in asset.values], np.uint64)[asset.codes]
    made_or_left = np.isin(kind, [int(one) for one in (*TAKES_OUT, Kind.ARCHIVE)])
    return np.where(made_or_left, numbers, np.uint64(0))


def _permitted(texts: dict[str, Text], company: Company) -> Codes:
    """Return which rows take an asset where a permit lets it go, each distinct pair asked once."""
    asset = texts["asset"]
    permitted = np.zeros(len(asset.codes), np.int64)
    for name in ("to_place", "to_party"):
        where = texts[name]
        pairs, index = np.unique(asset.codes * len(where.values) + where.codes, return_inverse=True)
        answers = [
            company.is_permitted(asset.values[one // len(where.values)], where.values[one % len(where.values)])
            for one in pairs.tolist()
        ]
        permitted |= np.array(answers, np.int64)[index]
    return permitted


def _area(asset: str) -> str:
    """Return the folder of a path, or the name itself."""
    cut = max(asset.rfind("/"), asset.rfind("\\"))
    return asset[:cut] if cut > 0 else asset
