"""Every format gives up its text, and says where it lies."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import sqlite3
import zipfile
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.content import hostile_files as make

from waybill.content.parsing import Caveat, End, Piece, Readers, Reason, Segment, Table
from waybill.content.parsing.decoding import segments
from waybill.content.parsing.pieces import SENTENCES, Place
from waybill.content.parsing.tables import tables

SECRET = "配方 recipe 13812345678"


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    """Return readers that stay warm for a module."""
    with Readers() as warm:
        yield warm


def text_of(pieces: list[Piece]) -> str:
    """Return all text of what was read."""
    texts = [piece.data.decode() for piece in pieces if isinstance(piece, Segment)]
    return "\n".join(texts + [piece.text() for piece in pieces if isinstance(piece, Table)])


def caveats(pieces: list[Piece]) -> list[Reason]:
    """Return the reasons that were given."""
    return [piece.reason for piece in pieces if isinstance(piece, Caveat)]


def end(pieces: list[Piece]) -> End:
    """Return the last piece, which is the only one of its kind."""
    assert [isinstance(piece, End) for piece in pieces].count(True) == 1
    assert isinstance(pieces[-1], End)
    return pieces[-1]


def message(attached: bytes | None = None) -> bytes:
    """Return a message with a body and perhaps an attachment."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.test", "b@example.test", "配方"
    mail.set_content(SECRET)
    if attached:
        mail.add_attachment(attached, maintype="application", subtype="octet-stream", filename="表.zip")
    return mail.as_bytes()


def database() -> bytes:
    """Return a database with a table, and a view that would never end."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE staff (name TEXT, phone INTEGER, photo BLOB)")
    connection.execute("INSERT INTO staff VALUES (?, ?, ?)", (SECRET, 13812345678, b"\xff\x00"))
    connection.execute("CREATE VIEW v AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT * FROM n")
    connection.commit()
    return connection.serialize()


def parquet() -> bytes:
    """Return a file of Parquet."""
    target = io.BytesIO()
    pq.write_table(pa.table({"name": [SECRET, None], "age": [3, 4], "tags": [["x"], ["y"]]}), target)
    return target.getvalue()


FORMATS: dict[str, tuple[str, bytes]] = {
    "utf-8": ("text", SECRET.encode()),
    "utf-8 with a mark": ("text", SECRET.encode("utf-8-sig")),
    "utf-16": ("text", SECRET.encode("utf-16")),
    "utf-16 without a mark": ("text", ("plain words, " * 20 + SECRET).encode("utf-16-le")),
    "gb18030": ("text", (SECRET + "，本公司的生产工艺参数属于商业秘密，请勿外传。").encode("gb18030")),
    "big5": ("text", ("本公司的生產製程參數屬於營業秘密，請勿外傳。" * 3 + "配方 recipe 13812345678").encode("big5")),
    "csv": ("csv", f"name,note\nLi,{SECRET}\nWang,none\n".encode()),
    "tsv in gb18030": ("csv", f"姓名\t备注\t部门\n李四\t{SECRET}\t生产\n王五\t无\t销售\n".encode("gb18030")),
    "html": ("html", f"<!doctype html><p>{SECRET}</p><script>var x</script>".encode()),
    "xml": ("xml", f"<?xml version='1.0'?><a b='c'>{SECRET}</a>".encode()),
    "json": ("json", json.dumps({"deep": {"note": SECRET}}, ensure_ascii=False).encode()),
    "json records": ("json", json.dumps([{"note": SECRET}, {"note": "x"}]).encode()),
    "ndjson": ("ndjson", "\n".join(json.dumps({"n": i, "note": SECRET}) for i in range(3)).encode()),
    "docx": ("docx", make.docx([SECRET])),
    "xlsx": ("xlsx", make.xlsx({"A1": "name", "B1": "note", "A2": "Li", "B2": SECRET})),
    "pptx": ("pptx", make.pptx(["first", SECRET])),
    "odt": ("odf", make.odf("text", f"<text><p>{SECRET}</p></text>")),
    "ods": ("ods", make.odf("spreadsheet", f"<table><table-row><table-cell>{SECRET}</table-cell></table-row></table>")),
    "pdf": ("pdf", make.pdf([make.page("recipe 13812345678")])),
    "eml": ("eml", message()),
    "mbox": ("mbox", b"\n".join(b"From a@b Mon Jan  1 00:00:00 2026\n" + message() for _ in range(2))),
    "attachment": ("eml", message(make.zipped({"inner.txt": SECRET}))),
    "zip": ("zip", make.zipped({"a/b.txt": SECRET, "c.docx": make.docx(["other"])})),
    "tar": ("tar", make.tarred({"a.txt": SECRET.encode()})),
    "tar.gz": ("tar in gzip", make.tarred({"a.txt": SECRET.encode()}, mode="w:gz")),
    "gz": ("gzip", gzip.compress(SECRET.encode())),
    "bz2": ("bzip2", bz2.compress(SECRET.encode())),
    "xz": ("xz", lzma.compress(SECRET.encode())),
    "zst": ("zstd", pa.compress(SECRET.encode() * 9, "zstd", asbytes=True)),
    "parquet": ("parquet", parquet()),
    "sqlite": ("sqlite", database()),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_text_is_found_in_every_format(readers: Readers, name: str) -> None:
    expected, data = FORMATS[name]
    pieces = list(readers.read_bytes(data))
    assert end(pieces).format == expected
    assert "recipe 13812345678" in text_of(pieces)
    assert caveats(pieces) == []
    assert end(pieces).text > 0


def test_chinese_survives_every_encoding(readers: Readers) -> None:
    for name in ("gb18030", "utf-16", "utf-8 with a mark", "tsv in gb18030", "big5"):
        assert "配方" in text_of(list(readers.read_bytes(FORMATS[name][1]))), name


def test_places_lead_to_the_text(readers: Readers) -> None:
    archive = make.zipped({"反馈.zip": make.zipped({"slides.pptx": make.pptx(["one", "two"])})})
    places = [piece.place for piece in readers.read_bytes(archive) if isinstance(piece, Segment)]
    assert places[-1] == Place(("反馈.zip", "slides.pptx"), page=2)
    assert places[-1].text().en == "反馈.zip › slides.pptx › page 2"
    (table,) = [p for p in readers.read_bytes(FORMATS["xlsx"][1]) if isinstance(p, Table)]
    assert (table.place.part, table.header, table.columns) == ("Staff", ("name", "note"), (("Li",), (SECRET,)))


def test_records_keep_the_names_of_their_fields(readers: Readers) -> None:
    data = json.dumps({"rows": [{"who": {"id": 1, "phone": ["a", "b"]}}, {"who": {"id": 2}}]}).encode()
    (table,) = [piece for piece in readers.read_bytes(data) if isinstance(piece, Table)]
    assert (table.header, table.columns) == (("who.id", "who.phone"), (("1", "2"), ("a\nb", "")))


def test_long_numbers_of_a_sheet_are_written_out(readers: Readers) -> None:
    data = make.xlsx({"A1": "card", "A2": "6.22202123456789E+15", "A3": 0}, kinds="n")
    (table,) = [piece for piece in readers.read_bytes(data) if isinstance(piece, Table)]
    assert table.columns == (("6222021234567890", "0"),)


def test_embedded_files_and_properties_are_read(readers: Readers) -> None:
    inside: dict[str, bytes | str] = {
        "word/embeddings/sheet.xlsx": make.xlsx({"A1": SECRET}),
        "docProps/custom.xml": "<p><v>copy 17</v></p>",
    }
    text = text_of(list(readers.read_bytes(make.docx(["nothing"], inside))))
    assert SECRET in text
    assert "copy 17" in text


def test_text_beside_the_page_of_a_pdf_is_read_as_well(readers: Readers) -> None:
    hidden = b"BT /F1 12 Tf 9000 9000 Td (outside) Tj ET"
    assert "outside" in text_of(list(readers.read_bytes(make.pdf([make.page("inside") + hidden]))))


def test_scripts_of_a_page_are_read_and_its_style_is_not(readers: Readers) -> None:
    page = b"<!doctype html><style>p{color:red}</style><p>Hello</p><script>var key = 'in the script'</script>"
    text = text_of(list(readers.read_bytes(page)))
    assert "in the script" in text
    assert "color" not in text


def test_seven_zip_is_read_where_its_extra_is_installed(readers: Readers) -> None:
    py7zr = pytest.importorskip("py7zr")
    target = io.BytesIO()
    with py7zr.SevenZipFile(target, "w") as archive:
        archive.writestr(SECRET, "a.txt")
    pieces = list(readers.read_bytes(target.getvalue()))
    assert SECRET in text_of(pieces)
    assert end(pieces).format == "seven-zip"


def test_text_in_pictures_is_read_where_its_extra_is_installed(readers: Readers) -> None:
    pytest.importorskip("rapidocr")
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (600, 200), "white")
    ImageDraw.Draw(picture).text((20, 60), "recipe 13812345678", fill="black", font_size=40)
    target = io.BytesIO()
    picture.save(target, "PNG")
    assert "13812345678" in text_of(list(readers.read_bytes(target.getvalue())))


def test_one_worker_reads_many_files_and_stays(readers: Readers, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(SECRET, encoding="utf-8")
    for _ in range(20):
        assert SECRET in text_of(list(readers.read(tmp_path / "a.txt")))


def test_a_file_need_not_be_read_to_its_end(readers: Readers) -> None:
    archive = make.zipped({f"{n}.txt": SECRET * 1000 for n in range(50)})
    assert next(readers.read_bytes(archive))
    assert SECRET in text_of(list(readers.read_bytes(archive)))


@settings(deadline=None, max_examples=50)
@given(st.text(alphabet=st.sampled_from("ab 中\n"), max_size=200), st.integers(1, 50))
def test_segments_divide_text_without_losing_any(text: str, times: int) -> None:
    pieces = list(segments([text * times] * 3, Place()))
    whole = (text * times * 3).encode()
    assert b"".join(piece.data for piece in pieces) == (whole if whole.strip() else b"")
    for piece in pieces:
        assert whole[piece.place.offset :].startswith(piece.data)
        piece.data.decode()


def test_long_texts_without_line_ends_are_cut_between_characters() -> None:
    pieces = list(segments(["中" * 900_000], Place()))
    assert len(pieces) > 1
    assert "".join(piece.data.decode() for piece in pieces) == "中" * 900_000


@given(st.lists(st.lists(st.text(max_size=5), min_size=1, max_size=4), max_size=30))
def test_tables_keep_every_cell(rows: list[list[str]]) -> None:
    found = list(tables(rows, Place(), ("x",)))
    cells = [cell for table in found for row in zip(*table.columns, strict=True) for cell in row if cell]
    assert cells == [cell for row in rows for cell in row if cell]


def test_every_reason_speaks_both_languages() -> None:
    assert set(SENTENCES) == set(Reason)
    assert all(sentence.en and sentence.zh for sentence in SENTENCES.values())


def test_encrypted_members_are_told_and_others_read(readers: Readers) -> None:
    data = bytearray(make.zipped({"a.txt": SECRET, "b.txt": SECRET}, zipfile.ZIP_STORED))
    first_local, first_central = data.find(b"PK\x03\x04"), data.find(b"PK\x01\x02")
    data[first_local + 6] |= 1
    data[first_central + 8] |= 1
    pieces = list(readers.read_bytes(bytes(data)))
    assert caveats(pieces) == [Reason.ENCRYPTED]
    assert SECRET in text_of(pieces)
