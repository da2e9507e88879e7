"""The hashes of everything below a folder, read once: what a deployed platform is made of."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote_from_bytes

from waybill.exposure.folders import shown
from waybill.exposure.snapshots import NotInspected

LINK = "link:"
"""What stands before the target of a link, where a file has its hash."""

PIECE = 1 << 20
"""Bytes that are read at once: most files are shorter."""

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""A file that became a link or a pipe since the folder was listed is not followed and not waited for."""


@dataclass(slots=True)
class Contents:
    """What lies below a folder."""

    digests: dict[str, str] = field(default_factory=dict)
    """SHA-256 as hex, or ``link:`` and a target, by path."""
    gaps: list[NotInspected] = field(default_factory=list)
    """What could not be read, by path or by folder with a slash at its end."""

    def could_not_read(self, path: str) -> bool:
        """Return whether this path, or a folder that it lies in, could not be read."""
        return any(path == gap.what or (gap.what.endswith("/") and path.startswith(gap.what)) for gap in self.gaps)


def contents_of(root: Path) -> Contents:
    """Return the hashes of all files below a folder; links are kept as links and never followed."""
    found, waiting = Contents(), [(str(root), "")]
    while waiting:
        folder, prefix = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    name = prefix + named(entry.name)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append((entry.path, f"{name}/"))
                    else:
                        _add(found, entry, name)
        except OSError as error:
            found.gaps.append(NotInspected(prefix or shown(folder), error.strerror or "cannot be read"))
    return found


def named(name: str) -> str:
    """Return a name on disk as text that stands for it alone: what cannot be printed is written as in an address."""
    if name.isprintable() and "%" not in name:
        return name
    return quote_from_bytes(os.fsencode(name), safe=" !#$&'()+,;=@[]{}~^/")


def _add(found: Contents, entry: os.DirEntry[str], name: str) -> None:
    try:
        if entry.is_symlink():
            found.digests[name] = LINK + named(os.readlink(entry.path))  # noqa: PTH115  much quicker than a Path
        elif entry.is_file(follow_symlinks=False):
            found.digests[name] = digest_of(entry.path)
        else:
            found.gaps.append(NotInspected(name, "it is neither a file nor a folder"))
    except OSError as error:
        found.gaps.append(NotInspected(name, error.strerror or "cannot be read"))


def digest_of(path: str) -> str:
    """Return the SHA-256 of a file as hex. Raises OSError."""
    handle = os.open(path, _FLAGS)
    try:
        piece = os.read(handle, PIECE)
        total = hashlib.sha256(piece)
        while len(piece) == PIECE:
            piece = os.read(handle, PIECE)
            total.update(piece)
        return total.hexdigest()
    finally:
        os.close(handle)
