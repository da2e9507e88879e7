"""Files of every format that is read, and files that want to do harm, all made here."""

from __future__ import annotations

import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Mapping

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"


def zipped(members: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip file."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def docx(paragraphs: Iterable[str], extra: Mapping[str, bytes | str] | None = None, prologue: str = "") -> bytes:
    """Return a document of WordprocessingML."""
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    document = f'{prologue}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    return zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": document, **(extra or {})})


def xlsx(cells: Mapping[str, str | int], *, dimension: str = "A1", kinds: str = "str") -> bytes:
    """Return a workbook with one sheet named Staff; ``kinds``: what texts are said to be."""
    rows: dict[int, list[str]] = {}
    for reference, value in cells.items():
        number = int("".join(letter for letter in reference if letter.isdigit()))
        kind = (
            f' t="{kinds}"' if isinstance(value, str) and not value.isalpha() else ' t="str"' * isinstance(value, str)
        )
        rows.setdefault(number, []).append(f'<c r="{reference}"{kind}><v>{value}</v></c>')
    content = "".join(f'<row r="{number}">{"".join(row)}</row>' for number, row in rows.items())
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return zipped({
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook xmlns="{SHEET}" xmlns:r="{relation}"><sheets>'
        '<sheet name="Staff" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{SHEET}"><dimension ref="{dimension}"/>'
        f"<sheetData>{content}</sheetData></worksheet>",
    })  # fmt: skip


def pptx(slides: Iterable[str]) -> bytes:
    """Return a presentation."""
    members = {"[Content_Types].xml": "<Types/>", "ppt/presentation.xml": "<p/>"}
    for number, text in enumerate(slides, 1):
        members[f"ppt/slides/slide{number}.xml"] = f'<s xmlns:a="{DRAWING}"><a:p><a:t>{text}</a:t></a:p></s>'
    return zipped(members)


def odf(kind: str, content: str, *, encrypted: bool = False) -> bytes:
    """Return an OpenDocument file of a kind, for example ``text``."""
    data = "<encryption-data/>" if encrypted else ""
    return zipped({
        "mimetype": f"application/vnd.oasis.opendocument.{kind}",
        "content.xml": f"<office>{content}</office>",
        "META-INF/manifest.xml": f"<manifest><file-entry>{data}</file-entry></manifest>",
    })  # fmt: skip


def pdf(pages: Iterable[bytes], *, compressed: bool = True) -> bytes:
    """Return a document of PDF whose pages have these streams of drawing operators."""
    streams = [zlib.compress(page, 9) if compressed else page for page in pages]
    return pdf_of(streams, "/FlateDecode" if compressed else "")


def pdf_of(streams: list[bytes], coding: str) -> bytes:
    """Return a document of PDF whose pages have these coded streams."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(streams)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(streams)}>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for number, stream in enumerate(streams):
        content = 5 + 2 * number
        resources = "/Resources<</Font<</F1 3 0 R>>>>"
        objects.append(f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]{resources}/Contents {content} 0 R>>".encode())
        coded = f"/Filter{coding}" if coding else ""
        objects.append(f"<</Length {len(stream)}{coded}>>\nstream\n".encode() + stream + b"\nendstream")
    data, places = bytearray(b"%PDF-1.7\n"), []
    for number, content_bytes in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n".encode() + content_bytes + b"\nendobj\n"
    start = len(data)
    data += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    data += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    data += f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(data)


def page(text: str) -> bytes:
    """Return the operators that write a line on a page."""
    return f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()


def deflated_blanks(mebibytes: int) -> bytes:
    """Return so many mebibytes of spaces, deflated (zlib), made without holding them and without much computing."""
    block = b" " * (1 << 20)
    packer = zlib.compressobj(9, wbits=-15)
    once = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)  # which stands for itself, wherever it is
    checksum = 1
    for _ in range(mebibytes):
        checksum = zlib.adler32(block, checksum)
    return b"\x78\xda" + once * mebibytes + packer.flush() + checksum.to_bytes(4, "big")


def tarred(members: Mapping[str, bytes], links: Mapping[str, str] | None = None, mode: str = "w") -> bytes:
    """Return a tar file with members and symbolic links; ``mode`` as tarfile has it."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for name, to in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, to
            archive.addfile(info)
    return target.getvalue()


def nested(levels: int, innermost: bytes) -> bytes:
    """Return archives in archives."""
    data = innermost
    for _ in range(levels):
        data = zipped({"inner": data})
    return data


BILLION_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefghi", "bcdefghij", strict=True))
    + "]>"
)
"""Entities that expand to thirty gigabytes."""
