"""The same as ``adding.plain`` in one pass over the rows, compiled by numba (extra ``compiled``)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from waybill.detect.behaviour.adding import HOUR, IS_OF_ASSET, MAKES_OR_TAKES, MIX, SHIFT, TAKES, Rows, Sums
from waybill.detect.behaviour.kinds import Kind

_SIGN_IN, _RIGHTS = int(Kind.SIGN_IN), int(Kind.RIGHTS)
_LEAST_SLOTS = 1 << 6
_FAR = 1 << 62
_PREFIX = 8
"""Bytes of ids that rows of the same moment are ordered by."""


class Room(NamedTuple):
    """Where it is written to, an entry for each key; made by NumPy, which asks for large pages where it pays."""

    keys: npt.NDArray[np.uint64]
    first: npt.NDArray[np.int64]
    things: npt.NDArray[np.uint64]
    sums: npt.NDArray[np.int64]


def compiled(rows: Rows) -> Sums:
    """Add rows up."""
    order, starts = _by_hour(rows)
    room = Room(
        np.empty(len(order), np.uint64),
        np.empty(len(order), np.int64),
        np.empty((3, len(order)), np.uint64),
        np.empty((7, len(order)), np.int64),
    )
    count = _add(rows, order, starts, room)
    first, things, sums = room.first[:count], room.things[:, :count], room.sums[:, :count]
    told = {name: things[n] for n, name in enumerate(("thing", "area", "archive"))}
    return Sums(first=first, **told, **{name: sums[n] for n, name in enumerate(Sums._fields[4:])})


@njit(cache=True, nogil=True)
def _by_hour(rows: Any) -> Any:  # pragma: no cover  compiled
    """Return the chosen rows hour by hour, in the order in which they stand, and where each hour begins (and ends).

    A key holds its hour, so that each hour can be added up by itself, in a table that fits the processor's cache.
    """
    begin, end = np.int64(_FAR), np.int64(-_FAR)
    for row in range(len(rows.kind)):
        if rows.chosen[row]:
            hour = rows.moment[row] // HOUR
            begin, end = min(begin, hour), max(end, hour)
    if begin > end:
        return np.empty(0, np.int64), np.zeros(1, np.int64)
    starts = np.zeros(end - begin + 2, np.int64)
    for row in range(len(rows.kind)):
        if rows.chosen[row]:
            starts[rows.moment[row] // HOUR - begin + 1] += 1
    for hour in range(1, len(starts)):
        starts[hour] += starts[hour - 1]
    order, free = np.empty(starts[-1], np.int64), starts.copy()
    for row in range(len(rows.kind)):
        if rows.chosen[row]:
            hour = rows.moment[row] // HOUR - begin
            order[free[hour]] = row
            free[hour] += 1
    return order, starts


@njit(cache=True, nogil=True)
def _key(who_and_hour: Any, thing: Any, area: Any, archive: Any, kind_and_aside: Any) -> Any:  # pragma: no cover
    key = _mixed(_mixed(np.uint64(0), np.uint64(who_and_hour)), thing)
    return _mixed(_mixed(_mixed(key, area), archive), np.uint64(kind_and_aside))


@njit(cache=True, nogil=True)
def _mixed(key: Any, part: Any) -> Any:  # pragma: no cover  compiled
    key = (key ^ part) * MIX
    return key ^ (key >> SHIFT)


@njit(cache=True, nogil=True)
def _is_lower(data: Any, one: Any, other: Any) -> Any:  # pragma: no cover  compiled
    """Return whether the id that begins at ``one`` comes before that at ``other``."""
    for place in range(_PREFIX):
        if data[one + place] != data[other + place]:
            return data[one + place] < data[other + place]
    return False


@njit(cache=True, nogil=True)
def _slot(slots: Any, keys: Any, key: Any) -> Any:  # pragma: no cover  compiled
    """Return the slot of a key: where it is, or where it would be."""
    last = len(slots) - 1
    slot = np.int64(key & np.uint64(last))
    while slots[slot] >= 0 and keys[slots[slot]] != key:
        slot = (slot + 1) & last
    return slot


@njit(cache=True, nogil=True)
def _slots_for(rows: Any) -> Any:  # pragma: no cover  compiled
    """Return how many slots so many rows want: a power of two of which half stays free."""
    slots = _LEAST_SLOTS
    while slots < 2 * rows:
        slots *= 2
    return slots


@njit(cache=True, nogil=True)
def _add(rows: Any, order: Any, starts: Any, room: Any) -> Any:  # pragma: no cover  compiled
    """Write for each key its earliest row, its things and its sums; return how many keys there are.

    The columns are taken out of the tuple once: each look into it counts references, which cost more than all else.
    """
    _, who, moment, kinds, aside, at_host, assets, from_place, to_place, to_party = rows[:10]
    ranks, failed, sizes, records, offsets, data = rows[10:16]
    asset_number, area_number, archive_number, from_number, place_number, party_number, known_party_number = rows[16:]
    keys, first, things, sums = room
    count, table = 0, np.empty(_slots_for(np.diff(starts).max()) if len(starts) > 1 else 0, np.int64)
    for hour in range(len(starts) - 1):
        slots = table[: _slots_for(starts[hour + 1] - starts[hour])]
        slots[:] = -1
        for at in range(starts[hour], starts[hour + 1]):
            row = order[at]
            kind, asset, party, place = kinds[row], assets[row], to_party[row], place_number[to_place[row]]
            area, archive = np.uint64(0), np.uint64(0)
            if IS_OF_ASSET[kind]:
                thing, area = asset_number[asset], area_number[asset]
            elif kind == _SIGN_IN:
                thing = place if at_host[row] and place > 0 else from_number[from_place[row]]
            else:
                thing = place if place > 0 else party_number[party]
            if kind == _RIGHTS:
                area = known_party_number[party]
            if TAKES[kind]:
                area = asset_number[asset]
            if MAKES_OR_TAKES[kind]:
                archive = archive_number[asset]
            when = moment[row] // HOUR
            key = _key((who[row] << 32) + when, thing, area, archive, 2 * kind + aside[row])
            slot = _slot(slots, keys, key)
            entry = slots[slot]
            if entry < 0:
                entry, slots[slot], count = count, count, count + 1
                keys[entry], first[entry] = key, row
                things[0, entry], things[1, entry], things[2, entry] = thing, area, archive
                for column in range(7):
                    sums[column, entry] = 0
            else:
                known = first[entry]
                later = moment[row] - moment[known]
                if later < 0 or (later == 0 and _is_lower(data, offsets[row], offsets[known])):
                    first[entry] = row
            sums[0, entry] += 1
            sums[1, entry] += ranks[row] > 0
            sums[2, entry] += failed[row]
            sums[3, entry] += sizes[row]
            sums[4, entry] += records[row]
            sums[5, entry] = max(sums[5, entry], ranks[row])
            sums[6, entry] = max(sums[6, entry], records[row])
    return count
