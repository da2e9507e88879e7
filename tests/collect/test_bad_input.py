"""Bad input: whatever is wrong with one record or file, the rest goes on, and it is told what was wrong and where."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.collect.samples import USB, event, ndjson, plan, read_bytes, rejected, rows

from waybill.collect import Rejected, collect
from waybill.collect.mapping import parse_mapping
from waybill.model.errors import InputError


def only_bad(folder: Path, bad: Any) -> Rejected:
    """Read a bad record between two good ones, and return what is told of it."""
    batches = read_bytes(folder, ndjson([event(1), bad, event(2)]))
    assert [row["position"] for row in rows(batches)] == [1, 3]
    (found,) = rejected(batches)
    assert (found.source, found.file, found.position) == ("waybill", "log", 2)
    assert found.expected
    return found


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"time": "2026-03-04T05:06:07Z", "action"', "the line is not JSON"),
        (b'{"time": NaN}', "the line is not JSON"),
        (b'{"bytes": 1e999}', "the line is not JSON"),
        (b"[1, 2]", "the JSON value is not an object"),
        (b'"text"', "the JSON value is not an object"),
        (b'{"time": "2026"}\0\0\0', "the line holds NUL bytes"),
        (b"\xff\xfe\xfd", "the bytes are not UTF-8"),
        (b'{"a": "\\ud800"}', "the line is not JSON"),
    ],
)
def test_lines_that_cannot_be_parsed(tmp_path: Path, line: bytes, reason: str) -> None:
    found = only_bad(tmp_path, line)
    assert found.reason == reason
    assert found.raw == line


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"time": None}, "time", "no 'time'"),
        ({"time": "yesterday"}, "time", "the time cannot be read"),
        ({"time": "1970-01-01T00:00:00Z"}, "time", "the time is out of range"),
        ({"time": "2200-01-01T00:00:00Z"}, "time", "the time is out of range"),
        ({"time": "9999-12-31T23:59:59-14:00"}, "time", "the time is out of range"),
        ({"time": 10**30}, "time", "the time cannot be read"),
        ({"time": True}, "time", "the time cannot be read"),
        ({"time": {"a": 1}}, "time", "no 'time'"),
        ({"bytes": -1}, "bytes", "not a number for 'bytes'"),
        ({"bytes": 2**63}, "bytes", "not a number for 'bytes'"),
        ({"bytes": 10**30}, "bytes", "not a number for 'bytes'"),
        ({"bytes": "many"}, "bytes", "not a number for 'bytes'"),
        ({"bytes": "9" * 5000}, "bytes", "not a number for 'bytes'"),
        ({"bytes": True}, "bytes", "not a number for 'bytes'"),
        ({"quantity": "nan"}, "quantity", "not a number for 'quantity'"),
        ({"quantity": "inf"}, "quantity", "not a number for 'quantity'"),
        ({"action": "teleport"}, "action", "not a word of 'action'"),
        ({"action": None}, "action", "no 'action'"),
        ({"action": 7}, "action", "not a word of 'action'"),
        ({"channel": ["usb", "email"]}, "channel", "not a word of 'channel'"),
        ({"outcome": "maybe"}, "outcome", "not a word of 'outcome'"),
        ({"actor_kind": "ghost"}, "actor_kind", "not a word of 'actor_kind'"),
    ],
)
def test_records_that_do_not_fit(tmp_path: Path, fields: dict[str, Any], field: str, reason: str) -> None:
    line = json.dumps(event(5, **fields)).encode()
    found = only_bad(tmp_path, line)
    assert (found.field, found.reason, found.raw) == (field, reason, line)


def test_a_clock_up_to_two_days_ahead_is_believed(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    times = [now + timedelta(hours=47), now + timedelta(hours=49)]
    batches = read_bytes(tmp_path, ndjson(event(time=time.isoformat()) for time in times))
    assert (len(rows(batches)), len(rejected(batches))) == (1, 1)


def test_unknown_fields_are_kept(tmp_path: Path) -> None:
    (row,) = rows(read_bytes(tmp_path, ndjson([event(badge={"door": [3, 4], "ok": True}, note=None)])))
    assert row["fields"] == [("badge.door", "3\x1f4"), ("badge.ok", "true")]


def test_gb_18030_in_a_utf_8_file_is_recognised_as_such(tmp_path: Path) -> None:
    found = only_bad(tmp_path, '{"time": "2026-03-04T05:06:07Z", "asset": "配方与工艺参数"}'.encode("gb18030"))
    assert found.reason == "the bytes are not UTF-8 and look like GB 18030"
    assert found.advice == 'Write encoding = "gb18030" into the mapping.'


def test_gb_18030_is_read_where_the_mapping_says_so(tmp_path: Path) -> None:
    mapping = parse_mapping(
        'name = "x"\nformat = ["ndjson", "csv"]\nencoding = "gb18030"\n[recognise]\nrequire = ["time", "file"]\n'
        '[columns]\ntime = "time"\nasset = "file"\naction = { value = "copy" }',
        "x.toml",
    )
    line = '{"time": "2026-03-04T05:06:07Z", "file": "配方与工艺参数"}'
    (row,) = rows(read_bytes(tmp_path, line.encode("gb18030"), mapping))
    assert row["asset"] == "配方与工艺参数"
    assert row["raw"].decode() == line.replace(": ", ":").replace(", ", ",")
    csv = "time,file\n2026-03-04T05:06:07Z,配方与工艺参数\n".encode("gb18030")
    (row,) = rows(read_bytes(tmp_path, csv, mapping))
    assert row["asset"] == "配方与工艺参数"


def test_a_line_of_ten_megabytes(tmp_path: Path) -> None:
    content = ndjson([event(1), event(2, note="x" * 10_000_000), event(3)])
    batches = read_bytes(tmp_path, content, record_bytes=1_000_000)
    assert [row["position"] for row in rows(batches)] == [1, 3]
    (found,) = rejected(batches)
    assert (found.position, found.reason, found.raw) == (2, "the record is too large", b"")
    assert len(rows(read_bytes(tmp_path, content))) == 3


@pytest.mark.parametrize("content", [b"", b"\n\n \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_no_fault(tmp_path: Path, content: bytes) -> None:
    (batch,) = read_bytes(tmp_path, b"")
    assert (batch.transfers.num_rows, batch.rejected) == (0, [])


def test_a_file_with_only_a_header_is_no_fault(tmp_path: Path) -> None:
    batches = read_bytes(tmp_path, b"when,employee,event,file\n", USB)
    assert (rows(batches), rejected(batches)) == ([], [])
    assert sum(batch.read_bytes for batch in batches) == 25


def test_a_file_that_no_mapping_recognises_is_told(tmp_path: Path) -> None:
    for content in (
        b"\x7fELF\x02\x01\x01\0\0\0\0",
        b"some,other,csv\n1,2,3\n",
        b'{"message": "hello"}\n',
        b"\0" * 9000,
    ):
        (batch,) = read_bytes(tmp_path, content)
        (found,) = batch.rejected
        assert (found.position, found.reason) == (0, "no mapping recognises this file")
        assert "waybill" in found.expected


def test_truncated_gzip_gives_what_is_before_the_end(tmp_path: Path) -> None:
    packed = gzip.compress(ndjson(event(number) for number in range(20_000)))
    batches = read_bytes(tmp_path, packed[: len(packed) // 2])
    assert len(rows(batches)) > 1000
    assert rejected(batches)[-1].reason == "the packed data end too early"


def test_a_folder_given_twice_is_read_once(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "a").write_bytes(ndjson([event(1)]))
    paths = [folder, folder / "a", tmp_path / "logs" / ".." / "logs"]
    assert len(rows(list(collect(paths, plan(), workers=0)))) == 1


def test_a_file_that_cannot_be_read_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(ndjson([event(1)]))
    batches = list(collect([Path("/proc/self/mem"), tmp_path / "b"], plan(), workers=0))
    assert len(rows(batches)) == 1
    (found,) = rejected(batches)
    assert found.file == "mem"
    assert found.reason.startswith("it cannot be read: ")


def test_a_path_that_does_not_exist_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        collect([tmp_path, tmp_path / "missing"], plan(), workers=0)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"2026-03-04 05:06:08,ann\n", "the record has 2 cells"),
        (b"2026-03-04 05:06:08,ann,READ,f,1,2\n", "the record has 6 cells"),
        (b"2026-03-04 05:06:08,ann,READ,\xff\xfef,1\n", "the bytes are not UTF-8"),
        (b"2026-03-04 05:06:08,ann\rx,READ,f,1\n", "the line is not CSV"),
        (b"noon,ann,READ,f,1\n", "the time cannot be read"),
    ],
)
def test_bad_lines_of_csv(tmp_path: Path, bad: bytes, reason: str) -> None:
    good = b"2026-03-04 05:06:07,ann,READ,f,1\n"
    header = b"when,employee,event,file,kbytes\n"
    batches = read_bytes(tmp_path, header + good + bad + good, USB)
    assert [row["position"] for row in rows(batches)] == [2, 4]
    (found,) = rejected(batches)
    assert (found.position, found.reason) == (3, reason)
    assert found.raw == header + bad.rstrip(b"\n")


def test_a_quote_that_is_never_closed_costs_its_own_line(tmp_path: Path) -> None:
    header = b"when,employee,event,file,kbytes\n"
    good = b"2026-03-04 05:06:07,ann,READ,f,1\n"
    batches = read_bytes(tmp_path, header + good + b'2026-03-04 05:06:08,ann,READ,"f,1\n' + good * 3, USB)
    assert [row["position"] for row in rows(batches)] == [2, 4, 5, 6]
    (found,) = rejected(batches)
    assert (found.position, found.reason) == (3, "a quote is opened and never closed")


def test_a_broken_document_is_told_and_kept(tmp_path: Path) -> None:
    content = b'[{"time": "2026-03-04T05:06:07Z", "action": "copy", "channel": "usb"}, {"time": '
    (found,) = rejected(read_bytes(tmp_path, content))
    assert (found.source, found.position, found.raw) == ("waybill", 0, content)
    assert found.reason == "the document is not JSON"
