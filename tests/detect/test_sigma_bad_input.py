"""Hostile rules and records: nothing hangs, nothing hides, everything else goes on."""

from __future__ import annotations

import time
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.detect.sigma_tables import detector, events, findings, hits, positions, rule

from waybill.detect.sigma.literals import LITERAL, Literals
from waybill.detect.sigma.predicates import Op, Predicate, fold
from waybill.detect.sigma.texts import folded

TEXT = st.text(alphabet="ab\x02\x03ß中", max_size=8)

LOOK = {
    Op.EQUALS: str.__eq__,
    Op.CONTAINS: str.__contains__,
    Op.STARTS: str.startswith,
    Op.ENDS: str.endswith,
}


@given(
    wanted=st.lists(st.tuples(st.sampled_from(sorted(LITERAL)), TEXT), max_size=6),
    texts=st.lists(TEXT, max_size=6),
    more=st.booleans(),
)
def test_one_pass_finds_what_looking_at_each_text_finds(
    wanted: list[tuple[Op, str]], texts: list[str], more: bool
) -> None:
    others = [(Op.CONTAINS, f"no text has {number}") for number in range(100 * more)]  # many are looked for otherwise
    literals = Literals(Predicate("f", op, (value,)) for op, value in (*wanted, *others))
    found = literals.places(pa.array(["cut off", *texts], pa.string()).slice(1))
    for op, value in wanted:
        if literals.knows(op, value):
            expected = [number for number, text in enumerate(texts) if LOOK[op](text, value)]
            assert sorted(found.get((op, value), ())) == expected


def test_only_two_letters_beyond_ascii_become_ascii() -> None:
    beyond = [chr(number) for number in range(128, 0x110000) if not 0xD800 <= number < 0xE000]
    assert [letter for letter in beyond if fold(letter).isascii()] == ["\u017f", "\u212a"]


@given(st.lists(st.text(alphabet="aK\u017f\u212aÉß中İ", max_size=6), max_size=6))
def test_folding_for_ascii_leaves_the_same_ascii_letters(texts: list[str]) -> None:
    plain = pa.array(["cut off", *texts], pa.string()).slice(1)
    assert folded(plain).to_pylist() == [fold(text) for text in texts]
    for quick, text in zip(folded(plain, for_ascii=True).to_pylist(), texts, strict=True):
        assert [one if one.isascii() else "?" for one in quick] == [one if one.isascii() else "?" for one in fold(text)]


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){25}$"])
def test_no_expression_makes_detection_hang(tmp_path: Path, pattern: str) -> None:
    begun = time.process_time()
    assert hits(tmp_path, {"Image|re": pattern}, events({"Image": "a" * 50_000 + "!"})) == []
    assert time.process_time() - begun < 10


def test_a_field_of_ten_megabytes_is_searched_to_its_end(tmp_path: Path) -> None:
    long = "x" * 10_000_000
    rows = events({"Image": long + "needle"}, {"Image": long})
    assert hits(tmp_path / "ends", {"Image|endswith": "NEEDLE"}, rows) == [1]
    assert hits(tmp_path / "word", ["needle"], rows) == [1]


def test_a_field_cannot_hide_behind_the_marks_of_the_search(tmp_path: Path) -> None:
    rows = events({"Image": "\x03\x02evil\x03"}, {"Image": "a\x03"}, {"Image": "\x02evil"})
    assert hits(tmp_path / "a", {"Image|contains": "evil"}, rows) == [1, 3]
    assert hits(tmp_path / "b", {"Image|endswith": "a"}, rows) == []
    assert hits(tmp_path / "c", {"Image|startswith": "evil"}, rows) == []


def test_a_rule_with_a_mistake_is_told_and_the_others_run(tmp_path: Path) -> None:
    made = detector(
        tmp_path,
        rule({"selection": {"Image": "a"}}, title="Good"),
        rule({"selection": {"Image|contians": "a"}}, title="Typo"),
        rule({"selection": {"Image|re": "("}}, title="Broken expression"),
    )
    assert positions(findings(made, events({"Image": "a"}))) == [1]
    told = " ".join(map(str, made.rules.problems)) + " ".join(rule.not_evaluable for rule in made.rules.rules)
    assert "contians" in told
    assert len(made.rules.problems) + sum(not rule.is_evaluable for rule in made.rules.rules) == 2
