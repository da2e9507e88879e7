"""The file of custody events: plain SQLite beside the lake, durable before a capture is answered.

Write-ahead logging, ``synchronous=FULL``, one writer at a time. What is deleted is overwritten (``secure_delete``).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from waybill.durable import FILE_MODE, make_folder, sync_folder
from waybill.model.errors import BusyError, DamagedError, StorageError

FORMAT = 1
PAGE_BYTES = 8192
"""A walk reads fewer pages than with half of it, and a commit writes less than with twice as much."""

_PATIENCE = 30.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Store:
    """One file of events. Every call opens it anew, so that threads and processes may share it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def exists(self) -> bool:
        """Whether anything was ever captured."""
        return self.path.exists()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Open the file to read one consistent state of it; an empty one if there is none yet."""
        with self._connected(":memory:" if not self.path.exists() else str(self.path)) as database:
            if not self.path.exists():
                _create(database)
            database.execute("BEGIN")
            try:
                yield database
            finally:
                database.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Open the file to change it: all of the block is durable when it ends, or nothing of it happened."""
        if not self.path.exists():
            self._make()
        with self._connected(str(self.path)) as database:
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
                database.execute("COMMIT")
            except BaseException:
                if database.in_transaction:
                    database.execute("ROLLBACK")
                raise

    def vacuum(self) -> None:
        """Give back the room of what was deleted, and leave none of it behind in the write-ahead log."""
        with self._connected(str(self.path)) as database:
            database.execute("VACUUM")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def copy(self, target: Path) -> None:
        """Write a copy of one consistent state, while others go on."""
        with self._connected(str(self.path)) as database, closing(sqlite3.connect(target)) as copy:
            database.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")

    def verify(self) -> list[str]:
        """Return what is wrong with the file; empty if nothing is."""
        if not self.path.exists():
            return []
        with self._connected(str(self.path)) as database:
            found = [row[0] for row in database.execute("PRAGMA integrity_check(20)") if row[0] != "ok"]
            orphans = database.execute(
                "SELECT count(*) FROM event_item LEFT JOIN event ON event.number = event_item.event "
                "WHERE event.number IS NULL"
            ).fetchone()[0]
        return found + ([f"{orphans} items belong to no event"] if orphans else [])

    def _make(self) -> None:
        make_folder(self.path.parent)
        draft = self.path.with_name(f".{self.path.name}-{os.getpid()}")
        draft.unlink(missing_ok=True)
        os.close(os.open(draft, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, FILE_MODE))
        with self._connected(str(draft)) as database:
            _create(database)
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            database.execute("PRAGMA journal_mode=DELETE")
        try:
            os.link(draft, self.path)  # if two processes do, both take the first
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        sync_folder(self.path.parent)

    @contextmanager
    def _connected(self, path: str) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(path, _PATIENCE, isolation_level=None)) as database:
                for pragma in (
                    f"page_size={PAGE_BYTES}",
                    "journal_mode=WAL",
                    "synchronous=FULL",
                    "secure_delete=ON",
                    "trusted_schema=OFF",
                ):
                    database.execute(f"PRAGMA {pragma}")
                database.execute("PRAGMA cache_size=-65536")
                found = database.execute("PRAGMA user_version").fetchone()[0]
                if found > FORMAT:
                    raise StorageError(f"the file of events is of version {found}", where=path, expected=str(FORMAT))
                yield database
        except sqlite3.OperationalError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise BusyError("another process holds the file of events", where=path) from None
            raise StorageError(f"the file of events: {error}", where=path) from None
        except sqlite3.DatabaseError as error:
            raise DamagedError(f"the file of events: {error}", where=path, advice="restore it from a back-up") from None


def _create(database: sqlite3.Connection) -> None:
    database.executescript((files(__package__) / "store.sql").read_text(encoding="utf-8"))


def to_number(time: datetime) -> int:
    """Return a moment as it is stored: microseconds since 1970."""
    return (time - _EPOCH) // timedelta(microseconds=1)


def literal(text: str) -> str:
    """Return a text as LIKE takes it at its word, with ``ESCAPE '\\'``."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def to_time(number: Any) -> datetime:
    """Return the moment that is stored as a number."""
    return _EPOCH + timedelta(microseconds=int(number))
