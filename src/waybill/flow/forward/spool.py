"""The buffer of a forwarder: batches that wait to be sent, and how far files were read, in one SQLite file.

A batch rests packed and sealed (AES-256-GCM), since it names people; its key lies beside the store, for its owner
alone. A store that is damaged is not begun anew by itself: all that files still hold would be sent twice.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pyarrow as pa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from waybill.collect import Place, Seen
from waybill.collect.passing_on import Piece
from waybill.durable import make_folder, replace_file, storage_faults
from waybill.flow.watch.positions import TABLES, Known, Positions
from waybill.flow.watch.positions import storage_faults as database_faults
from waybill.model.errors import StorageError
from waybill.model.ids import KEY_BYTES

_NONCE_BYTES = 12
_WAIT_SECONDS = 30.0
"""How long one thread may wait for the other's transaction."""

_TABLES = """
CREATE TABLE IF NOT EXISTS batch (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    mapping TEXT NOT NULL, lines INTEGER NOT NULL, read_at REAL NOT NULL,
    refused TEXT,                       -- why the service does not take it; NULL: it waits
    size INTEGER NOT NULL, sealed BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS batch_refused ON batch (refused, number);
"""


class Seal:
    """The key of a forwarder; made with its folder."""

    def __init__(self, folder: Path) -> None:
        path = folder / "key"
        with storage_faults("the forwarder's key cannot be used", path):
            make_folder(folder)
            if not path.exists():
                replace_file(path, secrets.token_bytes(KEY_BYTES))
            self.key = path.read_bytes()
        self._cipher = AESGCM(self.key)

    @property
    def name(self) -> str:
        """What tells this store from others, and from one that was lost: 8 hex digits."""
        return hashlib.blake2b(self.key, digest_size=4, person=b"forwarder name").hexdigest()

    def close(self, content: bytes) -> bytes:
        """Return content packed and sealed."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        packed = pa.compress(content, codec="zstd", asbytes=True)
        return nonce + self._cipher.encrypt(nonce, packed, None)

    def open(self, sealed: bytes) -> bytes:
        """Return content packed with zstd."""
        return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)


class Spool(Positions):
    """Where files are read to. What is added is kept with the place behind it, in one transaction."""

    TABLES = TABLES + _TABLES
    SYNCHRONOUS = "FULL"

    def __init__(self, path: Path, seal: Seal) -> None:
        super().__init__(path)
        self._seal = seal
        self._pending: list[Piece] = []

    def add(self, piece: Piece) -> None:
        """Take a piece, to be kept with the next place."""
        self._pending.append(piece)

    def forget(self) -> None:
        """Drop what was added since the last place: it is going to be read again."""
        self._pending.clear()

    def keep(self, known: Known, place: Place, seen: Iterable[Seen]) -> None:
        """Keep what was added, and up to where the file was read, together."""
        with self._transaction() as connection:
            self._put(connection)
            super().keep(known, place, seen)
        self._pending.clear()

    def settle(self, known: Known, size: int, mtime: int) -> None:
        """Keep what was added, and that all of a file of this size and time was read, together."""
        with self._transaction() as connection:
            self._put(connection)
            super().settle(known, size, mtime)
        self._pending.clear()

    def _put(self, connection: sqlite3.Connection) -> None:
        now = time.time()
        sealed = ((one, self._seal.close(one.content)) for one in self._pending)
        connection.executemany(
            "INSERT INTO batch (mapping, lines, read_at, size, sealed) VALUES (?, ?, ?, ?, ?)",
            ((one.mapping, one.lines, now, len(closed), closed) for one, closed in sealed),
        )

    def _mend(self, error: sqlite3.DatabaseError) -> None:
        raise StorageError(
            f"the forwarder's buffer cannot be used: {error}",
            where=str(self._path),
            advice="restore it; or name an empty folder with --state: all that is still in files is sent again",
        )


@dataclass(frozen=True, slots=True)
class Waiting:
    """A batch that waits to be sent."""

    number: int
    mapping: str
    lines: bool
    packed: bytes


class Refused(msgspec.Struct, frozen=True):
    """A batch that the service does not take."""

    number: int
    mapping: str
    reason: str


class Standing(msgspec.Struct, frozen=True):
    """What is in the buffer."""

    waiting: int
    """Batches."""
    bytes: int
    """What they take, with those that were refused."""
    oldest: float | None
    """When the oldest was read, seconds since 1970."""
    last: int
    """Number of the newest batch there ever was."""
    refused: tuple[Refused, ...]


class Outbox:
    """The batches of a spool, seen from the side that sends; for one thread."""

    def __init__(self, path: Path, seal: Seal) -> None:
        self._path = path
        self._seal = seal
        with database_faults(path):
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=_WAIT_SECONDS)
            self._connection.execute("PRAGMA synchronous = FULL")

    def close(self) -> None:
        """Close the store."""
        self._connection.close()

    def first(self) -> Waiting | None:
        """Return the batch that is to be sent next."""
        rows = self._ask(
            "SELECT number, mapping, lines, sealed FROM batch WHERE refused IS NULL ORDER BY number LIMIT 1"
        )
        return next(
            (Waiting(n, mapping, bool(lines), self._seal.open(sealed)) for n, mapping, lines, sealed in rows), None
        )

    def sent(self, number: int) -> None:
        """Drop a batch that was acknowledged."""
        self._ask("DELETE FROM batch WHERE number = ?", number)

    def refuse(self, number: int, reason: str) -> None:
        """Set a batch aside."""
        self._ask("UPDATE batch SET refused = ? WHERE number = ?", reason, number)

    def retry(self) -> None:
        """Let all batches that were refused be sent again, under the numbers they had."""
        self._ask("UPDATE batch SET refused = NULL WHERE refused IS NOT NULL")

    def bytes(self) -> int:
        """Return what the batches take."""
        return int(self._ask("SELECT total(size) FROM batch")[0][0])

    def standing(self) -> Standing:
        """Return what is in the buffer."""
        (waiting, oldest), *_ = self._ask("SELECT count(*), min(read_at) FROM batch WHERE refused IS NULL")
        last = self._ask("SELECT seq FROM sqlite_sequence WHERE name = 'batch'")
        refused = self._ask("SELECT number, mapping, refused FROM batch WHERE refused IS NOT NULL ORDER BY number")
        return Standing(
            waiting, self.bytes(), oldest, last[0][0] if last else 0, tuple(Refused(*row) for row in refused)
        )

    def _ask(self, statement: str, *values: object) -> list[tuple]:  # type: ignore[type-arg]  # of any columns
        with database_faults(self._path), closing(self._connection.execute(statement, values)) as cursor:
            return cursor.fetchall()
