"""Records that carry the content of their transfer, or name a file that does, become entries without it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from waybill.collect.carried import Entry
from waybill.collect.flatten import flatten
from waybill.collect.mapping import Content, Mapping
from waybill.collect.masking import mask
from waybill.collect.parsing import parse
from waybill.collect.plan import Plan
from waybill.collect.records import NESTED_TOO_DEEPLY, Chunk, Unread
from waybill.model.carried import Carried

Look = Callable[[int | bytes], Carried]
"""Looks into an open file, or into bytes."""

_UNREAD = {"outside": Carried(unread=("outside",)), "vanished": Carried(unread=("vanished",))}
"""What is told of files that lie elsewhere, and of those that are not there, or are links."""


def looked_into(
    chunk: Chunk, mapping: Mapping, folder: Path | None, plan: Plan, look: Look
) -> tuple[list[Entry], list[Carried], list[Unread]]:
    """Return the records of a chunk with what lies in their contents, which is left behind, and what is no record."""
    parsed = parse(chunk, mapping, plan.limits.record_bytes, masked=False)
    folder = Path(mapping.content.folder) if mapping.content.folder else folder
    entries: list[Entry] = []
    for line, record, position in zip(parsed.lines, parsed.records, parsed.positions, strict=True):
        content = _taken(record, mapping.content)
        row = flatten(record)
        if row is None:
            parsed.unread.append(Unread(position, b"", *NESTED_TOO_DEEPLY))
            continue
        canonical = line if content is None else orjson.dumps(record, option=orjson.OPT_SORT_KEYS)
        carried = None
        if not any(
            plan.channels.protects(said) for said in row.values() if isinstance(said, str)
        ):  # else it is dropped
            carried = look(content) if content is not None else _of_file(record, mapping.content, folder, look)
        entries.append(Entry(position, canonical, record, carried))
    mask([entry.record for entry in entries], mapping.secrets)
    return entries, [entry.carried for entry in entries if entry.carried], parsed.unread


def _taken(record: dict[str, Any], where: Content) -> bytes | None:
    """Take the content out of a record, which keeps its digest instead; None where it holds none."""
    found: bytes | None = None
    for path, decode in ((where.base64, _from_base64), (where.text, _from_text)):
        *above, name = path.split(".")
        holder: Any = record
        for step in above:
            holder = holder.get(step) if isinstance(holder, dict) else None
        if isinstance(holder, dict) and isinstance(value := holder.get(name), str):
            content = decode(value)
            holder[name] = f"sha256:{hashlib.sha256(content).hexdigest()}"
            found = content if found is None else found
    return found


def _from_text(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _from_base64(text: str) -> bytes:
    """Return what a text holds; the text itself where it is no Base64."""
    raw = _from_text(text)
    try:
        return base64.b64decode(raw)
    except (binascii.Error, ValueError):
        return raw


def _of_file(record: dict[str, Any], where: Content, folder: Path | None, look: Look) -> Carried | None:
    """Return what lies in the file that a record names; None where it names none."""
    value: Any = record
    for step in where.file.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    if not isinstance(value, str) or not value:
        return None
    parts = PurePosixPath(value.replace("\\", "/")).parts
    if folder is None or not parts or ".." in parts or parts[0] == "/":
        return _UNREAD["outside"]
    descriptor = _opened(folder, parts)
    if descriptor is None:
        return _UNREAD["vanished"]
    try:
        return look(descriptor)
    finally:
        os.close(descriptor)


def _opened(folder: Path, parts: tuple[str, ...]) -> int | None:
    """Open a file below a folder, following no link on the way: whoever writes a log must not choose what is read."""
    *above, name = parts
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    with suppress(OSError, ValueError):
        at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for step in above:
                inner = os.open(step, flags | os.O_DIRECTORY, dir_fd=at)
                os.close(at)
                at = inner
            return os.open(name, flags | os.O_NONBLOCK, dir_fd=at)
        finally:
            os.close(at)
    return None
