"""What a target names, item by item: files of a folder, one file, objects of a bucket, tables of a database."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from waybill.content.parsing import Piece, Readers
from waybill.model.errors import InputError

_FIRST_PERSON = 1000
"""Accounts below this number belong to the system."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that may be inspected."""

    name: str
    """Within its place: a path, a key, a table."""
    read: Callable[[Readers], Iterator[Piece]]
    size: int = 0
    version: str = ""
    """Changes whenever the content does; empty where nothing tells."""
    owner: str = ""
    """The account it belongs to; a person's name, to be replaced by a pseudonym before anything is written."""
    person: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """A place whose items are inspected."""

    place: str
    """How it is named, without credentials."""
    items: Iterator[Item]
    whole: bool = True
    """Whether these are all the items of the place: what is missing is gone."""


def target(named: str) -> Target:
    """Return what ``named`` stands for. Raises InputError where there is nothing, UsageError for a missing extra."""
    if named.startswith("s3://"):
        from waybill.flow.discovery.buckets import bucket

        return bucket(named)
    if "://" in named:
        from waybill.flow.discovery.databases import database

        return database(named)
    path = Path(named)
    if path.is_dir():
        return Target(str(path.resolve()), _folder(path.resolve()))
    if not path.exists():
        raise InputError("there is no such file or folder", where=named)
    return Target(str(path.resolve().parent), iter([_file(path.resolve(), path.name)]), whole=False)


def _folder(root: Path) -> Iterator[Item]:
    """Yield the files below a folder, hidden ones too, in order; links are told and not followed."""
    pending = [root]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError:
            yield _file(folder, folder.relative_to(root).as_posix())  # reading it says why not
            continue
        inner = []
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                inner.append(Path(entry.path))
            else:
                yield _file(Path(entry.path), Path(entry.path).relative_to(root).as_posix())
        pending += reversed(inner)


def _file(path: Path, name: str) -> Item:
    read = partial(_read, path)
    name = os.fsencode(name).decode("utf-8", "replace")  # names of files are bytes, in whatever encoding
    with suppress(OSError):
        status = path.lstat()
        size = status.st_size if stat.S_ISREG(status.st_mode) else 0
        version = f"{status.st_size}-{status.st_mtime_ns}-{status.st_ino}"
        owner = _account(status.st_uid)
        return Item(name, read, size, version, owner, status.st_uid >= _FIRST_PERSON)
    return Item(name, read)


def _read(path: Path, readers: Readers) -> Iterator[Piece]:
    return readers.read(path)


def _account(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return ""
