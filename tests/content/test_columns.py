"""Columns of tables: decided by all their cells and their heading."""

from __future__ import annotations

import random

import pytest
from bench.content_mix import Mix

from waybill.content import Evidence, scan_table
from waybill.content.inspecting import inspect
from waybill.content.parsing import End, Place, Table


def _cells(kind: str, count: int = 40) -> list[str]:
    mix = Mix(11)
    return [getattr(mix, f"_a_{kind}")() for _ in range(count)]


@pytest.mark.parametrize(
    ("heading", "kind", "expected"),
    [
        ("a", "resident", "cn.resident-id"),
        ("b", "email", "email"),
        ("手机号", "mobile", "cn.mobile"),
        ("iban", "iban", "iban"),
        ("card", "card", "card"),
        ("c", "bank", "cn.union-pay"),
        ("信用代码", "credit", "cn.credit-code"),
    ],
)
def test_a_column_of_a_kind_is_known(heading: str, kind: str, expected: str) -> None:
    decided = scan_table({heading: _cells(kind)})[heading]
    assert (decided.type, decided.share) == (expected, 1.0)
    assert decided.distinct <= decided.cells == 40


def test_random_numbers_of_which_one_in_ten_keeps_a_check_digit_are_nothing() -> None:
    pick = random.Random(5)
    cells = [str(pick.randrange(4 * 10**15, 5 * 10**15)) for _ in range(200)]
    assert scan_table({"order": cells})["order"].type is None


def test_a_heading_names_what_has_no_rule_of_its_own() -> None:
    cells = [f"L2026{n:06d}" for n in range(30)]
    assert scan_table({"批号": cells})["批号"].type == "trade.lot"
    assert scan_table({"x": cells})["x"].type is None
    assert Evidence.HEADER in scan_table({"lot_no": cells})["lot_no"].evidence


def test_neighbouring_cells_say_nothing_of_a_cell() -> None:
    assert scan_table({"x": ["passport", "E61234567", "passport", "E61234568"]})["x"].type is None


def test_empty_cells_do_not_count() -> None:
    decided = scan_table({"mail": ["", *_cells("email", 3), ""]})["mail"]
    assert (decided.cells, decided.share) == (3, 1.0)
    assert scan_table({"none": ["", ""], "nothing": []})["none"].type is None


def test_a_few_numbers_of_a_column_that_keep_a_check_digit_by_chance_are_no_cards() -> None:
    drawn = random.Random(3)
    cells = tuple(str(drawn.randrange(10**15, 10**16)) for _ in range(3000))
    table = Table(Place(), ("value",), (cells,))
    found = inspect([table, End("csv", 1)])
    assert found.values == {}
    assert found.grade == "general"


def test_cards_among_other_words_are_told_cell_by_cell() -> None:
    cells = ("paid by 4111 1111 1111 1111", "transfer", "cash", "none")
    assert inspect([Table(Place(), ("remark",), (cells,)), End("csv", 1)]).values == {"card": 1}


def test_latitude_and_longitude_in_columns_of_their_own_are_whereabouts() -> None:
    cells = [f"{31.2 + n / 9999:.6f}" for n in range(40)]
    decided = scan_table({"lat": cells, "经度": cells, "voltage": cells})
    assert [one.type for one in decided.values()] == ["coordinates.one", "coordinates.one", None]
