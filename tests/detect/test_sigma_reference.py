"""The detector decides as a naive evaluator does, for random rules and events, however the rows are cut up."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from tests.detect.sigma_reference import fires
from tests.detect.sigma_tables import DAY, detector, findings, positions, rule, table, transfer

from waybill.model.findings import merge
from waybill.model.protocols import Tables
from waybill.model.transfers import SEPARATOR

# Few words and few fields: most tests then hold for some events and not for others, which is where faults show.
FIELDS = ("Image", "User", "Size", "Missing")
WORDS = ("", "a", "A", "ab", "aB", "Abba", "ba-ab", "/b -a", "a*b", "a?b", "a\\b", "ß", "SS", "é1", "É1", "true")
NUMBERS = ("0", "1", "10", "-3", "2.5", "1e3", "07", "x1", "١")
ADDRESSES = ("10.0.0.1", "10.0.1.255", "192.168.0.7", "2001:db8::1", "10.0.0", "fe80::1")
ENCODED = ("xYWJ=", "YWI=", "zphYg==", "w6k=", "qGFi")
PATTERNS = (*WORDS, "*", "?*", "a*", "*b", "*b*", "a?b*", "?", "a\\*b", "a\\?b", "a\\\\b", "*\\\\*", "b*a", "é?")
EXPRESSIONS = ("a.b", "^A+", "b$", "[0-9]{2}", r"\\", "(a|b)*1", "x?", "^.?b", "a\nb", "^b")

Event = dict[str, list[str] | None]


class Maker:
    """Makes random events and rules."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._one = self._random.choice

    def event(self) -> Event:
        return {field: self._value() for field in FIELDS[:-1] if self._random.random() < 0.8}

    def _value(self) -> list[str] | None:
        if self._random.random() < 0.1:
            return None
        words = self._one((WORDS, WORDS, NUMBERS, ADDRESSES, ENCODED, ("a\nb", "\nB", "a\r\nb")))
        return [self._one(words) for _ in range(self._one((1, 1, 2, 3)))]

    def detection(self) -> dict[str, Any]:
        names = ("sel_a", "sel_b", "other")[: self._one((1, 2, 3))]
        return {**{name: self._selection() for name in names}, "condition": self._condition(names, 2)}

    def _condition(self, names: tuple[str, ...], depth: int) -> str:
        if depth == 0 or self._random.random() < 0.4:
            return self._one((*names, *names, "1 of them", "all of them", "1 of sel_*", "all of sel*", "any of sel_a*"))
        one, other = self._condition(names, depth - 1), self._condition(names, depth - 1)
        return self._one(
            (f"not {one}", f"not ({one})", f"{one} and {other}", f"({one} or {other})", f"{one} or {other}")
        )

    def _selection(self) -> Any:
        kind = self._random.random()
        if kind < 0.6:
            return self._map()
        if kind < 0.8:
            return [self._map() for _ in range(self._one((1, 2)))]
        words = [self._one(("a", "B", "1", "ab", "é", "a*b", "?1", "10", "x")) for _ in range(self._one((1, 2)))]
        return self._one((words, words[0], {"|all": words}, {"|re": words[0].replace("?", ".")}))

    def _map(self) -> dict[str, Any]:
        return dict(self._item() for _ in range(self._one((1, 1, 2))))

    def _item(self) -> tuple[str, Any]:
        make: Callable[[str], tuple[str, Any]] = self._one(
            (self._text, self._text, self._text, self._plain, self._compared, self._other)
        )
        return make(self._one(FIELDS))

    def _text(self, field: str) -> tuple[str, Any]:
        affix = self._one(("", "|contains", "|startswith", "|endswith"))
        cased, join = self._one(("", "", "|cased")), self._one(("", "", "|all", "|neq"))
        return f"{field}{affix}{cased}{join}", [self._one(PATTERNS) for _ in range(self._one((1, 2, 3)))]

    def _plain(self, field: str) -> tuple[str, Any]:
        value = self._one((None, True, False, 0, 1, 10, -3, 2.5, 1000, 7, "", [1, "a"]))
        return field + self._one(("", "|neq")), value

    def _compared(self, field: str) -> tuple[str, Any]:
        return f"{field}|{self._one(('gt', 'gte', 'lt', 'lte'))}", self._one((-3, 0, 1, 2.5, 7, 10, 1000))

    def _other(self, field: str) -> tuple[str, Any]:
        affix = self._one(("", "|contains", "|startswith", "|endswith"))
        key, values = self._one(
            (
                ("exists", (True, False)),
                ("cidr", ("10.0.0.0/23", "0.0.0.0/0", "2001:db8::/32", "10.0.0.1/32")),
                ("re" + self._one(("", "|i", "|s", "|i|m", "|m")), EXPRESSIONS),
                ("windash|contains", ("-a", "/b -a", "a-b", "b")),
                ("fieldref" + affix, FIELDS),
                ("base64offset|contains", ("ab", "a", "é", "案", "b ")),
                ("base64", ("ab", "é")),
            )
        )
        return f"{field}|{key}", self._one(values)


def row(number: int, event: Event) -> dict[str, Any]:
    """Return an event as a row; actors, assets and times repeat, so that findings hold several rows."""
    joined = {name: None if found is None else SEPARATOR.join(found) for name, found in event.items()}
    actor, asset = f"p-{number % 2}", [None, "s3://plans", "s3://tariff"][number % 3]
    return transfer(number, joined, actor=actor, asset=asset, time=DAY.replace(minute=number % 2))


def check(seed: int, folder: Path) -> None:
    """Compare the detector with the naive evaluator for the rules and events of one seed."""
    make = Maker(seed)
    rules = [rule(make.detection(), title=f"Rule {number}") for number in range(6)]
    seen = dict(enumerate((make.event() for _ in range(12)), start=1))
    made = detector(folder, *rules)
    assert not made.rules.problems
    found = findings(made, table(row(number, event) for number, event in seen.items()))
    for document in rules:
        expected = [n for n, event in seen.items() if fires(document, event)]
        assert positions([one for one in found if one.rule_id == document["id"]]) == expected, (seed, document)


def test_agrees_with_the_naive_evaluator(tmp_path: Path) -> None:
    for seed in range(150):
        check(seed, tmp_path / "rules")


@pytest.mark.soak
def test_agrees_with_the_naive_evaluator_for_long(tmp_path: Path) -> None:
    for seed in range(1_000, 6_000):
        check(seed, tmp_path / "rules")


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.permutations(range(1, 13)), st.data())
def test_any_cut_and_order_of_rows_gives_the_same_findings(seed: int, order: list[int], data: st.DataObject) -> None:
    make = Maker(seed)
    with tempfile.TemporaryDirectory() as folder:
        made = detector(Path(folder) / "rules", *(rule(make.detection(), title=f"Rule {n}") for n in range(4)))
        assert made.rules.rules
    rows = {number: row(number, make.event()) for number in range(1, 13)}
    cuts = sorted(data.draw(st.lists(st.integers(0, 12), max_size=3)))
    shuffled = table(rows[number] for number in order)
    parts = [shuffled.slice(start, stop - start) for start, stop in zip([0, *cuts], [*cuts, 12], strict=True)]
    pieces = [one for part in parts for one in made.run(Tables(part), {}).findings]
    assert merge(pieces) == merge(findings(made, table(rows.values())))
