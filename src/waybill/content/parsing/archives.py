"""Archives and packed files. Members are read where they lie: nothing is ever written, and no name is ever a path."""

from __future__ import annotations

import bz2
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any, BinaryIO, cast

from waybill.content.parsing.pieces import Caveat, Content, Reason
from waybill.content.parsing.plan import MEBIBYTE, Exhausted, Refused
from waybill.content.parsing.reading import Source, Task

_XZ_MEMORY = 128 * MEBIBYTE
"""Memory for the dictionary of an xz stream; level 9 needs 65 MiB."""

_ENCRYPTED = 0x1
_LINK = 0o120000


def zipped(source: Source, task: Task) -> Iterator[Content]:
    """Yield what the members of a zip file hold; documents of an office are zip files too."""
    from waybill.content.parsing.office import OFFICE, office_format

    with zipfile.ZipFile(source.opened()) as archive:
        names = set(archive.NameToInfo)
        if kind := office_format(archive, names):
            task.format = kind
            yield from OFFICE[kind](archive, task)
            return
        for info in archive.infolist():
            if not info.is_dir():
                yield from zip_member(archive, info, task)


def zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, task: Task) -> Iterator[Content]:
    """Yield what one member holds, or why it could not be read; the others are read all the same."""
    place = task.place.inside(info.filename)
    if info.flag_bits & _ENCRYPTED:
        yield Caveat(place, Reason.ENCRYPTED)
        return
    if (info.external_attr >> 16) & 0o170000 == _LINK:
        yield Caveat(place, Reason.LINK)
        return
    try:
        with archive.open(info) as stream:
            member = task.unpacked(cast(BinaryIO, stream), info.compress_size)
    except _FAULTS as error:
        yield Caveat(place, *_why(error))
        return
    yield from _outside(info.filename, task)
    yield from task.member(info.filename, member)


def tar(source: Source, task: Task) -> Iterator[Content]:
    """Yield what the members of a tar file hold."""
    yield from _tar(source.opened(), task)


def _tar(stream: Any, task: Task) -> Iterator[Content]:
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for info in archive:
            if info.isdir():
                continue
            if not info.isreg():
                yield Caveat(task.place.inside(info.name), Reason.LINK)
                continue
            content = archive.extractfile(info)
            member = task.unpacked(cast(BinaryIO, content), info.size)
            yield from _outside(info.name, task)
            yield from task.member(info.name, member)


def packed(source: Source, task: Task) -> Iterator[Content]:
    """Yield what a file packed by gzip, bzip2, xz or zstd holds; a tar file in it is read as it is unpacked."""
    stream = _Unpacking(source, task)
    if stream.peek(512).startswith(b"ustar", 257):
        task.format = f"tar in {task.format}"
        yield from _tar(stream, task)
    else:
        yield from task.member("content", _held(stream, task))
    if stream.fault:
        yield Caveat(task.place, *_why(stream.fault))


def _held(stream: _Unpacking, task: Task) -> Source:
    """Return what is unpacked, as far as one member may be held."""
    data = stream.read(task.budget.limits.member + 1)
    most = task.budget.limits.member
    return Source.of(data[:most], cut=len(data) > most)


class _Unpacking(io.RawIOBase):
    """A packed stream as its content, counted; where it is damaged, it ends and ``fault`` says why."""

    def __init__(self, source: Source, task: Task) -> None:
        super().__init__()
        self._blocks = task.counted(cast(BinaryIO, _OPENERS[task.format](source.opened())), source.size)
        self._rest = b""
        self.fault: Exception | None = None

    def readable(self) -> bool:
        """Return True."""
        return True

    def peek(self, size: int) -> bytes:
        """Return the next bytes without taking them, at least ``size`` of them where there are so many."""
        while len(self._rest) < size and (block := self._next()):
            self._rest += block
        return self._rest

    def read(self, size: int = -1) -> bytes:
        """Return ``size`` bytes, fewer only at the end."""
        parts, length = [self._rest], len(self._rest)
        while (size < 0 or length < size) and (block := self._next()):
            parts.append(block)
            length += len(block)
        data = b"".join(parts)
        if size < 0:
            size = length
        self._rest = data[size:]
        return data[:size]

    def _next(self) -> bytes:
        if self.fault:
            return b""
        try:
            return next(self._blocks, b"")
        except _FAULTS as error:
            self.fault = error
            return b""


def seven_zip(source: Source, task: Task) -> Iterator[Content]:
    """Yield what the members of a 7z file hold, if the extra that reads them is installed."""
    try:
        import py7zr
        from py7zr.io import BytesIOFactory
    except ImportError as error:
        raise Refused(Reason.EXTRA, "archives") from error
    limit = task.budget.limits.member
    with py7zr.SevenZipFile(source.opened()) as archive:
        if archive.needs_password():
            raise Refused(Reason.ENCRYPTED)
        for info in archive.list():
            if info.is_directory:
                continue
            if info.is_symlink:
                yield Caveat(task.place.inside(info.filename), Reason.LINK)
                continue
            if info.uncompressed > limit:
                yield Caveat(task.place.inside(info.filename), Reason.SIZE)
                continue
            factory = BytesIOFactory(limit)
            archive.reset()
            archive.extract(targets=[info.filename], factory=factory)
            for content in factory.products.values():
                content.seek(0)
                member = task.unpacked(cast(BinaryIO, content), max(source.size, 1))
                yield from _outside(info.filename, task)
                yield from task.member(info.filename, member)


def _gzip(stream: BinaryIO) -> Any:
    import gzip

    return gzip.GzipFile(fileobj=stream)


class _Xz:
    """An xz stream whose dictionary may take only so much memory."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._new()

    def _new(self) -> None:
        self._inner = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)

    def read(self, size: int) -> bytes:
        """Return at most ``size`` bytes; empty at the end."""
        pending = b""
        while True:
            if self._inner.eof:
                pending = self._inner.unused_data.lstrip(b"\0") or self._stream.read(65_536).lstrip(b"\0")
                if not pending:
                    return b""
                self._new()
            elif self._inner.needs_input:
                pending = self._stream.read(65_536)
                if not pending:
                    raise EOFError
            data = self._inner.decompress(pending, size)
            pending = b""
            if data:
                return data


def _zstd(stream: BinaryIO) -> Any:
    import pyarrow as pa

    return pa.CompressedInputStream(pa.PythonFile(stream, "r"), "zstd")


_OPENERS: dict[str, Callable[[BinaryIO], Any]] = {"bzip2": bz2.BZ2File, "gzip": _gzip, "xz": _Xz, "zstd": _zstd}
"""What unpacks a stream, by format."""


def _outside(name: str, task: Task) -> Iterator[Caveat]:
    """Yield a caveat for a name that leads out of the archive."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or name[1:2] == ":":
        yield Caveat(task.place.inside(name), Reason.OUTSIDE)


_FAULTS = (
    Refused, EOFError, OSError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError,
    ValueError, MemoryError,
)  # fmt: skip
"""What reading a member may raise; the members after it can still be read."""


def _why(error: Exception) -> tuple[Reason, str]:
    """Return the reason that a fault of reading amounts to. What exhausts the whole file is raised again."""
    if isinstance(error, Exhausted):
        raise error
    if isinstance(error, Refused):
        return error.reason, error.detail
    if isinstance(error, MemoryError):
        return Reason.MEMORY, ""
    if isinstance(error, NotImplementedError):
        return Reason.UNKNOWN, "a packing that is not read"
    return Reason.DAMAGED, type(error).__name__
