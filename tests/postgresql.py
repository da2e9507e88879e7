"""A real PostgreSQL server for tests, where its programs are installed, and databases on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

PASSWORD = "correct-horse"
"""Stands in every address, so that tests can look for it where it must not be."""

_ROOT = 0
_UNPRIVILEGED = "nobody"
"""Who runs the server where the tests run as root, which PostgreSQL refuses to."""


def programs() -> Path | None:
    """Return the folder of the server's programs; None where there are none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).resolve().parent if on_path else None


class Server:
    """A server of its own, without a network: clients come through a socket in its folder.

    Its texts are ordered as English orders them and not by their bytes, since many servers are made so.
    """

    def __init__(self, folder: Path, binaries: Path) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._binaries = binaries
        self._as: dict[str, Any] = {"user": _UNPRIVILEGED, "group": "nogroup", "extra_groups": []}
        if os.getuid() != _ROOT:
            self._as.clear()
        secret = folder / "password"
        secret.write_text(PASSWORD)
        if self._as:
            shutil.chown(folder, _UNPRIVILEGED)
            shutil.chown(secret, _UNPRIVILEGED)
        self._run(
            "initdb", "--username=owner", f"--pwfile={secret}", "--auth=scram-sha-256", "--encoding=UTF8",
            "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US", "--no-sync", "--pgdata", self._data,
        )  # fmt: skip
        self._made = 0
        self.start()

    @property
    def files(self) -> Iterator[Path]:
        """The files of its tables."""
        return (path for path in (self._data / "base").rglob("*") if path.is_file())

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-k {self._folder} -c listen_addresses= -c fsync=off -c max_connections=60"
        log = self._folder / "log"
        self._run("pg_ctl", "start", "--wait", "--pgdata", self._data, "--options", options, "--log", log)

    def stop(self) -> None:
        """Stop it at once, as a crash of the machine would for its clients."""
        self._run("pg_ctl", "stop", "--wait", "--pgdata", self._data, "--mode", "immediate")

    def url(self, database: str) -> str:
        """Return the address of a database."""
        return f"postgresql://owner:{PASSWORD}@/{database}?host={self._folder}"

    def create(self, template: str = "template0", encoding: str = "UTF8") -> str:
        """Make a database, a copy of another one if said, and return its name."""
        self._made += 1
        name = f"test_{self._made}"
        own = "" if encoding == "UTF8" else " LOCALE_PROVIDER libc LOCALE 'C'"
        text = "CREATE DATABASE {} TEMPLATE {} ENCODING {}" + own
        self.execute(sql.SQL(text).format(sql.Identifier(name), sql.Identifier(template), encoding))
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever uses it."""
        self.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def execute(self, statement: sql.Composed | str, database: str = "postgres") -> None:
        """Run a statement outside of transactions."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement.encode() if isinstance(statement, str) else statement)

    def _run(self, program: str, *arguments: str | Path) -> None:
        command = [str(self._binaries / program), *map(str, arguments)]
        done = subprocess.run(
            command, check=False, capture_output=program != "pg_ctl", text=True, cwd="/", timeout=120, **self._as
        )
        assert done.returncode == 0, done.stderr


@contextmanager
def running(binaries: Path) -> Iterator[Server]:
    """Yield a server that is stopped and removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="waybill-postgresql-"))  # short: the path of a socket has 107 bytes
    folder.chmod(0o755 if os.getuid() == _ROOT else 0o700)
    try:
        server = Server(folder, binaries)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)
