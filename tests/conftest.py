"""Fixtures that several rooms use."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from tests import postgresql

from waybill.control import close_database, open_database

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # programs that tests start need not compile each time
os.environ.setdefault("WAYBILL_COMPILED", "0")  # compiling the scanner takes longer than all tests of it
os.environ["DJANGO_SETTINGS_MODULE"] = "waybill.console.settings"  # a process has one; those of commands are among them
django.setup()

SQLITE, POSTGRESQL = "sqlite", "postgresql"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests marked ``both_databases`` on each, but for those that are marked ``on_file``."""
    marked = metafunc.definition.get_closest_marker
    if "engine" in metafunc.fixturenames and marked("both_databases") and not marked("on_file"):
        metafunc.parametrize("engine", [SQLITE, POSTGRESQL], indirect=True)


@pytest.fixture(scope="session")
def server() -> Iterator[postgresql.Server]:
    """Run a PostgreSQL server."""
    binaries = postgresql.programs()
    if binaries is None:
        pytest.skip("PostgreSQL's programs are not installed here (Debian: postgresql)")
    with postgresql.running(binaries) as server:
        yield server


@pytest.fixture(scope="session")
def empty_on_server(server: postgresql.Server) -> str:
    """Make a control database on the server once, to be copied."""
    name = server.create()
    open_database(Path(), url=server.url(name))
    close_database()
    server.execute("DELETE FROM waybill_installation", name)  # whoever opens the copy first owns it
    return name


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a control database once, to be copied: creating its tables takes longer than most tests."""
    path = tmp_path_factory.mktemp("control") / "control.db"
    open_database(path)
    close_database()
    return path


@pytest.fixture
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Name the engine, and have the setting `database` name a fresh database on the server if it is that."""
    kind = getattr(request, "param", SQLITE)
    if kind == SQLITE:
        yield kind
        return
    server: postgresql.Server = request.getfixturevalue("server")
    name = server.create(request.getfixturevalue("empty_on_server"))
    monkeypatch.setenv("WAYBILL_DATABASE", server.url(name))
    yield kind
    close_database()
    server.drop(name)


@pytest.fixture
def database(tmp_path: Path, engine: str, empty_database: Path) -> Iterator[Path]:
    """Open a fresh control database and close it after the test."""
    path = tmp_path / "control.db"
    if engine == SQLITE:
        shutil.copy(empty_database, path)
    open_database(path, url=os.environ.get("WAYBILL_DATABASE", ""), patience=0.2)
    yield path
    close_database()
