"""What was found in many pieces, added up: values and distinct values by type, persons, what was looked for."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from waybill.content.catalogue import types
from waybill.content.hits import Hits
from waybill.content.siphash import KEY_BYTES, hash_spans, key_of


@dataclass(frozen=True, slots=True)
class Summary:
    """What lies in a file, a table or a message."""

    values: Mapping[str, int] = field(default_factory=dict)
    """How many values of each type were found."""
    distinct: Mapping[str, int] = field(default_factory=dict)
    """How many different ones."""
    persons: int = 0
    """At least so many persons: the most different values of one type that each stand for a person."""
    names_sought: bool = False
    """Whether names, addresses and organisations were looked for by a language model too."""
    share: float | None = None
    """Which share of all persons of a registered table it covers, where one was compared."""
    told_apart: int = 0
    """Of a table that was looked at for that: rows whose persons do not hide among enough others."""
    exposed: int = 0
    """The same, where the table has sensitive columns."""


class Tally:
    """Adds up hits. What it keeps of values are hashes under a key of its own, which is never stored."""

    def __init__(self, *, names_sought: bool = False) -> None:
        self._key = key_of(secrets.token_bytes(KEY_BYTES))
        self._values: dict[str, int] = {}
        self._seen: dict[str, set[int]] = {}
        self.names_sought = names_sought
        self.share: float | None = None

    def add(self, data: bytes, hits: Hits) -> None:
        """Add the hits of a piece of data."""
        view = np.frombuffer(data, np.uint8)
        hashes = hash_spans(view, np.stack([hits.start, hits.end], axis=1), self._key)
        for kind in np.unique(hits.kind).tolist():
            own = hashes[hits.kind == kind]
            name = hits.types[kind]
            self._values[name] = self._values.get(name, 0) + len(own)
            self._seen.setdefault(name, set()).update(np.unique(own).tolist())

    def summary(self) -> Summary:
        """Return what was found so far."""
        distinct = {name: len(seen) for name, seen in self._seen.items()}
        persons = max((count for name, count in distinct.items() if types()[name].names_person), default=0)
        return Summary(dict(self._values), distinct, persons, self.names_sought, self.share)


def summarise(data: bytes, hits: Hits) -> Summary:
    """Return what was found in one piece of data."""
    tally = Tally()
    tally.add(data, hits)
    return tally.summary()
