"""Secrets in code and configuration: those of providers by their form, and passwords and keys by where they stand.

Forms of providers are known to ``waybill.content``. What has no form is found by what it is assigned to, and judged by
``judging``: a placeholder, a name, a sentence or an expression is no secret. No secret is ever kept or shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import msgspec

from waybill import content
from waybill.exposure.code.secrets.assignments import assignments
from waybill.exposure.code.secrets.judging import is_secret

_BY_CONTEXT = "secret.password"
"""The kind of content that is judged here, with what is known of code."""


class Secret(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A secret that stands in a file."""

    line: int
    kind: str
    """What it is: the id of a kind of content, or ``assigned``."""
    name: str
    """What it is assigned to, where that is known."""


@cache
def _provided() -> frozenset[str]:
    kinds = content.types().values()
    return frozenset(kind.id for kind in kinds if kind.category == content.Category.CREDENTIAL) - {_BY_CONTEXT}


def secrets_in(data: bytes, path: str) -> list[Secret]:
    """Return the secrets in a file, by line."""
    found: dict[int, Secret] = {}
    for hit in content.scan(data, only=_provided()):
        if not _is_sample(data, hit.start, hit.end):
            line = data.count(b"\n", 0, hit.start) + 1
            found[line] = Secret(line, hit.type, "")
    for one in _assigned(data, path):
        found.setdefault(one.line, one)
    return sorted(found.values())


def _assigned(data: bytes, path: str) -> Iterator[Secret]:
    for one in assignments(data):
        if is_secret(one, path):
            yield Secret(data.count(b"\n", 0, one.start) + 1, "assigned", one.name[:80])


def _is_sample(data: bytes, start: int, end: int) -> bool:
    """Return whether a form of a provider is one that its own documents show."""
    value = data[start:end].upper()
    return b"EXAMPLE" in value or len(set(value[-12:])) < 4
