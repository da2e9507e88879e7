"""Writing so that it is still there after the power fails: fsync of files and folders, atomic replacement.

A file is durable once its bytes *and* the folder entry that names it are synced; neither implies the other.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from waybill.model.errors import StorageError

FILE_MODE = 0o600
FOLDER_MODE = 0o700

_ADVICE = {
    errno.ENOSPC: "free some disk space, then run the same command again; nothing acknowledged is lost",
    errno.EDQUOT: "raise the disk quota or free some space, then run the same command again",
    errno.EFBIG: "raise the limit on file sizes (ulimit -f), then run the same command again",
    errno.EROFS: "mount the file system for writing",
    errno.EACCES: "run as the user who owns the data folder",
    errno.EPERM: "run as the user who owns the data folder",
    errno.EIO: "check the disk (kernel log, SMART), then run `waybill lake verify`",
    errno.EMFILE: "raise the limit on open files (ulimit -n)",
}


@contextmanager
def storage_faults(what: str, where: Path) -> Iterator[None]:
    """Turn an ``OSError`` inside the block into a ``StorageError`` that says what was tried, where and what to do."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        advice = _ADVICE.get(error.errno or 0, "check the disk and the folder's permissions, then try again")
        raise StorageError(f"{what}: {reason}", where=str(error.filename or where), advice=advice) from error


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Make the bytes of ``path`` durable, whoever wrote them."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Create ``folder`` (and what lies above it) for the owner only, durably; nothing happens if it exists."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
    sync_folder(folder.parent)


def write_at(descriptor: int, offset: int, parts: Sequence[bytes | memoryview]) -> int:
    """Write ``parts`` one after the other from ``offset`` on and return the offset after them."""
    for part in parts:
        rest = memoryview(part)
        while rest:
            written = os.pwrite(descriptor, rest, offset)
            offset += written
            rest = rest[written:]
    return offset


def write_file(path: Path, content: bytes | memoryview) -> None:
    """Put ``content`` at ``path`` in one step: readers see the old file or the whole new one.

    The bytes are durable on return; the name is not until the folder is synced.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, FILE_MODE)
    try:
        write_at(descriptor, 0, [content])
        os.fsync(descriptor)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
    temporary.rename(path)


def replace_file(path: Path, content: bytes | memoryview) -> None:
    """Put ``content`` at ``path`` in one step, durably."""
    write_file(path, content)
    sync_folder(path.parent)
