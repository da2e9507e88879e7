"""Asks a service of the organisation over HTTPS: credentials go nowhere else, no redirects, answers of a size."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import SplitResult, urlsplit

import msgspec

from waybill.model.errors import UsageError
from waybill.respond.acting import ConnectorError

LARGEST_ANSWER = 1 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said."""

    status: int
    content: Any
    """Of JSON; None where it said nothing, or something else."""


def ask(
    method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"", seconds: float, trust: str = ""
) -> Answer:
    """Return what a service answers. ``trust``: certificates to trust (PEM) in place of the system's.

    Raises ConnectorError where it does not answer, UsageError for an address that others could read along.
    """
    parts = urlsplit(url)
    connection = _connection(parts, seconds, trust)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target or "/", body or None, {"Accept": "application/json", **headers})
        return _answer(connection.getresponse())
    except (OSError, HTTPException) as error:
        raise ConnectorError(f"the service does not answer: {type(error).__name__}", where=parts.netloc) from None
    finally:
        connection.close()


def _connection(parts: SplitResult, seconds: float, trust: str) -> HTTPConnection:
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or parts.username or parts.scheme not in {"http", "https"}:
        raise UsageError("this is no address of a service", where=parts.netloc, expected="https://…")
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=trust or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return HTTPSConnection(host, port, timeout=seconds, context=context)
    if not _is_here(host):
        raise UsageError("others could read the credentials on their way", where=parts.netloc, expected="https://…")
    return HTTPConnection(host, port, timeout=seconds)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _answer(response: HTTPResponse) -> Answer:
    content = response.read(LARGEST_ANSWER + 1)
    if len(content) > LARGEST_ANSWER:
        raise ConnectorError("the service says too much", expected=f"at most {LARGEST_ANSWER} bytes")
    try:
        return Answer(response.status, msgspec.json.decode(content) if content else None)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Answer(response.status, None)
