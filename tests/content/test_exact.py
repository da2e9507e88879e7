"""Exact data match: records are found by what stands together, and nothing plain is at rest."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from waybill.content import ExactTable, register_table
from waybill.content.exact import RecordLibrary, RecordSearch, RecordTable, searchable
from waybill.content.inspecting import inspect
from waybill.content.parsing import End, Place, Segment, Table
from waybill.model.errors import DamagedError, InputError, UsageError
from waybill.model.words import Grade

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


def test_a_file_that_was_changed_is_told(registered: Path) -> None:
    content = bytearray(registered.read_bytes())
    content[len(content) // 2] ^= 1
    registered.write_bytes(content)
    with pytest.raises(DamagedError, match="not as it was written"):
        ExactTable(registered, _KEY)


def kept(folder: Path, values: pa.Table = _TABLE, least: int = 2) -> RecordLibrary:
    """Return a library with one table, called staff."""
    library = RecordLibrary(folder, bytes(32))
    table = RecordTable(
        id="staff-1",
        name="staff",
        registered=datetime(2026, 3, 2, tzinfo=UTC),
        columns=tuple(values.column_names),
        searched=searchable(values),
        rows=values.num_rows,
        least=least,
    )
    library.register(table, values)
    return library


def test_a_library_keeps_what_is_known_of_a_table_and_no_value(tmp_path: Path) -> None:
    library = kept(tmp_path / "documents")
    (table,) = library.tables()
    assert (table.name, table.columns, table.searched) == ("staff", ("id", "phone", "mail", "name"), table.columns[:3])
    plain = [value.encode() for column in _TABLE.columns for value in column.to_pylist() if value]
    for path in (tmp_path / "documents").rglob("*"):
        assert not any(value in path.read_bytes() for value in plain)
    before = library.version()
    assert library.remove("staff-1")
    assert (library.remove("staff-1"), library.tables(), library.version() == before) == (False, [], False)


def test_columns_that_can_be_looked_for_are_told_by_most_of_their_values() -> None:
    table = pa.table(
        {
            "phone": ["+86 139 0000 1234", "13911112222", "unknown"],
            "mail": ["a.b@example.org", "", "c@example.cn"],
            "plate": ["京A12345", "沪B54321", "粤C11111"],
            "code": ["RX-2024-001", "RX-2024-002", "RX-2024-003"],
            "nothing": ["", "", ""],
        }
    )
    assert searchable(table) == ("phone", "mail")


def _piece(text: str) -> Segment:
    return Segment(Place(), text.encode())


def test_records_are_counted_once_over_all_pieces_of_a_file(tmp_path: Path) -> None:
    search = RecordSearch(kept(tmp_path).opened())
    search.add(Table(Place(), ("", ""), ((), ())))
    search.add(_piece(""))
    wide = ("x" * 900,)
    for piece in (
        _piece("李明的电话是13900001234。"),
        _piece("110105199003070033,13900001234"),
        Table(Place(), ("phone", "note", "name"), (("138-0000-1111",), wide, ("John Smith",))),
    ):
        search.add(piece)
    (match,) = search.matches()
    assert (match.table.name, match.records) == ("staff", 2)
    assert match.share == pytest.approx(2 / 3)


def test_as_many_columns_are_asked_for_as_were_registered(tmp_path: Path) -> None:
    for least, expected in ((1, 1), (3, 0)):
        search = RecordSearch(kept(tmp_path, least=least).opened())
        search.add(_piece("13911112222"))
        assert sum(match.records for match in search.matches()) == expected


def test_an_inspection_says_the_share_and_grades_by_it(tmp_path: Path) -> None:
    numbers = [f"1390000{n:04d}" for n in range(40)]
    people = pa.table({"phone": numbers, "mail": [f"p{n:04d}@example.org" for n in range(40)]})
    lines = "\n".join(f"手机 {row['phone']} {row['mail']}" for row in people.slice(0, 30).to_pylist())
    found = inspect([_piece(lines), End("text", 0)], tables=list(kept(tmp_path, people).opened()))
    assert [(match.records, match.share) for match in found.records] == [(30, 0.75)]
    assert (found.grade, found.rule) == (Grade.SENSITIVE, "coverage")
    assert inspect([_piece(lines), End("text", 0)]).records == ()


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
