"""Bytes to text: which encoding they are in, and reading them in blocks that end where lines do."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator

from waybill.content.parsing.pieces import Caveat, Content, Place, Reason, Segment

SEGMENT = 1 << 20
"""Bytes of one piece of text, about."""

_NEAR = 4096
"""How far before the end of a piece without line ends a better place to cut is looked for."""

_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\x0b\x1b\x08\0"))
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LEGACY = ["gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp1252", "cp1251"]
_SURE = 8
"""Characters beyond ASCII that have to be valid UTF-8 for each one that is not, so that it is damaged UTF-8."""


def is_text(head: bytes) -> bool:
    """Return whether bytes that begin so are text in some encoding."""
    if head.startswith(tuple(mark for mark, _ in _MARKS)) or _wide(head):
        return True
    controls = len(head) - len(head.translate(None, _CONTROL))
    return b"\0" not in head and controls <= len(head) // 200


def encoding_of(head: bytes) -> str:
    """Return the encoding of text that begins so: by its mark, by its shape, else by what reads like a language."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    if wide := _wide(head):
        return wide
    text = head.decode("utf-8", "replace")
    wrong = text.count("�") - (1 if text.endswith("�") else 0)
    beyond = sum(letter > "\x7f" for letter in text) - text.count("�") if wrong else 0
    return "utf-8" if wrong <= 0 or beyond >= _SURE * wrong else _legacy(head)


def _wide(head: bytes) -> str:
    """Return the encoding of UTF-16 without a mark: of many pairs of bytes, the same one is zero."""
    if len(head) < 4 or b"\0" not in head:
        return ""
    half = len(head) // 2
    even, odd = head[::2].count(0), head[1::2].count(0)
    for encoding, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros > half * 0.3 and others < zeros // 20:
            text = head.decode(encoding, "replace")
            legible = sum(letter.isprintable() or letter.isspace() for letter in text)
            return encoding if legible > 0.95 * len(text) else ""
    return ""


def _legacy(head: bytes) -> str:
    """Return the likeliest of the encodings from before Unicode; GB 18030, which takes most bytes, if none is."""
    from charset_normalizer import from_bytes

    sample = head[: head.rfind(b"\n") + 1] or head
    best = from_bytes(sample[:16_384], cp_isolation=_LEGACY, threshold=0.4).best()
    return best.encoding if best else "gb18030"


def decoded(blocks: Iterable[bytes], encoding: str) -> Iterator[tuple[str, bool]]:
    """Yield text in the size of the blocks, and whether bytes in it had to be replaced."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for block in blocks:
        text = decoder.decode(block)
        yield text, "�" in text and not (encoding.startswith("utf-8") and b"\xef\xbf\xbd" in block)
    rest = decoder.decode(b"", final=True)
    if rest:
        yield rest, "�" in rest


def segments(texts: Iterable[str], place: Place) -> Iterator[Segment]:
    """Yield texts that follow each other as pieces of about a mebibyte that end at ends of lines, or else of words."""
    kept, offset = b"", place.offset
    for text in texts:
        kept += text.encode("utf-8", "replace")
        while len(kept) >= SEGMENT:
            cut = _cut(kept)
            yield Segment(place.at(part=place.part, page=place.page, offset=offset), kept[:cut])
            offset, kept = offset + cut, kept[cut:]
    if kept.strip():
        yield Segment(place.at(part=place.part, page=place.page, offset=offset), kept)


def _cut(data: bytes) -> int:
    """Return where to divide a mebibyte or more of text."""
    line = data.rfind(b"\n", SEGMENT // 2, SEGMENT)
    if line >= 0:
        return line + 1
    near = [match.end() for match in re.finditer(rb"[\s,;|]", data[SEGMENT - _NEAR : SEGMENT])]
    if near:
        return SEGMENT - _NEAR + near[-1]
    cut = SEGMENT
    while cut > SEGMENT - 4 and data[cut] & 0xC0 == 0x80:  # within a character of UTF-8
        cut -= 1
    return cut


def text_pieces(blocks: Iterable[bytes], encoding: str, place: Place) -> Iterator[Content]:
    """Yield the text of bytes, and a caveat if some of them are no text."""
    replaced = False

    def texts() -> Iterator[str]:
        nonlocal replaced
        for text, wrong in decoded(blocks, encoding):
            replaced = replaced or wrong
            yield text

    yield from segments(texts(), place)
    if replaced:
        yield Caveat(place, Reason.ENCODING, encoding)
