"""Installed packages of Python: whether their files are as their RECORD says, and what nobody installed.

A RECORD is not signed: who changes a file can change its line too. So a manifest approves a package by one hash over
all lines of its RECORD; without a manifest, only clumsy changes are seen.
"""

from __future__ import annotations

import base64
import binascii
import csv
import hashlib
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from waybill.exposure.deployed.manifest import Package
from waybill.exposure.deployed.tree import named
from waybill.exposure.folders import content_of
from waybill.exposure.snapshots import NotInspected

MOST_BYTES = 64 << 20
_NOTES = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "RECORD.jws", "RECORD.p7s"}
"""What installers note beside a package: data that nobody runs, and other at each machine."""

_INFO = re.compile(r"(?P<name>[^/]+?)-(?P<version>[^/-]+)\.dist-info$")


@dataclass(slots=True)
class Installed:
    """A package as it lies on disk."""

    package: Package
    site: str
    """The folder that it is imported from, with a slash at its end; empty for the root."""
    files: set[str] = field(default_factory=set)
    """Paths of the files that are as its RECORD says."""
    altered: list[str] = field(default_factory=list)
    """Paths of the files that are not, or are gone."""


def installed_in(root: Path, digests: Mapping[str, str]) -> tuple[list[Installed], list[NotInspected]]:
    """Return the packages below a folder whose hashes are known, and the RECORDs that cannot be read."""
    found, gaps = [], []
    for path in sorted(digests):
        if path.endswith(".dist-info/RECORD"):
            try:
                found.append(_installed(root, path, digests))
            except NotInspected as gap:
                gaps.append(gap)
    return found, gaps


def _installed(root: Path, record: str, digests: Mapping[str, str]) -> Installed:
    info = posixpath.dirname(record)
    match = _INFO.match(posixpath.basename(info))
    if match is None:
        raise NotInspected(record, "its folder is not named after a package")
    site = posixpath.dirname(info)
    site = f"{site}/" if site else ""
    one, lines = Installed(Package(match["name"], match["version"], ""), site), []
    for path, digest in _entries(content_of(root / record, MOST_BYTES, record), record):
        where = "/".join(map(named, posixpath.normpath(site + path).split("/")))
        if not where.startswith(site) or where.startswith("../"):
            continue  # a command beside the packages, which a RECORD does not speak for: anybody could claim any file
        if where.startswith(f"{info}/") and posixpath.basename(where) in _NOTES:
            one.files.add(where)
        elif digest:
            lines.append(f"{path},{digest}\n")
            if digests.get(where) == digest:
                one.files.add(where)
            else:
                one.altered.append(where)
    content = "".join(sorted(lines)).encode("utf-8", "surrogateescape")
    one.package = Package(match["name"], match["version"], hashlib.sha256(content).hexdigest())
    return one


def _entries(content: bytes, record: str) -> Iterator[tuple[str, str]]:
    """Yield paths and their SHA-256 as hex, empty where the RECORD has none."""
    try:
        for line in csv.reader(content.decode("utf-8").splitlines()):
            if line:
                kind, _, text = (line[1] if len(line) > 1 else "").partition("=")
                digest = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).hex() if kind == "sha256" else ""
                yield line[0].replace("\\", "/"), digest
    except (csv.Error, UnicodeDecodeError, binascii.Error, ValueError) as error:
        raise NotInspected(record, f"it is no RECORD: {str(error)[:100]}") from None
