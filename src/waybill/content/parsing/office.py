"""Documents of an office as text: WordprocessingML, PresentationML (ISO/IEC 29500) and OpenDocument (ISO/IEC 26300).

They are zip files of XML, read straight from the archive through expat, so that a small file cannot become a large
tree. Spreadsheets are in ``sheets``.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

from waybill.content.parsing import sheets
from waybill.content.parsing.decoding import segments
from waybill.content.parsing.markup import Caught, member_events
from waybill.content.parsing.pieces import Caveat, Content, Reason
from waybill.content.parsing.plan import Refused
from waybill.content.parsing.reading import Task
from waybill.content.parsing.xml_events import Event, events

_WORD = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes|comments\w*)\.xml$")
_SLIDE = re.compile(r"ppt/(slides|notesSlides)/\w+?(\d+)\.xml$")
_PROPERTIES = re.compile(r"docProps/\w+\.xml$|customXml/item\d+\.xml$|meta\.xml$|word/people\.xml$")
_EMBEDDED = re.compile(
    r"(word|xl|ppt)/(embeddings|media|activeX)/|(word|xl|ppt)/vbaProject\.bin$|Pictures/|Object \d+/content"
)
_ENDS = frozenset({"p", "h", "tr", "table-row", "br", "line-break"})
"""Elements behind which a new line begins."""
_MAIN = {
    "word/document.xml": "docx",
    "xl/workbook.xml": "xlsx",
    "xl/workbook.bin": "xlsb",
    "ppt/presentation.xml": "pptx",
}
"""The member that says which format it is."""
_TABS = frozenset({"tab", "tc", "table-cell"})


def office_format(archive: zipfile.ZipFile, names: set[str]) -> str:
    """Return which document of an office a zip file is; empty if it is none."""
    if "[Content_Types].xml" in names:
        return next((kind for member, kind in _MAIN.items() if member in names), "")
    if "mimetype" in names and "content.xml" in names:
        info = archive.getinfo("mimetype")
        kind = archive.read(info).decode("ascii", "replace") if info.file_size < 200 else ""
        if kind.startswith("application/vnd.oasis.opendocument"):
            return "ods" if "spreadsheet" in kind else "odf"
    return ""


def _word(archive: zipfile.ZipFile, task: Task) -> Iterator[Content]:
    """Yield the body, headers, footers, notes and comments; text that was deleted with changes tracked too."""
    for info in _matching(archive, _WORD):
        part = cast(re.Match[str], _WORD.search(info.filename))[1]
        yield from _text(archive, info, task, part="" if part == "document" else part)
    yield from _rest(archive, task)


def _presentation(archive: zipfile.ZipFile, task: Task) -> Iterator[Content]:
    slides = [(match, info) for info in archive.infolist() if (match := _SLIDE.search(info.filename))]
    for match, info in sorted(slides, key=lambda slide: (int(slide[0][2]), slide[0][1])):
        part = "notes" if match[1] == "notesSlides" else ""
        yield from _text(archive, info, task, part=part, page=int(match[2]))
    yield from _rest(archive, task)


def _open_document(archive: zipfile.ZipFile, task: Task) -> Iterator[Content]:
    _refuse_encrypted(archive)
    yield from _text(archive, archive.getinfo("content.xml"), task)
    yield from _rest(archive, task)


def _spreadsheet(archive: zipfile.ZipFile, task: Task) -> Iterator[Content]:
    yield from sheets.spreadsheet(archive, task)
    yield from _rest(archive, task)


def _open_spreadsheet(archive: zipfile.ZipFile, task: Task) -> Iterator[Content]:
    _refuse_encrypted(archive)
    yield from sheets.open_spreadsheet(archive, task)
    yield from _rest(archive, task)


def _binary_spreadsheet(archive: zipfile.ZipFile, task: Task) -> Iterator[Content]:
    yield from sheets.by_calamine(cast(BinaryIO, archive.fp), task)
    yield from _rest(archive, task)


OFFICE: dict[str, Callable[[zipfile.ZipFile, Task], Iterator[Content]]] = {
    "docx": _word,
    "odf": _open_document,
    "ods": _open_spreadsheet,
    "pptx": _presentation,
    "xlsb": _binary_spreadsheet,
    "xlsx": _spreadsheet,
}
"""Readers by format."""


def _refuse_encrypted(archive: zipfile.ZipFile) -> None:
    manifest = archive.NameToInfo.get("META-INF/manifest.xml")
    if manifest is None:
        return
    with archive.open(manifest) as stream:
        if any(event.name == "encryption-data" for event in events(cast(BinaryIO, stream)) if event.kind == "start"):
            raise Refused(Reason.ENCRYPTED)


def _matching(archive: zipfile.ZipFile, pattern: re.Pattern[str]) -> list[zipfile.ZipInfo]:
    return [info for info in archive.infolist() if pattern.search(info.filename)]


def _rest(archive: zipfile.ZipFile, task: Task) -> Iterator[Content]:
    """Yield the properties of a document, what custom parts hold, and what is embedded in it."""
    from waybill.content.parsing.archives import zip_member

    for info in _matching(archive, _PROPERTIES):
        yield from _text(archive, info, task, part="properties", every=True)
    for info in _matching(archive, _EMBEDDED):
        yield from zip_member(archive, info, task)


def _text(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, task: Task, *, part: str = "", page: int = 0, every: bool = False
) -> Iterator[Content]:
    """Yield the text of one part; ``every``: elements that hold text stand in lines of their own."""
    place = task.place.at(part=part, page=page)
    with Caught() as caught, archive.open(info) as stream:
        reader = member_events(stream, info, task)
        texts = ("\n".join(e.name for e in reader if e.kind == "text" and e.name.strip()),) if every else _lines(reader)
        yield from segments(texts, place)
    if caught.reason:
        yield Caveat(place, caught.reason, caught.detail)


def _lines(reader: Iterator[Event]) -> Iterator[str]:
    """Yield the text of a document with line ends behind paragraphs and tabs between cells."""
    kept: list[str] = []
    for kind, name, _ in reader:
        if kind == "text":
            kept.append(name)
        elif kind == "end" and name in _ENDS:
            kept.append("\n")
        elif kind == "end" and name in _TABS:
            kept.append("\t")
        if len(kept) >= 4096:
            yield "".join(kept)
            kept.clear()
    yield "".join(kept)
