"""Says what a fault of SQLite, of a PostgreSQL server or of the disk means for the user, and what to do about it."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from waybill.model.errors import BusyError, DamagedError, StorageError

_WHERE = "control database"

_OF_SERVER = {
    "42501": ("The database may not be written by this user.", "Make its user the owner: ALTER DATABASE … OWNER TO …"),
    "53": ("The database server has run out of disk, memory or connections.", "See its log; then repeat the step."),
    "25006": ("The database is read-only.", "Name the primary server in the setting `database`."),
    "22": ("The database cannot keep what was to be stored.", "Shorten it; nothing of this step was stored."),
}
"""What is wrong and what to do, by SQLSTATE or its first two letters (PostgreSQL, appendix A)."""

_SERVER_BUSY = {"55P03", "40001", "40P01", "57014"}
"""A lock was not to be had in time, a deadlock, or the server was told to end what it did."""

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
    """Turn the faults of SQLite, of a server and of the operating system inside the block into the StorageError family.

    Breaches of a constraint (``django.db.IntegrityError``) are mistakes of a caller and pass through, as does
    every other exception.
    """
    from django.db import DatabaseError, IntegrityError

    try:
        yield
    except IntegrityError:
        raise
    except DatabaseError as fault:
        raise _of_database(fault, where) from fault
    except sqlite3.DatabaseError as fault:
        raise _of_sqlite(fault, where) from fault
    except OSError as fault:
        raise _of_system(fault, where) from fault


def _of_database(fault: Exception, where: str) -> StorageError:
    from django.db import DataError, connection

    if connection.vendor != "postgresql":
        return _of_sqlite(fault, where)
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()  # the next step connects anew
    # The server's own words may quote what was to be stored: only the kind of fault is told.
    cause = fault.__cause__ or fault
    state = getattr(cause, "sqlstate", None) or ("22" if isinstance(fault, DataError) else "")
    if state in _SERVER_BUSY:
        return BusyError(
            "Another process is writing the control database.",
            where=where,
            advice="Wait until it has finished, then repeat the step.",
        )
    if state.startswith("XX00"):
        return DamagedError("The database server found damage.", where=where, advice="See its log; restore a back-up.")
    what, advice = _OF_SERVER.get(state) or _OF_SERVER.get(state[:2]) or _unreachable(cause, state)
    return StorageError(what, where=where, advice=advice)


def _unreachable(cause: BaseException, state: str) -> tuple[str, str]:
    if state and not state.startswith(("08", "57P")):
        return f"The database server failed ({type(cause).__name__}, {state}).", "See the server's log."
    return (
        "The database server cannot be reached, or does not let us in.",
        "See its log; check address, user, password and name in the setting `database`. Nothing of this was stored.",
    )


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
