"""The mapping language: what expressions give, and what is said about mapping files that are wrong."""

from __future__ import annotations

import pickle
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.collect.samples import USB, ndjson, read_bytes, rejected, rows

from waybill.collect import built_in_mappings, load_mapping
from waybill.collect.expression_reader import MAPPABLE
from waybill.collect.mapping import Mapping, parse_mapping
from waybill.model import transfers
from waybill.model.errors import RuleError

HEAD = 'name = "x"\nformat = "ndjson"\n[recognise]\nrequire = ["t"]\n[columns]\ntime = "t"\n'
NOW = "2026-03-04T05:06:07Z"


def mapping(columns: str = 'action = "a"', after: str = "") -> Mapping:
    return parse_mapping(f"{HEAD}{columns}\n{after}", "x.toml")


def values(folder: Path, column: str, expression: str, *records: dict[str, Any]) -> list[Any]:
    """Return what an expression gives for some records."""
    action = "" if column == "action" else 'action = { value = "copy" }\n'
    found = read_bytes(
        folder, ndjson({"t": NOW, **record} for record in records), mapping(f"{action}{column} = {expression}")
    )
    assert rejected(found) == []
    return [row[column] for row in rows(found)]


def test_a_path_picks_a_field_and_nested_ones(tmp_path: Path) -> None:
    records: list[dict[str, Any]] = [
        {"a": {"b": "x"}},
        {"a.b": "y"},
        {"a": {"b": None}},
        {"a": "z"},
        {"a": {"b": 7}},
        {},
    ]
    assert values(tmp_path, "asset", '"a.b"', *records) == ["x", "y", None, None, "7", None]


def test_lists_are_joined(tmp_path: Path) -> None:
    records: list[dict[str, Any]]
    records = [{"a": ["x", 2, True]}, {"a": [{"n": "x"}, {"n": "y", "m": 1}]}, {"a": []}, {"a": [[["x"]], "y"]}]
    assert values(tmp_path, "asset", '"a"', *records) == ["x\x1f2\x1ftrue", None, None, "x\x1fy"]
    assert values(tmp_path, "asset", '"a.n"', *records) == [None, "x\x1fy", None, None]


@pytest.mark.parametrize(
    "odd",
    [
        '{"d":[' * 400 + "1" + "]}" * 400,
        '{"d":' * 100 + "1" + "}" * 100,
        "[" * 100 + "1" + "]" * 100,
        '{"' + "x" * 1001 + '":{"y":1}}',
    ],
)
def test_records_that_are_nested_too_deeply_are_told(tmp_path: Path, odd: str) -> None:
    line = f'{{"t":"{NOW}","a":"copy","x":{odd}}}'.encode()
    good = ndjson([{"t": NOW, "a": "copy", "n": [1]}])
    found = read_bytes(tmp_path, good + line + b"\n" + good, mapping())
    assert [row["position"] for row in rows(found)] == [1, 3]
    (told,) = rejected(found)
    assert (told.position, told.reason, told.raw) == (2, "the record is nested too deeply", line)
    document = b"[" + good.strip() + b"," + line + b"]"
    found = read_bytes(tmp_path, document, parse_mapping(HEAD.replace("ndjson", "json") + 'action = "a"', "x.toml"))
    assert [row["position"] for row in rows(found)] == [1]
    assert rejected(found)[0].position == 2


def test_long_lists_take_time_in_proportion(tmp_path: Path) -> None:
    record = {"t": NOW, "a": "copy", "n": list(range(300_000)), "m": [{"k": "v"}] * 100_000}
    began = time.process_time()
    (row,) = rows(read_bytes(tmp_path, ndjson([record]), mapping()))
    assert len(dict(row["fields"])["n"].split("\x1f")) == 300_000
    assert time.process_time() - began < 5


def test_the_first_field_that_is_there(tmp_path: Path) -> None:
    records: list[dict[str, Any]] = [
        {"a": "1", "b": "2"},
        {"b": "2"},
        {"a": None, "b": "2"},
        {"a": "", "b": "2"},
        {"a": 0, "b": "2"},
    ]
    assert values(tmp_path, "asset", '{ from = ["a", "b"] }', *records) == ["1", "2", "2", "2", "0"]


def test_a_constant(tmp_path: Path) -> None:
    assert values(tmp_path, "channel", '{ value = "usb" }', {}, {}) == ["usb", "usb"]


def test_a_table_prefers_exact_names_and_then_the_first_pattern(tmp_path: Path) -> None:
    table = '{ "Get*" = "read", GetObject = "download", "*Object" = "copy", "4" = "print" }'
    expression = f'{{ from = "a", map = {table}, default = "other" }}'
    records: list[dict[str, Any]] = [{"a": name} for name in ("GetObject", "GetX", "PutObject", "x", 4, None)]
    assert values(tmp_path, "action", expression, *records) == ["download", "read", "copy", "other", "print", "other"]


def test_a_template_is_empty_where_a_field_is_missing(tmp_path: Path) -> None:
    records: list[dict[str, Any]] = [{"b": "x", "k": {"n": 1}}, {"b": "x"}, {"b": "100%s", "k": {"n": True}}]
    assert values(tmp_path, "asset", '{ template = "s3://{b}/{k.n}%" }', *records) == [
        "s3://x/1%",
        None,
        "s3://100%s/true%",
    ]


def test_a_part_is_extracted(tmp_path: Path) -> None:
    records = [{"a": "https://x.example/y"}, {"a": "none"}]
    assert values(tmp_path, "to_place", "{ from = \"a\", extract = '://([^/]+)' }", *records) == ["x.example", None]


def test_a_number_is_scaled(tmp_path: Path) -> None:
    records: list[dict[str, Any]] = [{"a": 3}, {"a": "3"}, {"a": 1.5}, {"a": ""}, {}]
    assert values(tmp_path, "bytes", '{ from = "a", scale = 1024 }', *records) == [3072, 3072, 1536, None, None]
    assert values(tmp_path, "quantity", '{ from = "a", scale = 0.5 }', *records) == [1.5, 1.5, 0.75, None, None]


@pytest.mark.parametrize(
    ("expression", "value", "expected"),
    [
        ('"t"', "2026-03-04T05:06:07Z", "2026-03-04T05:06:07"),
        ('"t"', "2026-03-04 05:06:07.123456", "2026-03-04T05:06:07.123456"),
        ('"t"', "2026-03-04T05:06:07.1234567Z", "2026-03-04T05:06:07.123456"),
        ('"t"', "2026-03-04T13:06:07+08:00", "2026-03-04T05:06:07"),
        ('"t"', "20260304T050607Z", "2026-03-04T05:06:07"),
        ('"t"', 1772600767, "2026-03-04T05:06:07"),
        ('"t"', 1772600767.5, "2026-03-04T05:06:07.500000"),
        ('"t"', 1772600767123, "2026-03-04T05:06:07.123000"),
        ('"t"', "1772600767123456", "2026-03-04T05:06:07.123456"),
        ('"t"', 134170743671234567, "2026-03-04T05:06:07.123456"),
        ('{ from = "t", zone = "Asia/Shanghai" }', "2026-03-04 13:06:07", "2026-03-04T05:06:07"),
        ('{ from = "t", zone = "Asia/Shanghai" }', "2026-03-04 05:06:07Z", "2026-03-04T05:06:07"),
        ('{ from = "t", format = "epoch" }', "1772600767", "2026-03-04T05:06:07"),
        ('{ from = "t", format = "epoch-ms" }', 1772600767123, "2026-03-04T05:06:07.123000"),
        ('{ from = "t", format = "epoch-us" }', 1772600767123456, "2026-03-04T05:06:07.123456"),
        ('{ from = "t", format = "filetime" }', "134170743671234567", "2026-03-04T05:06:07.123456"),
        ('{ from = "t", format = "%d/%m/%Y %H:%M" }', "04/03/2026 05:06", "2026-03-04T05:06:00"),
        (
            '{ from = "t", format = "%d/%m/%Y %H:%M", zone = "Europe/Berlin" }',
            "04/07/2026 05:06",
            "2026-07-04T03:06:00",
        ),
        ('{ from = "t", format = "%d/%b/%Y:%H:%M:%S %z" }', "04/Mar/2026:05:06:07 +0100", "2026-03-04T04:06:07"),
    ],
)
def test_times(tmp_path: Path, expression: str, value: Any, expected: str) -> None:
    text = HEAD.replace('time = "t"', f'action = {{ value = "copy" }}\ntime = {expression}')
    (row,) = rows(read_bytes(tmp_path, ndjson([{"t": value}]), parse_mapping(text, "x.toml")))
    assert row["time"] == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_one_odd_time_does_not_change_the_others(tmp_path: Path) -> None:
    times = [NOW, "noon", 1772600767, "2026-03-04 05:06:07", None, "1e999999999"]
    found = read_bytes(tmp_path, ndjson({"t": time} for time in times), mapping('action = { value = "copy" }'))
    assert [row["position"] for row in rows(found)] == [1, 3, 4]
    assert len({row["time"] for row in rows(found)}) == 1
    assert [one.position for one in rejected(found)] == [2, 5, 6]


WHENS = """
action = { value = "other" }
asset = "f"
[[when]]
match = { op = ["get", "list*"] }
columns = { action = { value = "read" } }
[[when]]
match = { op = "get", ok = true }
columns.action = { value = "download" }
columns.bytes = { from = "n", scale = 2 }
columns.time = { from = "u", format = "epoch" }
"""


def test_later_blocks_win_where_all_their_conditions_hold(tmp_path: Path) -> None:
    records = [
        {"t": NOW, "op": "put", "n": 1},
        {"t": NOW, "op": "get", "n": 2, "ok": False},
        {"t": NOW, "op": "get", "n": 3, "ok": True, "u": 1772600768},
        {"t": NOW, "op": "list-all", "f": "x"},
        {"t": NOW, "op": "get", "n": "many", "ok": True, "u": 1772600768},
        {"t": NOW, "op": "get", "n": 4, "ok": True, "u": 1772600769},
    ]
    found = read_bytes(tmp_path, ndjson(records), mapping(WHENS))
    got = [(row["position"], row["action"], row["bytes"], row["time"].second) for row in rows(found)]
    assert got == [
        (1, "other", None, 7),
        (2, "read", None, 7),
        (3, "download", 6, 8),
        (4, "read", None, 7),
        (6, "download", 8, 9),
    ]
    assert [(one.position, one.field) for one in rejected(found)] == [(5, "bytes")]


def test_fields_that_a_column_took_can_be_left_out(tmp_path: Path) -> None:
    record = {"t": NOW, "a": "copy", "f": "x", "g": 1, "e": None}
    for fields, expected in (("all", {"t": NOW, "a": "copy", "f": "x", "g": "1"}), ("rest", {"f": "x", "g": "1"})):
        text = f'fields = "{fields}"\n{HEAD}action = "a"\nasset = {{ template = "{{f}}" }}'
        (row,) = rows(read_bytes(tmp_path, ndjson([record]), parse_mapping(text, "x.toml")))
        assert dict(row["fields"]) == expected


def test_users_mappings_come_first_and_the_source_can_be_renamed(tmp_path: Path) -> None:
    record = {"time": NOW, "action": "copy", "channel": "usb", "t": NOW, "a": "read"}
    (row,) = rows(read_bytes(tmp_path, ndjson([record]), mapping()))
    assert (row["source"], row["action"], row["logsource"]) == ("x", "read", None)
    (row,) = rows(read_bytes(tmp_path, ndjson([record])))
    assert (row["source"], row["action"], row["logsource"]) == ("waybill", "copy", "waybill/transfer/")


def test_a_mapping_without_a_header_in_the_file(tmp_path: Path) -> None:
    text = (
        'name = "x"\nformat = "csv"\n[csv]\ndelimiter = ";"\nheader = ["t", "who", "what"]\n[columns]\n'
        'time = "t"\nactor = "who"\nasset = "what"\naction = { value = "copy" }'
    )
    content = f"{NOW};ann;a\n{NOW};bob;b;c\n".encode()
    found = read_bytes(tmp_path, content, parse_mapping(text, "x.toml"))
    assert [row["asset"] for row in rows(found)] == ["a"]
    assert rejected(found)[0].raw == f"{NOW};bob;b;c".encode()


@pytest.mark.parametrize("wrapped", [True, False])
def test_documents(tmp_path: Path, wrapped: bool) -> None:
    text = f'records = "log.Records"\n{HEAD}action = "a"'.replace('"ndjson"', '["json", "ndjson"]')
    records = [{"t": NOW, "a": "copy", "n": number} for number in range(3)]
    for option in (0, orjson.OPT_INDENT_2):
        content = orjson.dumps({"log": {"Records": records}} if wrapped else records, option=option)
        found = rows(read_bytes(tmp_path, content, parse_mapping(text, "x.toml")))
        assert [row["position"] for row in found] == [1, 2, 3]
    single = orjson.dumps(records[0], option=orjson.OPT_INDENT_2)
    assert len(rows(read_bytes(tmp_path, single, parse_mapping(text, "x.toml")))) == 1


@pytest.mark.parametrize(
    ("text", "where", "what", "expected"),
    [
        ("name = ", "x.toml", "not TOML", ""),
        ("", "name", "'name' is missing", "a string"),
        ('name = "X y"', "name", "not a source name", "lower-case"),
        ('name = "x"', "columns.time", "no expression for the column 'time'", "time = "),
        (HEAD.replace('"ndjson"', '"xml"'), "format", "unknown format 'xml'", "ndjson"),
        (HEAD.replace('format = "ndjson"\n', ""), "format", "missing", "ndjson"),
        (HEAD + 'encoding = "utf-9"', "columns.encoding", "unknown key", ""),
        ('encoding = "utf-9"\n' + HEAD, "encoding", "unknown encoding", "gb18030"),
        ("colums = 1\n" + HEAD, "colums", "unknown key", "columns"),
        ('logsource = "aws"\n' + HEAD, "logsource", "not a log source", "product/category/service"),
        ('reader = "magic"\n' + HEAD, "reader", "unknown reader", "windows"),
        ('fields = "some"\n' + HEAD, "fields", "unknown fields", "rest"),
        (HEAD + 'actoin = "a"', "columns.actoin", "unknown key", "action"),
        (HEAD + 'id = "a"', "columns.id", "unknown key", ""),
        (HEAD + "asset = 7", "columns.asset", "not a table", "TOML table"),
        (HEAD + "asset = { }", "columns.asset", "exactly one source", "from, template, value"),
        (HEAD + 'asset = { from = "a", value = "b" }', "columns.asset", "exactly one source", ""),
        (HEAD + "asset = { from = [] }", "columns.asset.from", "names no field", ""),
        (HEAD + "asset = { from = [7] }", "columns.asset.from", "not a list of names", ""),
        (HEAD + 'asset = { template = "" }', "columns.asset.template", "empty", ""),
        (HEAD + 'asset = { from = "a", scale = 2 }', "columns.asset.scale", "no meaning", ""),
        (HEAD + 'bytes = { from = "a", scale = -2 }', "columns.bytes.scale", "not a factor", "above 0"),
        (HEAD + 'asset = { from = "a", extract = "(" }', "columns.asset.extract", "not a regular expression", ""),
        (HEAD + 'asset = { from = "a", extract = "a" }', "columns.asset.extract", "0 groups", "one group"),
        (HEAD + 'action = { value = "downlod" }', "columns.action", "not a word of 'action'", "download"),
        (HEAD + 'action = { from = "a", map = { x = "y" } }', "columns.action", "not a word of 'action'", "copy"),
        (HEAD + 'outcome = { from = "a", default = "maybe" }', "columns.outcome", "not a word", "failure"),
        (
            HEAD.replace('"t"\n', '{ from = "t", format = "rfc" }\n'),
            "columns.time.format",
            "unknown time format",
            "epoch",
        ),
        (HEAD.replace('"t"\n', '{ from = "t", zone = "Mars" }\n'), "columns.time.zone", "unknown time zone", "Asia/"),
        (HEAD.replace('["t"]', "[[]]"), "recognise.require", "not a list of names", "do alike"),
        (HEAD.replace('["t"]', '[["t", 5]]'), "recognise.require", "not a list of names", ""),
        ('each = "a"\n' + HEAD.replace('"ndjson"', '["csv", "json"]'), "each", "no lists to divide", "JSON"),
        (HEAD + "[csv]\ndelimiter = ', '", "csv.delimiter", "not a delimiter", "one ASCII"),
        (HEAD + "[[when]]\ncolumns = {}", "when 1.match", "no condition", ""),
        (HEAD + "[[when]]\nmatch = { a = [] }", "when 1.match.a", "neither a value", ""),
        (
            HEAD + '[[when]]\nmatch = { a = 1 }\ncolumns = { actio = "a" }',
            "when 1.columns.actio",
            "unknown key",
            "action",
        ),
    ],
)
def test_what_is_wrong_in_a_mapping_is_named(text: str, where: str, what: str, expected: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse_mapping(text, "x.toml")
    assert caught.value.where.endswith(where)
    assert "x.toml" in caught.value.where
    assert what in caught.value.what
    assert expected in caught.value.expected + caught.value.advice


def test_a_mapping_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="cannot be read"):
        load_mapping(tmp_path / "missing.toml")
    (tmp_path / "x.toml").write_bytes(b"\xff")
    with pytest.raises(RuleError, match="not UTF-8"):
        load_mapping(tmp_path / "x.toml")


def test_mappings_travel_to_workers() -> None:
    for one in (*built_in_mappings(), USB, mapping(WHENS)):
        assert pickle.loads(pickle.dumps(one)) == one


def test_the_native_mapping_maps_every_column_to_itself() -> None:
    (native,) = (one for one in built_in_mappings() if one.name == "waybill")
    assert {name for name, _ in native.columns} == set(MAPPABLE)
    assert all(expression.paths in ((name,), ()) for name, expression in native.columns)
    assert set(MAPPABLE) < set(transfers.NAMES)
