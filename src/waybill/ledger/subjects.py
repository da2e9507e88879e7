"""The keys that salts are made with, one for each person: destroying one forgets what was recorded about him.

They rest in a small SQLite file of their own, each sealed (AES-256-GCM) with a key of the installation, so that a
backup can leave them out or be kept for a shorter time. What is destroyed is overwritten; the file has no log beside
it that could remember.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from waybill.durable import FILE_MODE, make_folder
from waybill.ledger.commitments import KEY_BYTES
from waybill.model.errors import DamagedError, StorageError

NOBODY = ""
"""Whose key is used where a record names no person."""

_NONCE_BYTES = 12
_CONTEXT = b"waybill ledger subject 1\0"
_PATIENCE = 30.0


class SubjectKeys:
    """The file of keys; every call opens it anew, and what it changed is durable on return."""

    def __init__(self, path: Path, sealing: bytes) -> None:
        self.path = path
        self._seal = AESGCM(sealing)

    def ensure(self, subjects: Iterable[str]) -> dict[str, bytes]:
        """Return the keys of these, made where there are none."""
        wanted = set(subjects)
        with self._opened() as database:
            found = self._read(database, wanted)
            fresh = {subject: os.urandom(KEY_BYTES) for subject in sorted(wanted - found.keys())}
            rows = [(subject, self._sealed(subject, key)) for subject, key in fresh.items()]
            database.executemany("INSERT INTO key VALUES (?, ?)", rows)
        return found | fresh

    def known(self, subjects: Iterable[str]) -> dict[str, bytes]:
        """Return the keys of those who have one."""
        if not self.path.exists():
            return {}
        with self._opened() as database:
            return self._read(database, set(subjects))

    def destroy(self, subject: str) -> bool:
        """Destroy a key for good; returns whether there was one."""
        if not self.path.exists():
            return False
        with self._opened() as database:
            gone = database.execute("DELETE FROM key WHERE subject = ?", (subject,)).rowcount
        with self._opened(transaction=False) as database:
            database.execute("VACUUM")
        return gone > 0

    def reseal(self, sealing: Sequence[bytes], new: bytes) -> int:
        """Seal all keys anew, whichever of ``sealing`` they are sealed with; all or none. Returns how many."""
        if not self.path.exists():
            return 0
        opening, closing_ = [SubjectKeys(self.path, one) for one in sealing], SubjectKeys(self.path, new)
        with self._opened() as database:
            rows = database.execute("SELECT * FROM key").fetchall()
            keys = [(subject, _first_that_opens(opening, subject, sealed)) for subject, sealed in rows]
            fresh = [(closing_._sealed(subject, key), subject) for subject, key in keys]
            database.executemany("UPDATE key SET sealed = ? WHERE subject = ?", fresh)
        with self._opened(transaction=False) as database:
            database.execute("VACUUM")
        return len(rows)

    @contextmanager
    def _opened(self, *, transaction: bool = True) -> Iterator[sqlite3.Connection]:
        """Open the file; with a transaction, all of the block is stored or nothing."""
        try:
            if not self.path.exists():
                make_folder(self.path.parent)
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, FILE_MODE))
            with closing(sqlite3.connect(self.path, _PATIENCE, isolation_level=None)) as database:
                for pragma in ("journal_mode=DELETE", "synchronous=EXTRA", "secure_delete=ON", "trusted_schema=OFF"):
                    database.execute(f"PRAGMA {pragma}")
                if not transaction:
                    yield database
                    return
                database.execute("BEGIN IMMEDIATE")
                database.execute("CREATE TABLE IF NOT EXISTS key (subject TEXT PRIMARY KEY, sealed BLOB NOT NULL)")
                yield database
                database.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise StorageError(
                f"the keys of subjects cannot be used: {error}",
                where=str(self.path),
                advice="check the disk and the file's permissions, or restore it from a backup",
            ) from error

    def _read(self, database: sqlite3.Connection, subjects: set[str]) -> dict[str, bytes]:
        rows = (database.execute("SELECT * FROM key WHERE subject = ?", (one,)).fetchone() for one in subjects)
        return {row[0]: self._unsealed(*row) for row in rows if row is not None}

    def _sealed(self, subject: str, key: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._seal.encrypt(nonce, key, _CONTEXT + subject.encode())

    def _unsealed(self, subject: str, sealed: bytes) -> bytes:
        try:
            return self._seal.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _CONTEXT + subject.encode())
        except (InvalidTag, ValueError):
            raise DamagedError(
                "a key of a subject does not open",
                where=str(self.path),
                expected="the key `subjects` it was sealed with, and unchanged bytes",
                advice="restore both from the same backup",
            ) from None


def _first_that_opens(keys: Sequence[SubjectKeys], subject: str, sealed: bytes) -> bytes:
    *first, last = keys
    for one in first:
        try:
            return one._unsealed(subject, sealed)
        except DamagedError:
            continue
    return last._unsealed(subject, sealed)
