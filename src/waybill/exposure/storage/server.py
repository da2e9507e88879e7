"""File servers on addresses that the operator names: whether anybody may list them, and whether anybody may upload.

``http://``, ``https://`` and ``ftp://`` are looked at with reads alone. ``upload+`` in front asks for a try: an empty
file with a name of its own is put there and taken away again. No redirect is followed: where it leads was not named.
"""

from __future__ import annotations

import ftplib
import http.client
import io
import re
import secrets
import ssl
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any, ClassVar
from urllib.parse import SplitResult, urlsplit

from waybill.exposure.snapshots import NotInspected, Snapshot, Unread
from waybill.model.errors import InputError
from waybill.model.findings import Position

SECONDS = 10
"""To wait for an answer."""

MOST_BYTES = 1 << 20
"""Of a page that are read."""

MOST_NAMES = 1_000
"""Of a listing that are read: one that never ends is a listing."""

TRY = "upload+"
SCHEMES = ("http://", "https://", "ftp://")

_LISTING = re.compile(
    rb"<title>\s*(Index of|Directory listing for)\b|<h1>\s*(Index of|Directory listing for)\b|\[To Parent Directory\]|"
    rb"<ListBucketResult|<EnumerationResults",
    re.IGNORECASE,
)
_NOT_TRIED = Unread("nothing was tried; upload+ before the address asks for it")


class Server(Snapshot):
    """Parts: ``listed`` (what anybody sees of it), ``uploads`` (whether anybody may put a file there), ``left``."""

    channel: ClassVar[str] = "web"


def concerns(target: str) -> bool:
    """Return whether a target is the address of a server."""
    return target.removeprefix(TRY).startswith(SCHEMES)


def read(target: str) -> Iterator[Server | NotInspected]:
    """Yield the server at an address, asked as somebody whom it does not know."""
    tries, address = target.startswith(TRY), urlsplit(target.removeprefix(TRY))
    if not address.hostname or address.username:
        raise InputError("this is no address", where=target[:200], expected="https://HOST/PATH without a name in it")
    ask = _ask_ftp if address.scheme == "ftp" else _ask_http
    place = f"{address.scheme}://{address.netloc}{address.path or '/'}"
    try:
        parts = ask(address, tries)
    except (OSError, http.client.HTTPException, ftplib.Error, EOFError, ValueError) as error:
        yield NotInspected(place, f"it cannot be asked: {type(error).__name__}: {str(error)[:200]}")
        return
    yield Server(place, Position("server", place, 0), (address.hostname, address.netloc), parts)
    if parts["left"]:
        yield NotInspected(place, f"the file that was tried could not be taken away again: {parts['left']}")


def _ask_http(address: SplitResult, tries: bool) -> dict[str, Any]:
    path = (address.path or "/") + (f"?{address.query}" if address.query else "")
    status, content = _request(address, "GET", path)
    listed = "the page lists files" if status == http.client.OK and _LISTING.search(content) else ""
    if not tries:
        return {"listed": listed, "uploads": _NOT_TRIED, "left": ""}
    target = f"{(address.path or '/').rstrip('/')}/{_name()}"
    status, _ = _request(address, "PUT", target)
    uploads, left = 200 <= status < 300, ""
    if uploads:
        deleted, _ = _request(address, "DELETE", target)
        left = "" if 200 <= deleted < 300 else target
    return {"listed": listed, "uploads": uploads, "left": left}


def _request(address: SplitResult, method: str, path: str) -> tuple[int, bytes]:
    connection: http.client.HTTPConnection
    host = address.hostname or ""
    if address.scheme == "https":
        connection = http.client.HTTPSConnection(
            host, address.port, timeout=SECONDS, context=ssl.create_default_context()
        )
    else:
        connection = http.client.HTTPConnection(host, address.port, timeout=SECONDS)
    with closing(connection):
        connection.request(method, path, body=b"" if method == "PUT" else None, headers={"User-Agent": "waybill"})
        answer = connection.getresponse()
        return answer.status, answer.read(MOST_BYTES)


def _ask_ftp(address: SplitResult, tries: bool) -> dict[str, Any]:
    with ftplib.FTP(timeout=SECONDS) as connection:  # noqa: S321  whether it is open is the question
        connection.connect(address.hostname or "", address.port or ftplib.FTP_PORT)
        try:
            connection.login()
        except ftplib.error_perm:
            return {"listed": "", "uploads": False, "left": ""}
        connection.cwd(address.path or "/")
        names = _names(connection)
        listed = f"{len(names):,} names for the login anonymous" if names else ""
        if not tries:
            return {"listed": listed, "uploads": _NOT_TRIED, "left": ""}
        name = _name()
        try:
            connection.storbinary(f"STOR {name}", io.BytesIO())
        except ftplib.Error:
            return {"listed": listed, "uploads": False, "left": ""}
        try:
            connection.delete(name)
        except ftplib.Error:
            return {"listed": listed, "uploads": True, "left": name}
        return {"listed": listed, "uploads": True, "left": ""}


def _names(connection: ftplib.FTP) -> list[str]:
    names: list[str] = []

    def add(line: str) -> None:
        names.append(line)
        if len(names) >= MOST_NAMES:
            raise _EnoughError

    with suppress(_EnoughError, ftplib.error_perm):
        connection.retrlines("NLST", add)
    return names


class _EnoughError(Exception):
    """More names are not needed."""


def _name() -> str:
    return f"waybill-try-{secrets.token_hex(8)}.txt"
