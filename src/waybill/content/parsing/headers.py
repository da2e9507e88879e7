"""The headers of a message (RFC 5322, RFC 2047): who wrote to whom, and when; whatever is wrong with them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.policy import Compat32
from email.utils import getaddresses, parsedate_to_datetime

from waybill.content.parsing.decoding import encoding_of
from waybill.content.parsing.pieces import Letter, Place


class _Legible(Compat32):
    """The policy of old, which parses no header until asked and has no opinion on wrong ones; bytes become text."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        """Return a header as text, in whatever encoding its bytes are."""
        if value.isascii():
            return value
        raw = value.encode("utf-8", "surrogateescape")
        return raw.decode(encoding_of(b"." + raw), "replace")  # behind a full stop, no byte order mark is one


LEGIBLE = _Legible()
"""How messages are parsed."""

_SENDERS = ("From", "Sender", "Resent-From", "Return-Path")
"""The first that gives an address names the sender."""

_RECEIVERS = ("To", "Cc", "Bcc", "Resent-To", "Resent-Cc", "Resent-Bcc")
_DELIVERED = ("X-Original-To", "Envelope-To", "X-Envelope-To", "Delivered-To")
"""To whom a message went that names no receiver."""

_LONGEST_ADDRESS, _LONGEST_SUBJECT = 320, 500
"""Characters: of an address by RFC 5321, 4.5.3.1; of a subject what people read."""

_ADDRESS = re.compile(r"[^\s<>\"(),:;]{1,64}@[^\s<>\"(),:;]{1,255}")

_PLAUSIBLE = (1990, 2100)
"""Years of messages: a clock that was never set says 1970."""


def letter(headers: Message, place: Place) -> Letter:
    """Return who wrote to whom."""
    senders = [one for name in _SENDERS for one in _addresses(headers, [name])]
    receivers = list(_addresses(headers, _RECEIVERS)) or list(_addresses(headers, _DELIVERED))
    named = [name for name, _ in [*senders[:1], *receivers] if name]
    given = decoded(headers.get("Message-ID", "")).strip()
    return Letter(
        place=place,
        id=hashlib.sha256(given.encode("utf-8", "replace")).hexdigest()[:32] if given else "",
        time=_time(headers),
        sender=senders[0][1] if senders else "",
        receivers=tuple(dict.fromkeys(address for _, address in receivers)),
        names=tuple(dict.fromkeys(named)),
        subject=_line(decoded(headers.get("Subject", "")))[:_LONGEST_SUBJECT],
        headers="\n".join(f"{name}: {decoded(value)}" for name, value in headers.items()),
    )


def decoded(value: object) -> str:
    """Return a header as text; as it stands where it cannot be decoded."""
    text = str(value)
    if "=?" in text:
        with suppress(LookupError, ValueError, TypeError, MessageError):
            text = str(make_header(decode_header(text)))
    return text.encode("utf-8", "replace").decode()


def _addresses(headers: Message, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield name and address of everybody whom some headers give."""
    values = [str(value) for name in names for value in headers.get_all(name, [])]
    try:
        found = getaddresses(values)
    except Exception:  # noqa: BLE001 -- whatever a hostile header makes of the library, its addresses count
        found = [("", address) for address in _ADDRESS.findall("\n".join(values))]
    for called, address in found:
        local, sign, domain = _line(address).rpartition("@")
        if sign and local and domain and len(address) <= _LONGEST_ADDRESS:
            yield _line(decoded(called)), f"{local}@{domain}".casefold()


def _time(headers: Message) -> str:
    """Return when it was sent, or else received last; empty where nothing plausible is said."""
    received = (str(value).rpartition(";")[2] for value in headers.get_all("Received", []))
    for value in (*headers.get_all("Date", []), *received):
        try:
            moment = parsedate_to_datetime(str(value))
            moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        if _PLAUSIBLE[0] <= moment.year < min(_PLAUSIBLE[1], datetime.now(UTC).year + 2):
            return moment.isoformat().replace("+00:00", "Z")
    return ""


def _line(text: str) -> str:
    """Return text as one line that can be shown and stored."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
