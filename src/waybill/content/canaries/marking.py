"""Marks a text or a document of WordprocessingML for one delivery."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
from typing import NamedTuple
from xml.sax.saxutils import escape, unescape

from waybill.content.canaries.slots import chosen, slots
from waybill.model.errors import UsageError

LEAST_PLACES = 24
"""Places of choice that a text must have: with fewer, copies could be taken for each other's."""

_LARGEST = 64 << 20
_TEXT = re.compile(r"(<w:t(?:\s[^>]*)?>)([^<]*)(</w:t>)")
_PROPERTIES = "docProps/custom.xml"
_CUSTOM = (
    '<?xml version="1.0" encoding="UTF-8"?><Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/'
    'custom-properties" xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
    '<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="2" name="DocumentId"><vt:lpwstr>{}</vt:lpwstr>'
    "</property></Properties>"
)


class Marked(NamedTuple):
    """A copy for one delivery."""

    content: bytes
    places: int
    """Places of choice in it."""


def mark(content: bytes, secret: bytes, delivery: str) -> Marked:
    """Return a copy of a text (UTF-8) or a document (docx) that tells its delivery.

    Raises UsageError where it is neither, or has too few places of choice.
    """
    made = _docx(content, secret, delivery) if content.startswith(b"PK\x03\x04") else _plain(content, secret, delivery)
    if made.places < LEAST_PLACES:
        raise UsageError(
            f"it has {made.places} places where a copy could differ",
            expected=f"{LEAST_PLACES} or more",
            advice="a longer text has more; for a table, use decoys",
        )
    return made


def code(secret: bytes, delivery: str) -> str:
    """Return what stands in the properties of a marked document."""
    digest = hashlib.blake2b(delivery.encode(), key=secret, digest_size=10, person=b"property").digest()
    return base64.b32encode(digest).decode()


def _plain(content: bytes, secret: bytes, delivery: str) -> Marked:
    try:
        text, places = _marked(content.decode(), secret, delivery)
    except UnicodeDecodeError:
        raise UsageError("this cannot be marked", expected="text in UTF-8, or a docx") from None
    return Marked(text.encode(), places)


def _marked(text: str, secret: bytes, delivery: str) -> tuple[str, int]:
    parts, place, count = [], 0, 0
    for slot in slots(text):
        parts += [text[place : slot.start], slot.ways[chosen(secret, delivery, slot)]]
        place, count = slot.end, count + 1
    return "".join([*parts, text[place:]]), count


def _docx(content: bytes, secret: bytes, delivery: str) -> Marked:
    """Return a document whose runs of text are marked, and whose properties hold the delivery's code."""
    count = 0

    def run(match: re.Match[str]) -> str:
        nonlocal count
        text, places = _marked(unescape(match[2]), secret, delivery)
        count += places
        return f'<w:t xml:space="preserve">{escape(text)}{match[3]}' if places else match[0]

    target = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
            if sum(info.file_size for info in source.infolist()) > _LARGEST:
                raise UsageError("this cannot be marked", expected=f"at most {_LARGEST >> 20} MiB unpacked")
            for info in source.infolist():
                data = source.read(info)
                if info.filename == "word/document.xml":
                    data = _TEXT.sub(run, data.decode()).encode()
                if info.filename != _PROPERTIES:
                    copy.writestr(info.filename, data)
            copy.writestr(_PROPERTIES, _CUSTOM.format(code(secret, delivery)))
    except (zipfile.BadZipFile, UnicodeDecodeError, KeyError):
        raise UsageError("this cannot be marked", expected="text in UTF-8, or a docx") from None
    return Marked(target.getvalue(), count)
