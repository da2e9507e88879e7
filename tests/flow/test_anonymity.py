"""`waybill anonymity` on files of every kind and tables of databases: figures, advice and a grade, never a value."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.cli.running import waybill
from tests.content import hostile_files as make

_HEADER = ("name", "age", "sex", "postcode", "diagnosis")
_ROWS = [(f"Person {n}", str(30 + n % 4), "FM"[n % 2], "210009", ("J45.9", "E11.9", "I10")[n % 3]) for n in range(24)]
_LONELY = ("Person 24", "77", "F", "100871", "C50.9")
_OPTIONS = ("--quasi", "age,sex,postcode", "--sensitive", "diagnosis", "--k", "3")


def _csv(path: Path, rows: Sequence[tuple[str, ...]]) -> Path:
    path.write_text("\n".join(map(",".join, [_HEADER, *rows])) + "\n", encoding="utf-8")
    return path


def _told(*arguments: str | Path) -> tuple[int, dict[str, Any]]:
    code, out, err = waybill("anonymity", *arguments, "--json")
    assert not err
    return code, json.loads(out)


def test_who_stands_alone_is_told_by_number_with_what_would_hide_them(tmp_path: Path) -> None:
    code, told = _told(_csv(tmp_path / "patients.csv", [*_ROWS, _LONELY]), *_OPTIONS)
    found = told["assessment"]
    assert (code, found["k"], found["at_risk"], found["alone"]) == (1, 1, 1, 1)
    assert found["smallest"][0] == {"size": 1, "classes": 1, "rows": [25]}
    assert found["proposal"] == {"columns": [], "left_out": 1, "k": 6}
    assert (told["grade"], told["rule"]) == ("sensitive", "told-apart-sensitive")
    assert told["roles"]["identifiers"] == ["name"]


def test_no_value_is_ever_printed(tmp_path: Path) -> None:
    path = _csv(tmp_path / "patients.csv", [*_ROWS, _LONELY])
    for more in ((), ("--json",)):
        for language in ("en", "zh"):
            code, out, _ = waybill("--lang", language, "anonymity", path, *more)
            assert code == 1
            assert not [value for value in ("Person 24", "100871", "210009", "C50.9", "J45.9") if value in out]


def test_a_table_that_hides_everybody_ends_with_zero(tmp_path: Path) -> None:
    code, told = _told(_csv(tmp_path / "patients.csv", _ROWS), *_OPTIONS)
    assert (code, told["assessment"]["k"], told["assessment"]["at_risk"]) == (0, 6, 0)
    assert told["assessment"]["proposal"] is None
    assert told["rule"] != "told-apart-sensitive"


def test_columns_are_suggested_by_what_they_hold_and_are_called(tmp_path: Path) -> None:
    _, told = _told(_csv(tmp_path / "patients.csv", _ROWS))
    assert told["suggested"] is True
    assert told["roles"] == {
        "identifiers": ["name"],
        "quasi_identifiers": ["age", "sex", "postcode"],
        "sensitive": ["diagnosis"],
    }


def test_every_kind_of_table_says_the_same(tmp_path: Path) -> None:
    rows, columns = [*_ROWS, _LONELY], dict(zip(_HEADER, zip(*_ROWS, _LONELY, strict=True), strict=True))
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    cells = {f"{'ABCDE'[n]}{line}": cell for line, row in enumerate([_HEADER, *rows], 1) for n, cell in enumerate(row)}
    (tmp_path / "t.xlsx").write_bytes(make.xlsx(cells))
    with sqlite3.connect(tmp_path / "t.db") as database:
        database.execute(f"CREATE TABLE patients ({', '.join(_HEADER)})")
        database.executemany("INSERT INTO patients VALUES (?, ?, ?, ?, ?)", rows)
        database.execute("CREATE TABLE empty (a)")
    database.close()
    expected = _told(_csv(tmp_path / "t.csv", rows), *_OPTIONS)[1]["assessment"]
    for place in (tmp_path / "t.parquet", tmp_path / "t.xlsx"):
        assert _told(place, *_OPTIONS)[1]["assessment"] == expected
    for named in (str(tmp_path / "t.db"), f"sqlite:///{tmp_path / 't.db'}"):
        assert _told(named, *_OPTIONS, "--table", "patients")[1]["assessment"] == expected


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--quasi", "weight"), "no such column"),
        (("--quasi", "age", "--sensitive", "age"), "either"),
        (("--table", "Sheet9"), "no such table"),
    ],
)
def test_what_cannot_be_asked_is_said(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    code, _, err = waybill("anonymity", _csv(tmp_path / "patients.csv", _ROWS), *arguments)
    assert code == 2
    assert said in err


def test_a_table_in_which_nothing_is_recognised_asks_for_columns(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("alpha,beta\nx,y\nz,w\n", encoding="utf-8")
    code, _, err = waybill("anonymity", tmp_path / "t.csv")
    assert code == 2
    assert "--quasi" in err
    assert "alpha, beta" in err


def test_what_holds_no_table_is_no_input(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("A letter.\n", encoding="utf-8")
    assert waybill("anonymity", tmp_path / "t.txt", "--quasi", "a")[0] == 3
