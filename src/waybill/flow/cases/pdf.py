"""Sets the report of a case as PDF: A4, page numbers, the digest of the case it tells of at the foot of every page.

Letters of western Europe are set in Helvetica, all others in STSong-Light, which PDF viewers have for Chinese (ISO
32000-1, 9.7.5.2); so no font needs to be shipped. Equal cases give equal bytes.
"""

from __future__ import annotations

import io
import re
from functools import partial
from typing import Any
from xml.sax.saxutils import escape

from waybill.flow.cases.report import Document, Section
from waybill.model.findings import Text
from waybill.report.markup import shortened, visible

_LATIN, _BOLD, _CHINESE = "Helvetica", "Helvetica-Bold", "STSong-Light"
_QUIET, _RULE, _HEAD = "#525c6b", "#c8d0da", "#eef1f5"
_MARGIN, _MILLIMETRE = 16, 72 / 25.4

_HEADING = 90.0
"""Points that a section needs below its title, or it begins on the next page."""

_SIGNED = Text(
    "Part of a signed bundle: `waybill case verify` checks it. case.json SHA-256",
    "本报告属于签名证据包，可用 waybill case verify 校验。case.json SHA-256",
)


def pdf(document: Document, case_sha256: str) -> bytes:
    """Return the report as PDF; ``case_sha256`` is the digest of the case as the bundle holds it."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import SimpleDocTemplate

    pdfmetrics.registerFont(UnicodeCIDFont(_CHINESE))
    stream, margin = io.BytesIO(), _MARGIN * _MILLIMETRE
    made = SimpleDocTemplate(
        stream,
        pagesize=A4,
        leftMargin=margin,
        rightMargin=margin,
        topMargin=margin,
        bottomMargin=margin + 10,
        title=_printable(document.title),
        author="Waybill",
        lang="zh-CN" if document.language == "zh-Hans" else "en",
        invariant=1,
    )
    foot = partial(_foot, document=document, digest=case_sha256)
    made.build(_flow(document, made.width), onFirstPage=foot, onLaterPages=foot)
    return stream.getvalue()


def _flow(document: Document, width: float) -> list[Any]:
    """Return what stands in the report, from top to bottom."""
    from reportlab.platypus import CondPageBreak, Paragraph, Spacer

    style = _styles(document.language == "zh-Hans")
    body = [Paragraph(_set(document.title, bold=True), style["title"])]
    body.append(Paragraph(_set(" · ".join(document.standing)), style["text"]))
    body += [Paragraph(_set(note, bold=True), style["text"]) for note in document.notes]
    for section in document.sections:
        body.append(CondPageBreak(_HEADING))
        body.append(Paragraph(_set(section.title, bold=True), style["section"]))
        body.append(
            _table(section, style, width) if section.rows else Paragraph(_set(document.nothing), style["quiet"])
        )
    return [*body, Spacer(1, 6)]


def _styles(chinese: bool) -> dict[str, Any]:
    from reportlab.lib.colors import HexColor
    from reportlab.lib.styles import ParagraphStyle

    wrap = {"wordWrap": "CJK"} if chinese else {"splitLongWords": 1}
    text = ParagraphStyle("text", fontName=_LATIN, fontSize=9, leading=13, **wrap)
    return {
        "text": text,
        "title": ParagraphStyle("title", text, fontSize=16, leading=21, spaceAfter=4),
        "section": ParagraphStyle("section", text, fontSize=11, leading=15, spaceBefore=12, spaceAfter=3),
        "quiet": ParagraphStyle("quiet", text, textColor=HexColor(_QUIET)),
        "cell": ParagraphStyle("cell", text, fontSize=7.5, leading=10),
    }


def _table(section: Section, style: dict[str, Any], width: float) -> Any:
    """Return a section's table: heads on every page, columns as wide as what stands in them asks for."""
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import LongTable, Paragraph

    told = [[Paragraph(_set(head, bold=True), style["cell"]) for head in section.heads]]
    told += [[Paragraph(_set(shortened(cell)), style["cell"]) for cell in row] for row in section.rows]
    made = LongTable(told, colWidths=_widths(section, width), repeatRows=1, splitInRow=1)
    made.setStyle([
        ("BACKGROUND", (0, 0), (-1, 0), HexColor(_HEAD)),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(_RULE)),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ])  # fmt: skip
    return made


def _widths(section: Section, width: float) -> list[float]:
    """Return how wide columns are: by the square root of their letters, so that a long one takes no other's place."""
    sizes = [
        max(8, *(min(len(cell), 240) for cell in column)) ** 0.5
        for column in zip(section.heads, *section.rows, strict=True)
    ]
    return [width * size / sum(sizes) for size in sizes]


def _foot(canvas: Any, made: Any, *, document: Document, digest: str) -> None:
    """Write the foot of a page."""
    from reportlab.lib.colors import HexColor

    chinese = document.language == "zh-Hans"
    told = _SIGNED.zh if chinese else _SIGNED.en
    canvas.saveState()
    canvas.setFillColor(HexColor(_QUIET))
    canvas.setFont(_CHINESE if chinese else _LATIN, 6.5)
    canvas.drawString(made.leftMargin, 28, told)
    canvas.setFont(_LATIN, 6.5)
    canvas.drawString(made.leftMargin, 19, digest)
    canvas.drawRightString(made.pagesize[0] - made.rightMargin, 19, str(canvas.getPageNumber()))
    canvas.restoreState()


_HAS = r"\x20-\x7e\xa0-\xff\u2013\u2014\u2018\u2019\u201c\u201d\u2026"
"""Letters that Helvetica has (WinAnsiEncoding)."""
_RUNS = re.compile(f"([{_HAS}]+)|([^{_HAS}]+)")


def _set(text: str, *, bold: bool = False) -> str:
    """Return a text as Paragraph takes it: escaped, each run of letters in a font that has them."""

    def run(match: re.Match[str]) -> str:
        font = (_BOLD if bold else _LATIN) if match[1] else _CHINESE
        return f'<font name="{font}">{escape(match[0])}</font>'

    return _RUNS.sub(run, _printable(text))


def _printable(text: str) -> str:
    """Return a text whose letters can be set: what is beyond the basic plane is written by its code point."""
    told = visible(text.replace("\n", " ").replace("\t", " "))
    return "".join(letter if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}" for letter in told)
