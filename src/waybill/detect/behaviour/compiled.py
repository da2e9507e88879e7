"""The same as ``adding.plain`` in one pass over the rows, compiled by numba (extra ``compiled``)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from waybill.detect.behaviour.adding import DAY, HOUR, IS_OF_ASSET, MAKES_OR_TAKES, MIX, SHIFT, TAKES, Rows, Sums
from waybill.detect.behaviour.kinds import Kind

_SIGN_IN, _RIGHTS = int(Kind.SIGN_IN), int(Kind.RIGHTS)
_LEAST_SLOTS = 1 << 6
_FAR = 1 << 62
_PREFIX = 8
"""Bytes of ids that rows of the same moment are ordered by."""


def compiled(rows: Rows) -> Sums:
    """Add rows up."""
    first, things, sums = _add(rows, *_by_hour(rows))
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
def _things(rows: Any, row: Any) -> Any:  # pragma: no cover  compiled
    """Return what a deed was done to, what tells it apart further, and the archive that was made or left."""
    kind, asset, party = rows.kind[row], rows.asset[row], rows.to_party[row]
    place = rows.place_number[rows.to_place[row]]
    area, archive = np.uint64(0), np.uint64(0)
    if IS_OF_ASSET[kind]:
        thing, area = rows.asset_number[asset], rows.area_number[asset]
    elif kind == _SIGN_IN:
        thing = place if rows.at_host[row] and place > 0 else rows.from_number[rows.from_place[row]]
    else:
        thing = place if place > 0 else rows.party_number[party]
    if kind == _RIGHTS:
        area = rows.known_party_number[party]
    if TAKES[kind]:
        area = rows.asset_number[asset]
    if MAKES_OR_TAKES[kind]:
        archive = rows.archive_number[asset]
    return thing, area, archive


@njit(cache=True, nogil=True)
def _key(rows: Any, row: Any, thing: Any, area: Any, archive: Any) -> Any:  # pragma: no cover  compiled
    day = rows.moment[row] // DAY
    key = _mixed(np.uint64(0), np.uint64(rows.who[row]))
    key = _mixed(_mixed(key, np.uint64(day)), np.uint64(rows.kind[row]))
    key = _mixed(_mixed(key, thing), area)
    key = _mixed(key, np.uint64((rows.moment[row] - day * DAY) // HOUR))
    return _mixed(_mixed(key, np.uint64(rows.aside[row])), archive)


@njit(cache=True, nogil=True)
def _mixed(key: Any, part: Any) -> Any:  # pragma: no cover  compiled
    key = (key ^ part) * MIX
    return key ^ (key >> SHIFT)


@njit(cache=True, nogil=True)
def _is_earlier(rows: Any, row: Any, known: Any) -> Any:  # pragma: no cover  compiled
    if rows.moment[row] != rows.moment[known]:
        return rows.moment[row] < rows.moment[known]
    for place in range(_PREFIX):
        one, other = rows.data[rows.offsets[row] + place], rows.data[rows.offsets[known] + place]
        if one != other:
            return one < other
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
def _add(rows: Any, order: Any, starts: Any) -> Any:  # pragma: no cover  compiled
    """Return for each key its earliest row, its things and its sums."""
    keys, first = np.empty(len(order), np.uint64), np.empty(len(order), np.int64)
    things, sums = np.empty((3, len(order)), np.uint64), np.empty((7, len(order)), np.int64)
    count, most = 0, np.int64(0)
    for hour in range(len(starts) - 1):
        most = max(most, starts[hour + 1] - starts[hour])
    room = _LEAST_SLOTS
    while room < 2 * most:
        room *= 2
    table = np.full(room, -1, np.int64)
    for hour in range(len(starts) - 1):
        size = _LEAST_SLOTS
        while size < 2 * (starts[hour + 1] - starts[hour]):
            size *= 2
        slots = table[:size]
        slots[:] = -1
        for row in order[starts[hour] : starts[hour + 1]]:
            thing, area, archive = _things(rows, row)
            key = _key(rows, row, thing, area, archive)
            slot = _slot(slots, keys, key)
            entry = slots[slot]
            if entry < 0:
                entry, slots[slot], count = count, count, count + 1
                keys[entry], first[entry], sums[:, entry] = key, row, 0
                things[0, entry], things[1, entry], things[2, entry] = thing, area, archive
            elif _is_earlier(rows, row, first[entry]):
                first[entry] = row
            sums[0, entry] += 1
            sums[1, entry] += rows.rank[row] > 0
            sums[2, entry] += rows.failed[row]
            sums[3, entry] += rows.bytes[row]
            sums[4, entry] += rows.records[row]
            sums[5, entry] = max(sums[5, entry], rows.rank[row])
            sums[6, entry] = max(sums[6, entry], rows.records[row])
    return first[:count], things[:, :count], sums[:, :count]
