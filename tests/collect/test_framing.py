"""Cutting files into chunks: where the cuts fall makes no difference."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.collect.samples import USB, event, ndjson, read, read_bytes, rejected, rows

from waybill.collect.framing import Content, chunks
from waybill.collect.mapping import built_in_mappings
from waybill.collect.plan import Limits
from waybill.collect.records import Unread
from waybill.collect.sniff import Recognised

HEADER = "when,employee,event,file,kbytes\n"

cells = st.text(st.sampled_from('ab,"\n\r配é '), max_size=8)


def csv_of(records: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(records)
    return (HEADER + text.getvalue()).encode()


def cut(content: bytes, limits: Limits, block: int) -> list[Any]:
    """Return what a CSV is cut into when it comes in blocks of some size."""
    blocks = iter([content[place : place + block] for place in range(0, len(content), block)])
    return list(chunks(Content(blocks), Recognised(USB, "csv"), limits))


@given(st.lists(st.lists(cells, min_size=2, max_size=3), max_size=12), st.integers(1, 64), st.integers(1, 64))
def test_csv_is_cut_only_between_records(records: list[list[str]], chunk: int, block: int) -> None:
    content = csv_of(records)
    found = cut(content, Limits(chunk_bytes=chunk), block)
    assert not any(isinstance(one, Unread) for one in found)
    assert b"".join(one.data for one in found) == content[len(HEADER) :]
    position = 2
    for one in found:
        assert one.first == position
        position += one.data.count(b"\n")
        assert len(list(csv.reader(io.StringIO(one.data.decode(), newline="")))) > 0
    parsed = [row for one in found for row in csv.reader(io.StringIO(one.data.decode(), newline=""))]
    assert parsed == list(csv.reader(io.StringIO(content.decode()[len(HEADER) :], newline="")))


@given(st.text(st.sampled_from('a,"\n'), max_size=60), st.integers(1, 64), st.integers(1, 64))
def test_cuts_of_broken_csv_depend_on_nothing_but_the_content(text: str, chunk: int, block: int) -> None:
    def summary(found: list[Any]) -> tuple[bytes, list[tuple[int, bytes]]]:
        unread = [(one.position, one.raw) for one in found if isinstance(one, Unread)]
        return b"".join(one.data for one in found if not isinstance(one, Unread)), unread

    content = HEADER.encode() + text.encode()
    whole = summary(cut(content, Limits(), len(content)))
    assert summary(cut(content, Limits(chunk_bytes=chunk), block)) == whole


def test_a_cell_over_several_lines_is_one_record(tmp_path: Path) -> None:
    content = HEADER + '2026-03-04 05:06:07,ann,READ,"two\nlines, and ""quotes""",1\n2026-03-04 05:06:08,bob,READ,f,1\n'
    found = rows(read_bytes(tmp_path, content.encode(), USB))
    assert [(row["asset"], row["position"]) for row in found] == [('two\nlines, and "quotes"', 2), ("f", 4)]


def test_a_quote_inside_a_cell_is_a_letter(tmp_path: Path) -> None:
    content = HEADER + '2026-03-04 05:06:07,ann,READ,19" rack,1\n2026-03-04 05:06:08,bob,READ,f,1\n'
    found = read_bytes(tmp_path, content.encode(), USB)
    assert [row["asset"] for row in rows(found)] == ['19" rack', "f"]


def test_columns_that_share_a_name_are_told_apart(tmp_path: Path) -> None:
    content = "when,employee,event,file,note,note,\n2026-03-04 05:06:07,ann,READ,f,one,two,three\n"
    (row,) = rows(read_bytes(tmp_path, content.encode(), USB))
    fields = dict(row["fields"])
    assert (fields["note"], fields["note.6"], fields["column 7"]) == ("one", "two", "three")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(tmp_path: Path, encoding: str, end: str) -> None:
    text = "".join(orjson.dumps(event(number, asset="配方"), option=0).decode() + end for number in range(300))
    content = text.encode(encoding)
    if encoding == "utf-16-be":
        content = b"\xfe\xff" + content
    found = read_bytes(tmp_path, content, chunk_bytes=1000)
    assert [row["position"] for row in rows(found)] == list(range(1, 301))
    assert {row["asset"] for row in rows(found)} == {"配方"}
    assert len({row["id"] for row in rows(found)}) == 300


def test_half_a_character_at_the_end_costs_its_record(tmp_path: Path) -> None:
    content = ("\ufeff" + ndjson([event(1), event(2)]).decode()).encode("utf-16-le")
    found = read_bytes(tmp_path, content[:-1])
    assert len(rows(found)) == 1
    assert rejected(found)[0].position == 2


def test_ids_do_not_depend_on_the_line_end(tmp_path: Path) -> None:
    lines = ndjson([event(1), event(2)])
    plain = [row["id"] for row in rows(read_bytes(tmp_path, lines))]
    windows = [row["id"] for row in rows(read_bytes(tmp_path, lines.replace(b"\n", b"\r\n")))]
    unended = [row["id"] for row in rows(read_bytes(tmp_path, lines[:-1]))]
    assert plain == windows == unended


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.integers(0, 5).map(event),
            st.sampled_from([b"{broken", b"", b"[]", b"\xff", b'{"time": "noon"}', b'{"actor": "x" * 9}']),
            st.just(event(3, note="long " * 40)),
        ),
        max_size=25,
    ),
    st.integers(1, 700),
)
def test_the_size_of_chunks_makes_no_difference(tmp_path: Path, records: list[Any], chunk: int) -> None:
    content = ndjson([event(1), *records])
    whole = read_bytes(tmp_path, content, record_bytes=250)
    cut_up = read(tmp_path / "log", chunk_bytes=chunk, record_bytes=250)
    assert rows(cut_up) == rows(whole)
    assert sorted(rejected(cut_up), key=lambda one: one.position) == rejected(whole)


def test_memory_is_bounded_whatever_the_line(tmp_path: Path) -> None:
    def blocks() -> Any:
        yield ndjson([event(1)])
        for _ in range(64):
            yield bytes(1024 * 1024)
        yield b"\n" + ndjson([event(2)])

    mapping = next(mapping for mapping in built_in_mappings() if mapping.name == "waybill")
    found = list(chunks(Content(blocks()), Recognised(mapping, "ndjson"), Limits(record_bytes=2 * 1024 * 1024)))
    assert [one.position if isinstance(one, Unread) else one.first for one in found] == [1, 2, 3]
    assert max(len(one.data) for one in found if not isinstance(one, Unread)) < 3 * 1024 * 1024
