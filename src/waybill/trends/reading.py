"""Files of incidents: VERIS JSON one by one, in a list, in lines, in a folder or a tar; HHS CSV; HIBP JSON.

Each record becomes an incident or a refusal with its place; a file that cannot be read at all raises InputError.
"""

from __future__ import annotations

import csv
import io
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from waybill.model.errors import BombError, InputError, UsageError
from waybill.trends import hhs, hibp, veris
from waybill.trends.incidents import Incident, RefusedError
from waybill.trends.words import Format

FILE_BYTES = 256 * 1024 * 1024
"""The largest file that is read."""

ALL_BYTES = 2 * 1024 * 1024 * 1024
"""What all files of an archive may hold together."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that was not taken: where it stood, what is wrong, and its bytes, which alone may name people."""

    file: str
    position: int
    """Number of the record in its file, from 1."""
    field: str
    reason: str
    expected: str
    raw: bytes


def read(path: Path, source: str, format: Format | None = None) -> Iterator[Incident | Refusal]:
    """Yield the incidents of a file, folder or archive in the order of the names of its files.

    Raises UsageError where nothing is there, InputError where a file is no such file, BombError for one too large.
    """
    if not path.exists():
        raise UsageError("there is no such file", where=str(path))
    for name, content in _files(path):
        yield from _records(name, content, source, format)


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        if path.is_dir():
            for file in sorted(one for one in path.rglob("*") if one.is_file() and _is_json(one.name)):
                _check(file.stat().st_size, file.name)
                yield str(file.relative_to(path)), file.read_bytes()
        elif ".tar" in path.suffixes or path.suffix == ".tgz":
            yield from _members(path)
        else:
            _check(path.stat().st_size, path.name)
            yield path.name, path.read_bytes()
    except (OSError, EOFError, tarfile.TarError) as error:
        raise InputError(f"the file cannot be read: {type(error).__name__}", where=str(path)) from None


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files of an archive; nothing of it is written to the disk."""
    whole = 0
    with tarfile.open(path) as archive:
        for member in archive:
            whole += member.size
            _check(member.size, member.name)
            if whole > ALL_BYTES:
                raise BombError("the archive unpacks to too much", where=path.name, expected=f"{ALL_BYTES:,} bytes")
            file = archive.extractfile(member) if member.isfile() and _is_json(member.name) else None
            if file is not None:
                yield member.name, file.read()


def _is_json(name: str) -> bool:
    return name.casefold().endswith((".json", ".jsonl"))


def _check(size: int, name: str) -> None:
    if size > FILE_BYTES:
        raise BombError("the file is too large", where=name, expected=f"at most {FILE_BYTES:,} bytes")


def _records(name: str, content: bytes, source: str, format: Format | None) -> Iterator[Incident | Refusal]:
    reader: Callable[[Any, str], Incident]
    if format is Format.HHS or (format is None and name.casefold().endswith(".csv")):
        records: Iterable[tuple[Any, bytes]] = _rows(name, content)
    else:
        records = _documents(content)
    for position, (record, raw) in enumerate(records, 1):
        try:
            if record is _BROKEN:
                raise RefusedError("", "this is no JSON", "an object of JSON")
            reader = _READERS[format or _recognised(record)]
            yield reader(record, source)
        except RefusedError as refused:
            kept = raw or orjson.dumps(record)
            yield Refusal(name, position, refused.field, refused.reason, refused.expected, kept)


_READERS: dict[Format, Callable[[Any, str], Incident]] = {
    Format.VERIS: veris.read,
    Format.HHS: hhs.read,
    Format.HIBP: hibp.read,
}


def _recognised(record: Any) -> Format:
    """Return whose form a record is in, by what it holds."""
    if isinstance(record, dict) and "Breach Submission Date" in record:
        return Format.HHS
    return Format.HIBP if isinstance(record, dict) and "BreachDate" in record else Format.VERIS


_BROKEN = object()


def _documents(content: bytes) -> Iterable[tuple[Any, bytes]]:
    """Return the documents of a file: one, a list of them, or one in each line."""
    try:
        whole = orjson.loads(content)
    except ValueError:
        lines = [line for line in content.splitlines() if line.strip()]
        found = [(_parsed(line), line) for line in lines]
        if len(found) < 2 or all(one is _BROKEN for one, _ in found):
            return [(_BROKEN, content)]
        return found
    if isinstance(whole, list):
        return [(one, b"") for one in whole]
    return [(whole, content)]


def _parsed(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except ValueError:
        return _BROKEN


def _rows(name: str, content: bytes) -> Iterator[tuple[Any, bytes]]:
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig", "replace"), newline=""), restval="")
    missing = [one for one in hhs.COLUMNS if one not in (rows.fieldnames or ())]
    if missing:
        raise InputError("this is no list of breaches of HHS", where=name, expected=", ".join(hhs.COLUMNS))
    try:
        for row in rows:
            yield {str(key): str(value) for key, value in row.items()}, b""
    except csv.Error:
        raise InputError("this is no CSV", where=name) from None
