"""Exact data match: records are found by what stands together, and nothing plain is at rest."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from waybill.content import ExactTable, register_table
from waybill.model.errors import DamagedError, InputError, UsageError

_KEY = bytes(range(16))
_TABLE = pa.table(
    {
        "id": ["110105199003070033", "310105198001011234", "6222 0212 3456 7894"],
        "phone": ["13900001234", "13911112222", "138-0000-1111"],
        "mail": ["li.ming@example.org", None, "john@example.cn"],
        "name": ["李明", "欧阳晓云", "John Smith"],
    }
)


@pytest.fixture
def registered(tmp_path: Path) -> Path:
    file = tmp_path / "staff.exact"
    register_table(_TABLE, file, _KEY, searched=["id", "phone", "mail"])
    return file


def _found(file: Path, text: str, **given: int) -> list[tuple[int, tuple[str, ...]]]:
    return [(one.row, one.columns) for one in ExactTable(file, _KEY).scan(text.encode(), **given)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("110105199003070033,13900001234", [(0, ("id", "phone"))]),
        ("电话 139 0000 1234 邮箱 Li.Ming@Example.org", [(0, ("phone", "mail"))]),
        ("李明的电话是13900001234。", [(0, ("phone", "name"))]),
        ("6222021234567894 属于 JOHN SMITH", [(2, ("id", "name"))]),
        ("13900001234 和 欧阳晓云", []),
        ("13900001234", []),
        ("13900001234 13911112222", []),
        ("139000012345 李明", []),
    ],
)
def test_a_record_is_found_where_enough_of_it_stands_together(
    registered: Path, text: str, expected: list[tuple[int, tuple[str, ...]]]
) -> None:
    assert _found(registered, text) == expected


def test_one_column_is_enough_where_that_is_asked_for(registered: Path) -> None:
    assert _found(registered, "13911112222", least=1) == [(1, ("phone",))]


def test_what_stands_far_apart_is_not_one_record(registered: Path) -> None:
    text = "110105199003070033" + " " * 500 + "13900001234"
    assert _found(registered, text) == []
    assert _found(registered, text, within=600) == [(0, ("id", "phone"))]


def test_places_reach_around_all_that_was_found(registered: Path) -> None:
    data = "…李明，电话13900001234…".encode()
    (match,) = ExactTable(registered, _KEY).scan(data)
    assert data[match.start : match.end].decode() == "李明，电话13900001234"


def test_the_share_of_a_table_counts_each_record_once(registered: Path) -> None:
    table = ExactTable(registered, _KEY)
    found = table.scan(("110105199003070033,13900001234\n" + " " * 500).encode() * 2)
    assert len(found) == 2
    assert table.share(found) == pytest.approx(1 / 3)


def test_no_plain_value_is_in_the_file(registered: Path) -> None:
    content = registered.read_bytes()
    for column in _TABLE.columns:
        for value in column.to_pylist():
            assert value is None or value.encode() not in content


def test_another_key_is_refused_and_gives_other_hashes(registered: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="key"):
        ExactTable(registered, bytes(16))
    register_table(_TABLE, tmp_path / "other", bytes(16), searched=["id", "phone", "mail"])
    assert (tmp_path / "other").read_bytes()[-4096:] != registered.read_bytes()[-4096:]


def test_values_that_many_rows_share_name_nobody(tmp_path: Path) -> None:
    table = pa.table({"phone": ["4008201234"] * 100 + ["13900001234"], "name": [f"人{n}号" for n in range(101)]})
    made = register_table(table, tmp_path / "t", _KEY, searched=["phone"])
    assert made.common == 1
    assert _found(tmp_path / "t", "4008201234 13900001234", least=1) == [(100, ("phone",))]


@pytest.mark.parametrize("cut", [4, 30, 900])
def test_a_damaged_file_is_told(registered: Path, cut: int) -> None:
    os.truncate(registered, min(cut, registered.stat().st_size - 1))
    with pytest.raises((DamagedError, InputError)):
        ExactTable(registered, _KEY)


def test_searched_columns_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such column"):
        register_table(_TABLE, tmp_path / "t", _KEY, searched=["shoe size"])


def test_records_are_found_far_into_long_data(registered: Path) -> None:
    data = "订单 20261122 数量 17\n".encode() * 30_000 + b"110105199003070033,13900001234"
    (match,) = ExactTable(registered, _KEY).scan(data)
    assert (match.row, match.end) == (0, len(data))


_PROGRAM = """
import sys
from pathlib import Path
import pyarrow as pa
from bench.content_mix import Mix
from waybill.content import ExactTable, register_table
mix, key = Mix(9), bytes(range(16))
data = mix.make(1 << 18)
columns = {name: mix.planted[kind][:30] for name, kind in (("id", "resident"), ("mail", "email"), ("home", "address"))}
register_table(pa.table(columns), Path(sys.argv[1]), key, searched=["id", "mail"])
print(ExactTable(Path(sys.argv[1]), key).scan(data), ExactTable(Path(sys.argv[1]), key).scan(data, least=1))
"""


@pytest.mark.soak
def test_compiled_and_plain_matches_agree(tmp_path: Path) -> None:
    answers = {
        subprocess.run(
            [sys.executable, "-c", _PROGRAM, str(tmp_path / "table")],
            env={**os.environ, "WAYBILL_COMPILED": compiled},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for compiled in ("0", "1")
    }
    assert len(answers) == 1
    assert "ExactMatch" in answers.pop()
