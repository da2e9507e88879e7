"""The file of a registered table: a header, then arrays that are mapped into memory as they are.

::

    "WAYBEDM2" · size of the header (8 bytes, little-endian) · header (JSON) · each array at a multiple of 64 bytes
    keyed BLAKE2b-256 over everything before

Arrays, little-endian: ``hashes`` (sorted, each once), ``starts`` (where the places of each hash begin, and one more),
``rows`` and ``columns`` (the places), ``buckets`` (where the hashes of each beginning begin, and one more), ``seen`` (a
bit for each value of the lowest bits that some hash has) and ``lengths`` (sizes of folded values: searched, others).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from waybill.content.siphash import LONGEST_VALUE, Hashes, Key, hash_spans, key_of
from waybill.durable import FILE_MODE, storage_faults, sync_folder
from waybill.model.errors import DamagedError, InputError

MAGIC = b"WAYBEDM2"
_ALIGNED = 64
_SUM_BYTES = 32
_PROOF = b"waybill exact data match"
"""Whose hash tells whether a key is the right one."""

TYPES = {
    "hashes": "<u8",
    "starts": "<i8",
    "rows": "<u4",
    "columns": "i1",
    "buckets": "<i8",
    "seen": "<u8",
    "lengths": "?",
}


class Arrays(NamedTuple):
    """What is looked up in."""

    hashes: Hashes
    starts: npt.NDArray[np.int64]
    rows: npt.NDArray[np.uint32]
    columns: npt.NDArray[np.int8]
    buckets: npt.NDArray[np.int64]
    seen: Hashes
    lengths: npt.NDArray[np.bool_]
    """Two rows of ``LONGEST_VALUE`` and one: sizes that searched values have, and those of other columns."""


def proof(key: Key) -> str:
    """Return what tells whether a key is the right one; it does not tell the key."""
    data = np.frombuffer(_PROOF, np.uint8)
    return f"{int(hash_spans(data, np.array([[0, len(data)]], np.int64), key)[0]):016x}"


def write(path: Path, header: dict[str, Any], arrays: Arrays, secret: bytes) -> int:
    """Write a table beside ``path`` and put it there when it is whole; return its size in bytes."""
    contents = {name: array.astype(TYPES[name]) for name, array in arrays._asdict().items()}
    places, at = {}, 0
    for name, content in contents.items():
        places[name] = [at, content.size]
        at += -(-content.nbytes // _ALIGNED) * _ALIGNED
    text = json.dumps({**header, "key": proof(key_of(secret)), "arrays": places}, ensure_ascii=False).encode()
    text += b" " * (-(len(MAGIC) + 8 + len(text)) % _ALIGNED)
    unfinished, checksum = path.with_name(f".{path.name}.unfinished"), _sum(secret)
    parts = (content.tobytes() + bytes(-content.nbytes % _ALIGNED) for content in contents.values())
    with storage_faults("cannot write a registered table", path), unfinished.open("wb") as file:
        os.fchmod(file.fileno(), FILE_MODE)
        for part in (MAGIC + len(text).to_bytes(8, "little") + text, *parts):
            checksum.update(part)
            file.write(part)
        file.write(checksum.digest())
        file.flush()
        os.fsync(file.fileno())
        unfinished.replace(path)
        sync_folder(path.parent)
    return path.stat().st_size


def header_of(path: Path) -> tuple[dict[str, Any], int]:
    """Return the header of a file, unproved, and where its arrays begin. Raises InputError and DamagedError."""
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise InputError("this is no registered table", where=str(path), advice="`waybill register` makes one")
        size = int.from_bytes(file.read(8), "little")
        text = file.read(min(size, path.stat().st_size))
    try:
        return dict(json.loads(text)), len(MAGIC) + 8 + size
    except (TypeError, ValueError) as error:
        raise unreadable(path, error) from None


def read(path: Path, secret: bytes) -> tuple[dict[str, Any], Arrays]:
    """Return the header and the mapped arrays of a file, which is as it was written.

    Raises InputError for another key than it was written with or no such file, and DamagedError.
    """
    header, begin = header_of(path)
    data = np.memmap(path, np.uint8, "r")
    try:
        if header["key"] != proof(key_of(secret)):
            raise InputError("the key is not that of the registered table", where=str(path))
        checksum = _sum(secret)
        checksum.update(data[:-_SUM_BYTES].data)
        if not hmac.compare_digest(checksum.digest(), data[-_SUM_BYTES:].tobytes()):
            raise DamagedError("the table is not as it was written", where=str(path), advice="register it anew")
        found = {}
        for name, (at, count) in header["arrays"].items():
            kind = np.dtype(TYPES[name])
            found[name] = data[begin + at : begin + at + count * kind.itemsize].view(kind)
        return header, Arrays(**{**found, "lengths": found["lengths"].reshape(2, LONGEST_VALUE + 1)})
    except (KeyError, TypeError, ValueError) as error:
        raise unreadable(path, error) from None


def unreadable(path: Path, error: Exception) -> DamagedError:
    """Return what is raised where what a file says makes no sense."""
    return DamagedError(f"the table cannot be read: {error}", where=str(path), advice="register it anew")


def _sum(secret: bytes) -> hashlib.blake2b:
    return hashlib.blake2b(key=secret, digest_size=_SUM_BYTES, person=b"registered table")
