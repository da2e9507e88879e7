"""The control database on a PostgreSQL server: its address, whether it is ours, and erasing for good."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from waybill.model.errors import DamagedError, StorageError, UsageError

ENGINE = "waybill.control.postgresql"

_OPTIONS = {
    "application_name": "waybill",
    "connect_timeout": "10",
    # A machine that vanished must not hold the lock of the one writer for hours.
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
}

_MIGRATING = 0x57415943
"""The advisory lock of who brings the tables to this version; that of writers is in ``postgresql.base``."""

_MARK = "waybill_installation"
"""Table of one row: which installation this database belongs to."""


def settings_of(url: str, patience: float) -> dict[str, Any]:
    """Return Django's settings for an address such as ``postgresql://user@host/name``.

    Everything libpq understands may stand in it (``sslmode=verify-full``, ``passfile=…``). Raises UsageError for
    something else, never quoting it, since it may hold a password.
    """
    try:
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict
    except ImportError:
        raise UsageError(
            "the setting `database` names a PostgreSQL server, and what speaks to it is not installed",
            advice="install `waybill-security[postgresql]`",
        ) from None
    try:
        parts: dict[str, Any] = dict(conninfo_to_dict(url))
    except ProgrammingError:
        parts = {}
    if not url.startswith(("postgresql://", "postgres://")) or not parts.get("dbname"):
        raise UsageError(
            "the setting `database` is no address of a database",
            expected="postgresql://USER@HOST/NAME, as libpq takes it",
            advice="leave it out for a file in the data folder",
        )
    milliseconds = max(1, round(patience * 1000))
    own = f"-c lock_timeout={milliseconds} -c synchronous_commit=on"
    parts["options"] = f"{parts.get('options', '')} {own}".strip()
    named = {name.upper(): parts.pop(name, "") or "" for name in ("user", "password", "host", "port")}
    return {
        "ENGINE": ENGINE,
        "NAME": parts.pop("dbname"),
        **named,
        "OPTIONS": {**_OPTIONS, **parts},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def place_of(settings: dict[str, Any]) -> str:
    """Return where the database is, for people to read: no user, no password."""
    return f"database {settings['NAME']} on {settings['HOST'] or 'this machine'}"


@contextmanager
def only_one_migrates() -> Iterator[None]:
    """Let other processes that open the database wait until it has its tables."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATING])
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATING])


def check_ours(where: str) -> None:
    """Refuse the database of another program, and one that would change what it is given to keep."""
    from django.db import connection

    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        cursor.execute("SHOW server_encoding")
        encoding = cursor.fetchone()[0]
    if encoding != "UTF8":
        raise StorageError(
            f"The database keeps texts as {encoding}.",
            where=where,
            expected="UTF8",
            advice="Make it with `createdb --encoding=UTF8 --template=template0 NAME`.",
        )
    if tables and "django_migrations" not in tables:
        raise DamagedError(
            "The database is that of another program.",
            where=where,
            expected="an empty database, or one written by Waybill",
            advice="Name another in the setting `database`; nothing was changed.",
        )


def claim(mark: str, where: str) -> None:
    """Note whose database this is. Raises StorageError if it belongs to another installation.

    Two of them on one database would each take the other's records for its own. Call it inside ``only_one_migrates``.
    """
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [_MARK])
        if cursor.fetchone()[0] is None:
            cursor.execute(f"CREATE TABLE {_MARK} (mark text PRIMARY KEY)")
        cursor.execute(f"SELECT mark FROM {_MARK}")  # noqa: S608  the table's own name
        found = [row[0] for row in cursor.fetchall()]
        if not found:
            cursor.execute(f"INSERT INTO {_MARK} VALUES (%s)", [mark])  # noqa: S608
    if found and found != [mark]:
        raise StorageError(
            "The database belongs to another installation.",
            where=where,
            expected="an empty database, or that of this data folder",
            advice="Set `database` to a database of this installation's own; nothing was changed.",
        )


def scrub() -> None:
    """Rewrite every table without what was deleted; old bytes stay in the server's write-ahead log for a while."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.django_table_names(only_existing=True)):
            cursor.execute(f"VACUUM (FULL) {connection.ops.quote_name(table)}")
