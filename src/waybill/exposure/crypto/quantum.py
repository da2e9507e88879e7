"""Whether a TLS endpoint would exchange keys that withstand a quantum computer: one message asks, one answers.

A ClientHello (RFC 8446) that allows one group and brings no key for it makes a server that speaks the group ask for the
key (HelloRetryRequest), and any other end the handshake. Nothing is exchanged, and nothing else is learnt.
"""

from __future__ import annotations

import secrets
import socket
from struct import error as StructError  # noqa: N812
from struct import pack, unpack_from

from waybill.exposure.snapshots import NotInspected

X25519MLKEM768 = 0x11EC
"""The hybrid group that browsers use (draft-ietf-tls-ecdhe-mlkem)."""

SECONDS = 10
_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""The random of a ServerHello that asks for another key (RFC 8446, section 4.1.3)."""
_SUITES = (0x1301, 0x1302, 0x1303)
_SCHEMES = (0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0807)
_HANDSHAKE, _ALERT, _SERVER_HELLO = 22, 21, 2
_KEY_SHARE = 51


def speaks(host: str, port: int, group: int = X25519MLKEM768) -> bool:
    """Return whether an endpoint would use a group. Raises ``NotInspected`` if it cannot be asked."""
    where = f"tls://{host}:{port}"
    try:
        with socket.create_connection((host.strip("[]"), port), SECONDS) as connection:
            connection.sendall(_hello(host.strip("[]"), group))
            kind, content = _record(connection)
    except (OSError, UnicodeError) as error:
        raise NotInspected(where, f"it cannot be asked: {type(error).__name__}") from None
    if kind == _ALERT:
        return False
    if kind != _HANDSHAKE or content[:1] != bytes([_SERVER_HELLO]):
        raise NotInspected(where, "it answers with something else than TLS")
    return _asked_for(content) == group


def _asked_for(hello: bytes) -> int:
    """Return the group whose key a HelloRetryRequest asks for; 0 if the message is another one."""
    if hello[6:38] != _RETRY:
        return 0
    try:
        at = 39 + hello[38] + 3  # session, suite and compression
        (length,) = unpack_from("!H", hello, at)
        at, end = at + 2, at + 2 + length
        while at + 4 <= end:
            kind, size = unpack_from("!HH", hello, at)
            if kind == _KEY_SHARE:
                return int(unpack_from("!H", hello, at + 4)[0])
            at += 4 + size
    except (IndexError, StructError):
        return 0
    return 0


def _record(connection: socket.socket) -> tuple[int, bytes]:
    head = _exactly(connection, 5)
    return head[0], _exactly(connection, unpack_from("!H", head, 3)[0])


def _exactly(connection: socket.socket, count: int) -> bytes:
    content = b""
    while len(content) < count:
        piece = connection.recv(count - len(content))
        if not piece:
            raise ConnectionError("it ended")
        content += piece
    return content


def _hello(host: str, group: int) -> bytes:
    name = host.encode("idna") if not host.replace(".", "").isdigit() and ":" not in host else b""
    extensions = b"".join((
        _extension(0, _list(b"\0" + _list(name))) if name else b"",
        _extension(10, _list(pack("!H", group))),
        _extension(13, _list(b"".join(pack("!H", one) for one in _SCHEMES))),
        _extension(43, b"\x02\x03\x04"),
        _extension(_KEY_SHARE, _list(b"")),
    ))  # fmt: skip
    suites = _list(b"".join(pack("!H", one) for one in _SUITES))
    session = secrets.token_bytes(32)
    body = b"\x03\x03" + secrets.token_bytes(32) + b"\x20" + session + suites + b"\x01\x00" + _list(extensions)
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    return pack("!BHH", _HANDSHAKE, 0x0301, len(message)) + message


def _list(content: bytes) -> bytes:
    return pack("!H", len(content)) + content


def _extension(kind: int, content: bytes) -> bytes:
    return pack("!H", kind) + _list(content)
