"""PostgreSQL asked with rights to log in and nothing more (extra ``postgresql``): who may read which table, which rows.

Only catalogues are read, never a row of a table. Each table is a thing of its own, since what lies in it has a grade of
its own; rights of the whole database and of its roles are those of the database.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from waybill.exposure.snapshots import NotInspected, Snapshot, Unread
from waybill.model.errors import InputError, UsageError
from waybill.model.findings import Position

SECONDS = 10
"""To wait for a connection, and for an answer."""

EVERYBODY = ""
"""The role PUBLIC: everybody who may connect."""

MOST_TABLES = 100_000
"""A catalogue that goes on for ever ends here, and says so."""

_RELATIONS = """
SELECT n.nspname, c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relkind = 'v' OR c.relkind = 'm',
       coalesce((SELECT array_agg(DISTINCT ARRAY[coalesce(r.rolname, ''), a.privilege_type])
                 FROM aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
                 WHERE a.grantee <> c.relowner), '{}'),
       coalesce((SELECT array_agg(ARRAY[p.polname, p.polcmd::text, p.polpermissive::text, (0 = ANY(p.polroles))::text,
                                        coalesce(pg_get_expr(p.polqual, p.polrelid), '')])
                 FROM pg_policy p WHERE p.polrelid = c.oid), '{}'),
       coalesce('security_invoker=true' = ANY(c.reloptions) OR 'security_invoker=on' = ANY(c.reloptions), false)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND n.nspname NOT LIKE 'pg_toast%%' AND n.nspname NOT LIKE 'pg_temp%%'
ORDER BY 1, 2 LIMIT %s
"""
_SCHEMAS = """
SELECT n.nspname FROM pg_namespace n, aclexplode(n.nspacl) a
WHERE a.grantee = 0 AND a.privilege_type = 'CREATE' ORDER BY 1
"""
_STRONG = """
SELECT rolname, rolsuper, rolbypassrls FROM pg_roles
WHERE rolcanlogin AND (rolsuper OR rolbypassrls) AND oid <> 10 ORDER BY 1
"""
_FUNCTIONS = """
SELECT n.nspname || '.' || p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND (p.proacl IS NULL OR EXISTS (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee = 0))
ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Grant:
    """A right that somebody who does not own the table has on it."""

    role: str
    """``EVERYBODY`` for the role PUBLIC."""
    right: str


@dataclass(frozen=True, slots=True)
class RowPolicy:
    """A policy of row-level security."""

    name: str
    permissive: bool
    for_everybody: bool
    condition: str
    """Which rows may be seen."""


class Table(Snapshot):
    """Parts: ``grants``, ``policies``, ``row security``, ``view``, ``as caller``."""

    channel: ClassVar[str] = "database"

    @property
    def title(self) -> str:
        """Schema and name."""
        return self.holds[0]

    @property
    def grants(self) -> tuple[Grant, ...]:
        """Rights of others than its owner."""
        return tuple(self.part("grants"))

    @property
    def policies(self) -> tuple[RowPolicy, ...]:
        """Its policies, in force or not."""
        return tuple(self.part("policies"))

    @property
    def has_row_security(self) -> bool:
        """Whether its policies are in force."""
        return bool(self.part("row security"))


class Database(Snapshot):
    """Parts: ``writable schemas``, ``strong roles``, ``borrowing functions``."""

    channel: ClassVar[str] = "database"


def read(address: str) -> Iterator[Table | Database | NotInspected]:
    """Yield the database at an address and its tables."""
    if importlib.util.find_spec("psycopg") is None:
        raise UsageError("asking PostgreSQL needs psycopg", advice="pip install 'waybill-security[postgresql]'")
    import psycopg

    where = place_of(address)
    try:
        with psycopg.connect(
            address, connect_timeout=SECONDS, options=f"-c statement_timeout={SECONDS}s"
        ) as connection:
            connection.read_only = True
            yield from _read(connection, where)
    except psycopg.Error as error:  # its text may hold the address, and that the password
        raise InputError(f"the database cannot be asked: {type(error).__name__}", where=where) from None


def place_of(address: str) -> str:
    """Return an address as it may be shown: without user, password and options."""
    parts = urlsplit(address)
    return f"postgresql://{parts.hostname or 'localhost'}:{parts.port or 5432}{parts.path}"


def _read(connection: Any, where: str) -> Iterator[Table | Database | NotInspected]:
    name, source = where.rpartition("/")[2], Position("postgresql", where, 0)
    parts = {
        "writable schemas": _ask(connection, _SCHEMAS),
        "strong roles": _ask(connection, _STRONG),
        "borrowing functions": _ask(connection, _FUNCTIONS),
    }
    yield Database(where, source, (name,), parts)
    rows = _ask(connection, _RELATIONS, (MOST_TABLES + 1,))
    if isinstance(rows, Unread):
        yield NotInspected(where, rows.why)
        return
    for number, row in enumerate(rows[:MOST_TABLES], 1):
        schema, table, row_security, _, view, grants, policies, invoker = row
        title = f"{schema}.{table}"
        yield Table(
            f"{where}/{title}",
            Position("postgresql", where, number),
            (title, table, f"{name}.{title}"),
            {
                "grants": tuple(Grant(*one) for one in grants),
                "policies": tuple(RowPolicy(one[0], one[2] == "true", one[3] == "true", one[4]) for one in policies),
                "row security": row_security,
                "view": view,
                "as caller": invoker,
            },
        )
    if len(rows) > MOST_TABLES:
        yield NotInspected(where, f"there are more than {MOST_TABLES:,} tables")


def _ask(connection: Any, statement: str, parameters: tuple[object, ...] = ()) -> Any:
    """Return the rows of an answer, or why there is none: rights are given one by one."""
    import psycopg

    try:
        with connection.transaction():
            return connection.execute(statement, parameters).fetchall()
    except psycopg.Error as error:
        return Unread(f"PostgreSQL refuses: {type(error).__name__}")
