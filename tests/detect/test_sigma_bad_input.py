"""Hostile rules and records: nothing hangs, nothing hides, everything else goes on."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.detect.sigma_tables import detector, events, findings, hits, positions, rule

from waybill.detect.sigma.literals import LITERAL, Literals, holds
from waybill.detect.sigma.predicates import Op, Predicate

TEXT = st.text(alphabet="ab\x02\x03ß中", max_size=8)


@given(
    wanted=st.lists(st.tuples(st.sampled_from(sorted(LITERAL)), TEXT), max_size=6),
    texts=st.lists(TEXT, max_size=6),
)
def test_one_pass_finds_what_looking_at_each_text_finds(wanted: list[tuple[Op, str]], texts: list[str]) -> None:
    literals = Literals(Predicate("f", op, (value,)) for op, value in wanted)
    found = literals.places(texts)
    for op, value in wanted:
        if literals.knows(op, value):
            expected = [number for number, text in enumerate(texts) if holds(op, value, text)]
            assert sorted(found.get((op, value), ())) == expected


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
