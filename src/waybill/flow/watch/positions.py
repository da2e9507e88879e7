"""How far each watched file was read, and which of its records must be told apart from equal ones to come.

Written after the transfers before a place are durable, never before: what this store may lose in a power failure is
read again, comes out with the same ids, and the lake knows it already. So it syncs little, and a damaged store is
set aside and begun anew. No name of a file or a person is in it, only numbers and keyed hashes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import msgspec
import numpy as np

from waybill.collect import PRINT_BYTES, Place, Seen
from waybill.durable import make_folder
from waybill.model.errors import StorageError

SMALL = 65_536
"""Records in a row of ``seen``; smaller rows are joined."""

MOST_SMALL = 16
"""Smaller rows that a file may have."""

MOST_GONE = 10_000
"""Files that are no longer there but still known, so that a packed copy is not read again."""

TABLES = """
CREATE TABLE IF NOT EXISTS file (
    id INTEGER PRIMARY KEY,
    device INTEGER, inode INTEGER,      -- NULL: no longer there, or another file has its number now
    size INTEGER NOT NULL, mtime INTEGER NOT NULL,
    place BLOB);                        -- NULL: a document, or nothing was read yet
CREATE UNIQUE INDEX IF NOT EXISTS file_by_number ON file (device, inode);
CREATE TABLE IF NOT EXISTS seen (
    file INTEGER NOT NULL REFERENCES file ON DELETE CASCADE,
    earliest INTEGER NOT NULL, latest INTEGER NOT NULL, records INTEGER NOT NULL, prefixes BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS seen_by_file ON seen (file, earliest);
CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(slots=True)
class Known:
    """A file that was read, as it was then."""

    id: int
    number: tuple[int, int] | None
    """Device and inode."""
    size: int
    mtime: int
    """Nanoseconds. Size and time are those up to which all was read; -1 where something is still unread."""
    place: Place | None


class Positions:
    """The store in one SQLite file; all that is known of files is kept in memory too."""

    TABLES: ClassVar[str] = TABLES
    SYNCHRONOUS: ClassVar[str] = "NORMAL"

    def __init__(self, path: Path) -> None:
        """Open or make the store. A damaged one is set aside, and ``was_damaged`` says so. Raises StorageError."""
        self.was_damaged = False
        self._path = path
        make_folder(path.parent)
        try:
            self._open(path)
        except sqlite3.DatabaseError as error:
            self._mend(error)

    def _mend(self, _error: sqlite3.DatabaseError) -> None:
        """Set a damaged store aside and begin anew."""
        path = self._path
        path.replace(path.with_name(path.name + ".damaged"))
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        self.was_damaged = True
        with storage_faults(path):
            self._open(path)

    def _open(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        path.chmod(0o600)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute(f"PRAGMA synchronous = {self.SYNCHRONOUS}")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.executescript(self.TABLES)
        self._files = {
            id_: Known(id_, None if device is None else (device, inode), size, mtime, _decoded(place))
            for id_, device, inode, size, mtime, place in self._connection.execute(
                "SELECT id, device, inode, size, mtime, place FROM file ORDER BY id"
            )
        }
        self._by_number = {known.number: known for known in self._files.values() if known.number}
        self._by_first: dict[tuple[int, bytes], set[int]] = {}
        for known in self._files.values():
            self._index(known)

    def close(self) -> None:
        """Close the store."""
        self._connection.close()

    def of(self, number: tuple[int, int]) -> Known | None:
        """Return what is known of the file with this device and inode."""
        return self._by_number.get(number)

    def alike(self, mark: Callable[[int], bytes]) -> list[Known]:
        """Return the files that begin like one whose so many first bytes ``mark`` hashes, those read furthest first."""
        lengths = sorted({length for length, _ in self._by_first}, reverse=True)
        found = [self._files[id_] for length in lengths for id_ in self._by_first.get((length, mark(length)), ())]
        return sorted(found, key=lambda known: known.place.offset if known.place else 0, reverse=True)

    def begin(self, number: tuple[int, int], like: Known | None = None) -> Known:
        """Return a new file with this number, which is read up to where ``like`` was; another one loses the number."""
        with self._transaction() as connection:
            former = self._by_number.pop(number, None)
            if former is not None:
                former.number = None
                connection.execute("UPDATE file SET device = NULL, inode = NULL WHERE id = ?", (former.id,))
            place = like.place if like else None
            cursor = connection.execute(
                "INSERT INTO file (device, inode, size, mtime, place) VALUES (?, ?, -1, -1, ?)",
                (*number, _encoded(place)),
            )
            id_ = cursor.lastrowid or 0
            if like is not None:
                connection.execute(
                    "INSERT INTO seen SELECT ?, earliest, latest, records, prefixes FROM seen WHERE file = ?",
                    (id_, like.id),
                )
        known = self._files[id_] = self._by_number[number] = Known(id_, number, -1, -1, place)
        self._index(known)
        return known

    def keep(self, known: Known, place: Place, seen: Iterable[Seen]) -> None:
        """Remember up to where a file was read, and what its records were, together."""
        with self._transaction() as connection:
            connection.execute("UPDATE file SET place = ? WHERE id = ?", (_encoded(place), known.id))
            connection.executemany("INSERT INTO seen VALUES (?, ?, ?, ?, ?)", (_row(known.id, one) for one in seen))
            self._join(known.id)
        self._unindex(known)
        known.place = place
        self._index(known)

    def settle(self, known: Known, size: int, mtime: int) -> None:
        """Remember that all of a file of this size and time was read."""
        if (known.size, known.mtime) != (size, mtime):
            with self._transaction() as connection:
                connection.execute("UPDATE file SET size = ?, mtime = ? WHERE id = ?", (size, mtime, known.id))
            known.size, known.mtime = size, mtime

    def earlier(self, known: Known, first: int, last: int) -> list[Seen]:
        """Return what is kept of a file's records with times from ``first`` to ``last`` (microseconds)."""
        rows = self._connection.execute(
            "SELECT earliest, latest, prefixes FROM seen WHERE file = ? AND earliest <= ? AND latest >= ?",
            (known.id, last, first),
        )
        return [Seen(np.frombuffer(prefixes, np.uint64), earliest, latest) for earliest, latest, prefixes in rows]

    def lose(self, there: set[tuple[int, int]]) -> None:
        """Forget the numbers of files that are no longer there, and the oldest of those files where they are many."""
        gone = [known for number, known in self._by_number.items() if number not in there]
        nameless = [known for known in self._files.values() if known.number is None]
        forgotten = [known for known in gone if known.place is None]
        forgotten += nameless[: max(0, len(nameless) + len(gone) - MOST_GONE)]
        if not gone and not forgotten:
            return
        with self._transaction() as connection:
            connection.executemany(
                "UPDATE file SET device = NULL, inode = NULL WHERE id = ?", ((known.id,) for known in gone)
            )
            connection.executemany("DELETE FROM file WHERE id = ?", ((known.id,) for known in forgotten))
        for known in gone:
            if known.number is not None:
                del self._by_number[known.number]
            known.number = None
        for known in forgotten:
            self._unindex(known)
            del self._files[known.id]

    def note(self, name: str) -> str:
        """Return a note of the watcher; empty where there is none."""
        row = self._connection.execute("SELECT value FROM note WHERE name = ?", (name,)).fetchone()
        return row[0] if row else ""

    def write_note(self, name: str, value: str) -> None:
        """Keep a note of the watcher."""
        with self._transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (name, value))

    def _index(self, known: Known) -> None:
        if known.place is not None:
            self._by_first.setdefault(_first_of(known.place), set()).add(known.id)

    def _unindex(self, known: Known) -> None:
        if known.place is not None:
            ids = self._by_first.get(_first_of(known.place), set())
            ids.discard(known.id)
            if not ids:
                self._by_first.pop(_first_of(known.place), None)

    def _join(self, file: int) -> None:
        """Join small rows of a file, so that reading it in many small parts leaves few."""
        rows = self._connection.execute(
            "SELECT rowid, earliest, latest, prefixes FROM seen WHERE file = ? AND records < ?", (file, SMALL)
        ).fetchall()
        if len(rows) <= MOST_SMALL:
            return
        prefixes = np.sort(np.concatenate([np.frombuffer(row[3], np.uint64) for row in rows]))
        joined = Seen(prefixes, min(row[1] for row in rows), max(row[2] for row in rows))
        self._connection.executemany("DELETE FROM seen WHERE rowid = ?", ((row[0],) for row in rows))
        self._connection.execute("INSERT INTO seen VALUES (?, ?, ?, ?, ?)", _row(file, joined))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        if self._connection.in_transaction:  # it is part of a larger one
            yield self._connection
            return
        with storage_faults(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise


def _row(file: int, seen: Seen) -> tuple[int, int, int, int, bytes]:
    return file, seen.earliest, seen.latest, len(seen.prefixes), seen.prefixes.tobytes()


def _first_of(place: Place) -> tuple[int, bytes]:
    return min(PRINT_BYTES, place.offset), place.first


def _encoded(place: Place | None) -> bytes | None:
    return None if place is None else msgspec.msgpack.encode(place)


def _decoded(place: bytes | None) -> Place | None:
    return None if place is None else msgspec.msgpack.decode(place, type=Place)


@contextmanager
def storage_faults(path: Path) -> Iterator[None]:
    """Turn errors of SQLite inside the block into StorageError."""
    try:
        yield
    except sqlite3.Error as error:
        raise StorageError(
            f"how far files were read cannot be kept: {error}",
            where=str(path),
            advice="free some disk space and check the folder's permissions; what is not kept is read again",
        ) from error
