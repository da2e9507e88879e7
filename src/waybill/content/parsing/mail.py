"""Messages (RFC 5322, MIME) and mailboxes (RFC 4155): headers, bodies, and attachments as members."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import policy
from email.message import Message
from email.parser import BytesParser
from itertools import pairwise

from waybill.content.parsing.decoding import encoding_of, segments
from waybill.content.parsing.pieces import Caveat, Content, Reason
from waybill.content.parsing.reading import Source, Task

_HEADERS = ("Date", "From", "To", "Cc", "Subject", "Reply-To")
_PARTS = 1000
"""Parts of one message that are read, at most."""
_BEGINS = re.compile(rb"(?:\A|\n)(?=From \S+[^\n]*\d{4}\r?\n)")


def message(source: Source, task: Task) -> Iterator[Content]:
    """Yield one message."""
    yield from _message(source.whole(task.budget.limits.member), task)


def mailbox(source: Source, task: Task) -> Iterator[Content]:
    """Yield every message of a mailbox as a member, numbered from 1."""
    for number, data in enumerate(_messages(source, task), 1):
        begin = data.find(b"\n") + 1
        yield from task.member(f"message {number}", Source.of(data[begin:]))


def _messages(source: Source, task: Task) -> Iterator[bytes]:
    """Yield the messages of a mailbox; one that is too long comes in several."""
    stream, kept = source.opened(), b""
    while block := stream.read(1 << 20):
        kept += block
        places = [match.end() for match in _BEGINS.finditer(kept)]
        for begin, end in pairwise(places):
            yield kept[begin:end]
        if len(places) > 1 or len(kept) > task.budget.limits.member:
            if len(places) <= 1:
                yield kept
                kept = b""
            else:
                kept = kept[places[-1] :]
    if kept.strip():
        yield kept


def _message(data: bytes, task: Task) -> Iterator[Content]:
    # The policy of old: it parses no header until asked, and has no opinion on wrong ones.
    parsed = BytesParser(policy=policy.compat32).parsebytes(data)
    headers = (f"{name}: {_header(value)}\n" for name in _HEADERS for value in parsed.get_all(name, []))
    yield from segments(headers, task.place.at(part="header"))
    for number, part in enumerate(parsed.walk(), 1):
        if number > _PARTS:
            yield Caveat(task.place, Reason.MEMBERS)
            return
        kind = part.get_content_type()
        if kind == "multipart/encrypted" or (kind == "application/pkcs7-mime" and _enveloped(part)):
            yield Caveat(task.place, Reason.ENCRYPTED)
            return
        if not part.is_multipart():
            yield from _part(part, number, task)


def _part(part: Message, number: int, task: Task) -> Iterator[Content]:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes) or not data:
        return
    name = part.get_filename()
    if name is None and part.get_content_type() == "text/plain":
        yield from segments([_decoded(data, part.get_content_charset())], task.place.at(page=0))
    else:
        yield from task.member(_header(name) if name else f"part {number}", Source.of(data))


def _decoded(data: bytes, charset: str | None) -> str:
    try:
        return data.decode(charset or encoding_of(data))
    except (LookupError, UnicodeDecodeError):
        return data.decode(encoding_of(data), "replace")


def _header(value: object) -> str:
    from email.header import decode_header, make_header

    try:
        return str(make_header(decode_header(str(value))))
    except (LookupError, ValueError):
        return str(value)


def _enveloped(part: Message) -> bool:
    return part.get_param("smime-type", "enveloped-data") in ("enveloped-data", "authEnveloped-data")
