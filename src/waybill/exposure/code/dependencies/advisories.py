"""Advisories of the OSV schema, compiled once into a file of SQLite: thousands of packages are judged in milliseconds.

The source is a folder or a zip of records as JSON or YAML, as osv.dev and pypa/advisory-database have them.
"""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import yaml

from waybill.exposure.code.dependencies.locks import Package, plain
from waybill.exposure.code.dependencies.versions import order
from waybill.model.errors import InputError

_KNOWN = frozenset({"PyPI", "npm"})
MOST_BYTES = 4 << 20
"""No record is longer."""


@dataclass(frozen=True, slots=True)
class Advised:
    """A package in a version that an advisory speaks of."""

    package: Package
    id: str
    aliases: tuple[str, ...]
    summary: str
    fixed: str
    """The version that mends it; empty where there is none."""


class Advisories:
    """A compiled database."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Advisories]:
        """Open a database to read."""
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            yield cls(database)

    def of(self, packages: Iterable[Package]) -> tuple[list[Advised], list[Package]]:
        """Return what advisories say of packages, and packages whose version cannot be judged."""
        found, unknown = [], []
        for package in packages:
            rows = self._database.execute(
                "SELECT id, aliases, summary, affected FROM advisory WHERE ecosystem = ? AND name = ?",
                (package.ecosystem, package.name),
            )
            for id_, aliases, summary, affected in rows:
                try:
                    hit, fixed = _affects(msgspec.json.decode(affected), package)
                except ValueError:
                    unknown.append(package)
                    break
                if hit:
                    found.append(Advised(package, id_, tuple(aliases.split()), summary, fixed))
        return found, unknown


def _affects(affected: dict[str, Any], package: Package) -> tuple[bool, str]:
    """Return whether a version is affected, and the version that mends it."""
    version = order(package.ecosystem, package.version)
    hit = package.version in affected["versions"]
    mended = ""
    for events in affected["ranges"]:
        inside = False
        for kind, stated in sorted(events, key=lambda event: _place(package.ecosystem, event[1])):
            at = _place(package.ecosystem, stated)
            if kind == "introduced" and at <= (1, version):
                inside = True
            elif (kind == "fixed" and at <= (1, version)) or (kind == "last_affected" and at < (1, version)):
                inside = False
            elif kind == "fixed" and inside and not mended:
                mended = stated
        hit = hit or inside
    return hit, mended


def _place(ecosystem: str, stated: str) -> Any:
    """Return where an event stands; ``0`` is before every version."""
    return (0, 0) if stated == "0" else (1, order(ecosystem, stated))


def compile_advisories(source: Path, target: Path) -> tuple[int, list[str]]:
    """Compile the records of a folder or a zip; return how many there were, and which could not be read."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    count, unread = 0, []
    with closing(sqlite3.connect(fresh)) as database, database:
        database.execute("CREATE TABLE advisory (ecosystem, name, id, aliases, summary, affected)")
        for name, content in _records(source):
            try:
                rows = list(_rows(_decoded(name, content)))
            except (msgspec.DecodeError, yaml.YAMLError, KeyError, TypeError, AttributeError, ValueError):
                unread.append(name)
                continue
            count += bool(rows)
            database.executemany("INSERT INTO advisory VALUES (?, ?, ?, ?, ?, ?)", rows)
        database.execute("CREATE INDEX by_name ON advisory (ecosystem, name)")
    if not count:
        fresh.unlink()
        raise InputError("there are no advisories", where=str(source), expected="records of OSV as JSON or YAML")
    fresh.replace(target)
    return count, unread


def _records(source: Path) -> Iterator[tuple[str, bytes]]:
    if source.is_dir():
        for path in sorted(source.rglob("*")):
            if path.suffix in {".json", ".yaml", ".yml"} and path.is_file() and path.stat().st_size <= MOST_BYTES:
                yield path.name, path.read_bytes()
        return
    try:
        with zipfile.ZipFile(source) as archive:
            for one in archive.infolist():
                if one.filename.endswith((".json", ".yaml", ".yml")) and one.file_size <= MOST_BYTES:
                    yield one.filename, archive.read(one)
    except (OSError, zipfile.BadZipFile) as error:
        raise InputError(f"the advisories cannot be read: {error}", where=str(source)) from None


def _decoded(name: str, content: bytes) -> Any:
    if name.endswith(".json"):
        return msgspec.json.decode(content)
    return yaml.load(content, yaml.CSafeLoader)


def _rows(record: Any) -> Iterator[tuple[str, str, str, str, str, bytes]]:
    if record.get("withdrawn"):
        return
    summary = str(record.get("summary") or record.get("details") or "").strip().partition("\n")[0][:300]
    for one in record.get("affected", []):
        ecosystem, name = one["package"]["ecosystem"], str(one["package"]["name"])
        if ecosystem not in _KNOWN:
            continue
        ranges = [
            [(kind, str(at)) for event in span["events"] for kind, at in event.items()]
            for span in one.get("ranges", [])
            if span.get("type") != "GIT"
        ]
        affected = {"versions": one.get("versions", []), "ranges": ranges}
        yield (
            ecosystem,
            plain(name) if ecosystem == "PyPI" else name,
            str(record["id"]),
            " ".join(record.get("aliases", [])),
            summary,
            msgspec.json.encode(affected),
        )
