"""What machine code of ours makes of a log is what is made of it plainly, whatever the log holds."""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.collect.samples import CHANNELS, USB, event, ndjson, plan
from tests.collect.test_flat_lines import BROKEN, EVENTS, NOW, PLAIN, TEXTS, VALUES, WAYBILL, WINDOWS, written

from waybill.collect import Batch, collect, collector, machine_code
from waybill.collect.flat_lines import FlatLines, read_flat
from waybill.collect.mapping import Mapping
from waybill.collect.names import KnownNames
from waybill.collect.patterns import replace_people
from waybill.collect.privacy import Guard
from waybill.collect.quick_scanning import Quick
from waybill.collect.readers import READERS
from waybill.collect.records import Chunk
from waybill.collect.scalars import text
from waybill.collect.scanning import PLAIN as PLAINLY
from waybill.collect.transform import Task, Transformer

pytestmark = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="the extra `compiled` is not there")

KNOWN = {"Ann Lee": "p-aaaaaaaaaaaaaaaa", "wardog": "p-bbbbbbbbbbbbbbbb"}


@cache
def quick() -> Quick:
    code = machine_code.object_file()
    assert code is not None
    return Quick(code)


@cache
def transformer(register: bool, quickly: bool) -> Transformer:
    given = plan(known=KNOWN if register else None)
    return Transformer(given, quick()) if quickly else Transformer(given)


def batch(content: bytes, mapping: Mapping, register: bool, quickly: bool) -> Batch:
    return transformer(register, quickly).batch(Task("log", Chunk("ndjson", content), mapping, NOW))


def same(content: bytes, mapping: Mapping, register: bool = False) -> None:
    one, other = (batch(content, mapping, register, quickly) for quickly in (False, True))
    assert other.rejected == one.rejected
    assert other.protected == one.protected
    assert [row(found, mapping) for found in other.transfers.to_pylist()] == [
        row(found, mapping) for found in one.transfers.to_pylist()
    ]


def row(found: dict[str, Any], mapping: Mapping) -> dict[str, Any]:
    """Return a row with its record as it is understood."""
    record, reader = orjson.loads(found["raw"]), READERS.get(mapping.reader)
    return found | {"raw": reader(record) if reader else record, "fields": dict(found["fields"])}


@settings(max_examples=150, deadline=None)
@given(written(PLAIN), st.booleans())
def test_own_format(content: bytes, register: bool) -> None:
    same(content, WAYBILL, register)


@settings(max_examples=150, deadline=None)
@given(written(EVENTS), st.booleans())
def test_windows_events(content: bytes, register: bool) -> None:
    same(content, WINDOWS, register)


USERS = st.dictionaries(st.sampled_from(["employee", "file", "kbytes", "x"]), VALUES, max_size=4)


@settings(max_examples=40, deadline=None)
@given(written(st.builds(lambda more: {"when": "2026-03-04 05:06:07", "event": "READ"} | more, USERS)))
def test_a_users_mapping(content: bytes) -> None:
    same(content, USB)


def dumped(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass")


JSON = st.recursive(
    st.one_of(VALUES, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=8,
)
PIECES = st.one_of(
    st.sampled_from(
        [b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\n", b"\r", b" ", b"\0", b"\xff", b"1", b"nul"]
    ),
    st.builds(dumped, TEXTS),
    BROKEN,
    st.binary(max_size=9),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40))
def test_flat_records_in_any_bytes_are_records(pieces: list[bytes]) -> None:
    agree_with_the_parser(b"".join(pieces))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.builds(dumped, JSON), max_size=6), st.integers(0, 200), st.integers(0, 255))
def test_flat_records_in_spoilt_json_are_records(lines: list[bytes], place: int, byte: int) -> None:
    content = bytearray(b"\n".join(lines))
    if place < len(content):
        content[place] = byte
    agree_with_the_parser(bytes(content))


def agree_with_the_parser(content: bytes) -> None:
    """See that each record that is read as flat is what the parser makes of its line, key by key."""
    lines, flat = content.split(b"\n"), quick().read_flat(content)
    for line, fields in records_of(flat).items():
        record = orjson.loads(lines[line])
        assert dict(fields) == {name: said(value) for name, value in record.items()}


def records_of(flat: FlatLines | None) -> dict[int, list[tuple[str | None, str | None]]]:
    """Return names and texts of the fields of each record by its line."""
    if flat is None:
        return {}
    texts, found = flat.dictionary.texts, {}
    for place, line in enumerate(flat.lines.tolist()):
        cells = slice(flat.starts[place], flat.starts[place + 1])
        codes = zip(flat.names[cells].tolist(), flat.codes[cells].tolist(), strict=True)
        found[line] = [(texts[name], texts[code]) for name, code in codes]
    return found


def said(value: Any) -> str | None:
    return "\x1f".join(value) if isinstance(value, list) else text(value)


def test_what_is_flat_is_read_as_plainly_read() -> None:
    content = ndjson(event(i, tags=["a", "b"], size=i, more=None, note="li\n\u738b") for i in range(500))
    assert records_of(quick().read_flat(content)) == records_of(read_flat(content)) != {}


def test_more_distinct_texts_than_there_is_room_for_are_read_plainly() -> None:
    content = b'{"a":1}\n' + b"".join(b'{"%d":%d}\n' % (i, i) for i in range(9_000))
    assert records_of(quick().read_flat(content)) == records_of(read_flat(content)) != {}


ACCOUNTS = st.text(st.sampled_from(list("AZaz09.-_$%/\\@: \n\u00e9\u017f\u738b")), max_size=12)
WORDS = st.sampled_from(
    [
        "Users", "users\\", "/home/", "/Users/", "\\Users\\", "Documents and Settings\\", "home\\", "CORP\\li.na",
        "HKLM\\", "S-1-5-21-1-2-3-1105", "-1-12-1-1-2-3-4", "li@corp.example", "https://u:p@h",
        "NT AUTHORITY\\SYSTEM", "\n",
    ]
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(st.lists(st.one_of(ACCOUNTS, WORDS), max_size=4).map("".join), min_size=1, max_size=6, unique=True))
def test_who_is_given_away_is_found(values: list[str]) -> None:
    given = plan()
    guard = Guard(given.pseudonymiser, CHANNELS, KnownNames({}), quick())
    unclean = {value for value in values if replace_people(value, guard.person) != value}
    assert guard.unclean(values) >= {value for value in unclean if "\n" not in value}
    assert guard.unclean(values) == Guard(given.pseudonymiser, CHANNELS, KnownNames({})).unclean(values)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 600), max_size=20), st.text(max_size=200), st.binary(min_size=32, max_size=32))
def test_ids_are_those_of_records_hashed_alone(lengths: list[int], source: str, key: bytes) -> None:
    lines = [bytes(range(256))[number % 200 :] * 12 for number in range(len(lengths))]
    lines = [line[:length] for line, length in zip(lines, lengths, strict=True)]
    try:
        source.encode()
    except UnicodeEncodeError:
        source = "source"
    assert quick().record_ids(lines, key, source) == PLAINLY.record_ids(lines, key, source)


def test_large_input_is_read_so_by_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log"
    path.write_bytes(ndjson(event(i, actor=f"li.na{i % 7}") for i in range(300)))
    given = plan()
    plainly = list(collect([path], given, workers=0))
    monkeypatch.setattr(collector, "WORTH", 1)
    for workers in (0, 1):
        found = list(collect([path], given, workers=workers))
        assert [one.transfers.to_pylist() for one in found] == [one.transfers.to_pylist() for one in plainly]


def test_half_a_kept_file_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("waybill.collect.compiled.made", lambda: b"code")
    assert machine_code.object_file() == b"code"
    (kept,) = tmp_path.rglob("*.o")
    kept.write_bytes(kept.read_bytes()[:-1])
    assert machine_code.object_file() == b"code"
    assert kept.read_bytes().endswith(b"code")


def test_without_the_extra_it_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert machine_code.object_file() is None
