"""A real PostgreSQL asked who may use which table, and whether policies hold anybody back."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from tests.postgresql import PASSWORD, Server, programs

from waybill.exposure import FAMILIES, Survey, survey
from waybill.model.errors import InputError
from waybill.model.register import Asset, RegisterSnapshot
from waybill.model.words import AssetKind, Grade, Severity

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FAMILY = FAMILIES["storage"]

SETUP = """
CREATE SCHEMA shop;
CREATE TABLE shop.customers (id int, email text);
CREATE TABLE shop.orders (id int, tenant text);
CREATE TABLE shop.invoices (id int, tenant text);
CREATE TABLE shop.shut (id int, tenant text);
CREATE ROLE clerk LOGIN PASSWORD 'x';
CREATE ROLE surveyor LOGIN PASSWORD 'correct-horse';
CREATE ROLE passing LOGIN BYPASSRLS;
GRANT SELECT ON shop.customers TO PUBLIC;
GRANT SELECT ON shop.orders, shop.shut TO clerk;
CREATE POLICY own ON shop.orders USING (tenant = current_user);
CREATE POLICY everyone ON shop.invoices USING (true);
ALTER TABLE shop.invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON shop.shut USING (tenant = current_user);
ALTER TABLE shop.shut ENABLE ROW LEVEL SECURITY;
CREATE VIEW shop.all_shut AS SELECT * FROM shop.shut;
CREATE VIEW shop.own_shut WITH (security_invoker=true) AS SELECT * FROM shop.shut;
GRANT SELECT ON shop.all_shut, shop.own_shut TO PUBLIC;
CREATE FUNCTION shop.peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM shop.shut';
CREATE FUNCTION shop.kept() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM shop.shut';
REVOKE EXECUTE ON FUNCTION shop.kept() FROM PUBLIC;
GRANT CREATE ON SCHEMA shop TO PUBLIC;
"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Return the address of a database with rights of every sort, for somebody who may only log in."""
    binaries = programs()
    if binaries is None:
        pytest.skip("PostgreSQL's server is not installed")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = Server(Path(folder), binaries)
        try:
            owner = server.url(server.create())
            with psycopg.connect(owner, autocommit=True) as connection:
                connection.execute(SETUP.encode())
            yield owner.replace("//owner:", "//surveyor:")
        finally:
            server.stop()


def look(address: str, register: RegisterSnapshot | None = None) -> Survey:
    return survey(FAMILY.read(address), FAMILY.checks(), register or RegisterSnapshot(), NOW)


def test_what_stands_open(address: str) -> None:
    found = look(address)
    seen = {
        (place.rpartition("/")[2], *key.removeprefix("storage-").split(" ", 1))
        for place, known in found.open.items()
        for key in known
    }
    name = next(place for place in found.places if place.count("/") == 3).rpartition("/")[2]
    assert found.gaps == []
    assert seen == {
        ("shop.customers", "open-table", "public"),
        ("shop.all_shut", "open-table", "public"), ("shop.own_shut", "open-table", "public"),
        ("shop.orders", "row-security", "off"), ("shop.invoices", "row-security", "policy everyone"),
        ("shop.all_shut", "past-row-security", "view"),
        (name, "database-rights", "roles"), (name, "database-rights", "schema shop"),
        (name, "database-rights", "function shop.peek"),
    }  # fmt: skip
    assert PASSWORD not in repr(found)


def test_weighed_by_the_table(address: str) -> None:
    asset = Asset(id="customers", name="Customers", kind=AssetKind.DATA, grade=Grade.CORE, patterns=("shop.customers",))
    found = {one.asset: one.severity for one in look(address, RegisterSnapshot(assets=(asset,))).findings}
    assert found["customers"] is Severity.CRITICAL


def test_nothing_is_told_of_the_password() -> None:
    with pytest.raises(InputError) as error:
        list(FAMILY.read(f"postgresql://surveyor:{PASSWORD}@127.0.0.1:1/none"))
    assert PASSWORD not in str(error.value) and "surveyor" not in str(error.value)
