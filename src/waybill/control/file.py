"""The control database as a SQLite file: private to its owner, of our making, and erasing for good."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from waybill.model.errors import BusyError, DamagedError

ENGINE = "waybill.control.sqlite"

APPLICATION_ID = 0x57415942
"""Marks a SQLite file as ours (``WAYB``), see sqlite.org/fileformat2.html, offset 68."""

OPTIONS = {
    # Taking the write lock at BEGIN lets a second writer wait; a deferred one would fail half way.
    "transaction_mode": "IMMEDIATE",
    # FULL: a commit that returned survives a power cut. secure_delete: what is deleted is overwritten.
    # trusted_schema and cell_size_check: a file from elsewhere can neither run functions nor mislead us.
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
        "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA foreign_keys=ON;"
    ),
}


def settings_of(path: Path, patience: float) -> dict[str, Any]:
    """Return Django's settings for a file."""
    return {
        "ENGINE": ENGINE,
        "NAME": str(path),
        **dict.fromkeys(("USER", "PASSWORD", "HOST", "PORT"), ""),
        "OPTIONS": {"timeout": patience, **OPTIONS},
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": False,
    }


def create_private(path: Path) -> bool:
    """Create an empty file for the owner only, before SQLite would create one by the umask; return whether."""
    if path.exists():
        # By path, not by descriptor: closing a descriptor of the file would drop SQLite's locks on it.
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
        return False
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    return True


@contextmanager
def only_one_migrates(path: Path) -> Iterator[None]:
    """Hold a lock beside the database: two processes that migrate at once would both create the tables."""
    descriptor = os.open(path.with_name(path.name + ".lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def check_ours(path: Path) -> None:
    """Refuse a SQLite file that another program wrote; mark an empty one as ours."""
    from django.db import connection

    with connection.cursor() as cursor:
        application_id = cursor.execute("PRAGMA application_id").fetchone()[0]
        tables = cursor.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if application_id == APPLICATION_ID:
            return
        if tables or application_id:
            raise DamagedError(
                "The file is a database of another program.",
                where=str(path),
                expected="a control database written by Waybill",
                advice="Name the right data folder; nothing was changed.",
            )
        cursor.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def scrub() -> None:
    """Rewrite the file without what was deleted, and empty its log. Raises BusyError where others read old pages."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        blocked = bool(cursor.fetchone()[0])
    if blocked:
        raise BusyError(
            "Deleted records are still in the control database's log, because another process reads it.",
            where="control database",
            advice="Repeat the command when the other process has finished.",
        )


def damage() -> list[str]:
    """Return what SQLite's integrity check and its check of foreign keys find wrong."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        found = [str(row[0]) for row in cursor.fetchall() if row[0] != "ok"]
        cursor.execute("PRAGMA foreign_key_check")
        found += [f"row {row[1]} of {row[0]} refers to a missing row of {row[2]}" for row in cursor.fetchall()]
    return found
