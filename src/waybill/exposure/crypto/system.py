"""Systems and their versions, held against the days until which their makers mend them (``ends.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar

import msgspec

from waybill.exposure.documents import entries
from waybill.exposure.snapshots import NotInspected, Snapshot, Unread
from waybill.model.errors import InputError
from waybill.model.findings import Position


class Ending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A version, when it came out and until when its maker mends it for everybody."""

    product: str
    version: str
    released: int
    """The year."""
    until: date


class System(Snapshot):
    """Parts by their names in ``parts``."""

    channel: ClassVar[str] = "host"

    @property
    def title(self) -> str:
        """Product and version."""
        return str(self.part("title"))

    @property
    def ending(self) -> Ending:
        """What is known of the version."""
        found: Ending = self.part("ending")
        return found


@cache
def endings() -> tuple[Ending, ...]:
    """Return what is known, longer versions first, so that 2012 R2 is not taken for 2012."""
    content = tomllib.loads((files("waybill.exposure.crypto") / "ends.toml").read_text(encoding="utf-8"))
    found = msgspec.convert(content["version"], list[Ending])
    return tuple(sorted(found, key=lambda one: (-len(one.product), -len(one.version), one.version)))


def ending_of(title: str) -> Ending | None:
    """Return what is known of a system by the title that inventories give it."""
    words = f" {title.lower().replace('®', '').replace('/', ' ')} "
    for one in endings():
        if f" {one.product.lower()}" in words and _has_version(words, one.version.lower()):
            return one
    return None


def _has_version(words: str, version: str) -> bool:
    """Return whether the version stands there whole: 1.0.2 and 1.0.2k are of 1.0.2, and 12 is not of 1."""
    at = words.find(f" {version}")
    while at >= 0:
        following = words[at + 1 + len(version) :][:1]
        if following in {" ", ".", "-", ",", "("} or (following.isalpha() and "." in version):
            return True
        at = words.find(f" {version}", at + 1)
    return False


def read(document: Any, file: str) -> Iterator[System | NotInspected]:
    """Yield systems: rows of osquery's os_version, or objects with ``host``, ``name`` and ``version``."""
    rows = entries(document)
    if not any("name" in row and "version" in row for row in rows):
        raise InputError(
            "the file is no inventory of systems", where=file, expected="objects with host, name and version"
        )
    for number, row in enumerate(rows, 1):
        title = f"{row.get('name')} {row.get('version')}"
        host = str(row.get("host") or row.get("hostname") or row.get("hostIdentifier") or f"record {number}")
        parts = {"title": title, "ending": ending_of(title) or Unread(f"nothing is known here of {title}")}
        yield System(f"{host}: {title}", Position("inventory", file, number), (host,), parts)
