"""A web root or a file share on this machine: what lies in it that should not, and who may read and write it."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from waybill.exposure.folders import MOST_FILES, shown
from waybill.exposure.snapshots import NotInspected, Snapshot
from waybill.model.findings import Position

_WEB = ("index.html", "index.htm", "index.php", "wp-config.php", "web.config", ".htaccess")
"""What makes a folder a web root."""

_COPIES = re.compile(
    r"(\.(bak|old|orig|save|swp|dump|sql|sqlite3?|db|mdb|dmp|bkp|backup)(\.(gz|xz|zst|bz2|zip))?|~|"
    r"(backup|dump|export)[\w.-]*\.(zip|tar|tgz|gz|7z|rar|csv|xlsx?))$",
    re.IGNORECASE,
)
_SECRETS = re.compile(
    r"^(\.env(\..+)?|\.htpasswd|id_(rsa|dsa|ecdsa|ed25519)|.*\.(pem|key|pfx|p12|jks|kdbx)|\.git)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in the folder that a check asked for."""

    path: str
    """Relative to the folder, with what cannot be shown replaced."""
    bytes: int


class Folder(Snapshot):
    """Parts are lists of ``Entry``, gathered in one walk."""

    channel: ClassVar[str] = "web"

    @property
    def is_web_root(self) -> bool:
        """Whether a web server would serve it."""
        return bool(self.part("web root"))

    def entries(self, name: str) -> list[Entry]:
        """Return what was gathered under a name: copies, secrets, writable."""
        return list(self.part(name))


def read(root: Path) -> Iterator[Folder | NotInspected]:
    """Yield the folder, and what in it could not be looked at."""
    gathered: dict[str, list[Entry]] = {name: [] for name in ("copies", "secrets", "writable")}
    gaps: list[NotInspected] = []
    seen = 0
    place = str(root.absolute())

    def refused(error: OSError) -> None:
        gaps.append(NotInspected(shown(str(error.filename)), error.strerror or "cannot be read"))

    for folder, folders, files in os.walk(root, onerror=refused, followlinks=False):
        folders.sort()
        for name in sorted([*files, *[one for one in folders if _SECRETS.match(one)]]):
            seen += 1
            path = f"{folder}/{name}"  # much quicker than a Path, where a whole share is walked
            try:
                found = os.lstat(path)
            except OSError as error:
                refused(error)
                continue
            _gather(gathered, Entry(shown(os.path.relpath(path, root)), found.st_size), name, found.st_mode)
        if seen > MOST_FILES:
            gaps.append(NotInspected(place, f"there are more than {MOST_FILES:,} files; name folders below it"))
            break
    web = any((root / name).is_file() for name in _WEB)
    yield Folder(place, Position("folder", place, 0), (root.name,), {"web root": web, **gathered})
    yield from gaps


def _gather(gathered: dict[str, list[Entry]], entry: Entry, name: str, mode: int) -> None:
    if stat.S_ISLNK(mode):
        return
    if _COPIES.search(name):
        gathered["copies"].append(entry)
    if _SECRETS.match(name):
        gathered["secrets"].append(entry)
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        gathered["writable"].append(entry)
