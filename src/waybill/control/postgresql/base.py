"""PostgreSQL as the control database: transactions one after the other, as SQLite's ``BEGIN IMMEDIATE`` makes them.

What is written here is read first: a detector's cursor, how many agents a token has, which rows are in the ledger. A
lock taken at the beginning of every transaction makes each see all that earlier ones did, without levels of isolation
whose failures every caller would have to repeat. The control database is not where the load is, and reading outside of
transactions waits for nobody.
"""

from __future__ import annotations

from django.db.backends.postgresql import base

ONE_WRITER = 0x57415942
"""The advisory lock of a transaction (``WAYB``); PostgreSQL keeps those of each database apart."""


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose transactions begin by waiting for those of others to end."""

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)  # type: ignore[misc]  # in Django, not in its stubs
        if autocommit:
            return
        try:
            with self.wrap_database_errors:
                self.connection.execute("SELECT pg_advisory_xact_lock(%s)", (ONE_WRITER,))
        except BaseException:  # the transaction has not begun for Django: leave the connection as it was
            with self.wrap_database_errors:
                self.connection.rollback()
            super()._set_autocommit(True)  # type: ignore[misc]
            raise
