"""The unpacked content of a file, read forward from any place: plain files by position, packed ones by unpacking."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO

from waybill.collect.plan import Limits
from waybill.collect.unpack import Counted, is_packed, unpacked
from waybill.model.errors import InputError

_BLOCK = 1 << 20

PRINT_BYTES = 1024
"""How much of the beginning, and of what was read last, tells whether a file is the one that was read before."""


class Contents:
    """What a file holds, unpacked, from its beginning on.

    Where reading fails, it ends there and ``failure`` says why. The file stays open; it is the caller's.
    """

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        file.seek(0, io.SEEK_SET)
        self.packed = is_packed(file.read(8))
        file.seek(0, io.SEEK_SET)
        self._stream = Counted(file)
        self._file = file
        self._blocks = unpacked(self._stream, limits) if self.packed else None
        self._buffer = b""
        self.offset = 0
        """Bytes that were read or skipped."""
        self.first = b""
        self.last = b""
        """The first and the last bytes before ``offset``, at most ``PRINT_BYTES``."""
        self.failure: InputError | None = None

    @property
    def folder(self) -> Path | None:
        """Where the file lies, if that is known."""
        name = getattr(self._file, "name", None)
        return Path(name).parent if isinstance(name, str | Path) else None

    def read(self, size: int) -> bytes:
        """Return ``size`` bytes, fewer only at the end of what there is."""
        while len(self._buffer) < size and (block := self._next()):
            self._buffer += block
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        self.offset += len(data)
        self.first = (self.first + data[:PRINT_BYTES])[:PRINT_BYTES]
        self.last = (self.last + data[-PRINT_BYTES:])[-PRINT_BYTES:]
        return data

    def skip(self, offset: int) -> None:
        """Go on at ``offset``, which lies ahead; where there is less, at the end."""
        self.read(min(PRINT_BYTES, offset - self.offset))
        if self._blocks is None and offset - PRINT_BYTES > self.offset:
            self.offset = self._file.seek(offset - PRINT_BYTES, io.SEEK_SET)
            self._buffer = b""
        while self.offset < offset and self.read(min(_BLOCK, offset - self.offset)):
            pass

    def _next(self) -> bytes:
        try:
            return self._stream.read(_BLOCK) if self._blocks is None else next(self._blocks, b"")
        except InputError as error:
            self.failure = error
        except OSError as error:
            self.failure = InputError(f"it cannot be read: {error.strerror or 'input/output error'}")
        self._blocks = iter(())
        return b""
