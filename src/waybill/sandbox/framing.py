"""Parts over a stream, each behind its length as eight bytes, the lowest first."""

from __future__ import annotations

import struct
from typing import Any, BinaryIO

LENGTH = struct.Struct("<Q")
"""How a length is written."""


def send(stream: BinaryIO, *parts: Any) -> None:
    """Write parts, bytes or buffers of bytes, each behind its length."""
    for part in parts:
        view = memoryview(part).cast("B")
        for piece in (memoryview(LENGTH.pack(len(view))), view):
            rest = piece
            while rest:
                rest = rest[stream.write(rest) :]  # a pipe may take less than it is given
    stream.flush()


def receive(stream: BinaryIO) -> bytes:
    """Read one part. Raises EOFError where the other side is gone."""
    (length,) = LENGTH.unpack(_exactly(stream, LENGTH.size))
    return _exactly(stream, length)


def _exactly(stream: BinaryIO, length: int) -> bytes:
    data = stream.read(length)
    if data is None or len(data) < length:
        raise EOFError
    return data
