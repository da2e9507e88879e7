"""The register in the database: each record once, each incident counted once, every change in the ledger."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.trends.invented import incident

from waybill.model.errors import UsageError
from waybill.outbox.models import Row
from waybill.trends import account, store
from waybill.trends.account import Query
from waybill.trends.duplicates import alike
from waybill.trends.words import SpendState

pytestmark = pytest.mark.both_databases

QUERY = Query(("year-intent",), 2018, 2021)


def add(*incidents: object, refused: int = 0) -> store.Added:
    return store.add_incidents("made-up", incidents, refused=refused, who="test")  # type: ignore[arg-type]


def test_incidents_come_back_as_they_were(database: Path) -> None:
    many = [incident(1), incident(2, countries=(), actions=(), victim=""), incident(3, coded_at=None, records=2**40)]
    add(*many)
    assert store.register().incidents == tuple(many)
    assert store.sources() == {"made-up": 3}


def test_a_file_read_twice_changes_nothing(database: Path) -> None:
    first = add(incident(1), incident(2))
    again = add(incident(1), incident(2))
    assert (again.added, again.known, again.version) == (0, 2, first.version)
    assert Row.objects.filter(kind="incidents").count() == 1


def test_records_refused_again_are_counted_once(database: Path) -> None:
    first = add(incident(1), refused=2)
    assert add(incident(1), refused=2).version == first.version
    assert store.register().refused == 2


def test_of_records_with_one_id_the_last_coded_counts(database: Path) -> None:
    early, late = incident(1, coded_at=date(2020, 6, 1)), incident(1, coded_at=date(2021, 6, 1), records=7)
    assert add(late, early).duplicates == 1
    found = store.register()
    assert found.incidents == (late,) and found.doubles == (early,)
    newest = incident(1, coded_at=date(2022, 6, 1))
    assert add(newest).duplicates == 2
    assert store.register().incidents == (newest,)


def test_equal_records_of_one_file_are_doubles(database: Path) -> None:
    assert add(incident(1), incident(1)).duplicates == 1
    assert len(store.register().incidents) == 1


def test_records_alike_are_told_and_not_joined() -> None:
    pair = [incident(1, victim="Works"), incident(2, victim="works"), incident(3, victim="")]
    assert alike(pair) == [(0, 1)]


def test_every_change_has_a_version_and_a_record(database: Path) -> None:
    before = store.version()
    one, two = add(incident(1)).version, add(incident(2), refused=3).version
    assert len({before, one, two}) == 3 and store.version() == two
    assert store.register().refused == 3
    assert Row.objects.filter(kind="incidents").count() == 2


def test_releases_are_signed_by_two_and_refused_at_the_limit(database: Path) -> None:
    account.open_account("made-up", 2026, Decimal(1), who="a")
    with pytest.raises(UsageError):
        account.open_account("made-up", 2026, Decimal(9), who="a")
    first, second = (
        account.propose("made-up", 2026, QUERY, epsilon=Decimal("0.6"), bound=3, reason="report", who="a")
        for _ in range(2)
    )
    assert account.sign(first, who="a").state is SpendState.PROPOSED
    with pytest.raises(UsageError, match="signed already"):
        account.sign(first, who="a")
    assert account.sign(first, who="b").state is SpendState.SIGNED
    account.sign(second, who="a")
    with pytest.raises(UsageError, match="budget"):
        account.sign(second, who="b")
    assert account.release(second).state is SpendState.PROPOSED and account.release(second).signed_by == ("a",)
    with pytest.raises(UsageError, match="budget"):
        account.propose("made-up", 2026, QUERY, epsilon=Decimal("0.5"), bound=3, reason="more", who="a")
    (standing,) = account.standings()
    assert (standing.spent, standing.left) == (Decimal("0.6"), Decimal("0.4"))
    account.refuse(second, who="b", reason="too much")
    acts = [row.content for row in Row.objects.filter(kind="release").order_by("id")]
    assert len(acts) == 1 + 2 + 3 + 1, "limit, proposals, signatures that hold, refusal"


@pytest.mark.parametrize("epsilon", ["0", "-1", "NaN", "Infinity", "5000"])
def test_a_budget_is_a_number_above_zero(database: Path, epsilon: str) -> None:
    with pytest.raises(UsageError):
        account.open_account("made-up", 2026, Decimal(epsilon), who="a")


def test_what_was_drawn_stays(database: Path) -> None:
    account.open_account("made-up", 2026, Decimal(1), who="a")
    number = account.propose("made-up", 2026, QUERY, epsilon=Decimal(1), bound=3, reason="report", who="a")
    with pytest.raises(UsageError, match="not signed"):
        account.keep(number, "{}", who="a")
    account.sign(number, who="a")
    account.sign(number, who="b")
    assert account.keep(number, "first", who="a").release == "first"
    assert account.keep(number, "second", who="a").release == "first"
