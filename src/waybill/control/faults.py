"""Says what a fault of SQLite or of the disk means for the user, and what to do about it."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from waybill.model.errors import BusyError, DamagedError, StorageError

_WHERE = "control database"

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}
_ADVICE = {
    sqlite3.SQLITE_FULL: ("The disk is full.", "Free some space; nothing of this step was stored, so repeat it."),
    sqlite3.SQLITE_READONLY: (
        "The control database cannot be written.",
        "Check the owner and permissions of the data folder and that the disk is not mounted read-only.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "The control database cannot be opened.",
        "Check that the data folder exists and that this user may read and write it.",
    ),
    sqlite3.SQLITE_PERM: (
        "The control database may not be opened by this user.",
        "Check the owner and permissions of the data folder.",
    ),
    sqlite3.SQLITE_IOERR: (
        "The disk failed while the control database was read or written.",
        "Check the disk and the system's log; nothing of this step was stored.",
    ),
}


@contextmanager
def storage_faults(where: str = _WHERE) -> Iterator[None]:
    """Turn SQLite's and the operating system's faults inside the block into the StorageError family.

    Breaches of a constraint (``django.db.IntegrityError``) are mistakes of a caller and pass through, as does
    every other exception.
    """
    from django.db import DatabaseError, IntegrityError

    try:
        yield
    except IntegrityError:
        raise
    except DatabaseError as fault:
        raise _of_sqlite(fault, where) from fault
    except sqlite3.DatabaseError as fault:
        raise _of_sqlite(fault, where) from fault
    except OSError as fault:
        raise _of_system(fault, where) from fault


def _of_sqlite(fault: Exception, where: str) -> StorageError:
    cause = fault if isinstance(fault, sqlite3.Error) else fault.__cause__
    # The low byte is the kind of fault, the rest its variety (sqlite.org/rescode.html).
    code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in _BUSY:
        return BusyError(
            "Another process is writing the control database.",
            where=where,
            advice="Wait until it has finished, then repeat the command.",
        )
    if code in _DAMAGED:
        return DamagedError(
            "The control database is damaged or is not a database.",
            where=where,
            expected="a SQLite database written by Waybill",
            advice="Keep a copy of the file for inquiry and restore it from a backup.",
        )
    what, advice = _ADVICE.get(code, (f"The control database failed: {fault}.", "Check the data folder and the disk."))
    return StorageError(what, where=where, advice=advice)


def _of_system(fault: OSError, where: str) -> StorageError:
    code = {
        errno.ENOSPC: sqlite3.SQLITE_FULL,
        errno.EDQUOT: sqlite3.SQLITE_FULL,
        errno.EROFS: sqlite3.SQLITE_READONLY,
        errno.EACCES: sqlite3.SQLITE_PERM,
        errno.EPERM: sqlite3.SQLITE_PERM,
        errno.EIO: sqlite3.SQLITE_IOERR,
    }.get(fault.errno or 0, sqlite3.SQLITE_CANTOPEN)
    what, advice = _ADVICE[code]
    return StorageError(what, where=where, advice=advice)
