"""Opens the control database from a command: private to its owner, of our making, and of our version."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from waybill.control.faults import storage_faults
from waybill.durable import sync_folder
from waybill.model.errors import BusyError, DamagedError, StorageError

APPLICATION_ID = 0x57415942
"""Marks a SQLite file as ours (``WAYB``), see sqlite.org/fileformat2.html, offset 68."""

PATIENCE = 30.0
"""Seconds to wait for another writer."""


def open_database(path: Path, *, patience: float = PATIENCE) -> None:
    """Make the file at ``path`` the control database of this process, creating or migrating it where needed.

    Another path may be opened later in the same process; the earlier one is closed. Raises DamagedError for a
    file that is not ours or is damaged, BusyError where another process holds it longer than ``patience``
    seconds, StorageError for a newer version and for everything the disk refuses.
    """
    path = path.absolute()
    _configure(path, patience)
    with storage_faults(str(path)):
        created = _create_private(path)
        with _only_one_migrates(path):
            _check_ours(path)
            _migrate(path)
        if created:
            sync_folder(path.parent)


def close_database() -> None:
    """Close this thread's connection; nothing happens where none is open."""
    from django.conf import settings

    if settings.configured:
        from django.db import connections

        connections.close_all()


def scrub() -> None:
    """Rewrite the file without what was deleted, and empty its log, so that deleted bytes are gone from the disk.

    Raises BusyError where another process still reads the old pages.
    """
    from django.db import connection

    with storage_faults(), connection.cursor() as cursor:
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
    """Return what SQLite's integrity check and its check of foreign keys find wrong; empty if nothing."""
    from django.db import connection

    with storage_faults(), connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        found = [str(row[0]) for row in cursor.fetchall() if row[0] != "ok"]
        cursor.execute("PRAGMA foreign_key_check")
        found += [f"row {row[1]} of {row[0]} refers to a missing row of {row[2]}" for row in cursor.fetchall()]
    return found


def _configure(path: Path, patience: float) -> None:
    """Set Django up once per process, then point it at ``path``."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "waybill.control.settings"
    import django
    from django.apps import apps
    from django.conf import settings
    from django.db import connections

    if not apps.ready:
        django.setup()
    connections.close_all()
    database = settings.DATABASES["default"]  # the connection holds this very dictionary
    database["NAME"] = str(path)
    database["OPTIONS"]["timeout"] = patience
    connections["default"].settings_dict["NAME"] = str(path)


def _create_private(path: Path) -> bool:
    """Create an empty file for the owner only, before SQLite would create one by the umask; return whether."""
    if path.exists():
        # By path, not by descriptor: closing a descriptor of the file would drop SQLite's locks on it.
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
        return False
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    return True


@contextmanager
def _only_one_migrates(path: Path) -> Iterator[None]:
    """Hold a lock beside the database: two processes that migrate at once would both create the tables."""
    descriptor = os.open(path.with_name(path.name + ".lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _check_ours(path: Path) -> None:
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


def _migrate(path: Path) -> None:
    """Bring the tables to this version, and refuse those of a newer one."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    unknown = set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations)
    if unknown:
        raise StorageError(
            "The control database was written by a newer version of Waybill.",
            where=str(path),
            expected=f"no migrations beyond those of this version (found {min('.'.join(key) for key in unknown)})",
            advice="Install the version that wrote it, or a newer one; nothing was changed.",
        )
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)
