"""What the detector of correlations remembers: matches by correlation and group, and how far time has come."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from waybill.detect.sigma.episodes import Entry

MOST_ENTRIES = 200_000
"""Matches that are remembered from run to run."""

AHEAD = 86_400_000_000
"""A record's time may be a day ahead of when it was kept; what is further ahead is a wrong clock and moves nothing."""

Group: TypeAlias = tuple[str, ...]
"""The values by which a correlation groups, in the order of its fields."""

_CLOCK, _CHANGED = "", "changed"
"""Keys of the state beside groups: newest time and up to when windows were judged; groups with new matches."""

_NEVER = -(2**62)


class Memory:
    """Matches of each correlation and group, sorted by time, each once. Groups are read when they are asked for."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        self._stored = dict(state)
        self._newest, self._judged = self._stored.pop(_CLOCK, (_NEVER, _NEVER))
        self._changed: dict[str, None] = dict.fromkeys(self._stored.pop(_CHANGED, ()))
        self._read: dict[str, list[Entry]] = {}
        self._size = sum(map(len, self._stored.values()))

    def __len__(self) -> int:
        return self._size

    def state(self) -> dict[str, Any]:
        """Return it as JSON values."""
        for key, entries in self._read.items():
            self._stored[key] = [msgspec.to_builtins(entry) for entry in entries]
        self._read.clear()
        changed = {_CHANGED: list(self._changed)} if self._changed else {}
        clock = {_CLOCK: [self._newest, self._judged]} if self._newest > _NEVER else {}
        return {**self._stored, **changed, **clock}

    def advance(self, transfers: pa.Table) -> None:
        """Note the newest time among some records, but for those whose clock is wrong."""
        time, kept = (transfers[name].cast(pa.int64()) for name in ("time", "recorded_at"))
        newest = pc.max(pc.filter(time, pc.less_equal(time, pc.add(kept, AHEAD)))).as_py()
        if newest is not None:
            self._newest = max(self._newest, newest)

    def add(self, correlation: str, group: Group, entry: Entry) -> None:
        """Remember a match, unless it is known."""
        key = json.dumps([correlation, *group])
        self._stored.setdefault(key, [])
        entries = self._entries(key)
        place = bisect_left(entries, entry)
        if place == len(entries) or entries[place] != entry:
            entries.insert(place, entry)
            self._size += 1
            self._changed[key] = None

    def groups(self, correlation: str, *, changed: bool) -> list[Group]:
        """Return the groups of a correlation, all or those that have new matches."""
        keys = sorted(key for key in (self._changed if changed else self._stored) if _correlation(key) == correlation)
        return [tuple(json.loads(key)[1:]) for key in keys]

    def entries(self, correlation: str, group: Group) -> Sequence[Entry]:
        """Return the matches of a group by time."""
        return self._entries(json.dumps([correlation, *group]))

    def closed(self, lateness: int) -> tuple[int, int]:
        """Return after when and up to when windows end that no record can change any more and nobody has judged."""
        return self._judged - lateness, self._newest - lateness

    def settle(self, spans: Mapping[str, int], lateness: int, most: int) -> dict[str, int]:
        """Note that windows have been judged, and drop what no later window needs.

        Return how many matches of each correlation were dropped because there were more than ``most``.
        """
        self._judged = self._newest
        self._changed.clear()
        for key in list(self._stored):
            self._drop(key, self._newest - spans.get(_correlation(key), 0) - lateness)
        forgotten: dict[str, int] = {}
        if len(self) > most:
            times = sorted(entry.time for key in self._stored for entry in self._entries(key))
            oldest = times[len(times) - most]
            for key in list(self._stored):
                name = _correlation(key)
                forgotten[name] = forgotten.get(name, 0) + self._drop(key, oldest)
        return {name: count for name, count in forgotten.items() if count}

    def _entries(self, key: str) -> list[Entry]:
        if key not in self._read:
            self._read[key] = msgspec.convert(self._stored[key], list[Entry])
        return self._read[key]

    def _drop(self, key: str, before: int) -> int:
        """Forget the matches of a group from before some moment; return how many."""
        if key not in self._read and self._stored[key][0][0] >= before:
            return 0
        entries = self._entries(key)
        kept = [entry for entry in entries if entry.time >= before]
        dropped = len(entries) - len(kept)
        self._size -= dropped
        if kept:
            self._read[key] = kept
        else:
            del self._read[key], self._stored[key]
        return dropped


def _correlation(key: str) -> str:
    name: str = json.loads(key)[0]
    return name
