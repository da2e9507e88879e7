"""Hashes as sha256sum prints them, from machines and controllers where nothing else of Waybill's can run."""

from __future__ import annotations

import re
from pathlib import Path

from waybill.exposure.deployed.tree import Contents, named
from waybill.exposure.documents import MOST_BYTES
from waybill.exposure.folders import shown
from waybill.exposure.snapshots import NotInspected
from waybill.model.errors import InputError

_LINE = re.compile(r"(?P<escaped>\\?)(?P<digest>[0-9a-fA-F]{64}) [ *](?P<path>.+)")
_ESCAPES = {"\\\\": "\\", "\\n": "\n", "\\r": "\r"}


def read(path: Path) -> Contents:
    """Return the hashes that a file lists. Raises InputError if it is no such list."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError("the list is too long", where=str(path), expected=f"at most {MOST_BYTES >> 20} MiB")
        lines = path.read_bytes().decode("utf-8", "surrogateescape").splitlines()
    except OSError as error:
        raise InputError(f"the list cannot be read: {error.strerror}", where=str(path)) from None
    found = Contents()
    for number, line in enumerate(lines, 1):
        match = _LINE.fullmatch(line)
        if match:
            name = match["path"]
            if match["escaped"]:
                name = re.sub(r"\\[\\nr]", lambda one: _ESCAPES[one[0]], name)
            segments = name.removeprefix("./").split("/")
            found.digests["/".join(map(named, segments))] = match["digest"].lower()
        elif line.strip():
            found.gaps.append(NotInspected(f"{shown(path.name)}:{number}", "the line is no hash with a path"))
    if not found.digests:
        raise InputError("the file lists no hashes", where=str(path), expected="what `sha256sum` prints, or a folder")
    return found
