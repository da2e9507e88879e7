"""Recognises what bytes are by how they begin; names are never believed."""

from __future__ import annotations

import csv
import re

from waybill.content.parsing.decoding import encoding_of, is_text

HEAD = 64 * 1024
"""Bytes that are looked at."""

_MAGIC = (
    (0, b"PK\x03\x04", "zip"),
    (0, b"PK\x05\x06", "zip"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "cfb"),
    (0, b"\x1f\x8b\x08", "gzip"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (0, b"7z\xbc\xaf\x27\x1c", "seven-zip"),
    (0, b"PAR1", "parquet"),
    (0, b"PARE", "parquet"),
    (0, b"SQLite format 3\0", "sqlite"),
    (257, b"ustar", "tar"),
    (0, b"\x89PNG\r\n\x1a\n", "picture"),
    (0, b"\xff\xd8\xff", "picture"),
    (0, b"GIF8", "picture"),
    (0, b"II*\0", "picture"),
    (0, b"MM\0*", "picture"),
    (8, b"WEBP", "picture"),
)
"""Offset, first bytes and format, as their specifications give them."""

_ARCHIVES = frozenset({"zip", "tar", "seven-zip"})

_PDF_WITHIN = 1024
"""Readers accept a header of PDF that stands within the first bytes (ISO 32000-1, annex H)."""

_MESSAGE = re.compile(
    rb"\s{0,8}(?:(?:return-path|received|received-spf|delivered-to|envelope-to|date|from|sender|to|cc|bcc|subject|"
    rb"message-id|mime-version|content-type|content-transfer-encoding|content-language|x-[a-z0-9-]+|dkim-signature|"
    rb"reply-to|in-reply-to|references|thread-[a-z]+|user-agent|importance|list-[a-z]+|organization|status|"
    rb"arc-[a-z-]+|authentication-results):[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*){2}",
    re.IGNORECASE,
)
_MAILBOX = re.compile(rb"From \S+[^\n]*\d{4}\r?\n[A-Za-z-]+:")
_BEGINNINGS = {
    "step": re.compile(r"\s*ISO-10303-21;"),
    "dxf": re.compile(r"(?:\s*999\r?\n[^\n]*\n)*\s*0\s*\r?\nSECTION\s*\r?\n"),
    "html": re.compile(
        r"\s*(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body|table|div|p|meta)\b", re.IGNORECASE | re.DOTALL
    ),
    "xml": re.compile(r"\s*<(?:\?xml|!DOCTYPE|[A-Za-z_][\w:.-]*(?:\s[^<>]*)?>)"),
}
"""How texts of a format begin; the first that fits is it."""

_DELIMITERS = ",\t;|"
_LOOKED_AT = 50
"""Lines that tell whether a text is a table."""


def recognise(head: bytes, *, whole: bool) -> str:
    """Return the format of what begins with ``head``; ``whole``: there is no more than that."""
    if not head:
        return "empty"
    for offset, magic, name in _MAGIC:
        if head.startswith(magic, offset):
            return name
    if mail := mail_format(head):
        return mail  # before anything else is asked: its parts may be in any encoding, or in none
    if b"%PDF-" in head[:_PDF_WITHIN]:
        return "pdf"
    if not is_text(head):
        return "unknown"
    text = head.decode(encoding_of(head), "ignore").removeprefix("\ufeff")
    return _text_format(text, whole=whole)


def mail_format(head: bytes) -> str:
    """Return ``eml`` or ``mbox`` for what begins as a message or a mailbox does; empty for anything else."""
    if _MAILBOX.match(head):
        return "mbox"
    return "eml" if _MESSAGE.match(head) else ""


def archive_format(head: bytes) -> str:
    """Return ``zip``, ``tar`` or ``seven-zip`` for what begins as an archive does; empty for anything else."""
    return next((name for at, magic, name in _MAGIC if name in _ARCHIVES and head.startswith(magic, at)), "")


def _text_format(text: str, *, whole: bool) -> str:
    start = text.lstrip()
    if start.startswith(("{", "[")):
        first, _, rest = start.partition("\n")
        records = first.startswith("{") and first.rstrip().endswith("}") and rest.lstrip().startswith("{")
        return "ndjson" if records else "json"
    for name, pattern in _BEGINNINGS.items():
        if pattern.match(text):
            return name
    return "csv" if delimiter_of(text, whole=whole) else "text"


def delimiter_of(text: str, *, whole: bool) -> str:
    """Return what divides the cells of a table's beginning; empty if it is none.

    A table has several rows of equally many cells, and cells are shorter than sentences.
    """
    lines = text.splitlines(keepends=True)[: _LOOKED_AT + 1]
    if len(lines) > 1 and not (whole and len(lines) <= _LOOKED_AT):
        lines = lines[:-1]  # which may be cut
    best, cells = "", 1
    for delimiter in _DELIMITERS:
        try:
            rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            continue
        if len(rows) < 2:
            continue
        width = len(rows[0])
        fitting = [row for row in rows if len(row) == width]
        longest = max((len(cell) for row in fitting for cell in row), default=0)
        needed = 3 if width == 2 else 2
        if width > cells and len(fitting) >= max(needed, 0.9 * len(rows)) and (longest < 80 or len(rows) > 5):
            best, cells = delimiter, width
    return best
