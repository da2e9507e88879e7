"""Shuts a role of a PostgreSQL server out: it may not log in any more, and the sessions that it has are ended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from waybill.model.errors import UsageError
from waybill.respond.acting import Arguments, Before, Connector, ConnectorError

SECONDS = 5.0
_PAUSE = 0.01
"""Seconds between two looks at whether the sessions are gone."""


@dataclass(frozen=True, slots=True)
class Database:
    """Which server, as a role that may alter others."""

    address: str = field(repr=False)
    """``postgresql://…``; it may hold a password."""


@dataclass(frozen=True, slots=True)
class ShutRole(Connector):
    """``postgresql.shut``: ``role`` logs in no more and has no session."""

    database: Database
    name: ClassVar[str] = "postgresql.shut"
    arguments: ClassVar[tuple[str, ...]] = ("role",)
    needs_two: ClassVar[bool] = True
    persons: ClassVar[frozenset[str]] = frozenset({"role"})

    def says(self, arguments: Arguments) -> str:
        """Return the statements that it would run."""
        return f'ALTER ROLE "{arguments["role"]}" NOLOGIN; pg_terminate_backend of its sessions'

    def before(self, arguments: Arguments) -> Before:
        """Return whether it may log in now."""
        with self._connected(SECONDS) as connection:
            return {"login": "yes" if self._may_log_in(connection, arguments["role"]) else "no"}

    def act(self, arguments: Arguments, seconds: float) -> None:
        """Shut it out: first the door, then those inside."""
        from psycopg import sql

        role = arguments["role"]
        with self._connected(seconds) as connection:
            connection.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(role)))
            until = time.monotonic() + seconds
            while self._sessions(connection, role) and time.monotonic() < until:
                connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [role])
                time.sleep(_PAUSE)

    def in_force(self, arguments: Arguments) -> bool:
        """Return whether it can't log in, and no session of it is left."""
        with self._connected(SECONDS) as connection:
            if self._may_log_in(connection, arguments["role"]):
                return False
            return self._sessions(connection, arguments["role"]) == 0

    def undo(self, arguments: Arguments, before: Before, seconds: float) -> None:
        """Let it log in again, if it could before."""
        from psycopg import sql

        if before.get("login") == "yes":
            with self._connected(seconds) as connection:
                connection.execute(sql.SQL("ALTER ROLE {} LOGIN").format(sql.Identifier(arguments["role"])))

    def _sessions(self, connection: Any, role: str) -> int:
        row = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = %s", [role]).fetchone()
        return int(row[0])

    def _may_log_in(self, connection: Any, role: str) -> bool:
        row = connection.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        if row is None:
            raise ConnectorError("the server has no such role", where=role)
        return bool(row[0])

    @contextmanager
    def _connected(self, seconds: float) -> Iterator[Any]:
        try:
            import psycopg
        except ImportError:
            raise UsageError("psycopg is not installed", advice="pip install 'waybill-security[postgresql]'") from None
        try:
            with psycopg.connect(
                self.database.address,
                autocommit=True,
                connect_timeout=max(1, int(seconds)),
                options=f"-c statement_timeout={int(seconds * 1000)}",
            ) as connection:
                yield connection
        except psycopg.Error as error:
            raise ConnectorError(f"the server does not do it: {type(error).__name__}", where="postgresql") from None
