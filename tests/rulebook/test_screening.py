"""Counterparties are held against lists: likeness of names, identifiers, and who owns whom."""

from __future__ import annotations

import json
import random
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waybill.model.errors import InputError
from waybill.rulebook.screening import Screening, load_lists, normal

ENTITIES: list[dict[str, object]] = [
    {"id": "a", "schema": "Company", "properties": {
        "name": ["Norðurljós Magnets GmbH"], "alias": ["Nordurljos Magnet Works"], "country": ["is"],
        "topics": ["sanction"], "leiCode": ["5299 00ABC DEF"]}},
    {"id": "b", "schema": "Company", "properties": {
        "name": ["东方稀土材料有限公司"], "country": ["cn"], "topics": ["export.control"], "weakAlias": ["Orient"]}},
    {"id": "c", "schema": "Company", "properties": {"name": ["Quiet Holdings Ltd"], "country": ["de"]}},
    {"id": "d", "schema": "Company", "properties": {"name": ["Plain Trading Ltd"], "country": ["de"]}},
    {"id": "o1", "schema": "Ownership", "properties": {"owner": ["a"], "asset": ["c"], "percentage": ["30"]}},
    {"id": "o2", "schema": "Ownership", "properties": {"owner": ["b"], "asset": ["c"], "percentage": ["20%"]}},
    {"id": "o3", "schema": "Ownership", "properties": {"owner": ["a"], "asset": ["d"], "percentage": ["49.9"]}},
]  # fmt: skip


@pytest.fixture
def lists(tmp_path: Path) -> Screening:
    """Return a small list."""
    file = tmp_path / "list.ftm.json"
    file.write_text("\n".join(json.dumps(one) for one in ENTITIES) + "\n\n", encoding="utf-8")
    return load_lists([file])


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Nordurljos Magnets", ["a"]),
        ("NORDURLJOS MAGNETS CO., LTD.", ["a"]),
        ("Magnets Nordurljos", ["a"]),
        ("Norðurljós  Magnets", ["a"]),
        ("Nordurlios Magnets", ["a"]),
        ("Nord Magnets", []),
        ("东方稀土材料股份有限公司", ["b"]),
        ("东方稀土材料", ["b"]),
        ("Orient", ["b"]),
        ("Oriend", []),
        ("Plain Trading", []),
        ("", []),
        ("  ., ", []),
    ],
)
def test_names_are_compared_as_people_write_them(lists: Screening, name: str, found: list[str]) -> None:
    assert [one.party.id for one in lists.matches(name)] == found


def test_whom_listed_parties_own_by_half_counts(lists: Screening) -> None:
    (quiet,) = lists.matches("Quiet Holdings")
    assert (quiet.party.topics, quiet.owners) == ((), ("a", "b"))
    assert lists.matches("Plain Trading") == [], "49.9 percent are less than half"


def test_what_speaks_for_a_match_is_told(lists: Screening) -> None:
    (same,) = lists.matches("Nordurljos Magnets", country="IS")
    (other,) = lists.matches("Nordurljos Magnets", country="DE")
    (unknown,) = lists.matches("Nordurljos Magnets")
    assert (same.same_country, other.same_country, unknown.same_country) == (True, False, None)
    (identified,) = lists.matches("Quite another name", identifiers=["529900-ABCDEF"])
    assert identified.same_identifier and identified.party.id == "a" and identified.score == 0


@pytest.mark.parametrize(
    "line", ["{", '{"id": 1}', '{"id": "a", "schema": "Company", "properties": {"name": "x"}}', "[]"]
)
def test_a_list_that_is_none_is_told_with_its_line(tmp_path: Path, line: str) -> None:
    file = tmp_path / "list.json"
    file.write_text(f"{json.dumps(ENTITIES[0])}\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        load_lists([file])
    assert raised.value.where.endswith("list.json:2")
    with pytest.raises(InputError):
        load_lists([tmp_path / "missing.json"])


@given(st.text(max_size=60))
def test_a_name_is_like_itself(name: str) -> None:
    """Whatever stands in a list is found by the very same words, and normal forms stay as they are."""
    assert normal(normal(name)) == normal(name)


def test_every_name_is_found_with_one_letter_changed(tmp_path: Path) -> None:
    chance = random.Random(7)
    names = ["".join(chance.choices(string.ascii_lowercase, k=12)) + " works" for _ in range(300)]
    entities = ({"id": str(n), "schema": "Company", "properties": {"name": [name], "topics": ["sanction"]}}
                for n, name in enumerate(names))  # fmt: skip
    file = tmp_path / "list.json"
    file.write_text("\n".join(map(json.dumps, entities)), encoding="utf-8")
    lists = load_lists([file])
    for number, name in enumerate(names):
        changed = name[:5] + ("x" if name[5] != "x" else "y") + name[6:]
        assert str(number) in {one.party.id for one in lists.matches(changed)}
