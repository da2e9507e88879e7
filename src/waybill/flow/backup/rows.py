"""The control database as one SQLite file, whichever engine it rests on, and back into either.

So a back-up has one form, and taking one and restoring it elsewhere is also how an installation moves between a file
and a server.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from waybill.control import file, storage_faults
from waybill.model.errors import UsageError

_COPY, _READING = "copy", "reading"
_CHUNK = 200
_LEFT_OUT = {"sessions.session"}
"""Tables that no back-up holds: who was signed in then is not signed in by a restore."""


def dump(database: Path, target: Path) -> None:
    """Write the open control database to a new SQLite file, as it stands at one moment, while others write."""
    from django.db import connection

    with storage_faults(str(target)):
        if connection.vendor == "sqlite":
            with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(target)) as copy:
                source.backup(copy)
        else:
            _dump_server(target)
        with closing(sqlite3.connect(target, isolation_level=None)) as copy:
            for table in ("django_session",):
                if copy.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone():
                    copy.execute(f"DELETE FROM {table}")  # noqa: S608  our own name
            copy.execute(f"PRAGMA application_id = {file.APPLICATION_ID}")
            copy.execute("VACUUM")
            copy.execute("PRAGMA journal_mode=DELETE")


def load(source: Path) -> int:
    """Put the rows of such a file into the open control database on a server, all or none; returns how many.

    Raises UsageError if the database holds anything yet.
    """
    from django.core.management.color import no_style
    from django.db import connection, transaction

    with _other(_COPY, file.settings_of(source, 30.0)) as copy, storage_faults():
        _migrate(copy)
        with transaction.atomic(), connection.constraint_checks_disabled():
            for model in _models():
                if _holds(model):
                    raise UsageError(
                        "the database holds something already",
                        where=str(model._meta.db_table),
                        expected="an empty database",
                        advice="make another, and name it in WAYBILL_DATABASE",
                    )
            count = sum(_copy(model, _COPY, "default") for model in _models())
            with connection.cursor() as cursor:
                for statement in connection.ops.sequence_reset_sql(no_style(), _models()):
                    cursor.execute(statement)
    return count


def _dump_server(target: Path) -> None:
    """Read in one transaction of its own, which sees one moment and holds up nobody who writes."""
    from django.db import connections, transaction
    from psycopg import IsolationLevel

    settings = dict(connections["default"].settings_dict)
    options = {**settings["OPTIONS"], "isolation_level": IsolationLevel.REPEATABLE_READ}
    settings |= {"ENGINE": "django.db.backends.postgresql", "OPTIONS": options}
    with _other(_READING, settings), _other(_COPY, file.settings_of(target, 30.0)) as copy:
        _migrate(copy)
        with transaction.atomic(using=_READING), transaction.atomic(using=_COPY), copy.constraint_checks_disabled():
            for model in _models():
                _copy(model, _READING, _COPY)


@contextmanager
def _other(alias: str, settings: dict[str, Any]) -> Iterator[Any]:
    """Have another connection of Django inside the block."""
    from django.db import connections

    connections.settings[alias] = connections.configure_settings({"default": {}, alias: settings})[alias]
    try:
        yield connections[alias]
    finally:
        connections[alias].close()
        del connections[alias]
        del connections.settings[alias]


def _migrate(connection: Any) -> None:
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def _models() -> list[Any]:
    from django.apps import apps

    managed = (model for model in apps.get_models(include_auto_created=True) if model._meta.managed)
    return [model for model in managed if model._meta.label_lower not in _LEFT_OUT]


def _holds(model: Any) -> bool:
    """Return whether there are rows that no migration made."""
    if model._meta.app_label in {"auth", "contenttypes"}:
        return False
    return bool(model._base_manager.exists())


def _copy(model: Any, source: str, target: str) -> int:
    """Copy all rows as they are: no field sets itself anew."""
    rows = model._base_manager.using(source).order_by("pk")
    to = model._base_manager.using(target)
    if model._meta.app_label in {"auth", "contenttypes"}:
        to.all().delete()
    count, chunk = 0, []
    for row in rows.iterator(_CHUNK):
        chunk.append(row)
        if len(chunk) == _CHUNK:
            count += _insert(to, model, chunk, target)
            chunk = []
    return count + (_insert(to, model, chunk, target) if chunk else 0)


def _insert(to: Any, model: Any, rows: list[Any], target: str) -> int:
    to.all()._insert(rows, fields=model._meta.local_concrete_fields, using=target, raw=True)
    return len(rows)
