"""What a transfer is to this family: one of a few kinds of deed, inside or outside, controlled or not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

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


class Text:
    """A column of texts as numbers; a row without one has the number of the empty text."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        array = column.unify_dictionaries().combine_chunks()
        if isinstance(array, pa.ChunkedArray):
            array = array.chunk(0) if array.num_chunks else pa.array([], pa.string()).dictionary_encode()
        self.values: list[str] = [*(value or "" for value in array.dictionary.to_pylist()), ""]
        numbers = array.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        self.codes: Codes = np.where(numbers < 0, len(self.values) - 1, numbers)

    def each(self, say: Callable[[str], bool | int]) -> npt.NDArray[np.int64]:
        """Return for each row what ``say`` makes of its text, each distinct text asked once."""
        answers = np.array([int(say(value)) for value in self.values], np.int64)
        result: npt.NDArray[np.int64] = answers[self.codes]
        return result


class Company:
    """What the register says of places and assets, as far as this family asks."""

    def __init__(self, register: RegisterSnapshot, career_places: Sequence[str] = ()) -> None:
        self._register = register
        self._career = frozenset(career_places)

    @cached_property
    def _homes(self) -> frozenset[str]:
        return frozenset(asset.home for asset in self._register.assets if asset.home)

    def is_ours(self, name: str) -> bool:
        """Return whether a place, or the domain of an address, is one where an asset is at home, or lies within one."""
        where = name.rpartition("@")[2]
        return bool(where) and not self._homes.isdisjoint(
            self._register.place_and_above(self._register.place_of(where))
        )

    def is_career_site(self, name: str) -> bool:
        """Return whether a place is one that the organisation named as a career site; by default none is."""
        if not self._career:
            return False
        place = self._register.place_of(name)
        return place is not None and place.id in self._career

    def is_public(self, name: str) -> bool:
        """Return whether the public has an interest in the registered asset of that name."""
        asset = self._register.asset_of(name)
        return asset is not None and asset.public_interest

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

    def rank(self, name: str) -> int:
        """Return the rank of the registered asset's grade, 0 where it is not registered."""
        asset = self._register.asset_of(name)
        return asset.grade.rank if asset else 0


def archive_of(name: str) -> str:
    """Return the name of an archive without its folder, as it stays from place to place; empty for other things."""
    base = name.replace("\\", "/").rpartition("/")[2].casefold()
    return base if base.endswith(_ARCHIVES) else ""


def grade_ranks(asset: Text, grade: Text, company: Company) -> Codes:
    """Return the rank of each row's grade: the register's, or the one recorded with it."""
    grades = {str(one): one.rank for one in Grade}
    return np.maximum(asset.each(company.rank), grade.each(lambda name: grades.get(name, 0)))


def failures(outcome: Text) -> Flags:
    """Return which rows failed or were blocked."""
    return outcome.each(lambda value: value in _FAILED).astype(bool)


def kinds(rows: dict[str, Text], ranks: Codes, company: Company) -> Codes:
    """Return the kind of each row, by its action, channel, destination and grade."""
    action, channel = rows["action"], rows["channel"]
    ours = np.where(
        rows["to_place"].each(bool) > 0, rows["to_place"].each(company.is_ours), rows["to_party"].each(company.is_ours)
    ).astype(bool)
    somewhere = (rows["to_place"].each(bool) + rows["to_party"].each(bool)) > 0
    outside = somewhere & ~ours

    def act(*names: Action) -> Flags:
        return action.each(lambda value: value in names).astype(bool)

    def over(*names: Channel) -> Flags:
        return channel.each(lambda value: value in names).astype(bool)

    moving = action.each(lambda value: value in MOVING).astype(bool)
    archive = rows["asset"].each(lambda name: bool(archive_of(name))).astype(bool)
    browsing = action.each(lambda value: value in _BROWSING).astype(bool)
    career = rows["to_place"].each(company.is_career_site).astype(bool)
    conditions = [
        (act(Action.LOGIN), Kind.SIGN_IN),
        (career, Kind.CAREER),
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
        (act(Action.MOVE) & over(Channel.FILE, Channel.CLOUD_STORAGE) & (ranks > 0), Kind.RENAME),
        (act(Action.CREATE, Action.WRITE) & archive, Kind.ARCHIVE),
        (act(Action.SHARE, Action.CONFIGURE) & (ranks > 0), Kind.RIGHTS),
        (act(Action.READ) & (ranks > 0), Kind.READ),
        (over(Channel.WEB) & browsing, Kind.VISIT),
    ]
    found: Codes = np.select(
        [condition for condition, _ in conditions], [int(kind) for _, kind in conditions], int(Kind.OTHER)
    )
    return found
