"""Records that are read many at a time become what they become when they are read one by one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.collect.samples import USB, event, ndjson, plan

from waybill.collect import Batch, Plan, rows, scanning
from waybill.collect.flat_lines import MOST_BACKSLASHES, MOST_QUOTES, read_flat
from waybill.collect.mapping import Mapping, built_in_mappings
from waybill.collect.readers import READERS
from waybill.collect.records import Chunk
from waybill.collect.transform import Task, Transformer

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WAYBILL, WINDOWS = (
    next(mapping for mapping in built_in_mappings() if mapping.name == name) for name in ("waybill", "windows")
)
KNOWN = {"Ann Lee": "p-aaaaaaaaaaaaaaaa", "wardog": "p-bbbbbbbbbbbbbbbb"}

TEXTS = st.sampled_from(
    [
        "", "-", "x", "li.na", "LI.NA", "CORP\\li.na", "li.na@corp.example", "Ann Lee", "wardog was here", "王小明",
        "C:\\Users\\li.na\\a.csv", "/home/bob/b", "S-1-5-21-1-2-3-1105", "SYSTEM", "admin", "svc$", "1", "true", "1.0",
        "integrity@ombudsman.example", "https://intranet.example/union/x", 'quo"te', "back\\", "\\\\", "a\x1fb", "\x01",
        "l\u0131ne one\nli.na", "jürgen", "/Date(1772600767000)/", "2026-03-04T05:06:07Z", "{", "}", ":", ",", "[",
        '":{', "\\u0061", "Microsoft-Windows-Windows Defender/Operational", "Security", "4688", "\ud83d\ude00",
    ]
)  # fmt: skip
SCALARS = st.one_of(
    TEXTS,
    st.text(max_size=6),
    st.sampled_from([None, True, False, 0, -1, 1, 1.0, 1e300, 5e-324, -0.0, 2**63, 2**64, 2**70]),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
)
LISTS = st.lists(st.one_of(TEXTS, SCALARS), max_size=3)
VALUES = st.one_of(SCALARS, SCALARS, SCALARS, LISTS, st.dictionaries(TEXTS, SCALARS, max_size=2))

PLAIN_NAMES = st.sampled_from(
    ["actor", "to_party", "to_place", "asset", "bytes", "outcome", "note", "li.na", "user li.na", "", "a.b", "王", '"']
)
WINDOWS_NAMES = st.sampled_from(
    [
        "Hostname", "Computer", "SourceName", "RecordNumber", "EventRecordID", "UtcTime", "TimeCreated", "EventTime",
        "@timestamp", "User", "SubjectUserName", "AccountName", "TargetUserName", "NewProcessName", "Image", "Message",
        "ParentProcessName", "Source Name", "Detection User", "EventData", "Event", "winlog", "System", "event_data",
        "ObjectName", "NewValue", "ProcessName", "Keywords", "DestinationIp", "Initiated", "tags",
    ]
)  # fmt: skip

PLAIN = st.builds(
    lambda base, more: base | more,
    st.builds(lambda number, actor: event(number, actor=actor), st.integers(0, 99), TEXTS),
    st.dictionaries(PLAIN_NAMES, VALUES, max_size=5),
)
EVENTS = st.builds(
    lambda number, channel, more: {"EventID": number, "Channel": channel, "@timestamp": "2026-03-04T05:06:07Z"} | more,
    st.sampled_from([1, "1", 4688, "4688", 4657, 4624, "4625", 11, 3, 1116, None, 4688.0, [4688]]),
    st.sampled_from(
        [
            "Security",
            "security",
            "Microsoft-Windows-Sysmon/Operational",
            "Windows PowerShell",
            "Application",
            None,
            7,
            "Microsoft-Windows-Windows Defender/Operational",
            ["Security"],
        ]
    ),
    st.dictionaries(WINDOWS_NAMES, VALUES, max_size=8),
)

BROKEN = st.sampled_from(
    [
        b"", b" ", b"\t", b"\x0b", b"\r", b"{}", b" {} ", b"[]", b'["a"]', b'"a"', b"1", b"null", b'{"a"}', b'{"a":}',
        b'{"a":"b",}', b'{,"a":"b"}', b'{"a" "b"}', b'{"a":"b" "c":"d"}', b'{"a":"b"}{"c":"d"}', b'{"a":"b"}}',
        b'{"a":"b"', b'"a":"b"}', b'{"a":"b', b'{"a":b"}', b'{"a":\\"b"}', b'{"a":"b\\"}', b'{"a":"\xff"}',
        b'{"a":"\\ud800"}', b'{"a":"\\x"}', b'{"a":"\x00"}', b'{"a":"\t"}', b'{"a":NaN,"b":"c"}', b'{"a":01,"b":"c"}',
        b'{"a":1 2,"b":"c"}', b'{"a":+1,"b":"c"}', b'{"a":[1,"b":2],"c":"d"}', b'{"a":["b":"c"],"d":"e"}',
        b'{"a":["b","c":"d"]}', b'{"a":{"b":"c"},"d":"e"}', b'{"a":[],"b":"c"}', b'{"a":["b",],"c":"d"}',
        b'{"a":["b"]"c":"d"}', b'{"a":["b"],"c":"d"],"e":"f"}', b'{"a":[["b"]],"c":"d"}', b'{"time":1,"time":2}',
        b'{"a":1,2:"b"}', b'{"a":1]}', b'{"a":1,"b":2,}', b'{"a":[1,"b"],"c":2,"d":3]}', b'{"a":tru,"b":"c"}',
        b'{"time":"2026-03-04T05:06:07Z","action":"copy","channel":"usb","actor":"li.na","actor":"bob"}',
        b'{"time":"2026-03-04T05:06:07Z","action":"copy","channel":"usb","asset":"a","\\u0061sset":"b"}',
        b'{"time":"2026-03-04T05:06:07Z","action":"copy","channel":"usb","actor":"l\\u0069.na","x":"li.n\\u0061"}',
        b'{"time":"2026-03-04T05:06:07Z","action":"copy","channel":"usb","x":"integrity\\u0040ombudsman.example"}',
        b'{ "time" : "2026-03-04T05:06:07Z" ,\t"action": "copy","channel":"usb" , "actor": "li.na", "n" : 1 }\r',
        b'{"time":"2026-03-04T05:06:07Z","action":"copy","channel":"usb","l":[ "a" , "b" ] ,"m":["c"]}',
        b'{"time":"2026-03-04T05:06:07Z","action":"copy","channel":"usb","x":"%b"}'
        % (b"\\" * 2 * MOST_BACKSLASHES),
    ]
)  # fmt: skip


@st.composite
def written(draw: st.DrawFn, records: st.SearchStrategy[dict[str, Any]]) -> bytes:
    """Return records as lines in one of the ways in which programs write them, and broken lines among them."""
    style = draw(st.sampled_from(["compact", "python", "ascii"]))
    lines: list[bytes] = []
    for one in draw(st.lists(st.one_of(records, records, records, BROKEN), min_size=1, max_size=12)):
        if isinstance(one, bytes):
            lines.append(one)
        else:
            separators = (", ", ": ") if style == "python" else (",", ":")
            line = json.dumps(one, ensure_ascii=style != "compact", separators=separators)
            lines.append(line.encode(errors="surrogatepass"))
    return b"\n".join(lines) + draw(st.sampled_from([b"", b"\n", b"\n\n", b"\r\n"]))


@settings(max_examples=60, deadline=None)
@given(written(PLAIN), st.booleans())
def test_own_format(content: bytes, register: bool) -> None:
    _same(content, WAYBILL, register)


@settings(max_examples=60, deadline=None)
@given(written(EVENTS), st.booleans())
def test_windows_events(content: bytes, register: bool) -> None:
    _same(content, WINDOWS, register)


@settings(max_examples=15, deadline=None)
@given(
    written(
        st.builds(
            lambda more: {"when": "2026-03-04 05:06:07", "event": "READ"} | more,
            st.dictionaries(st.sampled_from(["employee", "file", "kbytes", "x"]), VALUES, max_size=4),
        )
    )
)
def test_a_users_mapping(content: bytes) -> None:
    _same(content, USB, False)


def _same(content: bytes, mapping: Mapping, register: bool) -> None:
    many, one = _batch(content, mapping, register, many=True), _batch(content, mapping, register, many=False)
    assert many.rejected == one.rejected
    assert many.protected == one.protected
    assert many.transfers.num_rows == one.transfers.num_rows
    for found, expected in zip(many.transfers.to_pylist(), one.transfers.to_pylist(), strict=True):
        assert _read(found, mapping) == _read(expected, mapping)
    assert {*many.identities} == {*one.identities}


def _batch(content: bytes, mapping: Mapping, register: bool, *, many: bool) -> Batch:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "can_be_flat", lambda chunk, mapping: many)
        return Transformer(_plan(register)).batch(Task("log", Chunk("ndjson", content), mapping, NOW))


@cache
def _plan(register: bool) -> Plan:
    return plan(known=KNOWN if register else None)


def _read(row: dict[str, Any], mapping: Mapping) -> dict[str, Any]:
    """Return a row with its record as it is understood: which reader saw it first does not matter."""
    record = orjson.loads(row["raw"])
    reader = READERS.get(mapping.reader)
    return row | {"raw": reader(record) if reader else record, "fields": dict(row["fields"])}


@pytest.mark.parametrize("line", [line for line in BROKEN.elements if line.strip()])  # type: ignore[attr-defined]
def test_lines_beside_a_broken_one_are_read_many_at_a_time(line: bytes) -> None:
    flat = read_flat(ndjson([event(1), line, event(2)]))
    if flat is not None:  # too many backslashes
        assert {0, 2} <= {*flat.lines.tolist()} <= {0, 1, 2}


def test_what_is_flat_is_read_many_at_a_time() -> None:
    chunk = Chunk("ndjson", ndjson(event(i, tags=["a", "b"], size=i, more=None) for i in range(50)), first=7)
    assert rows.can_be_flat(chunk, WAYBILL)
    some, rest = rows.flat_rows(chunk, WAYBILL, 1 << 20, scanning.PLAIN)
    assert some is not None
    assert rest is None
    assert some.positions == list(range(7, 57))


def test_what_is_nested_is_not_tried() -> None:
    chunk = Chunk("ndjson", ndjson(event(i, more={"a": {"b": i}}) for i in range(50)))
    assert not rows.can_be_flat(chunk, WAYBILL)


def test_a_line_of_nothing_but_quotes_costs_itself_alone() -> None:
    content = ndjson([event(1), b'"' * (MOST_QUOTES + 2), event(2)])
    batch = Transformer(plan()).batch(Task("log", Chunk("ndjson", content), WAYBILL, NOW))
    assert batch.transfers["position"].to_pylist() == [1, 3]
    assert [(one.position, one.reason) for one in batch.rejected] == [(2, "the line is not JSON")]


def test_a_record_that_is_too_large_is_left_to_whoever_says_so() -> None:
    content = ndjson([event(1), event(2, note="x" * 5_000)])
    batch = Transformer(plan(record_bytes=4_000)).batch(Task("log", Chunk("ndjson", content), WAYBILL, NOW))
    assert batch.transfers.num_rows == 1
    assert [one.reason for one in batch.rejected] == ["the record is too large"]
