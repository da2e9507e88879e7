"""Messages (RFC 5322, MIME) and mailboxes (RFC 4155): who wrote to whom, bodies, and attachments as members."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from email.message import Message
from email.parser import BytesParser
from itertools import pairwise

from waybill.content.parsing.decoding import encoding_of, segments
from waybill.content.parsing.headers import LEGIBLE, decoded, letter
from waybill.content.parsing.pieces import Attachment, Caveat, Content, Reason, shown
from waybill.content.parsing.plan import Exhausted
from waybill.content.parsing.reading import Source, Task

_SHOWN = ("Date", "From", "To", "Cc", "Subject", "Reply-To")
_PARTS = 1000
"""Parts of one message that are read, at most."""
_BEGINS = re.compile(rb"(?:\A|\n)(?=From \S+[^\n]*\d{4}\r?\n)")
_HEADERS_END = re.compile(rb"\r?\n\r?\n")


def message(source: Source, task: Task) -> Iterator[Content]:
    """Yield one message: of one that is too long to be held, its beginning."""
    most = task.budget.limits.member
    data = source.opened().read(most)
    yield from _message(data, task)
    if source.cut or source.size > most:
        yield Caveat(task.place, Reason.SIZE, f"more than {most} bytes")


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
    parser = BytesParser(policy=LEGIBLE)
    end = _HEADERS_END.search(data)
    # Who wrote to whom is told before anything that may break down over the body.
    yield from _headers(parser.parsebytes(data[: end.end() if end else None], headersonly=True), task)
    try:
        whole = parser.parsebytes(data)
    except RecursionError:
        yield Caveat(task.place, Reason.DEPTH, "parts within parts")
        return
    yield from _parts(whole, task)


def _headers(headers: Message, task: Task) -> Iterator[Content]:
    yield letter(headers, task.place)
    lines = (f"{name}: {decoded(value)}\n" for name in _SHOWN for value in headers.get_all(name, []))
    yield from segments(lines, task.place.at(part="header"))


def _parts(whole: Message, task: Task) -> Iterator[Content]:
    """Yield what the parts of a message hold; a message within it is one more letter, its parts are parts of this."""
    waiting = [whole]
    for number in range(1, _PARTS + 1):
        if not waiting:
            return
        part = waiting.pop()
        kind = part.get_content_type()
        if kind == "multipart/encrypted" or (kind == "application/pkcs7-mime" and _enveloped(part)):
            yield Caveat(task.place, Reason.ENCRYPTED)
        elif not part.is_multipart():
            yield from _guarded(part, number, task)
        else:
            inner = [one for one in _payload(part) if isinstance(one, Message)]
            if kind == "message/rfc822":
                for one in inner:
                    yield from _headers(one, task)
            waiting += reversed(inner)
    if waiting:
        yield Caveat(task.place, Reason.MEMBERS)


def _payload(part: Message) -> Iterable[object]:
    payload = part.get_payload()
    return payload if isinstance(payload, list) else []


def _guarded(part: Message, number: int, task: Task) -> Iterator[Content]:
    """Yield what one part holds; the parts behind one over which the library breaks down are read all the same."""
    try:
        yield from _part(part, number, task)
    except Exhausted:
        raise
    except Exception as error:  # noqa: BLE001 -- as ``pieces`` does for a whole source
        yield Caveat(task.place, Reason.DAMAGED, type(error).__name__)


def _part(part: Message, number: int, task: Task) -> Iterator[Content]:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes) or not data:
        return
    given, kind = part.get_filename(), part.get_content_type()
    place = task.place.inside(decoded(given) if given else f"part {number}")
    if given is not None or part.get_content_disposition() == "attachment":
        name = place.members[-1] if given else ""
        yield Attachment(place, name, shown(kind), len(data), hashlib.sha256(data).hexdigest())
    elif kind == "text/plain":
        yield from segments([_text(data, part.get_content_charset())], task.place)
        return
    yield from task.member(place.members[-1], Source.of(data))


def _text(data: bytes, charset: str | None) -> str:
    try:
        return data.decode(charset or encoding_of(data))
    except (LookupError, UnicodeDecodeError, ValueError):
        return data.decode(encoding_of(data), "replace")


def _enveloped(part: Message) -> bool:
    return part.get_param("smime-type", "enveloped-data") in ("enveloped-data", "authEnveloped-data")
