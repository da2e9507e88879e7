"""A web root or a file share on this machine: what lies in it that should not, and who may read and write it."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from waybill.exposure.folders import Found, shown, walk
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
        """Return what was gathered under a name: copies, secrets, writable, served (all files of a web root)."""
        return list(self.part(name))


def read(root: Path) -> Iterator[Folder | NotInspected]:
    """Yield the folder, and what in it could not be looked at."""
    web = any((root / name).is_file() for name in _WEB)
    gathered: dict[str, list[Entry]] = {name: [] for name in ("copies", "secrets", "writable", "served")}
    gaps: list[NotInspected] = []
    for found in walk(root):
        if isinstance(found, NotInspected):
            gaps.append(found)
        elif _SECRETS.match(found.name) or not stat.S_ISDIR(found.status.st_mode):
            entry = Entry(shown(os.path.relpath(found.path, root)), found.status.st_size)
            _gather(gathered, found, entry)
            if web and found.is_file:
                gathered["served"].append(entry)
    place = str(root.absolute())
    yield Folder(place, Position("folder", place, 0), (root.name,), {"web root": web, **gathered})
    yield from gaps


def _gather(gathered: dict[str, list[Entry]], found: Found, entry: Entry) -> None:
    if _COPIES.search(found.name):
        gathered["copies"].append(entry)
    if _SECRETS.match(found.name):
        gathered["secrets"].append(entry)
    mode = found.status.st_mode
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        gathered["writable"].append(entry)
