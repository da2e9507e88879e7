"""Reads the body of a request, bounded: so long as it says, no longer than allowed, and unpacked no longer either."""

from __future__ import annotations

import io
from http import HTTPStatus

from django.http import HttpRequest
from django.http.request import UnreadablePostError

from waybill.collect.plan import MEBIBYTE, Limits
from waybill.collect.unpack import Counted, is_packed, unpacked
from waybill.console.problems import Refusal
from waybill.flow.intake.admission import Claim
from waybill.model.errors import BombError, InputError

_BLOCK = 256 * 1024

ENCODINGS = frozenset({"", "identity", "gzip", "zstd"})


def read_body(request: HttpRequest, limits: Limits, most: int, claim: Claim) -> bytes:
    """Return the body, unpacked; at most ``most`` bytes of it either way, claimed before they are held.

    Raises Refusal for a body that is too large (413), does not say how long it is (411), is not all there or not
    packed as it says (400), or is packed in a way that is not known here (415).
    """
    encoding = request.headers.get("Content-Encoding", "").strip().casefold()
    if encoding not in ENCODINGS:
        expected = "gzip, zstd, or none"
        raise Refusal(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body is packed in another way", where=encoding, expected=expected
        )
    length = _length(request, most)
    claim(length)
    content = _exactly(request, length)
    packed = encoding not in {"", "identity"}
    if packed != is_packed(content):
        said = f"a body in {encoding}" if packed else "a body that is not packed, or Content-Encoding saying how"
        raise Refusal(HTTPStatus.BAD_REQUEST, "the body is not packed as it says", expected=said)
    return _unpacked(content, limits, most, claim) if packed else content


def _length(request: HttpRequest, most: int) -> int:
    said = request.META.get("CONTENT_LENGTH") or ""
    if not said.isdigit():
        raise Refusal(HTTPStatus.LENGTH_REQUIRED, "the length of the body is not said", expected="Content-Length")
    if int(said) > most:
        raise _too_large(most)
    return int(said)


def _exactly(request: HttpRequest, length: int) -> bytes:
    parts, rest = [], length
    try:
        while rest and (part := request.read(min(rest, _BLOCK))):
            parts.append(part)
            rest -= len(part)
    except UnreadablePostError:
        rest = rest or 1
    if rest:
        where = f"{length - rest} of {length} bytes came"
        raise Refusal(HTTPStatus.BAD_REQUEST, "the body was cut off", where=where, advice="send the batch again")
    return b"".join(parts)


def _unpacked(content: bytes, limits: Limits, most: int, claim: Claim) -> bytes:
    parts, size = [], 0
    try:
        for part in unpacked(Counted(io.BytesIO(content)), limits):
            size += len(part)
            if size > most:
                raise _too_large(most)
            claim(len(part))
            parts.append(part)
    except BombError:
        raise _too_large(most) from None
    except InputError as error:
        raise Refusal(HTTPStatus.BAD_REQUEST, error.what, advice="pack the batch anew and send it again") from None
    return b"".join(parts)


def _too_large(most: int) -> Refusal:
    return Refusal(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "the batch is too large",
        expected=f"at most {most // MEBIBYTE} MiB, packed and unpacked",
        advice="send it in parts, or raise `max_batch_mb`",
    )
