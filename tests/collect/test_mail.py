"""Messages become transfers: whatever is wrong with them, whoever is in them, and whatever they carry."""

from __future__ import annotations

import base64
import gzip
import io
import tarfile
from email.message import EmailMessage
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.collect.samples import plan, read, read_bytes, rejected, rows
from tests.content import hostile_files as make

from waybill.collect import Batch, Contents, collect
from waybill.collect.cutting import messages
from waybill.collect.passing_on import Omitted, PassingOn
from waybill.collect.receiving import what_is_posted

HEADERS = {
    "From": "Li Na <li.na@works.example>",
    "To": "Olga Petrova <olga@elsewhere.example>",
    "Date": "Mon, 02 Mar 2026 09:14:05 +0800",
    "Message-ID": "<1@works.example>",
    "Subject": "Plan",
}


def message(attached: dict[str, bytes] | None = None, body: str = "see below", **headers: str) -> EmailMessage:
    """Return a message; headers that are empty are left out."""
    mail = EmailMessage()
    for name, value in (HEADERS | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        if value:
            mail[name] = value
    mail.set_content(body)
    for name, content in (attached or {}).items():
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail


def raw(*lines: str | bytes) -> bytes:
    """Return a message written by hand."""
    return b"\r\n".join(line.encode() if isinstance(line, str) else line for line in lines)


def fields(row: dict[str, Any]) -> dict[str, str]:
    """Return the fields of a row."""
    return dict(row["fields"])


def partly(batches: list[Batch]) -> set[str]:
    """Return why anything was not looked into."""
    told = [fields(row).get("content.unread", "") for row in rows(batches)]
    return {reason for text in told for reason in text.split("\x1f") if reason}


def test_each_receiver_gets_the_message_and_each_attachment(tmp_path: Path) -> None:
    mail = message({"a.bin": b"1234", "b.bin": b"56"}, Cc="Bob <bob@third.example>", To="x@Y.example, x@y.example")
    found = read_bytes(tmp_path, mail.as_bytes())
    assert [(row["asset"], row["to_place"], row["bytes"]) for row in rows(found)] == [
        (asset, place, size)
        for place in ("y.example", "third.example")
        for asset, size in (("Plan", 10), ("a.bin", 4), ("b.bin", 2))
    ]
    row = rows(found)[0]
    assert (row["action"], row["channel"], row["outcome"], row["from_place"]) == (
        "send", "email", "success", "works.example",
    )  # fmt: skip
    assert row["time"].isoformat() == "2026-03-02T01:14:05+00:00"
    assert row["actor"].startswith("p-")
    assert row["to_party"].endswith("@y.example")


def test_kinds_and_persons_are_told_without_any_register(tmp_path: Path) -> None:
    people = "姓名,身份证号\n" + "".join(f"某{n},11010519491231002X\n" for n in range(5))
    found = read_bytes(tmp_path, message({"hr.csv": people.encode()}).as_bytes())
    told = fields(rows(found)[1])
    assert (told["content.kinds"], told["content.persons"]) == ("cn.resident-id", "1")
    assert len(told["content.sha256"]) == 64
    (batch,) = [one for one in found if one.inspected.things]
    assert (batch.inspected.things, batch.inspected.kinds["cn.resident-id"]) == (2, 1)


def test_one_message_in_two_mailboxes_is_one_transfer(tmp_path: Path) -> None:
    sent = message({"a.bin": b"1234"}, Bcc="hidden@third.example")
    received = message({"a.bin": b"1234"}, Received="from a by b; Mon, 02 Mar 2026 01:15:00 +0000")
    first = {row["id"] for row in rows(read_bytes(tmp_path, sent.as_bytes()))}
    second = {row["id"] for row in rows(read_bytes(tmp_path, received.as_bytes(), name="other"))}
    assert (len(first), len(second)) == (4, 2)
    assert second < first


@pytest.mark.parametrize("header", ["To", "Cc", "Subject", "Reply-To", "References"])
def test_messages_of_a_protected_channel_leave_nothing(header: str, tmp_path: Path) -> None:
    mail = message({"a.bin": b"1234"}, **{header: "<integrity@ombudsman.example>"})
    forwarded = message(To="friend@elsewhere.example")
    forwarded.add_attachment(mail)
    for number, one in enumerate((mail, forwarded)):
        found = read_bytes(tmp_path, one.as_bytes(), name=f"{number}")
        assert (rows(found), rejected(found), sum(batch.protected for batch in found)) == ([], [], 1)


def test_a_mention_in_the_text_is_no_protected_channel(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, message(body="the line is integrity@ombudsman.example").as_bytes())
    assert len(rows(found)) == 1, "or one sentence would hide whatever is attached"


def test_names_in_subjects_and_of_files_become_pseudonyms(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, message({"CV Olga Petrova.doc": b"x"}, Subject="For Olga Petrova").as_bytes())
    assert "olga" not in repr(rows(found)).lower()
    assert "petrova" not in repr(rows(found)).lower()
    assert "works.example" in repr(rows(found)), "domains stay"


def test_a_name_cannot_hide_what_was_recognised(tmp_path: Path) -> None:
    mail = message({"a.txt": b"13812345678"}, From='"cn.mobile" <core@works.example>')
    told = fields(rows(read_bytes(tmp_path, mail.as_bytes()))[1])
    assert told["content.kinds"] == "cn.mobile"


@pytest.mark.parametrize(
    ("headers", "time"),
    [
        ({"Date": "", "Received": "from a by b; Tue, 03 Mar 2026 01:15:00 +0000"}, "2026-03-03T01:15:00+00:00"),
        ({"Date": "yesterday", "Received": "by b; Tue, 03 Mar 2026 01:15:00 GMT"}, "2026-03-03T01:15:00+00:00"),
        ({"Date": "Thu, 01 Jan 1970 00:00:00 +0000", "Received": "x; 3 Mar 2026 1:15"}, "2026-03-03T01:15:00+00:00"),
    ],
)
def test_a_time_that_makes_no_sense_gives_way_to_that_of_receipt(
    headers: dict[str, str], time: str, tmp_path: Path
) -> None:
    lines = [f"{name}: {value}" for name, value in (HEADERS | headers).items() if value]
    (row,) = rows(read_bytes(tmp_path, raw(*lines, "", "text")))
    assert row["time"].isoformat() == time


def test_without_any_time_a_message_goes_to_the_quarantine(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, message({"a.txt": b"secret content"}, Date="").as_bytes())
    assert rows(found) == []
    assert {one.reason for one in rejected(found)} == {"no 'time'"}
    assert all(b"secret" not in one.raw for one in rejected(found))


@pytest.mark.parametrize("missing", ["From", "To", "Subject", "Message-ID"])
def test_missing_headers_are_no_reason_to_lose_a_message(missing: str, tmp_path: Path) -> None:
    found = read_bytes(tmp_path, message({"a.bin": b"1234"}, **{missing.replace("-", "_"): ""}).as_bytes())
    assert (len(rows(found)), rejected(found)) == (2, [])


def test_headers_in_any_encoding_are_read(tmp_path: Path) -> None:
    lines = (
        "From: =?gb18030?B?" + base64.b64encode("李娜".encode("gb18030")).decode() + "?= <li.na@works.example>",
        b"Subject: " + "工艺配方与温度曲线以及全部的工艺参数表格".encode("gb18030"),
        "Date: 2 Mar 2026 09:14:05 +0800",
        b"To: \xff\xfe <b@c.example>",
        'Content-Type: text/plain; charset="no-such"',
        "",
        "身份证号 11010519491231002X".encode("gb18030"),
    )
    (row,) = rows(read_bytes(tmp_path, raw(*lines)))
    assert row["asset"] == "工艺配方与温度曲线以及全部的工艺参数表格"
    assert (fields(row)["content.kinds"], row["to_place"]) == ("cn.resident-id", "c.example")
    assert "李娜" not in repr(row)


@pytest.mark.parametrize("word", ["=?utf-8?B?abcde?=", "=?utf\u044d?Q?x?=", "=?x?B?=20?=", "=?utf-8?Q?=ff=fe?="])
def test_words_that_cannot_be_decoded_hide_no_message(word: str, tmp_path: Path) -> None:
    lines = [
        f"From: {word} <li.na@works.example>",
        f"To: {word} <b@c.example>",
        f"Subject: {word}",
        "Date: 2 Mar 2026 9:14",
    ]
    (row,) = rows(read_bytes(tmp_path, raw(*lines, "", "text")))
    assert (row["from_place"], row["to_place"]) == ("works.example", "c.example")


def test_many_parts_are_read_up_to_a_limit_which_is_told(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, message({f"{n}.bin": b"1234" for n in range(1200)}).as_bytes())
    assert 900 < len(rows(found)) < 1001
    assert partly(found) == {"members"}


def test_a_thousand_parts_within_each_other_are_told(tmp_path: Path) -> None:
    opened = [f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}' for n in range(3000)]
    head = [f"{name}: {value}" for name, value in HEADERS.items()]
    found = read_bytes(tmp_path, raw(*head, *opened, "", "13812345678"))
    assert len(rows(found)) == 1
    assert partly(found) == {"depth"}


@pytest.mark.parametrize("end", ["--other--", "--b", "", "--b\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!"])
def test_broken_boundaries_lose_no_message(end: str, tmp_path: Path) -> None:
    head = [f"{name}: {value}" for name, value in HEADERS.items()]
    found = read_bytes(
        tmp_path, raw(*head, 'Content-Type: multipart/mixed; boundary="b"', "", "--b", "", "13812345678", end)
    )
    assert "cn.mobile" in repr(rows(found))


@pytest.mark.parametrize("kind", ["zip", "smime", "pgp"])
def test_encrypted_content_is_told_to_be_unread(kind: str, tmp_path: Path) -> None:
    mail = message()
    if kind == "zip":
        data = bytearray(make.zipped({"plan.txt": "x" * 100}))
        for place in (data.find(b"PK\x03\x04") + 6, data.find(b"PK\x01\x02") + 8):
            data[place] |= 1
        mail = message({"plan.zip": bytes(data)})
    else:
        types = {"smime": 'application/pkcs7-mime; smime-type="enveloped-data"', "pgp": "multipart/encrypted"}
        mail.replace_header("Content-Type", types[kind])
    assert partly(read_bytes(tmp_path, mail.as_bytes())) == {"encrypted"}


def test_a_huge_attachment_is_looked_into_up_to_a_limit(tmp_path: Path) -> None:
    head = [f"{name}: {value}" for name, value in HEADERS.items()]
    start = raw(*head, 'Content-Type: multipart/mixed; boundary="b"', "", "--b",
                'Content-Disposition: attachment; filename="a.txt"', "", "13812345678 ")  # fmt: skip
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.write(start)
        file.truncate(1 << 30)  # a gibibyte, nearly all of it a hole
    found = read(path)
    assert [row["asset"] for row in rows(found)] == ["Plan", "a.txt"]
    assert "cn.mobile" in repr(rows(found)[1])
    assert "size" in partly(found)


@pytest.mark.parametrize("workers", [0, 2])
def test_files_folders_mailboxes_and_archives_say_the_same(workers: int, tmp_path: Path) -> None:
    mails = [message({f"{n}.bin": b"1234"}, Message_ID=f"<{n}@a.example>").as_bytes() for n in range(40)]
    folder = tmp_path / "files"
    folder.mkdir()
    for number, mail in enumerate(mails):
        (folder / f"{number:02d}.eml").write_bytes(mail)
    box = b"".join(b"From a@b Mon Mar  2 01:14:05 2026\n" + mail + b"\n" for mail in mails)
    (tmp_path / "box.gz").write_bytes(gzip.compress(box))
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for number, mail in enumerate(mails):
            information = tarfile.TarInfo(f"in/{number}.eml")
            information.size = len(mail)
            archive.addfile(information, io.BytesIO(mail))
    (tmp_path / "mail.tar").write_bytes(packed.getvalue())
    every = [list(collect([tmp_path / name], plan(), workers=workers)) for name in ("files", "box.gz", "mail.tar")]
    ids = [sorted(row["id"] for row in rows(found)) for found in every]
    assert len(ids[0]) == 80
    assert ids[0] == ids[1] == ids[2]
    assert {row["origin"] for row in rows(every[0])} == {f"{n:02d}.eml" for n in range(40)}
    assert {row["position"] for row in rows(every[0])} == {1}
    assert [row["position"] for row in rows(every[1])] == [n for n in range(1, 41) for _ in range(2)]
    assert len({*every[0][0].others, every[0][0].file}) == 40


def test_what_is_closed_in_an_archive_is_told_without_names(tmp_path: Path) -> None:
    packed = bytearray(make.zipped({"Olga Petrova.eml": message().as_bytes(), "b.eml": message().as_bytes()}))
    for place in (packed.find(b"PK\x03\x04") + 6, packed.find(b"PK\x01\x02") + 8):
        packed[place] |= 1
    found = read_bytes(tmp_path, bytes(packed))
    assert len(rows(found)) == 1
    assert [one.reason for one in rejected(found)] == ["not inspected, because it is encrypted"]


def test_an_archive_without_messages_is_no_source(tmp_path: Path) -> None:
    (found,) = rejected(read_bytes(tmp_path, make.zipped({"a.txt": "13812345678"})))
    assert found.reason == "no mapping recognises this file"


def test_logs_are_not_taken_for_messages(tmp_path: Path) -> None:
    log = b'{"time":"2026-03-04T05:06:07Z","action":"copy","channel":"usb","from":"a","subject":"b"}\n'
    assert {row["source"] for row in rows(read_bytes(tmp_path, log))} == {"waybill"}


def test_messages_are_neither_passed_on_nor_taken_from_agents(tmp_path: Path) -> None:
    path = tmp_path / "m.eml"
    path.write_bytes(message({"a.txt": b"secret content"}).as_bytes())
    passing = PassingOn(plan(), guarded=True)
    with path.open("rb") as file:
        contents = Contents(file, plan().limits)
        made = list(passing.read(contents, "m.eml", None, passing.occurrences(lambda first, last: []), ended=True))
    assert [one.reason for one in made if isinstance(one, Omitted)] == ["no mapping recognises this file"]
    assert "secret" not in repr(made)
    assert what_is_posted(path.read_bytes(), plan().mappings, lines=False) is None


def test_a_message_attached_as_a_file_is_part_of_what_is_attached(tmp_path: Path) -> None:
    inner = message({"b.txt": b"13812345678"}, From="someone@third.example")
    found = read_bytes(tmp_path, message({"forwarded.eml": inner.as_bytes()}).as_bytes())
    assert [row["asset"] for row in rows(found)] == ["Plan", "forwarded.eml"]
    assert "cn.mobile" in fields(rows(found)[1])["content.kinds"].split("\x1f")
    inner.replace_header("From", "integrity@ombudsman.example")
    assert rows(read_bytes(tmp_path, message({"forwarded.eml": inner.as_bytes()}).as_bytes())) == []


TEXT = st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=60).map(lambda text: text.encode())


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=8), st.integers(1, 97), st.integers(40, 200))
def test_a_mailbox_is_cut_at_its_dividers_however_it_comes(parts: list[bytes], step: int, most: int) -> None:
    mails = [b"Subject: x\n\n" + part.replace(b"From ", b"from ").replace(b"\r", b"") for part in parts]
    box = b"".join(b"From a@b Mon Mar  2 01:14:05 2026\n" + mail + b"\n" for mail in mails)
    stream = io.BytesIO(box)
    blocks = iter(lambda: stream.read(step), b"")
    found = list(islice(messages(blocks, most), 100))
    assert [one.rstrip(b"\n") for one in found] == [mail[:most].rstrip(b"\n") for mail in mails]
