"""Opens what was named and unpacks it, bounded: files, folders and standard input; gzip, bzip2, xz and zstd.

Packing is recognised by the first bytes, never by name, and may be nested once. Blocks come out small, so that a
bomb is noticed long before it fills the memory.
"""

from __future__ import annotations

import bz2
import io
import lzma
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from waybill.collect.plan import MEBIBYTE, Limits
from waybill.model.errors import BombError, InputError

STDIN = Path("-")
"""Names standard input among the paths to read."""

_BLOCK = MEBIBYTE
_LAYERS = 2
_XZ_MEMORY = 128 * MEBIBYTE
"""Memory for the dictionary of an xz stream; level 9 needs 65 MiB."""

Blocks = Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read and the name it goes by."""

    path: Path
    name: str
    """Relative to what was named."""
    problem: str = ""
    """Why it is not to be read, if so."""


def sources(paths: list[Path]) -> Iterator[Source]:
    """Yield every file that the paths name, each once; folders recursively, sorted, without hidden files.

    Links that lead out of a folder are told and not followed. Raises InputError for a path that does not exist.
    """
    seen: set[Path] = set()
    for path in paths:
        if path != STDIN and not path.exists():
            raise InputError("there is no such file or folder", where=str(path))
    for path in paths:
        for source in _walk(path) if path.is_dir() else [Source(path, path.name)]:
            real = source.path.resolve() if path != STDIN else path
            if real not in seen:
                seen.add(real)
                yield source


def _walk(folder: Path) -> Iterator[Source]:
    root = folder.resolve()
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        parts = relative.parts
        if any(is_left_out(part, folder.joinpath(*parts[:place])) for place, part in enumerate(parts)):
            continue
        if path.is_symlink() and not path.resolve().is_relative_to(root):
            yield Source(path, relative.as_posix(), "it is a link that leads out of the folder")
        elif path.is_file():
            yield Source(path, relative.as_posix())


def is_left_out(name: str, folder: Path) -> bool:
    """Return whether something of a folder is not read: it is hidden, or a message that is still being delivered.

    Folders of mail in a folder of mail begin with a dot (Maildir++), and messages pass through one called ``tmp``.
    """
    if name == "tmp":
        return (folder / "cur").is_dir()
    return name.startswith(".") and not (folder / name / "cur").is_dir()


class Counted:
    """A binary stream that counts what was read of it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.count = 0

    def read(self, size: int = _BLOCK) -> bytes:
        """Read at most ``size`` bytes; empty at the end."""
        block = self._stream.read(size)
        self.count += len(block)
        return block


@contextmanager
def opened(path: Path) -> Iterator[Counted]:
    """Open a file, or standard input, to be unpacked."""
    if path == STDIN:
        yield Counted(sys.stdin.buffer)
        return
    with path.open("rb", buffering=0) as stream:
        yield Counted(stream)


def is_packed(head: bytes) -> bool:
    """Return whether a file that begins so is packed."""
    return head.startswith(tuple(magic for magic, _ in _PACKINGS))


def unpacked(stream: Counted, limits: Limits) -> Blocks:
    """Yield the content, unpacked, in blocks.

    Raises BombError as soon as it unpacks to more than allowed, and InputError where packed data are damaged or cut
    off, after everything before the damage.
    """
    blocks: Blocks = iter(stream.read, b"")
    packed = False
    for _ in range(_LAYERS):
        blocks, head = _peek(blocks)
        unpack = next((unpack for magic, unpack in _PACKINGS if head.startswith(magic)), None)
        if unpack is None:
            break
        blocks, packed = unpack(blocks), True
    yield from _bounded(blocks, stream, limits) if packed else blocks


def _peek(blocks: Blocks) -> tuple[Blocks, bytes]:
    """Return the same blocks and the first six bytes."""
    head = b""
    for block in blocks:
        head += block
        if len(head) >= 6:
            break
    return _chain(head, blocks), head[:6]


def _chain(head: bytes, blocks: Blocks) -> Blocks:
    if head:
        yield head
    yield from blocks


def _bounded(blocks: Blocks, stream: Counted, limits: Limits) -> Blocks:
    unpacked = 0
    for block in blocks:
        unpacked += len(block)
        if unpacked > limits.unpack_free and unpacked > limits.unpack_ratio * stream.count:
            raise BombError(
                f"it unpacks to more than {limits.unpack_ratio} times its size",
                expected=f"at most {limits.unpack_ratio} times",
                advice="If it is a log after all, raise max_unpack_ratio, or unpack it yourself.",
            )
        yield block


def _gzip(blocks: Blocks) -> Blocks:
    return _streams(blocks, _Gzip)


def _bzip2(blocks: Blocks) -> Blocks:
    return _streams(blocks, bz2.BZ2Decompressor)


def _xz(blocks: Blocks) -> Blocks:
    return _streams(blocks, lambda: lzma.LZMADecompressor(lzma.FORMAT_AUTO, memlimit=_XZ_MEMORY))


class _Gzip:
    """A zlib decompressor with the interface of those for bzip2 and xz."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data


def _streams(blocks: Blocks, new: Callable[[], Any]) -> Blocks:
    """Unpack streams that follow each other, as log rotation appends them; zeros behind the last are padding."""
    decompressor: Any = None
    for block in blocks:
        pending = block
        while pending or (decompressor and not decompressor.needs_input):
            if decompressor is None:
                pending = pending.lstrip(b"\0")
                if not pending:
                    break
                decompressor = new()
            try:
                out = decompressor.decompress(pending, _BLOCK)
            except (zlib.error, lzma.LZMAError, OSError, EOFError) as error:
                raise _damaged() from error
            pending = b""
            if decompressor.eof:
                pending, decompressor = decompressor.unused_data, None
            if out:
                yield out
    if decompressor is not None:
        raise InputError("the packed data end too early", advice="The file may still have been written: read it again.")


def _zstd(blocks: Blocks) -> Blocks:
    import pyarrow as pa

    stream = pa.CompressedInputStream(pa.PythonFile(_Readable(blocks), "r"), "zstd")
    while True:
        try:
            out = stream.read(_BLOCK)
        except OSError as error:
            if "Truncated" in str(error):
                raise InputError("the packed data end too early") from error
            raise _damaged() from error
        if not out:
            return
        yield out


class _Readable(io.RawIOBase):
    """Blocks as a file, for libraries that ask for one."""

    def __init__(self, blocks: Blocks) -> None:
        super().__init__()
        self._blocks = blocks
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self._rest:
            self._rest = next(self._blocks, b"")
        size = len(self._rest) if size < 0 else size
        block, self._rest = self._rest[:size], self._rest[size:]
        return block


def _damaged() -> InputError:
    return InputError("the packed data are damaged", advice="Fetch the file again from its source.")


_PACKINGS: tuple[tuple[bytes, Callable[[Blocks], Blocks]], ...] = (
    (b"\x1f\x8b\x08", _gzip),
    (b"BZh", _bzip2),
    (b"\xfd7zXZ\0", _xz),
    (b"\x28\xb5\x2f\xfd", _zstd),
)
"""First bytes and unpacker (RFC 1952, bzip2, XZ file format 1.2, RFC 8878)."""
