"""The figures of a day, one row for each entity, and what must be remembered to know what is new.

Days are taken in order: what somebody did for the first time depends on the days before. What is remembered are pairs
of numbers (who, what) with the day they were last seen, forgotten after ``MEMORY`` days, and each one's hours.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from waybill.detect.behaviour.features import COLUMN, NAMES, Matrix
from waybill.detect.behaviour.kinds import TAKES_OUT, Kind

MEMORY = 400
"""Days after which what somebody used counts as new again."""

NEW_FOR = 3
"""Days for which a destination stays new to a person."""

RARE = 3
"""Users of a destination at most, in the whole organisation, for it to be rare."""

_HOURS_HALF_LIFE = 60
_UNUSUAL = 0.01
"""Share of somebody's deeds in an hour and its neighbours below which the hour is unusual."""
_PRIOR = 30.0
"""Deeds of everybody that count like somebody's own, until enough of those are known."""

_WEEKEND = (5, 6)

_LATELY = 14
"""Days after which a controlled transfer counts half in what adds up."""
_OWNED_SINCE, _OWNED_AT_MOST = 5, 60
"""Days of a single user after which a machine is that user's, and days that are counted."""
_FOREIGN, _READS_KNOWN = 0.02, 200.0
"""Share of the peers' reads below which an area is foreign to them, once so many of their reads are known."""

_NOBODY = (0, 0)
"""Users of a thing that was never met."""
_MONTH = 30
"""Days between two looks for things that nobody dealt with any more."""

_AREA = 4
"""Salt of pairs of an entity and an area."""

Numbers = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Seen:
    """A set of numbers, each with the first and the last day on which it was met."""

    numbers: Numbers = field(default_factory=lambda: np.zeros(0, np.uint64))
    first: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    last: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))

    def meet(self, numbers: Numbers, day: int) -> tuple[npt.NDArray[np.int32], Codes]:
        """Note these numbers; return for each the first day on which it was met, and where distinct ones stand."""
        asked, index, inverse = np.unique(numbers, return_index=True, return_inverse=True)
        place = np.searchsorted(self.numbers, asked)
        known = place < len(self.numbers)
        known[known] = self.numbers[place[known]] == asked[known]
        self.last[place[known]] = day
        first = np.full(len(asked), day, np.int32)
        first[known] = self.first[place[known]]
        fresh = ~known
        if fresh.any():
            where = place[fresh]
            self.numbers = np.insert(self.numbers, where, asked[fresh])
            self.first = np.insert(self.first, where, day)
            self.last = np.insert(self.last, where, day)
        return first[inverse], index

    def since(self, number: np.uint64, otherwise: int) -> int:
        """Return the first day on which a number was met."""
        place = int(np.searchsorted(self.numbers, number))
        is_known = place < len(self.numbers) and self.numbers[place] == number
        return int(self.first[place]) if is_known else otherwise

    def forget(self, day: int) -> None:
        """Drop what was not met for long."""
        keep = self.last > day - MEMORY
        if not keep.all():
            self.numbers, self.first, self.last = self.numbers[keep], self.first[keep], self.last[keep]


@dataclass(slots=True)
class Novelty:
    """Everything that is remembered to tell what is new, and when each entity is usually active."""

    pairs: Seen = field(default_factory=Seen)
    """Who with what."""
    users: dict[int, tuple[int, int]] = field(default_factory=dict)
    """How many entities have dealt with a thing, and the last day on which any did."""
    owners: dict[int, tuple[int, int]] = field(default_factory=dict)
    """The entity that signed in to a machine on most days, less those on which others did, and how many that are."""
    opened: dict[tuple[int, int], float] = field(default_factory=dict)
    """How often a peer group opens an area of controlled assets; area 0 is all of them."""
    presence: float = 0.0
    """How many are there on a working day: the most of the last ones."""
    lately: Matrix = field(default_factory=lambda: np.zeros(0))
    """Controlled transfers out by entity, decayed."""
    hours: Matrix = field(default_factory=lambda: np.zeros((0, 24)))
    """Deeds by entity and hour of the day (UTC), decayed."""

    def is_day_off(self, day: int, present: int) -> bool:
        """Return whether people rest on a day: a weekend on which fewer than half are there; learn how many are."""
        if (day + 3) % 7 in _WEEKEND:  # 1970 began on a Thursday
            return present < 0.5 * self.presence
        self.presence = max(float(present), 0.9 * self.presence)
        return False

    def figures(self, day: int, rows: Day, groups: Codes, *, day_off: bool) -> Matrix:
        """Return the figures of a day, and learn from it; ``groups`` are the peer groups of its entities."""
        figures = _sums(rows)
        if day_off:
            figures[:, COLUMN["days off"]] = figures[:, COLUMN["deeds"]]
        self._grow(int(rows.entities.max(initial=-1)) + 1)
        self._mark_unusual_hours(rows, figures)
        self._mark_new(day, rows, figures)
        self._mark_machines(rows, figures)
        self._mark_foreign(rows, groups, figures)
        out = figures[:, COLUMN["controlled out"]]
        self.lately[rows.entities] = self.lately[rows.entities] * 0.5 ** (1 / _LATELY) + out
        figures[:, COLUMN["controlled out lately"]] = self.lately[rows.entities]
        self._forget(day)
        return figures

    def _forget(self, day: int) -> None:
        """Drop what nobody dealt with for long."""
        self.pairs.forget(day)
        if day % _MONTH == 0:
            self.users = {thing: kept for thing, kept in self.users.items() if kept[1] > day - MEMORY}

    def opened_since(self, entity: int, area: int, day: int) -> int:
        """Return the first day on which an entity (number of its name) opened an area; this day if never."""
        pair = _mixed(np.array([entity], np.uint64), np.array([area], np.uint64), _AREA)
        return self.pairs.since(pair[0], day)

    def _grow(self, entities: int) -> None:
        more = max(0, entities - len(self.hours))
        self.hours = np.pad(self.hours, ((0, more), (0, 0)))
        self.lately = np.pad(self.lately, (0, more))

    def _mark_new(self, day: int, rows: Day, figures: Matrix) -> None:
        """Count what each one does for the first time, and what goes where hardly anybody's goes."""
        for name, chosen, things, salt in (
            ("new sites", rows.of(Kind.VISIT, Kind.UPLOAD, Kind.DOWNLOAD), rows.thing, 1),
            ("new machines", rows.of(Kind.SIGN_IN), rows.thing, 2),
            ("new receivers", rows.of(Kind.MAIL_OUTSIDE), rows.thing, 3),
            ("new areas", rows.of(Kind.READ, Kind.QUERY) & (rows.graded > 0), rows.area, _AREA),
        ):
            where = np.flatnonzero(chosen)
            since, index = self.pairs.meet(_mixed(rows.number[where], things[where], salt), day)
            fresh = where[index[since[index] == day]]
            figures[:, COLUMN[name]] = np.bincount(rows.row[fresh], minlength=len(figures))
            for thing, more in zip(*np.unique(things[fresh], return_counts=True), strict=True):
                self.users[int(thing)] = self.users.get(int(thing), _NOBODY)[0] + int(more), day
            for thing in np.unique(things[where]).tolist():
                self.users[thing] = self.users.get(thing, _NOBODY)[0], day
            if name == "new sites":
                self._mark_uploads(rows, where, day - since <= NEW_FOR, figures)
            elif name == "new receivers":
                self._count(rows, "mails to rare", where[self._are_rare(things[where])], figures)

    def _mark_uploads(self, rows: Day, where: Codes, new: Flags, figures: Matrix) -> None:
        """Count uploads to destinations that are new to the person, to those hardly anybody uses, and both."""
        uploads = rows.kind[where] == Kind.UPLOAD
        where, new = where[uploads], new[uploads]
        rare = self._are_rare(rows.thing[where])
        self._count(rows, "uploads to new", where[new], figures)
        self._count(rows, "uploads to rare", where[rare], figures)
        self._count(rows, "uploads to new and rare", where[new & rare], figures)

    def _are_rare(self, things: Numbers) -> Flags:
        return np.array([self.users.get(thing, _NOBODY)[0] <= RARE for thing in things.tolist()], bool)

    def _mark_machines(self, rows: Day, figures: Matrix) -> None:
        """Count sign-ins to machines that are somebody else's, and learn whose they are (Boyer and Moore's vote)."""
        where = np.flatnonzero(rows.of(Kind.SIGN_IN))
        others = []
        for atom, machine, entity in zip(
            where.tolist(), rows.thing[where].tolist(), rows.entities[rows.row[where]].tolist(), strict=True
        ):
            owner, days = self.owners.get(machine, (entity, 0))
            if owner == entity:
                self.owners[machine] = (owner, min(days + 1, _OWNED_AT_MOST))
                continue
            if days >= _OWNED_SINCE:
                others.append(atom)
            self.owners[machine] = (owner, days - 1) if days > 1 else (entity, 1)
        self._count(rows, "others' machines", np.array(others, np.int64), figures)

    def _mark_foreign(self, rows: Day, groups: Codes, figures: Matrix) -> None:
        """Count reads in areas where fewer than one in fifty of the peers' reads go."""
        where = np.flatnonzero(rows.of(Kind.READ, Kind.QUERY) & (rows.graded > 0))
        group, area = groups[rows.row[where]].tolist(), rows.area[where].tolist()
        keys = list(zip(group, area, strict=True))
        foreign = [
            self.opened.get((group, 0), 0.0) >= _READS_KNOWN
            and self.opened.get((group, area), 0.0) < _FOREIGN * self.opened[group, 0]
            for group, area in keys
        ]
        self._count(rows, "foreign reads", where[np.array(foreign, bool)], figures)
        for key, count in zip(keys, rows.count[where].tolist(), strict=True):
            self.opened[key] = self.opened.get(key, 0.0) + count
            self.opened[key[0], 0] = self.opened.get((key[0], 0), 0.0) + count

    @staticmethod
    def _count(rows: Day, name: str, atoms: Codes, figures: Matrix) -> None:
        figures[:, COLUMN[name]] = np.bincount(rows.row[atoms], rows.count[atoms], len(figures))

    def _mark_unusual_hours(self, rows: Day, figures: Matrix) -> None:
        own = self.hours[rows.entities]
        everybody = self.hours.sum(axis=0) + 1e-9
        usual = own + _PRIOR * everybody / everybody.sum()
        around = usual + np.roll(usual, 1, axis=1) + np.roll(usual, -1, axis=1)
        unusual = around < _UNUSUAL * usual.sum(axis=1, keepdims=True)
        off = unusual[rows.row, rows.hour] & (self.hours.sum() > 0)
        figures[:, COLUMN["off hours"]] = np.bincount(rows.row, rows.count * off, len(figures))
        moved = rows.of(*TAKES_OUT, Kind.READ, Kind.DOWNLOAD, Kind.PLUG_IN)
        figures[:, COLUMN["transfers off hours"]] = np.bincount(rows.row, rows.count * (off & moved), len(figures))
        today = np.zeros((len(rows.entities), 24))
        np.add.at(today, (rows.row, rows.hour), rows.count)
        decay = 0.5 ** (1 / _HOURS_HALF_LIFE)
        self.hours[rows.entities] = own * decay + today


@dataclass(frozen=True, slots=True)
class Day:
    """What was done on one day: the atoms of that day, and whose they are."""

    entities: Codes
    """The numbers of those who did something, ascending."""
    row: Codes
    """For each atom the place of its entity in ``entities``."""
    number: Numbers
    """For each atom a number that stands for its entity's name."""
    kind: Codes
    thing: Numbers
    area: Numbers
    hour: Codes
    count: Codes
    graded: Codes
    failed: Codes
    bytes: Codes
    records: Codes
    largest: Codes

    def of(self, *kinds: Kind) -> Flags:
        """Return which atoms are of these kinds."""
        return np.isin(self.kind, [int(kind) for kind in kinds])

    @classmethod
    def of_atoms(cls, atoms: pa.Table, codes: Codes, numbers: Numbers) -> Day:
        """Return the day of some atoms, whose entities have these codes and numbers."""
        entities, row = np.unique(codes, return_inverse=True)
        names = ("kind", "thing", "area", "hour", "count", "graded", "failed", "bytes", "records", "largest")
        columns = {name: atoms[name].to_numpy() for name in names}
        for name in ("kind", "hour"):
            columns[name] = columns[name].astype(np.int64)
        return cls(entities, row, numbers, **columns)


def _sums(rows: Day) -> Matrix:
    """Return what can be told of a day by itself."""
    size = len(rows.entities)
    figures: Matrix = np.zeros((size, len(NAMES)))

    def total(name: str, chosen: Flags, of: Codes) -> None:
        figures[:, COLUMN[name]] = np.bincount(rows.row[chosen], of[chosen], size)

    def distinct(name: str, chosen: Flags) -> None:
        pairs = np.unique(np.stack([rows.row[chosen].astype(np.uint64), rows.thing[chosen]]), axis=1)
        figures[:, COLUMN[name]] = np.bincount(pairs[0].astype(np.int64), minlength=size)

    everything = np.ones(len(rows.row), bool)
    total("deeds", everything, rows.count)
    total("failures", everything, rows.failed)
    for name, kind in _COUNTED.items():
        total(name, rows.of(kind), rows.count)
    for name, kind in _MEASURED.items():
        total(name, rows.of(kind), rows.bytes)
        figures[:, COLUMN[name]] /= 1e6
    controlled = rows.of(Kind.READ, Kind.QUERY, Kind.DOWNLOAD) & (rows.graded > 0)
    total("controlled reads", controlled, rows.graded)
    total("controlled out", rows.of(*TAKES_OUT), rows.graded)
    total("records", rows.of(Kind.QUERY, Kind.DOWNLOAD), rows.records)
    figures[:, COLUMN["swept"]] = _swept(rows, controlled, size)
    distinct("machines", rows.of(Kind.SIGN_IN))
    distinct("controlled assets", controlled)
    mails = rows.of(Kind.MAIL_INSIDE, Kind.MAIL_OUTSIDE)
    np.maximum.at(figures[:, COLUMN["receivers"]], rows.row[mails], rows.largest[mails])
    return figures


def _swept(rows: Day, controlled: Flags, size: int) -> Matrix:
    """Return how much was read before something went out and deleted after, by the hour: the lesser of the two."""
    out = rows.of(*TAKES_OUT)
    last = np.full(size, -1)
    np.maximum.at(last, rows.row[out], rows.hour[out])
    before = controlled & (rows.hour <= last[rows.row])
    after = rows.of(Kind.DELETE) & (rows.hour >= last[rows.row]) & (last[rows.row] >= 0)
    read, deleted = (np.bincount(rows.row[some], rows.count[some], size) for some in (before, after))
    swept: Matrix = np.minimum(read, deleted)
    return swept


_COUNTED = {
    "visits": Kind.VISIT,
    "mails inside": Kind.MAIL_INSIDE,
    "sign-ins": Kind.SIGN_IN,
    "plug-ins": Kind.PLUG_IN,
    "media files": Kind.MEDIA,
    "mails outside": Kind.MAIL_OUTSIDE,
    "uploads": Kind.UPLOAD,
    "shares": Kind.SHARE,
    "downloads": Kind.DOWNLOAD,
    "deletions": Kind.DELETE,
    "prints": Kind.PRINT,
    "career sites": Kind.CAREER,
}

_MEASURED = {"media megabytes": Kind.MEDIA, "mail megabytes": Kind.MAIL_OUTSIDE, "upload megabytes": Kind.UPLOAD}


def _mixed(one: Numbers, other: Numbers, salt: int) -> Numbers:
    """Return a number for each pair of numbers (multiplication and shift, after splitmix64)."""
    mixed = (one * np.uint64(0x9E3779B97F4A7C15)) ^ (other + np.uint64(salt))
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    result: Numbers = mixed ^ (mixed >> np.uint64(27))
    return result
