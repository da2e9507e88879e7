"""Finds marks and decoys in what is inspected, and says of which delivery they are."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from math import comb, exp

import msgspec

from waybill.content.canaries.marking import code
from waybill.content.canaries.slots import Slot, chosen, slots
from waybill.content.parsing.pieces import Content, Segment, Table

WORD = re.compile(rb"[0-9A-Za-z+][0-9A-Za-z@._+-]{4,252}[0-9A-Za-z]")
"""What may be a value, as it stands."""

_NUMBER = re.compile(rb"\d[0-9A-Za-z]*(?:[ ./_-]\d[0-9A-Za-z]*)+")
"""A number in groups, or several in a row."""
_JOINT = re.compile(rb"[ ./_-]")
_GROUPS = 6
"""Groups that a number may be written in."""
_LEAST_PLACES = 16
_CHANCE = 1e-6
"""How likely chance alone may be to give the agreement of any delivery."""

_MOST_PLACES = 20_000
_COUNTED = 400


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A copy that was handed out, as far as finding it again needs."""

    id: str
    document: str
    """Name of what was copied."""
    values: tuple[str, ...] = ()
    """Keyed hashes of its decoys, in hex; of a marked text none."""
    asset: str = ""


class Sighting(msgspec.Struct, frozen=True):
    """Marks of a delivery that were seen."""

    delivery: Delivery
    certainty: float
    """1 less the chance that an unmarked text agrees so well; 1 for a decoy."""


class Watch:
    """Looks for marks of all deliveries in one file, piece by piece."""

    def __init__(self, deliveries: Iterable[Delivery], secret: bytes) -> None:
        self._deliveries = list(deliveries)
        self._secret = secret
        self._by_value = {value: one for one in self._deliveries for value in one.values}
        for one in self._deliveries:
            self._by_value[hashed(code(secret, one.id), secret)] = one
        self._seen: set[str] = set()
        self._slots: dict[tuple[str, str], Slot] = {}

    def add(self, piece: Content) -> None:
        """Take a piece of the file."""
        if not self._deliveries or not isinstance(piece, Segment | Table):
            return
        data = piece.data if isinstance(piece, Segment) else "\n".join(map("\n".join, piece.columns)).encode()
        for word in _words(data):
            found = self._by_value.get(hashed(word.decode(), self._secret))
            if found is not None:
                self._seen.add(found.id)
        for slot in slots(data.decode("utf-8", "replace")):
            if len(self._slots) < _MOST_PLACES:
                self._slots.setdefault((slot.kind, slot.context), slot)

    def sightings(self) -> list[Sighting]:
        """Return the deliveries whose marks or decoys are in the file, the surest first."""
        read = self._read()
        found = []
        for one in self._deliveries:
            chance = 0.0 if one.id in self._seen else self._chance(one, read)
            if chance < _CHANCE:
                found.append(Sighting(one, 1 - chance))
        return sorted(found, key=lambda sighting: (-sighting.certainty, sighting.delivery.id))

    def _read(self) -> list[Slot]:
        """Return the places that tell: gaps and signs say nothing where none is left of them."""
        telling = {kind for kind in ("gap", "sign") if any(s.bit for s in self._slots.values() if s.kind == kind)}
        return [slot for slot in self._slots.values() if slot.kind == "word" or slot.kind in telling]

    def _chance(self, one: Delivery, read: list[Slot]) -> float:
        """Return how likely a text without marks would agree as well with any of the deliveries."""
        count = len(read)
        if one.values or count < _LEAST_PLACES:
            return 1.0
        agreeing = sum(slot.bit == chosen(self._secret, one.id, slot) for slot in read)
        return min(1.0, _tail(count, agreeing) * len(self._deliveries))


def _words(data: bytes) -> set[bytes]:
    """Return what may be a value: each word, and numbers that are written in groups as if in one."""
    found = set(WORD.findall(data))
    for written in set(_NUMBER.findall(data)):
        groups = _JOINT.split(written)
        for first in range(len(groups)):
            found.update(b"".join(groups[first:end]) for end in range(first + 1, min(first + _GROUPS, len(groups)) + 1))
    return found


def _tail(count: int, agreeing: int) -> float:
    """Return how likely so many of ``count`` bits agree by chance; of many bits, Hoeffding's bound of that."""
    if count > _COUNTED:
        return exp(-2 * max(0.0, agreeing - count / 2) ** 2 / count)
    return float(sum(comb(count, more) for more in range(agreeing, count + 1)) / 2**count)


def hashes(value: str, secret: bytes) -> tuple[str, ...]:
    """Return the hashes under which a decoy's value is found: as it stands, and a number also without its joints."""
    forms = (value,) if "@" in value else (value, re.sub(r"[^0-9A-Za-z]", "", value))
    return tuple(dict.fromkeys(hashed(form, secret) for form in forms))


def hashed(value: str, secret: bytes) -> str:
    """Return what is kept of a decoy's value: its length, so that little needs to be hashed, and a keyed hash."""
    plain = "".join(value.split()).casefold().encode()
    return f"{len(plain):02x}{hashlib.blake2b(plain, key=secret, digest_size=12, person=b'decoy').hexdigest()}"


def size_of(kept: str) -> int:
    """Return the length of the value of which this is kept."""
    return int(kept[:2], 16)
