"""Files that want to do harm: each ends in a clear answer, and the readers go on."""

from __future__ import annotations

import gzip
import os
import resource
import zlib
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
from tests.content import hostile_files as make

from waybill.content.parsing import Caveat, End, Limits, Piece, Readers, Reason, Segment, Table

MEBIBYTE = 1 << 20
LIMITS = Limits(
    text=8 * MEBIBYTE,
    unpacked=64 * MEBIBYTE,
    free=MEBIBYTE,
    member=16 * MEBIBYTE,
    members=100,
    memory=512 * MEBIBYTE,
    cpu_seconds=8,
    seconds=20,
)


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    """Return readers with small limits, so that reaching them takes no time."""
    with Readers(LIMITS) as warm:
        yield warm


def outcome(pieces: Iterator[Piece]) -> tuple[set[Reason], str, End]:
    """Return the reasons, the text and the end of what was read."""
    every = list(pieces)
    assert isinstance(every[-1], End)
    texts = [piece.data.decode() for piece in every if isinstance(piece, Segment)]
    texts += [piece.text() for piece in every if isinstance(piece, Table)]
    return {piece.reason for piece in every if isinstance(piece, Caveat)}, "".join(texts), every[-1]


def partly(pieces: Iterator[Piece]) -> set[Reason]:
    """Return the reasons of what was read partly."""
    return {reason for reason in outcome(pieces)[0] if reason.partial}


def test_a_pdf_of_two_gigabytes_of_deflated_blanks(readers: Readers) -> None:
    bomb = make.deflated_blanks(2048)
    content = zlib.compress(make.page("second page"))
    reasons, text, end = outcome(readers.read_bytes(make.pdf_of([bomb, content], "/FlateDecode")))
    assert reasons & {Reason.BOMB, Reason.CRASHED, Reason.MEMORY, Reason.TIME, Reason.DAMAGED}
    assert "second page" in text
    assert end.size > 0


def test_billion_laughs_in_a_document_and_in_xml(readers: Readers) -> None:
    document = make.docx(["&j;"], prologue=make.BILLION_LAUGHS)
    assert partly(readers.read_bytes(document)) == {Reason.BOMB}
    reasons, text, _ = outcome(readers.read_bytes((make.BILLION_LAUGHS + "<lolz>&j; secret</lolz>").encode()))
    assert reasons == {Reason.DECLARATION}
    assert "secret" in text
    assert len(text) < 10_000


def test_a_small_sheet_that_claims_seventeen_thousand_million_cells(readers: Readers) -> None:
    data = make.xlsx({"A1": "name", "XFD1048576": "far away"}, dimension="A1:XFD1048576")
    assert len(data) < 5000
    reasons, text, _ = outcome(readers.read_bytes(data))
    assert reasons == set()
    assert "far away" in text


def test_archives_in_archives(readers: Readers) -> None:
    reasons, text, _ = outcome(readers.read_bytes(make.nested(LIMITS.depth, b"found")))
    assert (reasons, text) == (set(), "found")
    assert partly(readers.read_bytes(make.nested(50, b"never found"))) == {Reason.DEPTH}


def test_an_archive_of_too_many_members(readers: Readers) -> None:
    data = make.zipped({f"{number}": "x" for number in range(LIMITS.members + 5)})
    assert partly(readers.read_bytes(data)) == {Reason.MEMBERS}


def test_a_member_that_unpacks_to_far_more_costs_only_itself(readers: Readers) -> None:
    data = make.zipped({"bomb": b"\0" * (40 * MEBIBYTE), "honest": "read all the same"})
    reasons, text, _ = outcome(readers.read_bytes(data))
    assert reasons == {Reason.BOMB}
    assert "read all the same" in text


def test_packed_bombs(readers: Readers) -> None:
    assert Reason.BOMB in partly(readers.read_bytes(gzip.compress(b"\0" * (40 * MEBIBYTE))))
    many = make.zipped({f"{n}": os.urandom(4096) + b"\n" * (MEBIBYTE // 2) for n in range(90)})
    small = Limits(unpacked=8 * MEBIBYTE, free=MEBIBYTE)
    with Readers(small) as strict:
        assert Reason.BOMB in partly(strict.read_bytes(many))


def test_names_that_lead_out_of_an_archive_write_nothing(readers: Readers, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    way = f"../../../../../../../../{victim}"
    for data in (make.zipped({way: "text"}), make.tarred({way: b"text"}), make.zipped({"C:\\evil": "text"})):
        reasons, text, _ = outcome(readers.read_bytes(data))
        assert (reasons, text) == ({Reason.OUTSIDE}, "text")
    assert not victim.exists()


def test_links_in_archives_and_folders_are_not_followed(readers: Readers, tmp_path: Path) -> None:
    reasons, text, _ = outcome(readers.read_bytes(make.tarred({}, {"passwd": "/etc/passwd"})))
    assert (reasons, text) == ({Reason.LINK}, "")
    (tmp_path / "link").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe"):
        assert partly(readers.read(tmp_path / name)) == {Reason.LINK}
    assert partly(readers.read(tmp_path)) == {Reason.LINK}


def test_a_line_of_ten_gigabytes(readers: Readers, tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as file:
        file.write(b"user=li phone=13812345678 " * 50_000)
        file.truncate(10 << 30)  # the rest is a hole
    since = monotonic()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    reasons, text, end = outcome(readers.read(tmp_path / "log"))
    assert Reason.SIZE in reasons
    assert text.startswith("user=li phone=13812345678")
    assert end.size == 10 << 30
    assert monotonic() - since < 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024


def test_invalid_utf8_and_cut_gb18030(readers: Readers) -> None:
    words = "生产工艺参数属于商业秘密，请勿外传。" * 5
    reasons, text, _ = outcome(readers.read_bytes(words.encode() + b"\xff\xfe secret\n"))
    assert reasons == {Reason.ENCODING}
    assert "商业秘密" in text
    assert "secret" in text
    reasons, text, _ = outcome(readers.read_bytes(words.encode("gb18030") + b" secret \xff\xff"))
    assert "商业秘密" in text
    assert "secret" in text


ENCRYPTION = b"/ID[<00><00>]/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -4/O<%s>/U<%s>>>" % (b"41" * 32, b"42" * 32)


@pytest.mark.parametrize(
    "data",
    [
        make.odf("text", "", encrypted=True),
        b"PARE" + bytes(100),
        b'From: a@b\r\nTo: c@d\r\nContent-Type: multipart/encrypted; boundary="x"\r\n\r\n--x--',
        b"From: a@b\r\nTo: c@d\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nMIIB",
        make.pdf([make.page("x")]).replace(b"/Root 1 0 R", b"/Root 1 0 R" + ENCRYPTION),
    ],
    ids=["odf", "parquet", "pgp", "smime", "pdf"],
)  # fmt: skip
def test_what_is_encrypted_is_said_to_be(readers: Readers, data: bytes) -> None:
    assert Reason.ENCRYPTED in partly(readers.read_bytes(data))


def test_a_file_without_bytes(readers: Readers) -> None:
    assert list(readers.read_bytes(b"")) == [End("empty", 0)]


def test_a_file_that_vanished_and_one_that_changes(readers: Readers, tmp_path: Path) -> None:
    assert partly(readers.read(tmp_path / "gone")) == {Reason.VANISHED}
    path = tmp_path / "growing"
    path.write_bytes(b"line\n" * 1_000_000)
    pieces = readers.read(path)
    first = next(pieces)
    path.write_bytes(b"")
    assert isinstance(first, Segment)
    assert Reason.CHANGED in partly(pieces)


@pytest.mark.parametrize(
    "data",
    [
        make.docx(["x"])[:-30],
        make.pdf([make.page("x")])[:60],
        gzip.compress(os.urandom(5000))[:3000],
        b"SQLite format 3\0" + b"\xff" * 4000,
        b"PAR1" + b"\xff" * 400 + b"PAR1",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 4000,
        b"7z\xbc\xaf\x27\x1c" + b"\xff" * 400,
        make.tarred({"a": b"x" * 2000})[:1200],
    ],
    ids=["docx", "pdf", "gzip", "sqlite", "parquet", "compound", "7z", "tar"],
)
def test_what_is_cut_or_damaged_is_said_to_be(readers: Readers, data: bytes) -> None:
    assert partly(readers.read_bytes(data)) & {Reason.DAMAGED, Reason.CRASHED}


def test_what_nobody_knows_is_searched_for_text(readers: Readers) -> None:
    reasons, text, _ = outcome(
        readers.read_bytes(b"\x00\x01\x02\x7fAKIAIOSFODNN7EXAMPLE\x00\x03" + "password".encode("utf-16-le"))
    )
    assert reasons == {Reason.UNKNOWN}
    assert "AKIAIOSFODNN7EXAMPLE" in text
    assert "password" in text


def test_a_picture_is_read_or_said_not_to_be(readers: Readers) -> None:
    assert partly(readers.read_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40)))


def test_deep_json_and_deep_xml_end(readers: Readers) -> None:
    _, text, _ = outcome(readers.read_bytes(b"[" * 100_000))
    assert text.startswith("[[[")
    assert partly(readers.read_bytes(b"<a>" * 100_000)) == {Reason.DAMAGED}


def test_a_reader_that_never_ends_is_stopped() -> None:
    # Each table cell of HTML is a few bytes; the parser of an endless page is stopped by its time of computing.
    with Readers(Limits(cpu_seconds=0.5, seconds=5)) as hurried:
        data = b"<!doctype html>" + b"<p a=b><!x<" * 4_000_000
        assert Reason.TIME in partly(hurried.read_bytes(data))
        assert outcome(hurried.read_bytes(b"still here"))[1] == "still here"
