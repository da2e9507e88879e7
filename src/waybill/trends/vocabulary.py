"""The words of VERIS 1.4.1 that a record may use; older words are read as those that replaced them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from waybill.trends.incidents import RefusedError

VERSION = "1.4.1"
"""Version of VERIS."""


class Vocabulary:
    """Checks words one by one; each check is a look into a dictionary."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._retired: Mapping[str, str] = document["retired"]
        self._words: dict[str, frozenset[str]] = {}
        for name in ("status", "disclosed", "unit", "employees"):
            self._words[name] = frozenset(document[name]["words"])
        for name in ("data", "asset"):
            self._words[name] = frozenset(document[name]["variety"])
        for axis, lists in (
            ("action", ("variety", "vector")),
            ("actor", ("variety", "motive")),
            ("discovery", ("variety",)),
        ):
            self._words[axis] = frozenset(document[axis])
            for kind, words in document[axis].items():
                for name in lists:
                    self._words[f"{axis}.{kind}.{name}"] = frozenset(words[name])

    def word(self, field: str, said: object) -> str:
        """Return a word as version 1.4.1 has it. Raises RefusedError for one that is not known there."""
        words = self._words[field]
        if isinstance(said, str):
            if said in words:
                return said
            newer = self._retired.get(said)
            if newer in words:
                return str(newer)
        raise RefusedError(field, "this is no word of VERIS here", _some(words))

    def words(self, field: str) -> frozenset[str]:
        """Return all words of a field."""
        return self._words[field]


@cache
def vocabulary() -> Vocabulary:
    """Return the words that ship with the package."""
    return Vocabulary(tomllib.loads((resources.files("waybill.trends") / "veris.toml").read_text("utf-8")))


def _some(words: frozenset[str]) -> str:
    listed = sorted(words)
    return ", ".join(listed[:8]) + (", …" if len(listed) > 8 else "")
