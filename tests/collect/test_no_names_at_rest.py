"""Nothing that collection hands over or writes holds a name or protected traffic: every byte is searched."""

from __future__ import annotations

import base64
import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path

import orjson
import pyarrow as pa
import pytest
from tests.collect.samples import USB, event, ndjson, plan

from waybill.collect import Batch, Quarantine, Rejected, collect

PEOPLE = ("zhang.wei", "Zhang Wei", "S-1-5-21-7-8-9-4242", "4242", "olga.petrova", "欧阳雪", "petrova@mail.example")
PROTECTED = ("integrity@ombudsman.example", "council.example", "intranet.example/union")
SID = "S-1-5-21-7-8-9-4242"


def records() -> list[dict[str, object]]:
    """Return records that write people in every place they can stand in."""
    return [
        event(1, actor="zhang.wei", asset=r"C:\Users\zhang.wei\Desktop\ZHANG.WEI.csv"),
        event(2, actor="CORP\\zhang.wei", note="runas /user:CORP\\zhang.wei cmd /c whoami", list=["zhang.wei", "x"]),
        event(3, actor="Zhang Wei", to_party="petrova@mail.example", cmd='net user "zhang wei" /domain'),
        event(4, actor="olga.petrova", deep={"a": [{"path": "/home/olga.petrova/.ssh"}], "by.olga.petrova": 1}),
        event(5, actor=SID, key=rf"HKU\{SID}\Software"),
        event(6, actor="欧阳雪", note="文件由欧阳雪发送"),
        event(7, actor=None, url="https://zhang.wei:pw@host/x", mail="Olga <olga.petrova@corp.example>"),
        event(8, actor=None, note="see C:/Users/olga.petrova/a and \\\\srv\\home\\zhang.wei\\b", sid=SID),
        event(9, actor="ZHANG.WEI", bytes="zhang.wei", action="zhang.wei", time="zhang.wei"),
        event(10, actor="olga.petrova", channel="petrova@mail.example"),
        event(11, to_party="integrity@ombudsman.example"),
        event(12, asset="https://intranet.example/union/list", bytes="none"),
        event(13, time="noon", note="\u0063all council.example"),
    ]


def as_csv() -> bytes:
    """Return records of a mapped source, good and bad ones."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["when", "employee", "event", "file", "kbytes"])
    for when in ("2026-03-04 05:06:07", "noon by zhang.wei"):
        writer.writerow([when, "zhang.wei", "READ", r"C:\Users\zhang.wei\"two" + "\nlines zhang.wei", "1"])
        writer.writerow([when, "olga.petrova", "COPY_OUT", "to council.example", "1"])
    return text.getvalue().encode() + b'2026-03-04 05:06:07,zhang.wei,READ,"never closed\n'


@pytest.fixture
def batches(tmp_path: Path) -> list[Batch]:
    folder = tmp_path / "in"
    folder.mkdir()
    broken = [
        b'{"actor": "zhang.wei", "note": ',
        "欧阳雪 zhang.wei".encode("gb18030"),
        b"[]",
        b"\xff integrity@ombudsman.example",
    ]
    (folder / "a.ndjson").write_bytes(ndjson([*records(), *broken]))
    (folder / "b.json").write_bytes(orjson.dumps({"x": 1} | records()[0]) + b"\n")
    (folder / "c.json.gz").write_bytes(gzip.compress(orjson.dumps(records(), option=orjson.OPT_INDENT_2)))
    (folder / "d.csv").write_bytes(as_csv())
    (folder / "e.ndjson").write_bytes(ndjson(records()).decode().encode("utf-16"))
    return list(collect([folder], plan(USB), workers=1))


def forms(word: str) -> Iterator[bytes]:
    """Yield a word as bytes, in the encodings in which it may hide."""
    for text in {word, word.upper(), word.lower(), word.title()}:
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
            yield text.encode(encoding)
        yield orjson.dumps(text)[1:-1]
        yield base64.b64encode(text.encode())[:-4] or b"never"
    yield "".join(f"\\u{ord(letter):04x}" for letter in word if not letter.isascii()).encode() or word.encode()


def assert_no_names(content: bytes, where: str) -> None:
    lowered = content.lower()
    for word in (*PEOPLE, *PROTECTED):
        for form in forms(word):
            if len(form) > 3:
                assert form.lower() not in lowered, f"{word} in {where}"


def test_the_search_finds_what_it_looks_for() -> None:
    with pytest.raises(AssertionError, match=r"zhang\.wei"):
        assert_no_names("x Zhang.Wei x".encode("utf-16-le"), "a test")


def test_batches_name_nobody(batches: list[Batch], tmp_path: Path) -> None:
    assert sum(batch.transfers.num_rows for batch in batches) == 3 * 8 + 2
    for number, batch in enumerate(batches):
        path = tmp_path / f"{number}.arrow"
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, batch.transfers.schema) as writer:
            writer.write_table(batch.transfers)
        assert_no_names(path.read_bytes(), f"the table of {batch.file}")
        for row in batch.transfers.to_pylist():
            assert_no_names(repr(row).encode(), f"row {row['position']} of {batch.file}")
            assert_no_names(orjson.dumps(orjson.loads(row["raw"]), option=orjson.OPT_INDENT_2), "raw")


def test_what_is_told_of_rejected_records_names_nobody(batches: list[Batch]) -> None:
    told = [one for batch in batches for one in batch.rejected]
    assert len(told) >= 10
    for one in told:
        shown = (one.source, one.file, one.field, one.reason, one.expected, one.advice)
        assert_no_names(repr(shown).encode(), f"{one.file}:{one.position}")


def test_rejected_records_hold_no_protected_traffic(batches: list[Batch]) -> None:
    raw = b"\n".join(one.raw for batch in batches for one in batch.rejected)
    assert b"zhang.wei" in raw
    assert not any(form.lower() in raw.lower() for word in PROTECTED for form in forms(word) if len(form) > 3)
    assert sum(batch.protected for batch in batches) >= 3 * 3 + 3


def test_the_quarantine_on_disk_names_nobody(batches: list[Batch], tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path / "q", b"q" * 32)
    for batch in batches:
        quarantine.add(batch.rejected)
    for path in (tmp_path / "q").iterdir():
        assert_no_names(path.read_bytes(), path.name)
    assert_no_names(repr(list(quarantine.entries())).encode(), "the list of the quarantine")
    replayed = {raw for _, _, raw in quarantine.replay()}
    assert replayed == {one.raw for batch in batches for one in batch.rejected if one.raw}


def test_every_pseudonym_in_the_tables_can_be_resolved(batches: list[Batch]) -> None:
    known = {pseudonym for batch in batches for pseudonym in batch.identities}
    for batch in batches:
        for row in batch.transfers.to_pylist():
            if row["actor_kind"] == "person":
                assert row["actor"] in known


def test_names_of_files_name_nobody(tmp_path: Path) -> None:
    folder = tmp_path / "in" / "C" / "Users" / "olga.petrova"
    folder.mkdir(parents=True)
    (folder / "petrova@mail.example.log").write_bytes(ndjson([event(1, actor=None), b"broken"]))
    (folder / "欧阳雪").write_bytes(ndjson([event(2, actor=None)]))
    (folder / "council.example").write_bytes(ndjson([event(3, actor=None)]))
    found = list(collect([tmp_path / "in"], plan(known={"欧阳雪": "p-aaaaaaaaaaaaaaaa"}), workers=1))
    assert sum(batch.transfers.num_rows for batch in found) == 3
    for batch in found:
        shown = (batch.file, batch.rejected, [row["origin"] for row in batch.transfers.to_pylist()])
        assert_no_names(repr(shown).encode(), "the name of a file")
    told = {pseudonym for batch in found for pseudonym in batch.identities}
    assert len(told) == 3
    quarantine = Quarantine(tmp_path / "q", b"q" * 32)
    for batch in found:
        quarantine.add(batch.rejected)
    assert [position for _, position, _ in quarantine.replay()] == [2]


def test_a_rejected_record_does_not_show_its_raw_bytes_by_accident() -> None:
    one = Rejected("s", "f", 1, "", "r", "e", "a", b"zhang.wei")
    assert_no_names(repr(one).encode(), "the representation of a rejected record")
