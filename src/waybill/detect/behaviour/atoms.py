"""Transfers added up: one row for each who, day, kind of deed and thing it was done to.

Adding up is associative, so rows may come in windows of any size and order, and what is kept of a day is bounded by
how many different things were touched on it, not by how often.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from waybill.detect.behaviour.adding import DAY, HOUR, Rows, Sums, adder
from waybill.detect.behaviour.kinds import Company, Kind, Text, archive_of, failures, grade_ranks, kinds
from waybill.model.protocols import Tables
from waybill.model.register import RegisterSnapshot
from waybill.model.words import Channel, PartyKind

_TEXTS = (
    "action", "channel", "outcome", "actor", "actor_kind", "asset", "grade", "from_place", "to_place", "to_party",
)  # fmt: skip

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

_REMEMBERED = 1 << 18
"""Names whose numbers are remembered: a hash costs more than looking it up."""

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
_KINDS_OF_ACTORS = ("", PartyKind.PERSON, PartyKind.SERVICE)


def moments(rows: pa.Table) -> npt.NDArray[np.int64]:
    """Return when each row happened (microseconds since 1970); a clock that is ahead does not count as the future."""
    happened = pc.min_element_wise(rows["time"].cast(pa.int64()), rows["recorded_at"].cast(pa.int64()))
    found: npt.NDArray[np.int64] = happened.to_numpy()
    return found


@lru_cache(_REMEMBERED)
def number_of(name: str) -> int:
    """Return a number that stands for a name, the same in every run; 0 is no name."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest()) if name else 0


def known_as(name: str, register: RegisterSnapshot) -> str:
    """Return the id of the registered party that a log means by a name, else the name."""
    party = register.party(name)
    return party.id if party else name


def atoms(tables: Tables, company: Company, add: Callable[[Rows], Sums] | None = None) -> pa.Table:
    """Return what these rows add up to; ``add`` is what does it, if not the best there is.

    Where nobody is known to be the actor, it is the host of ours that something came from; other rows are left out.
    """
    rows = tables.transfers
    texts = {name: Text(rows[name]) for name in _TEXTS}
    known = _prepared(rows, texts, company, tables.register)
    sums = (add or adder())(known)
    names = [known_as(name, tables.register) for name in texts["actor"].values]
    names += [HOST + name for name in texts["from_place"].values]
    moment, kind = known.moment[sums.first], known.kind[sums.first]
    is_named = np.isin(kind, [int(one) for one in _WITH_NAMES])
    named = np.where(is_named, texts["asset"].codes[sums.first], len(texts["asset"].values) - 1)
    table = {
        **sums._asdict(),
        "actor": pa.array(names).take(pa.array(known.who[sums.first])),
        "day": moment // DAY,
        "kind": kind,
        "hour": moment % DAY // HOUR,
        "aside": known.aside[sums.first],
        "asset": pa.array(texts["asset"].values).take(pa.array(named)),
        "time": moment,
        "id": rows["id"].take(pa.array(sums.first)),
    }
    return pa.table({name: table[name] for name in SCHEMA.names}).cast(SCHEMA)


def _prepared(rows: pa.Table, texts: dict[str, Text], company: Company, register: RegisterSnapshot) -> Rows:
    """Return what is added up: what is asked of a text is asked of each distinct one."""
    actor, origin, asset = texts["actor"], texts["from_place"], texts["asset"]
    is_said = actor.ask(bool).astype(bool)[actor.codes]
    who = np.where(is_said, actor.codes, origin.codes + np.int32(len(actor.values)))
    chosen = is_said | origin.ask(company.is_ours).astype(bool)[origin.codes]
    kinds_of_actors, channel = texts["actor_kind"], texts["channel"]
    chosen &= kinds_of_actors.ask(lambda value: value in _KINDS_OF_ACTORS).astype(bool)[kinds_of_actors.codes]
    chosen &= channel.ask(lambda value: value != Channel.EMPLOYMENT).astype(bool)[channel.codes]
    ranks = grade_ranks(asset, texts["grade"], company)
    aside = asset.ask(company.is_public).astype(bool)[asset.codes] | _permitted(texts, company)
    offsets, data = _ids(rows["id"])

    def numbers(name: str, spell: Callable[[str], str] = str) -> npt.NDArray[np.uint64]:
        return np.array([number_of(spell(value)) for value in texts[name].values], np.uint64)

    return Rows(
        chosen=chosen,
        who=who,
        moment=moments(rows),
        kind=kinds(texts, ranks, company),
        aside=aside,
        at_host=channel.ask(lambda value: value == Channel.HOST).astype(bool)[channel.codes],
        asset=asset.codes,
        from_place=origin.codes,
        to_place=texts["to_place"].codes,
        to_party=texts["to_party"].codes,
        rank=ranks,
        failed=failures(texts["outcome"]),
        bytes=pc.fill_null(rows["bytes"], 0).to_numpy(),
        records=pc.fill_null(rows["records"], 0).to_numpy(),
        offsets=offsets,
        data=data,
        asset_number=numbers("asset"),
        area_number=numbers("asset", _area),
        archive_number=numbers("asset", archive_of),
        from_number=numbers("from_place"),
        place_number=numbers("to_place"),
        party_number=numbers("to_party"),
        known_party_number=numbers("to_party", lambda name: known_as(name, register)),
    )


def _ids(ids: pa.ChunkedArray) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Return where each id begins, and the bytes of all."""
    array = ids.combine_chunks()
    array = array.chunk(0) if isinstance(array, pa.ChunkedArray) else array
    if not len(array):
        return np.zeros(0, np.int32), np.zeros(0, np.uint8)
    offsets = np.frombuffer(array.buffers()[1], np.int32)[array.offset : array.offset + len(array)]
    return offsets, np.frombuffer(array.buffers()[2], np.uint8)


def summed(table: pa.Table) -> pa.Table:
    """Return one row for each key; the earliest transfer stays as the example."""
    if not table.num_rows:
        return SCHEMA.empty_table()
    ordered = table.sort_by([("time", "ascending"), ("id", "ascending")])
    firsts = [*((name, "max") for name in _HIGHEST), ("asset", "first"), ("time", "first"), ("id", "first")]
    grouped = ordered.group_by(_KEYS, use_threads=False).aggregate([*_SUMS, *firsts])
    return grouped.select([*_KEYS, *(f"{name}_{how}" for name, how in [*_SUMS, *firsts])]).rename_columns(SCHEMA.names)


def _permitted(texts: dict[str, Text], company: Company) -> npt.NDArray[np.bool_]:
    """Return which rows take an asset where a permit lets it go, each distinct pair asked once."""
    asset = texts["asset"]
    permitted = np.zeros(len(asset.codes), bool)
    at = np.flatnonzero(asset.ask(company.has_permits).astype(bool)[asset.codes])
    for name in ("to_place", "to_party"):
        where = texts[name]
        pair = asset.codes[at].astype(np.int64) * len(where.values) + where.codes[at]
        pairs, index = np.unique(pair, return_inverse=True)
        answers = [
            company.is_permitted(asset.values[one // len(where.values)], where.values[one % len(where.values)])
            for one in pairs.tolist()
        ]
        permitted[at] |= np.array(answers, bool)[index]
    return permitted


def _area(asset: str) -> str:
    """Return the folder of a path, or the name itself."""
    cut = max(asset.rfind("/"), asset.rfind("\\"))
    return asset[:cut] if cut > 0 else asset
