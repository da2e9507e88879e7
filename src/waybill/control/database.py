"""Opens the control database from a command: a file or a database on a server, ours and of our version."""

from __future__ import annotations

import os
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from waybill.control import file, server
from waybill.control.faults import storage_faults
from waybill.durable import sync_folder
from waybill.model.errors import StorageError

if TYPE_CHECKING:
    from django.apps import AppConfig

PATIENCE = 30.0
"""Seconds to wait for another writer."""

SETTINGS = "waybill.control.settings"
"""Django's settings where nobody names others."""


def open_database(
    path: Path, *, url: str = "", mark: str = "", patience: float = PATIENCE, settings: str = SETTINGS
) -> None:
    """Make the file at ``path``, or the database that ``url`` names, the control database of this process.

    It is created or migrated where needed. Another may be opened later in the same process; the earlier one is closed.
    ``mark`` tells installations apart that could share a server. ``settings`` are Django's, of which a process has the
    first that it is given; tables are made for their apps. Raises DamagedError for one that is not ours or is
    damaged, BusyError where another process holds it longer than ``patience`` seconds, StorageError for a newer
    version, another installation's, and everything that disk or server refuse, and UsageError for a wrong address.
    """
    if url:
        _open_on_server(server.settings_of(url, patience), mark, settings)
    else:
        _open_file(path.absolute(), patience, settings)


def prepare(settings: str = SETTINGS) -> None:
    """Set Django up once per process, before any database is named: modules with models can be imported then."""
    os.environ["DJANGO_SETTINGS_MODULE"] = settings
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()


def close_database() -> None:
    """Close this thread's connection; nothing happens where none is open."""
    from django.conf import settings

    if settings.configured:
        from django.db import connections

        connections.close_all()


def scrub() -> None:
    """Rewrite the database without what was deleted, so that no page of it holds the bytes any more.

    Raises BusyError where another process still reads the old ones.
    """
    with storage_faults():
        (server if _is_server() else file).scrub()


def damage() -> list[str]:
    """Return what is found wrong in the file; empty if nothing, and for a server, which looks after its own."""
    with storage_faults():
        return [] if _is_server() else file.damage()


def _open_file(path: Path, patience: float, settings_module: str) -> None:
    _configure(file.settings_of(path, patience), settings_module)
    with storage_faults(str(path)):
        created = file.create_private(path)
        with file.only_one_migrates(path):
            file.check_ours(path)
            _migrate(str(path), settings_module)
        if created:
            sync_folder(path.parent)


def _open_on_server(settings: dict[str, Any], mark: str, settings_module: str) -> None:
    _configure(settings, settings_module)
    where = server.place_of(settings)
    with storage_faults(where), server.only_one_migrates():
        server.check_ours(where)
        _migrate(where, settings_module)
        server.claim(mark, where)


def _is_server() -> bool:
    from django.db import connection

    return connection.vendor == "postgresql"


def _configure(wanted: dict[str, Any], settings_module: str) -> None:
    """Set Django up, then point it at this database."""
    prepare(settings_module)
    from django.db import connections

    connections.close_all()
    database = connections.settings["default"]  # every connection holds this very dictionary
    another_engine = database["ENGINE"] != wanted["ENGINE"]
    database.update(wanted)
    if another_engine:
        with suppress(AttributeError):  # this thread has none yet
            del connections["default"]


def _migrate(where: str, settings_module: str) -> None:
    """Bring the tables of the apps of these settings to this version, and refuse those of a newer one."""
    from django.apps import apps
    from django.conf import settings
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    names = import_module(settings_module).INSTALLED_APPS
    wanted = [config for config in apps.get_app_configs() if config.name in names]
    if _is_current(wanted):
        return
    executor = MigrationExecutor(connection)
    here = set(executor.loader.disk_migrations)
    unknown = {
        key for key in executor.loader.applied_migrations if key not in here and key[0] not in settings.SERVICE_LABELS
    }
    if unknown:
        raise StorageError(
            "The control database was written by a newer version of Waybill.",
            where=where,
            expected=f"no migrations beyond those of this version (found {min('.'.join(key) for key in unknown)})",
            advice="Install the version that wrote it, or a newer one; nothing was changed.",
        )
    labels = {config.label for config in wanted}
    targets = [key for key in executor.loader.graph.leaf_nodes() if key[0] in labels]
    if executor.migration_plan(targets):
        executor.migrate(targets)


def _is_current(wanted: list[AppConfig]) -> bool:
    """Return whether the tables of these apps are of this version, by the names of migrations alone.

    Reading what each migration does takes longer than most commands; it is left to those that find something to do.
    """
    from django.apps import apps
    from django.conf import settings
    from django.db import connection

    with connection.cursor() as cursor:
        if "django_migrations" not in connection.introspection.table_names(cursor):
            return False
        cursor.execute("SELECT app, name FROM django_migrations")
        applied = set(cursor.fetchall())
    here = {config.label: {(config.label, name) for name in _migrations(config)} for config in apps.get_app_configs()}
    unknown = {key for key in applied.difference(*here.values()) if key[0] not in settings.SERVICE_LABELS}
    return not unknown and all(here[config.label] <= applied for config in wanted)


def _migrations(app: AppConfig) -> list[str]:
    """Return the names of an app's migrations, in no order."""
    return [one.name for one in iter_modules([str(Path(app.path) / "migrations")]) if one.name[0] not in "_~"]
