"""What a transfer is to this family: one of a few kinds of deed, inside or outside, controlled or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from functools import cache, cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from waybill.model.register import RegisterSnapshot
from waybill.model.words import MOVING, Action, Channel, Grade, Outcome

Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Kind(IntEnum):
    """Kinds of deeds that habits are made of."""

    OTHER = 0
    SIGN_IN = 1
    PLUG_IN = 2
    MEDIA = 3
    MAIL_INSIDE = 4
    MAIL_OUTSIDE = 5
    VISIT = 6
    UPLOAD = 7
    DOWNLOAD = 8
    READ = 9
    """A controlled asset was read."""
    QUERY = 10
    """Rows of a database were read."""
    DELETE = 11
    PRINT = 12
    SHARE = 13
    CAREER = 14
    RENAME = 15
    """A controlled asset was given another name or place inside."""
    ARCHIVE = 16
    """An archive was made."""
    RIGHTS = 17
    """Who may have a controlled asset was changed, inside."""


TAKES_OUT = frozenset({Kind.MEDIA, Kind.MAIL_OUTSIDE, Kind.UPLOAD, Kind.SHARE, Kind.PRINT})
"""Kinds by which something leaves what the organisation sees."""

_ARCHIVES = (
    ".7z",
    ".ace",
    ".arj",
    ".bz2",
    ".cab",
    ".gz",
    ".iso",
    ".lzh",
    ".rar",
    ".tar",
    ".tgz",
    ".xz",
    ".zip",
    ".zst",
)
"""Endings of names of files that hold others."""

_BROWSING = frozenset({Action.READ, Action.CONNECT, Action.OTHER, Action.EXECUTE})
_FAILED = frozenset({Outcome.FAILURE, Outcome.BLOCKED})


def are_of(atoms: pa.Table, kinds: Iterable[Kind]) -> pa.ChunkedArray:
    """Return which atoms are deeds of some kinds."""
    return pc.is_in(atoms["kind"], pa.array([int(kind) for kind in kinds], pa.int8()))


class Text:
    """A column of texts as numbers; a row without one has the number of the empty text."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        array = column.unify_dictionaries().combine_chunks()
        if isinstance(array, pa.ChunkedArray):
            array = array.chunk(0) if array.num_chunks else pa.array([], pa.string()).dictionary_encode()
        self.values: list[str] = [*(value or "" for value in array.dictionary.to_pylist()), ""]
        indices = array.indices
        if indices.null_count:
            indices = indices.fill_null(pa.scalar(len(self.values) - 1, indices.type))
        self.codes: npt.NDArray[np.int32] = indices.to_numpy().astype(np.int32, copy=False)

    def ask(self, say: Callable[[str], bool | int]) -> Codes:
        """Return what ``say`` makes of each distinct text."""
        return np.array([int(say(value)) for value in self.values], np.int64)

    def each(self, say: Callable[[str], bool | int]) -> Codes:
        """Return for each row what ``say`` makes of its text, each distinct text asked once."""
        result: Codes = self.ask(say)[self.codes]
        return result


class Company:
    """What the register says of places and assets, as far as this family asks; of each name it is asked once."""

    def __init__(self, register: RegisterSnapshot, career_places: Sequence[str] = ()) -> None:
        self._register = register
        self._career = frozenset(career_places)
        self.is_ours = cache(self._is_ours)
        """Whether a place, or the domain of an address, is one where an asset is at home, or lies within one."""
        self.place_bits = cache(self._place_bits)
        """What is known of a place: 1 it is said, 2 it is ours, 4 it is one that was named as a career site."""
        self.is_public = cache(self._is_public)
        """Whether the public has an interest in the registered asset of that name."""
        self.has_permits = cache(self._has_permits)
        """Whether any permit is about the registered asset of that name."""
        self.rank = cache(self._rank)
        """The rank of the registered asset's grade, 0 where it is not registered."""

    @cached_property
    def _homes(self) -> frozenset[str]:
        return frozenset(asset.home for asset in self._register.assets if asset.home)

    def _is_ours(self, name: str) -> bool:
        where = name.rpartition("@")[2]
        return bool(where) and not self._homes.isdisjoint(
            self._register.place_and_above(self._register.place_of(where))
        )

    def _place_bits(self, name: str) -> int:
        place = self._register.place_of(name) if self._career else None
        return bool(name) + 2 * self.is_ours(name) + 4 * (place is not None and place.id in self._career)

    def _is_public(self, name: str) -> bool:
        asset = self._register.asset_of(name)
        return asset is not None and asset.public_interest

    def _has_permits(self, asset: str) -> bool:
        found = self._register.asset_of(asset)
        return found is not None and found.id in self._register.permits_by_asset

    def _rank(self, name: str) -> int:
        asset = self._register.asset_of(name)
        return asset.grade.rank if asset else 0

    def is_permitted(self, asset: str, where: str) -> bool:
        """Return whether a permit lets this asset go to that place or to the domain of that address.

        Until when and how much is the business of the detector ``unauthorised``.
        """
        found = self._register.asset_of(asset)
        permits = self._register.permits_by_asset.get(found.id, ()) if found else ()
        if not permits or not where:
            return False
        around = self._register.place_and_above(self._register.place_of(where.rpartition("@")[2]))
        return any(permit.place and permit.place in around for permit in permits)


@lru_cache(1 << 16)
def archive_of(name: str) -> str:
    """Return the name of an archive without its folder, as it stays from place to place; empty for other things."""
    base = name.replace("\\", "/").rpartition("/")[2].casefold()
    return base if base.endswith(_ARCHIVES) else ""


def grade_ranks(asset: Text, grade: Text, company: Company) -> npt.NDArray[np.int8]:
    """Return the rank of each row's grade: the register's, or the one recorded with it."""
    grades = {str(one): one.rank for one in Grade}
    by_asset = asset.ask(company.rank).astype(np.int8)[asset.codes]
    by_record = grade.ask(lambda name: grades.get(name, 0)).astype(np.int8)[grade.codes]
    found: npt.NDArray[np.int8] = np.maximum(by_asset, by_record)
    return found


def failures(outcome: Text) -> Flags:
    """Return which rows failed or were blocked."""
    found: Flags = outcome.ask(lambda value: value in _FAILED).astype(bool)[outcome.codes]
    return found


def kinds(rows: dict[str, Text], ranks: npt.NDArray[np.int8], company: Company) -> npt.NDArray[np.int8]:
    """Return the kind of each row, by its action, channel, destination and grade."""
    names = ("action", "channel", "to_place", "to_party", "asset")
    action, channel, place, party, asset = (rows[name] for name in names)
    sizes = len(action.values), len(channel.values), _PLACES, _PARTIES, 2, 2
    of_place = place.ask(company.place_bits)
    of_party = party.ask(lambda name: bool(name) + 2 * company.is_ours(name))
    archive = asset.ask(lambda name: bool(archive_of(name)))
    parts: tuple[npt.NDArray[Any], ...] = (
        channel.codes, of_place[place.codes], of_party[party.codes], ranks > 0, archive[asset.codes]
    )  # fmt: skip
    number = action.codes.astype(np.int32)
    for size, part in zip(sizes[1:], parts, strict=True):
        number = number * np.int32(size) + part.astype(np.int32)
    found: npt.NDArray[np.int8] = _table(action.values, channel.values, sizes).ravel()[number]
    return found


_PLACES, _PARTIES = 8, 4
"""How many answers there are of a place (``Company.place_bits``) and of a party (1 it is said, 2 it is ours)."""


def _table(actions: list[str], channels: list[str], sizes: tuple[int, ...]) -> npt.NDArray[np.int8]:
    """Return the kind for every action, channel, place, party, and whether it is controlled and an archive."""
    axes = np.ogrid[tuple(slice(size) for size in sizes)]
    place, party, controlled, archive = axes[2], axes[3], axes[4] > 0, axes[5] > 0

    def act(*names: Action) -> Flags:
        return np.array([value in names for value in actions]).reshape(axes[0].shape)

    def over(*names: Channel) -> Flags:
        return np.array([value in names for value in channels]).reshape(axes[1].shape)

    ours = np.where(place & 1, place & 2, party & 2) > 0
    outside = ((place & 1) + (party & 1) > 0) & ~ours
    moving, browsing = act(*MOVING), act(*_BROWSING)
    conditions = [
        (act(Action.LOGIN), Kind.SIGN_IN),
        (place & 4 > 0, Kind.CAREER),
        (over(Channel.USB) & (moving | act(Action.WRITE, Action.CREATE)), Kind.MEDIA),
        (over(Channel.USB), Kind.PLUG_IN),
        (over(Channel.EMAIL) & moving & outside, Kind.MAIL_OUTSIDE),
        (over(Channel.EMAIL) & moving, Kind.MAIL_INSIDE),
        (over(Channel.PRINT), Kind.PRINT),
        (act(Action.SHARE) & ~ours, Kind.SHARE),
        (act(Action.DOWNLOAD), Kind.DOWNLOAD),
        (over(Channel.DATABASE) & (act(Action.READ, Action.EXPORT)), Kind.QUERY),
        (moving & outside & ~over(Channel.FREIGHT, Channel.EMPLOYMENT), Kind.UPLOAD),
        (act(Action.DELETE), Kind.DELETE),
        (act(Action.MOVE) & over(Channel.FILE, Channel.CLOUD_STORAGE) & controlled, Kind.RENAME),
        (act(Action.CREATE, Action.WRITE) & archive, Kind.ARCHIVE),
        (act(Action.SHARE, Action.CONFIGURE) & controlled, Kind.RIGHTS),
        (act(Action.READ) & controlled, Kind.READ),
        (over(Channel.WEB) & browsing, Kind.VISIT),
    ]
    found = np.full(sizes, int(Kind.OTHER), np.int8)
    for condition, kind in reversed(conditions):  # the first that holds is the last to be written
        np.copyto(found, np.int8(kind), where=np.broadcast_to(condition, sizes))
    return found
