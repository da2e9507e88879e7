"""Secrets in code and configuration: those of providers by their form, and passwords and keys by where they stand.

Forms of providers are known to ``waybill.content``. What has no form is found by what it is assigned to, and judged by
``judging``: a placeholder, a name, a sentence or an expression is no secret. No secret is ever kept or shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import msgspec
from ahocorasick_rs import BytesAhoCorasick, Implementation

from waybill import content
from waybill.exposure.code.secrets.assignments import assignments
from waybill.exposure.code.secrets.judging import is_prose, is_secret, is_secret_in_address

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


_ADDRESSED = "secret.web-credentials"
_IN_ADDRESS = re.compile(rb"://([^/\s:@\"'<>]{1,80}):([^/\s:@\"'<>]{1,200})@")
_ADDRESS = "://"


_MORE = re.compile(rb"(?=[^\s\"'`<>(),;]{8})[^\s\"'`<>(),;]*?\d")
"""What follows the beginning of a form in one word, so that it may be more than a word of people."""


@cache
def _beginnings() -> BytesAhoCorasick:
    kinds = content.types()
    words = {word for kind in _provided() for word in kinds[kind].literals or kinds[kind].keywords} - {_ADDRESS}
    return BytesAhoCorasick([word.encode() for word in sorted(words)], implementation=Implementation.DFA)


def _may_hold(data: bytes) -> bool:
    """Return whether a form of a provider begins anywhere: few files hold one, and the scanner takes time to load."""
    for _, start, end in _beginnings().find_matches_as_indexes(data):
        if data.startswith(b"-----", start) or _MORE.match(data, end) is not None:
            return True
    return _IN_ADDRESS.search(data) is not None


def secrets_in(data: bytes, path: str) -> list[Secret]:
    """Return the secrets in a file, by line."""
    found: dict[int, Secret] = {}
    for hit in content.scan(data, only=_provided()) if _may_hold(data) else ():
        if hit.type == _ADDRESSED and is_prose(path):
            continue
        if not _is_sample(data, hit.start, hit.end) and not (hit.type == _ADDRESSED and _is_template(data, hit.start)):
            line = data.count(b"\n", 0, hit.start) + 1
            found[line] = Secret(line, hit.type, "")
    for one in _assigned(data, path):
        found.setdefault(one.line, one)
    return sorted(found.values())


def _assigned(data: bytes, path: str) -> Iterator[Secret]:
    for one in assignments(data, path):
        if is_secret(one, path):
            yield Secret(data.count(b"\n", 0, one.start) + 1, "assigned", one.name[:80])


def _is_template(data: bytes, start: int) -> bool:
    """Return whether the password in an address only stands for one."""
    match = _IN_ADDRESS.search(data, max(0, start - 100), start + 400)
    return match is None or not is_secret_in_address(
        match[1].decode("utf-8", "replace"), match[2].decode("utf-8", "replace")
    )


def _is_sample(data: bytes, start: int, end: int) -> bool:
    """Return whether a form of a provider is one that its own documents show."""
    value = data[start:end].upper()
    return b"EXAMPLE" in value or len(set(value[-12:])) < 4
