"""Records that tell of several things, cells that hold records, and lists of named values."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.collect.samples import ndjson, read_bytes, rejected, rows

from waybill.collect.dividing import divided
from waybill.collect.mapping import Mapping, parse_mapping
from waybill.collect.pairs import named
from waybill.collect.records import Parsed

TIME = "2026-03-04T05:06:07Z"


def mapping(more: str) -> Mapping:
    """Return a mapping with another first part."""
    columns = 'time = "t"\naction = { value = "read" }\nasset = { from = ["e.of.name", "file"] }'
    return parse_mapping(f'name = "x"\n{more}\n[columns]\n{columns}', "x.toml")


EACH = mapping('format = ["ndjson", "json"]\neach = "e.of"\n[recognise]\nrequire = ["t", ["e", "f"]]')
CELL = mapping('format = "csv"\n[csv]\njson = "Data"')


def test_each_member_of_a_list_is_a_transfer(tmp_path: Path) -> None:
    record = {"t": TIME, "e": {"of": [{"name": "a"}, {"name": "b"}, {"name": "b"}], "at": 5}}
    found = rows(read_bytes(tmp_path, ndjson([record, {"t": TIME, "f": 1}]), EACH))
    assert [(row["asset"], row["position"]) for row in found] == [("a", 1), ("b", 1), ("b", 1), (None, 2)]
    assert {dict(row["fields"]).get("e.at") for row in found[:3]} == {"5"}
    assert len({row["id"] for row in found}) == 4


def test_parts_that_were_rejected_are_read_again_as_they_were(tmp_path: Path) -> None:
    record = {"t": "noon", "e": {"of": [{"name": "a"}, {"name": "b"}]}}
    told = rejected(read_bytes(tmp_path, ndjson([record, {"t": TIME, "e": {}}]), EACH))
    assert [one.position for one in told] == [1, 1]
    again = rejected(read_bytes(tmp_path, b"\n".join(one.raw for one in told), EACH))
    assert [one.raw for one in again] == [one.raw for one in told]


JSON = st.recursive(
    st.none() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["e", "of", "g", "name"]), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["e", "g", "h"]), JSON))
def test_dividing_keeps_every_member_once_and_dividing_again_changes_nothing(record: dict[str, Any]) -> None:
    parsed = Parsed()
    parsed.add(orjson.dumps(record), record, 7)
    once = divided(parsed, ["e.of", "g"])
    assert divided(once, ["e.of", "g"]) == once
    members = [member for one in once.records for member in listed(one)]
    assert members == listed(record)
    assert set(once.positions) == {7}


def listed(record: dict[str, Any]) -> list[Any]:
    """Return the members of both lists."""
    inner = record.get("e")
    of, g = inner.get("of") if isinstance(inner, dict) else None, record.get("g")
    return [*(of if isinstance(of, list) else []), *(g if isinstance(g, list) else [])]


def as_csv(*cells: tuple[str, str]) -> bytes:
    """Return a file with a time and a cell a line."""
    text = io.StringIO()
    csv.writer(text).writerows([("t", "Data"), *cells])
    return text.getvalue().encode()


def test_a_cell_holds_a_record(tmp_path: Path) -> None:
    content = as_csv((TIME, '{"file": "a,\\n\\"b\\"", "deep": {"x": 1}}'), (TIME, ""))
    one, two = rows(read_bytes(tmp_path, content, CELL))
    assert (one["asset"], dict(one["fields"])["deep.x"], one["raw"][:1]) == ('a,\n"b"', "1", b"{")
    assert two["asset"] is None


def test_the_record_wins_over_the_cells_beside_it(tmp_path: Path) -> None:
    (row,) = rows(read_bytes(tmp_path, as_csv(("noon", f'{{"t": "{TIME}"}}')), CELL))
    assert row["time"].hour == 5


@pytest.mark.parametrize("cell", ["{", "[]", "5", '{"a": NaN}'])
def test_a_cell_that_holds_no_record_is_told(tmp_path: Path, cell: str) -> None:
    found = read_bytes(tmp_path, as_csv((TIME, "{}"), (TIME, cell)), CELL)
    assert len(rows(found)) == 1
    (told,) = rejected(found)
    assert (told.position, told.reason) == (3, "the cell is not a JSON object")
    assert "'Data'" in told.advice
    assert told.raw.startswith(b"t,Data")


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ([{"Name": "To", "Value": "a"}], {"To": "a"}),
        ([{"name": "to", "multiValue": ["a", "b"]}, {"name": "on", "boolValue": True}], {"to": ["a", "b"], "on": True}),
        ([{"Name": "X", "OldValue": "1", "NewValue": "2"}], {"X": {"OldValue": "1", "NewValue": "2"}}),
        ([{"name": "m", "messageValue": {"parameter": [{"name": "i", "intValue": "5"}]}}], {"m": {"i": "5"}}),
        ([{"Name": "a", "Value": 1}, {"Name": "a", "Value": 2}], {"a": [1, 2]}),
        ([{"Name": "a"}], {"a": {}}),
        ([{"Name": "a", "Value": 1}, 5], [{"Name": "a", "Value": 1}, 5]),
        ([{"Name": "a", "name": "b"}], [{"Name": "a", "name": "b"}]),
        ([], []),
        ("text", "text"),
    ],
)
def test_lists_of_named_values_are_objects(members: Any, expected: Any) -> None:
    assert named(members) == expected
