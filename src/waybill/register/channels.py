"""Protected channels: whistle-blower line, works council, union, doctor, lawyer, journalist, regulator.

Records that touch one are dropped before anything is kept. The list is a file that the organisation writes:

.. code-block:: toml

    [[channel]]
    name = "Whistle-blower line"
    addresses = ["integrity@ombudsman.example"]   # of mail
    domains = ["ombudsman.example"]               # and all below it
    hosts = ["hotline-01"]
    prefixes = ["https://intranet.example/works-council/", "\\\\\\\\files\\\\council\\\\"]   # of addresses and paths
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from waybill.model.errors import RuleError

_KINDS = ("addresses", "domains", "hosts", "prefixes")
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")


class ProtectedChannels:
    """Implements ``model.protocols.ChannelFilter``: tells values and bytes that name a protected channel."""

    def __init__(
        self,
        *,
        addresses: Iterable[str] = (),
        domains: Iterable[str] = (),
        hosts: Iterable[str] = (),
        prefixes: Iterable[str] = (),
    ) -> None:
        """Protect mail addresses, domains with everything below them, hosts, and prefixes of URLs and paths.

        Each is looked for anywhere inside a value, as a word of its own, in any case.
        """
        words = {_folded(name) for name in (*addresses, *hosts)}
        names = {_folded(name).removeprefix("*.").lstrip(".") for name in domains}
        starts = {_folded(prefix).removesuffix("*") for prefix in prefixes}
        self._literals = tuple(sorted({*words, *names, *starts} - {""}))
        self._pattern = re.compile("|".join(_alternatives(words - {""}, names - {""}, starts - {""})))
        codes = {code for literal in self._literals for code in _encodings(literal)}
        self._narrow = tuple(sorted(code for code in codes if b"\0" not in code))
        self._wide = tuple(sorted(codes.difference(self._narrow)))

    def protects(self, value: str) -> bool:
        """Return whether a value names a protected channel."""
        if not self._literals:
            return False
        folded = _folded(value)
        for literal in self._literals:
            if literal in folded:
                return self._pattern.search(folded) is not None
        return False

    def protects_bytes(self, raw: bytes) -> bool:
        """Return whether bytes that could not be parsed name a protected channel, in any of the usual encodings.

        Rather too often than too rarely: any of the names counts, even inside a longer word.
        """
        if not self._literals:
            return False
        lowered = raw.lower()
        if any(code in lowered for code in self._narrow):
            return True
        if b"\0" in lowered and any(code in lowered for code in self._wide):
            return True
        if b"\\" not in lowered:
            return False
        unescaped = lowered.replace(b"\\\\", b"\\").replace(b"\\/", b"/")
        return any(code in unescaped for code in self._narrow)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self._literals)} names)"


def read_channels(path: Path) -> ProtectedChannels:
    """Read the list of protected channels. Raises RuleError that names what is wrong."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RuleError(f"the list of protected channels cannot be read: {error.strerror}", where=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleError(f"the list of protected channels is not TOML: {error}", where=str(path)) from None
    channels = document.get("channel", [])
    if not isinstance(channels, list) or {*document} - {"channel"}:
        raise RuleError("the list of protected channels has another shape", where=str(path), expected="[[channel]]")
    names: dict[str, list[str]] = {kind: [] for kind in _KINDS}
    for number, channel in enumerate(channels, 1):
        _read_channel(channel, f"{path}: channel {number}", names)
    return ProtectedChannels(**names)


def _read_channel(channel: Any, where: str, names: dict[str, list[str]]) -> None:
    if not isinstance(channel, dict) or not any(channel.get(kind) for kind in _KINDS):
        raise RuleError("the channel names nothing to protect", where=where, expected="one of " + ", ".join(_KINDS))
    for key, value in channel.items():
        if key == "name" and isinstance(value, str):
            continue
        if (
            key not in _KINDS
            or not isinstance(value, list)
            or not all(isinstance(name, str) and name for name in value)
        ):
            expected = "name, and lists of strings: " + ", ".join(_KINDS)
            raise RuleError(f"the key {key!r} is unknown or not a list of strings", where=where, expected=expected)
        names[key] += value


def _folded(value: str) -> str:
    """Return text in lower case with one kind of slash."""
    return value.casefold().replace("\\", "/")


def _alternatives(words: set[str], domains: set[str], prefixes: set[str]) -> Iterable[str]:
    start, end = r"(?<![\w.-])", r"(?![\w-]|\.\w)"
    for word in sorted(words):
        yield start + re.escape(word) + end
    for domain in sorted(domains):
        yield r"(?<![\w-])" + re.escape(domain) + end
    for prefix in sorted(prefixes):
        yield r"(?<!\w)" + re.escape(prefix)


def _encodings(literal: str) -> Iterable[bytes]:
    for written in {literal, literal.replace("/", "\\")}:
        for encoding in _ENCODINGS:
            yield written.encode(encoding).lower()
        if not written.isascii():
            yield "".join(c if c.isascii() else f"\\u{ord(c):04x}" for c in written).encode()
