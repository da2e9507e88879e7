"""Rows added up by their keys: in NumPy here, and by numba where it is installed (``compiled``), with equal results.

Both take columns of codes into lists of distinct values, with what is known of each value beside them, so that nothing
is asked of a row that can be asked once of a value.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from waybill.detect.behaviour.kinds import TAKES_OUT, Kind

DAY, HOUR = 86_400_000_000, 3_600_000_000
"""Microseconds."""

OF_ASSETS = (Kind.READ, Kind.QUERY, Kind.DELETE, Kind.OTHER, Kind.RENAME, Kind.ARCHIVE, Kind.RIGHTS)
"""Kinds of deeds that are done to an asset where it is."""

MIX, SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(29)
"""What keys are hashed by: keys come in the order of their hashes."""

Longs = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]


def _flags_of(*kinds: Kind) -> Flags:
    return np.isin(np.arange(len(Kind)), [int(kind) for kind in kinds])


IS_OF_ASSET = _flags_of(*OF_ASSETS)
TAKES = _flags_of(*TAKES_OUT)
MAKES_OR_TAKES = _flags_of(*TAKES_OUT, Kind.ARCHIVE)
"""By kind."""


class Rows(NamedTuple):
    """What is added up: columns of rows, and by code what the values of a column stand for."""

    chosen: Flags
    who: Shorts
    moment: Longs
    kind: npt.NDArray[np.int8]
    aside: Flags
    at_host: Flags
    """Whether the machine is where the row goes to, if it says so, and not where it comes from."""
    asset: Shorts
    from_place: Shorts
    to_place: Shorts
    to_party: Shorts
    rank: npt.NDArray[np.int8]
    failed: Flags
    bytes: Longs
    records: Longs
    offsets: npt.NDArray[np.int32]
    """Where each row's id begins in ``data``."""
    data: npt.NDArray[np.uint8]
    asset_number: Numbers
    area_number: Numbers
    archive_number: Numbers
    from_number: Numbers
    place_number: Numbers
    party_number: Numbers
    known_party_number: Numbers
    """Of the party that the register knows by the name, where it knows one."""


class Sums(NamedTuple):
    """One entry for each key, in the order of the keys' hashes."""

    first: Longs
    """Place of the earliest row, of equally early ones that of the lowest id."""
    thing: Numbers
    area: Numbers
    archive: Numbers
    count: Longs  # type: ignore[assignment]  # not the method of tuples
    graded: Longs
    failed: Longs
    bytes: Longs
    records: Longs
    rank: Longs
    largest: Longs


def plain(rows: Rows) -> Sums:
    """Add rows up."""
    at = np.flatnonzero(rows.chosen)
    kind = rows.kind[at]
    thing, area, archive = _things(rows, at, kind)
    who_and_hour = (rows.who[at].astype(np.int64) << 32) + rows.moment[at] // HOUR
    key = np.zeros(len(at), np.uint64)
    for part in (who_and_hour, thing, area, archive, 2 * kind + rows.aside[at]):
        key = (key ^ part.astype(np.uint64)) * MIX
        key ^= key >> SHIFT
    order = np.lexsort([_prefixes(rows)[at], rows.moment[at], key])
    key = key[order]
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])) if len(key) else np.zeros(0, np.int64)
    firsts, order = order[starts], at[order]

    def by_key(how: np.ufunc, column: npt.NDArray[np.generic]) -> Longs:
        found: Longs = how.reduceat(column[order].astype(np.int64), starts) if len(starts) else np.zeros(0, np.int64)
        return found

    return Sums(
        order[starts],
        thing[firsts],
        area[firsts],
        archive[firsts],
        by_key(np.add, np.ones(len(rows.kind), np.int8)),
        by_key(np.add, rows.rank > 0),
        by_key(np.add, rows.failed),
        by_key(np.add, rows.bytes),
        by_key(np.add, rows.records),
        by_key(np.maximum, rows.rank),
        by_key(np.maximum, rows.records),
    )


@cache
def adder() -> Callable[[Rows], Sums]:
    """Return what adds rows up: compiled where numba is installed."""
    try:
        from waybill.detect.behaviour.compiled import compiled
    except ImportError:
        return plain
    return compiled


def _things(rows: Rows, at: Longs, kind: npt.NDArray[np.int8]) -> tuple[Numbers, Numbers, Numbers]:
    """Return what each deed was done to, what tells it apart further, and the archive that was made or left.

    What tells it apart is the area (folder) of an asset, the asset that left (each is evidence of its own), or whose
    rights were changed.
    """
    nothing = np.uint64(0)
    to_place, asset = rows.place_number[rows.to_place[at]], rows.asset_number[rows.asset[at]]
    destination = np.where(to_place > 0, to_place, rows.party_number[rows.to_party[at]])
    machine = np.where(rows.at_host[at] & (to_place > 0), to_place, rows.from_number[rows.from_place[at]])
    thing = np.where(kind == Kind.SIGN_IN, machine, destination)
    area = np.where(IS_OF_ASSET[kind], rows.area_number[rows.asset[at]], nothing)
    area = np.where(kind == Kind.RIGHTS, rows.known_party_number[rows.to_party[at]], area)
    archive = np.where(MAKES_OR_TAKES[kind], rows.archive_number[rows.asset[at]], nothing)
    return np.where(IS_OF_ASSET[kind], asset, thing), np.where(TAKES[kind], asset, area), archive


def _prefixes(rows: Rows) -> Numbers:
    """Return the first eight bytes of each id as a number, to order rows of the same moment."""
    eight = rows.data[rows.offsets[:, None] + np.arange(8)] if len(rows.offsets) else np.zeros((0, 8), np.uint8)
    found: Numbers = np.ascontiguousarray(eight).view(">u8")[:, 0].astype(np.uint64)
    return found
