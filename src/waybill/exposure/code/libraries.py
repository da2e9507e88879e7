"""JavaScript libraries that lie in a program as files, found by what a data file of retire.js knows of them.

The data file is the user's own: its patterns are run by RE2, whose time is linear in the text, and a pattern that RE2
does not take is said. What it would run as JavaScript on a page (``func``, ``ast``) is not used.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from waybill.exposure.code.program import MOST_BYTES
from waybill.exposure.folders import content_of, shown, walk
from waybill.exposure.snapshots import NotInspected, Snapshot
from waybill.model.errors import InputError
from waybill.model.findings import Position

MOST_DATA = 64 << 20
"""No data file is longer."""
MOST_PATTERN = 2_000
"""Characters of a pattern; a longer one is left out, and said."""

_VERSION = "(?P<version>[0-9][0-9a-zA-Z._-]*)"
_SOURCE = re.compile(rb"<script\b[^>]{0,500}?\bsrc\s{0,9}=\s{0,9}[\"']([^\"'>]{1,500})", re.IGNORECASE)


class Vulnerability(msgspec.Struct, frozen=True):
    """What the data file says of some versions of a library."""

    below: str = ""
    atOrAbove: str = ""  # noqa: N815  the file's own name
    severity: str = "medium"
    identifiers: dict[str, Any] = {}
    info: tuple[str, ...] = ()

    def speaks_of(self, version: str) -> bool:
        """Return whether it holds for a version."""
        at = _order(version)
        return (not self.below or at < _order(self.below)) and (not self.atOrAbove or _order(self.atOrAbove) <= at)

    @property
    def id(self) -> str:
        """Its best name: a CVE, an advisory of GitHub, or where it is told."""
        for name in ("CVE", "githubID", "summary"):
            if told := self.identifiers.get(name):
                return ", ".join(map(str, told)) if isinstance(told, list) else str(told)
        return self.info[0] if self.info else "an advisory without a name"


class _Extractors(msgspec.Struct):
    filename: tuple[str, ...] = ()
    uri: tuple[str, ...] = ()
    filecontent: tuple[str, ...] = ()
    filecontentreplace: tuple[str, ...] = ()
    hashes: dict[str, str] = {}


class _Library(msgspec.Struct):
    vulnerabilities: tuple[Vulnerability, ...] = ()
    extractors: _Extractors = msgspec.field(default_factory=_Extractors)


@dataclass(frozen=True, slots=True)
class Pattern:
    """An expression of RE2 that finds the version of a library."""

    library: str
    expression: str


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """A library in a version, in a file."""

    file: str
    library: str
    version: str
    by: str
    """What gave it away: ``name``, ``address``, ``content`` or ``hash``."""


class Libraries(Snapshot):
    """JavaScript libraries in a program. Parts: ``found``, and ``data``, what is known of them."""

    channel: ClassVar[str] = "code"

    @property
    def vulnerable(self) -> Iterator[tuple[Found, Vulnerability]]:
        """Libraries in versions that an advisory speaks of."""
        data: Data = self.part("data")
        found: list[Found] = self.part("found")
        for one in found:
            for fault in data.libraries[one.library].vulnerabilities:
                if fault.speaks_of(one.version):
                    yield one, fault


class Data:
    """A data file of retire.js, ready to be searched with."""

    def __init__(self, content: bytes, where: str) -> None:
        try:
            document = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
            self.libraries = {name: _library(raw) for name, raw in document.items()}
        except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
            raise InputError(f"this is no data file of retire.js: {error}", where=where) from None
        if not any(one.vulnerabilities for one in self.libraries.values()):
            raise InputError("the data file names no vulnerability", where=where, expected="jsrepository JSON")
        self.unused: list[str] = []
        """Libraries some of whose patterns cannot be used."""
        self.unused += [name for name, one in self.libraries.items() if one.extractors.filecontentreplace]
        self.names = list(self._patterns("filename", "^(?:{})$"))
        self.addresses = list(self._patterns("uri", "{}"))
        self.contents = list(self._patterns("filecontent", "{}"))
        self.hashes = {
            digest: (name, version)
            for name, one in self.libraries.items()
            for digest, version in one.extractors.hashes.items()
        }

    def _patterns(self, kind: str, frame: str) -> Iterator[Pattern]:
        for name, one in self.libraries.items():
            for pattern in getattr(one.extractors, kind):
                expression = frame.format(_for_re2(pattern)) if len(pattern) <= MOST_PATTERN else ""
                if "(?P<version>" in expression and _is_re2(expression):
                    yield Pattern(name, expression)
                else:
                    self.unused.append(name)


def _library(raw: msgspec.Raw) -> _Library:
    """Return a library; notes that the file keeps beside them are none."""
    return msgspec.json.decode(raw, type=_Library) if bytes(raw).lstrip()[:1] == b"{" else _Library()


def _for_re2(pattern: str) -> str:
    """Return a pattern with its version named and its other groups unnamed, as Arrow wants it."""
    first, *rest = pattern.replace("(§§version§§)", "\0").split("\0")
    plain = [re.sub(r"(?<!\\)\((?!\?)", "(?:", part) for part in (first, *rest)]
    if not rest:
        return plain[0]
    return plain[0] + _VERSION + "[0-9][0-9a-zA-Z._-]*".join(plain[1:])


def _is_re2(expression: str) -> bool:
    try:
        pc.extract_regex(pa.array([""]), expression)
    except pa.ArrowInvalid:
        return False
    return True


def _search(texts: Sequence[str], patterns: Sequence[Pattern]) -> Iterator[tuple[int, str, str]]:
    """Yield the place of each text in which a pattern finds a version, with the library and the version."""
    column = pa.array(texts, pa.large_string())
    for pattern in patterns:
        for place, match in enumerate(pc.extract_regex(column, pattern.expression).to_pylist()):
            if match is not None:
                version = re.sub(r"[.-]min$", "", match["version"].strip("._-"))
                yield place, pattern.library, version


def read(root: Path, data: Data) -> Iterator[Libraries | NotInspected]:
    """Yield the libraries below a folder, and what could not be looked at."""
    names: list[str] = []
    addresses: list[tuple[str, str]] = []
    found: set[Found] = set()
    for one in walk(root):
        if isinstance(one, NotInspected) or not one.is_file:
            continue  # what the walk could not enter is told by the reader of code
        if not one.name.endswith((".js", ".mjs", ".cjs", ".html", ".htm")):
            continue
        name = shown(Path(one.path).relative_to(root).as_posix())
        try:
            content = content_of(Path(one.path), MOST_BYTES, name)
        except NotInspected as gap:
            yield gap
            continue
        if one.name.endswith((".html", ".htm")):
            addresses += [(name, match.decode("utf-8", "replace")) for match in _SOURCE.findall(content)]
            continue
        names.append(name)
        addresses.append((name, f"/{name}"))
        found.update(_within(content, name, data))
    bases = [name.rpartition("/")[2] for name in names]
    found |= {Found(names[at], library, version, "name") for at, library, version in _search(bases, data.names)}
    sources = [address for _, address in addresses]
    found |= {
        Found(addresses[at][0], library, version, "address")
        for at, library, version in _search(sources, data.addresses)
    }
    place = shown(str(root.absolute()))
    parts = {"found": sorted(found), "data": data}
    yield Libraries(place, Position("code", place, 0), (root.absolute().name,), parts)
    if unused := sorted(set(data.unused)):
        some = ", ".join(unused[:5])
        yield NotInspected(place, f"{len(unused)} libraries have patterns that RE2 does not run, such as {some}")


def _within(content: bytes, name: str, data: Data) -> Iterator[Found]:
    digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()  # what the data file knows files by
    if digest in data.hashes:
        yield Found(name, *data.hashes[digest], "hash")
        return
    for _, library, version in _search([content.decode("utf-8", "replace")], data.contents):
        yield Found(name, library, version, "content")


def read_data(path: Path) -> Data:
    """Return a data file. Raises ``InputError`` where it is none."""
    try:
        return Data(content_of(path, MOST_DATA, str(path)), str(path))
    except NotInspected as gap:
        raise InputError(f"the data file cannot be read: {gap.why}", where=str(path)) from None


def _order(version: str) -> list[tuple[int, int, str]]:
    """Return what versions of libraries are ordered by: numbers by number, and a word before a release."""
    parts = [one for one in re.split(r"[._-]", version) if one]
    parts += ["0"] * (_PLACES - len(parts))
    return [(1, int(one), "") if one.isdecimal() and len(one) < 10 else (0, 0, one) for one in parts]


_PLACES = 6
"""Places of versions that are compared where one has fewer."""
