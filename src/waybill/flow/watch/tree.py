"""Looks which files there are: by device and inode, size and time, so that what did not change is not opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from waybill.collect.unpack import is_left_out
from waybill.model.errors import InputError

Number = tuple[int, int]
"""Device and inode: what stays the same when a file is renamed."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file that is there."""

    path: Path
    name: str
    """Relative to what was named."""
    number: Number
    size: int
    mtime: int
    """Nanoseconds."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A file or folder that cannot be read."""

    name: str
    reason: str


def check(paths: Sequence[Path]) -> None:
    """Raise InputError if a path does not exist: at the start that is a mistake."""
    for path in paths:
        if not path.exists():
            raise InputError("there is no such file or folder", where=str(path))


def look(paths: Sequence[Path]) -> tuple[list[Found], list[Trouble]]:
    """Return the files below the paths, each once, and what cannot be looked at; hidden files are left out.

    Links that lead out of a folder are told and not followed. A path that was named may be missing for a while, as
    when a log is rotated; that is told too.
    """
    found: dict[Number, Found] = {}
    troubles = []
    for path in paths:
        if not path.exists():
            troubles.append(Trouble(path.name, "it is no longer there"))
        for one in _walk(path, path, path.resolve()) if path.is_dir() else _stated(path, path.name):
            if isinstance(one, Trouble):
                troubles.append(one)
            else:
                found.setdefault(one.number, one)
    return list(found.values()), troubles


def _walk(folder: Path, top: Path, root: Path) -> Iterator[Found | Trouble]:
    try:
        with os.scandir(folder) as entries:
            inside = sorted(entries, key=lambda entry: entry.name)
    except FileNotFoundError:
        return  # it went while we looked
    except OSError as error:
        yield Trouble(folder.relative_to(top).as_posix(), reason(error))
        return
    for entry in inside:
        if is_left_out(entry.name, folder):
            continue
        path = Path(entry.path)
        name = path.relative_to(top).as_posix()
        if entry.is_symlink() and not path.resolve().is_relative_to(root):
            yield Trouble(name, "it is a link that leads out of the folder")
        elif entry.is_dir(follow_symlinks=False):
            yield from _walk(path, top, root)
        elif entry.is_file():
            yield from _stated(path, name)


def _stated(path: Path, name: str) -> Iterator[Found | Trouble]:
    try:
        status = path.stat()
    except FileNotFoundError:
        return
    except OSError as error:
        yield Trouble(name, reason(error))
    else:
        if not stat.S_ISREG(status.st_mode):
            yield Trouble(name, "it is neither a file nor a folder")
            return
        yield Found(path, name, (status.st_dev, status.st_ino), status.st_size, status.st_mtime_ns)


def reason(error: OSError) -> str:
    """Return why a file cannot be read, in words."""
    return f"it cannot be read: {error.strerror or 'input/output error'}"
