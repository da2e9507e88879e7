"""The table of OWASP ASVS 5.0, levels 1 and 2, is whole: every requirement has a row, and every named test exists."""

from __future__ import annotations

import ast
import csv
import os
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATES = {"test", "by design", "not applicable", "gap"}
LENGTHS = {1: 70, 2: 183}
"""Requirements of the levels, version 5.0.0."""


def rows() -> list[dict[str, str]]:
    """Return the table."""
    with (ROOT / "docs" / "security" / "asvs.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _names_in(file: str) -> frozenset[str]:
    """Return the names of the tests in a file."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_requirement_has_one_row_that_says_why() -> None:
    table = rows()
    assert len({row["id"] for row in table}) == len(table)
    assert {level: sum(row["level"] == str(level) for row in table) for level in LENGTHS} == LENGTHS
    assert all(row["state"] in STATES and row["about"] and row["shown_by"] for row in table)


def test_every_named_test_exists() -> None:
    named = [row["shown_by"] for row in rows() if row["state"] == "test"]
    missing = [name for name in named if name.partition("::")[2] not in _names_in(name.partition("::")[0])]
    assert missing == []


def test_what_applies_is_shown_by_tests_or_said_to_be_a_gap() -> None:
    applying = [row for row in rows() if row["state"] != "not applicable"]
    gaps = [row["id"] for row in applying if row["state"] == "gap"]
    assert gaps == ["V6.2.12", "V7.5.2", "V11.2.2", "V13.3.1", "V15.1.1"], "name a new gap here, too"
    assert sum(row["state"] == "test" for row in applying) >= len(applying) * 0.4


@pytest.mark.oracle
def test_the_requirements_are_those_of_the_standard() -> None:
    corpora = os.environ.get("WAYBILL_CORPORA")
    if corpora is None:
        pytest.skip("WAYBILL_CORPORA is not set")
    with (Path(corpora) / "asvs" / "OWASP_ASVS_5.0.0_en.csv").open(encoding="utf-8-sig", newline="") as file:
        theirs = {row["req_id"]: row["L"] for row in csv.DictReader(file) if row["L"] in {"1", "2"}}
    assert {row["id"]: row["level"] for row in rows()} == theirs
