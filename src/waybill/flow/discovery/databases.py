"""Tables of a database as items (extra ``sql``): rows are read in a transaction that may write nothing."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

from waybill.content.parsing import Caveat, End, Piece, Place, Readers, Reason
from waybill.content.parsing.tables import tables
from waybill.flow.discovery.targets import Item, Target
from waybill.model.errors import InputError, UsageError

MOST_ROWS = 200_000
"""Rows of a table that are read: what they hold is held to be what the rest hold, and that is said."""

_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


def database(named: str) -> Target:
    """Return the tables of the database with an address such as ``postgresql://HOST/NAME`` or ``sqlite:///FILE``."""
    if importlib.util.find_spec("sqlalchemy") is None:
        raise UsageError("reading databases needs SQLAlchemy", advice="pip install 'waybill-security[sql]'")
    import sqlalchemy
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

    scheme, _, rest = named.partition("://")
    try:
        address = sqlalchemy.make_url(f"{_DRIVERS.get(scheme, scheme)}://{rest}")
        engine = sqlalchemy.create_engine(address, poolclass=sqlalchemy.NullPool)
        with engine.connect():
            pass
    except (ArgumentError, NoSuchModuleError, ImportError):
        raise UsageError(
            "this is no address of a database", expected="postgresql://HOST/NAME or sqlite:///FILE"
        ) from None
    except SQLAlchemyError as error:  # its message may hold the password
        raise InputError("the database cannot be opened", advice=type(error).__name__) from None
    plain = sqlalchemy.URL.create(scheme, host=address.host, port=address.port, database=address.database)
    return Target(plain.render_as_string(), _tables(engine))


def _tables(engine: Any) -> Iterator[Item]:
    import sqlalchemy

    inspector = sqlalchemy.inspect(engine)
    for schema in inspector.get_schema_names():
        if schema not in ("information_schema", "pg_catalog", "pg_toast"):
            for name in sorted(inspector.get_table_names(schema=schema)):
                yield Item(f"{schema}.{name}", partial(_read, engine, schema, name))


def _read(engine: Any, schema: str, name: str, _readers: Readers) -> Iterator[Piece]:
    import sqlalchemy
    from sqlalchemy.exc import SQLAlchemyError

    place, size = Place(part=f"{schema}.{name}"), 0
    try:
        quoted = sqlalchemy.table(name, schema=schema)
        options = {"stream_results": True, "yield_per": 4096}
        if engine.dialect.name == "postgresql":
            options["postgresql_readonly"] = True
        with engine.connect().execution_options(**options) as connection:
            result = connection.execute(
                sqlalchemy.select(sqlalchemy.text("*")).select_from(quoted).limit(MOST_ROWS + 1)
            )
            header = list(result.keys())
            rows = ([_cell(cell) for cell in row] for row in islice(result, MOST_ROWS))
            for table in tables(rows, place, header):
                size += table.size
                yield table
            if result.fetchone() is not None:
                yield Caveat(place, Reason.SIZE, f"more than {MOST_ROWS} rows")
    except SQLAlchemyError as error:
        yield Caveat(place, Reason.DENIED, type(error).__name__)
    yield End("table", 0, size)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "ignore")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "\n".join(map(str, value))
    return str(value)
