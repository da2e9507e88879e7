"""Finds the registered record that a name in a log means."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Generic, TypeVar

Record = TypeVar("Record")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Matcher(Generic[Record]):
    """Looks a name up by exact pattern, then ``.domain``, then address block, then ``prefix*``.

    Case does not matter. Among several domains, blocks or prefixes the longest wins, so that a rule for one
    folder may differ from the rule for the bucket around it. Answers are remembered: logs repeat names.
    """

    def __init__(self, entries: Iterable[tuple[Record, Iterable[str]]]) -> None:
        self._exact: dict[str, Record] = {}
        self._domains: dict[str, Record] = {}
        self._blocks: list[tuple[Network, Record]] = []
        self._prefixes: list[tuple[str, Record]] = []
        self._known: dict[str, Record | None] = {}
        for record, patterns in entries:
            for pattern in patterns:
                self._add(pattern.casefold(), record)
        self._blocks.sort(key=lambda block: -block[0].prefixlen)
        self._prefixes.sort(key=lambda prefix: -len(prefix[0]))

    def _add(self, pattern: str, record: Record) -> None:
        if pattern.endswith("*"):
            self._prefixes.append((pattern[:-1], record))
        elif pattern.startswith("."):
            self._domains.setdefault(pattern[1:], record)
        elif "/" in pattern and (block := _network(pattern)) is not None:
            self._blocks.append((block, record))
        else:
            self._exact.setdefault(pattern, record)

    def match(self, name: str) -> Record | None:
        """Return the record meant by ``name``, or None."""
        if name in self._known:
            return self._known[name]
        found = self._find(name.casefold())
        if len(self._known) < 100_000:
            self._known[name] = found
        return found

    def _find(self, name: str) -> Record | None:
        if name in self._exact:
            return self._exact[name]
        domain = name
        while domain:
            if domain in self._domains:
                return self._domains[domain]
            domain = domain.partition(".")[2]
        if self._blocks and (address := _address(name)) is not None:
            for block, record in self._blocks:
                if address in block:
                    return record
        return next((record for prefix, record in self._prefixes if name.startswith(prefix)), None)


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
