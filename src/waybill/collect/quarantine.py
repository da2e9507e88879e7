"""Keeps records that could not be read, sealed, until the mapping is mended and they are read again.

A rejected record may hold anything, so all of it rests sealed (AES-256-GCM, NIST SP 800-38D), its reason too. Each
``add`` writes one file and makes it durable before it returns::

    WAYBILLQ 1\\n
    entry*      id (8 bytes), length (4), CRC32 of both (4), nonce (12), sealed record

The id is a keyed hash of file, position and bytes: a bad record that is read twice is kept once.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import struct
import time
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from waybill.collect.plan import Rejected
from waybill.durable import make_folder, replace_file, sync_folder
from waybill.model.errors import StorageError

_MAGIC = b"WAYBILLQ 1\n"
_CONTEXT = b"waybill quarantine 1\0"
_HEADER = struct.Struct("<8sII")
_NONCE_BYTES = 12
_SUFFIX = ".sealed"

DAMAGED = "the quarantine is damaged here"
"""Reason of the entry that stands for bytes which cannot be read."""


class Entry(msgspec.Struct, frozen=True):
    """What may be shown of a record in quarantine; it names no person."""

    id: str
    """16 hex digits; empty for damage."""
    source: str
    file: str
    position: int
    field: str
    reason: str
    expected: str
    advice: str
    size: int
    """Bytes of the record; 0 if it could not be kept and cannot be read again."""


@dataclass(frozen=True, slots=True)
class _Sealed:
    """An entry as it lies in its file; ``sealed`` is empty where the file is damaged."""

    path: Path
    offset: int
    id: bytes
    sealed: bytes


class Quarantine:
    """The quarantine in one folder; the folder is made when something is first put into it."""

    def __init__(self, folder: Path, key: bytes) -> None:
        """Use the records below ``folder``, sealed with ``key`` (32 bytes)."""
        self._folder = folder
        self._cipher = AESGCM(key)
        self._id_key = hashlib.blake2b(b"ids of the quarantine", digest_size=32, key=key).digest()

    def add(self, rejected: Collection[Rejected]) -> None:
        """Keep rejected records, durably. Raises StorageError.

        A record that is there already is kept with its newest reason. What is there is not looked at: a flood of bad
        records would otherwise be read again with each of its batches.
        """
        if not rejected:
            return
        entries = {self._id_of(record.file, record.position, record.raw): record for record in rejected}
        content = b"".join(self._seal(id_, record) for id_, record in entries.items())
        path = self._folder / f"{time.time_ns():020d}-{os.getpid()}{_SUFFIX}"
        with _storage_faults(path):
            make_folder(self._folder)
            replace_file(path, _MAGIC + content)

    def entries(self) -> Iterator[Entry]:
        """Yield what is in quarantine by file and position; damage stands where it was found, and reading goes on."""
        damage, records = [], []
        for sealed in self._newest().values():
            record = self._open(sealed)
            if record is None:
                damage.append(_damage(sealed))
            else:
                what = record.field, record.reason, record.expected, record.advice
                records.append(
                    Entry(sealed.id.hex(), record.source, record.file, record.position, *what, len(record.raw))
                )
        yield from sorted(damage, key=lambda entry: (entry.file, entry.position))
        yield from sorted(records, key=lambda entry: (entry.file, entry.position, entry.id))

    def replay(self) -> Iterator[tuple[str, int, bytes]]:
        """Yield file, position and bytes of every record that was kept, by file and position, to be read again."""
        records = [record for sealed in self._newest().values() if (record := self._open(sealed)) and record.raw]
        for record in sorted(records, key=lambda record: (record.file, record.position)):
            yield record.file, record.position, record.raw

    def id_of(self, file: str, position: int, raw: bytes) -> str:
        """Return the id that a record has in this quarantine."""
        return self._id_of(file, position, raw).hex()

    def drop(self, ids: Iterable[str]) -> int:
        """Remove records for good; return how many there were. Raises StorageError."""
        doomed = {bytes.fromhex(id_) for id_ in ids if len(id_) == 16 and set(id_) <= set("0123456789abcdef")}
        dropped: set[bytes] = set()
        if not doomed or not self._folder.exists():
            return 0
        with _storage_faults(self._folder), self._locked():
            for path in self._files():
                entries = list(_read(path))
                gone = {entry.id for entry in entries if entry.sealed} & doomed
                if gone:
                    _without(path, entries, gone)
                    dropped |= gone
        return len(dropped)

    def reseal(self, keys: Sequence[bytes], new: bytes) -> int:
        """Seal all records anew, whichever of ``keys`` they are sealed with, file by file; return how many.

        Their ids change with the key. What opens with none of them is left as it is, and told as damage as before.
        Broken off, it can be done again with the same keys.
        """
        count = 0
        if not self._folder.exists():
            return count
        opening, to = [Quarantine(self._folder, key) for key in (*keys, new)], Quarantine(self._folder, new)
        with _storage_faults(self._folder), self._locked():
            for path in self._files():
                entries = list(_read(path))
                whole = [entry for entry in entries if entry.sealed]
                if len(whole) < len(entries):
                    continue  # what is behind the damage could not be kept
                records = [next((found for one in opening if (found := one._open(entry))), None) for entry in whole]
                content = b"".join(
                    to._seal(to._id_of(record.file, record.position, record.raw), record)
                    if record
                    else _framed(entry.id, entry.sealed)
                    for entry, record in zip(whole, records, strict=True)
                )
                replace_file(path, _MAGIC + content)
                count += sum(record is not None for record in records)
        return count

    def _seal(self, id_: bytes, record: Rejected) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return _framed(id_, nonce + self._cipher.encrypt(nonce, msgspec.msgpack.encode(record), _CONTEXT + id_))

    def _open(self, sealed: _Sealed) -> Rejected | None:
        try:
            clear = self._cipher.decrypt(
                sealed.sealed[:_NONCE_BYTES], sealed.sealed[_NONCE_BYTES:], _CONTEXT + sealed.id
            )
            return msgspec.msgpack.decode(clear, type=Rejected)
        except (InvalidTag, ValueError):
            return None

    def _id_of(self, file: str, position: int, raw: bytes) -> bytes:
        hasher = hashlib.blake2b(f"{file}\0{position}\0".encode(), digest_size=8, key=self._id_key)
        hasher.update(raw)
        return hasher.digest()

    def _newest(self) -> dict[bytes, _Sealed]:
        """Return every entry by id, in its newest version, and every damaged place by its own name."""
        found: dict[bytes, _Sealed] = {}
        for path in self._files():
            for sealed in _read(path):
                found[sealed.id if sealed.sealed else f"{path.name}:{sealed.offset}".encode()] = sealed
        return found

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob(f"*{_SUFFIX}"))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        descriptor = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _framed(id_: bytes, sealed: bytes) -> bytes:
    head = id_ + struct.pack("<I", len(sealed))
    return head + struct.pack("<I", zlib.crc32(head)) + sealed


def _read(path: Path) -> Iterator[_Sealed]:
    """Yield the entries of a file; behind a damaged length nothing of this file can be found any more."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return  # dropped meanwhile
    except OSError:
        content = b""
    if not content.startswith(_MAGIC):
        yield _Sealed(path, 0, b"", b"")
        return
    offset = len(_MAGIC)
    while offset < len(content):
        head = content[offset : offset + _HEADER.size]
        id_, length, crc = _HEADER.unpack(head.ljust(_HEADER.size, b"\0"))
        end = offset + _HEADER.size + length
        if len(head) < _HEADER.size or zlib.crc32(head[:12]) != crc or end > len(content):
            yield _Sealed(path, offset, b"", b"")
            return
        yield _Sealed(path, offset, id_, content[offset + _HEADER.size : end])
        offset = end


def _damage(sealed: _Sealed) -> Entry:
    advice = "Restore this file from a back-up, or read its sources again; then remove it."
    return Entry("", "", str(sealed.path), sealed.offset, "", DAMAGED, "bytes as they were written", advice, 0)


def _without(path: Path, entries: list[_Sealed], gone: set[bytes]) -> None:
    """Write a file anew without some entries, or remove it if none is left; damage is kept as it is."""
    tail = next((entry.offset for entry in entries if not entry.sealed), None)
    kept = [entry for entry in entries if entry.sealed and entry.id not in gone]
    if not kept and tail is None:
        path.unlink()
        sync_folder(path.parent)
        return
    rest = path.read_bytes()[tail:] if tail is not None else b""
    replace_file(path, _MAGIC + b"".join(_framed(entry.id, entry.sealed) for entry in kept) + rest)


@contextmanager
def _storage_faults(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(f"the quarantine cannot be written: {error.strerror}", where=str(path)) from None
