"""The parts of an address that a proxy fetched, by the names that Sigma's rules for proxies use."""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]

LONGEST_EXTENSION = 8
"""Letters of a file's extension; what is longer is a name with a dot in it."""


def read(record: Record) -> Record:
    """Return the record with the parts of ``c-uri`` added; the same object."""
    address = record.get("c-uri", "")
    _, found, rest = address.partition("://")
    authority, slash, path = (rest if found else address).partition("/")
    host = authority.rpartition("@")[2]
    name, colon, port = host.rpartition(":")
    target = slash + path
    stem, _, query = target.partition("?")
    _, dot, extension = stem.rpartition("/")[2].rpartition(".")
    parts = {
        "cs-host": (name if colon and port.isdecimal() else host).strip("[]"),
        "cs-uri": target,
        "cs-uri-stem": stem,
        "c-uri-query": query,
        "c-uri-extension": extension if dot and len(extension) <= LONGEST_EXTENSION else "",
    }
    record.update({name: value for name, value in parts.items() if value})
    return record
