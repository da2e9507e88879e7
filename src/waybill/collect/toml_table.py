"""A table of a mapping file that knows its place, so that every complaint names file and key."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from waybill.model.errors import RuleError


class Table:
    """A TOML table with the file and the path of keys it stands at."""

    def __init__(self, content: Any, where: str, key: str) -> None:
        self.where, self.key = where, key
        if not isinstance(content, dict):
            raise self.wrong("", f"{key or 'the mapping'} is not a table", "a TOML table")
        self.content: dict[str, Any] = content

    def wrong(self, key: str, what: str, expected: str, advice: str = "") -> RuleError:
        """Return the error that tells what is wrong at a key, or with the table itself."""
        place = ".".join(part for part in (self.key, key) if part)
        return RuleError(
            what, where=f"{self.where}: {place}" if place else self.where, expected=expected, advice=advice
        )

    def allow(self, *keys: str) -> None:
        """Refuse any other key."""
        for key in self.content:
            if key not in keys:
                close = get_close_matches(key, keys, 1)
                advice = f"did you mean {close[0]!r}?" if close else ""
                raise self.wrong(key, f"unknown key {key!r}", "one of " + ", ".join(keys), advice)

    def string(self, key: str, default: str | None = None) -> str:
        """Return a string; without a default it must be there."""
        value = self.content.get(key, default)
        if not isinstance(value, str):
            what = f"{key!r} is missing" if value is None else f"{key!r} is not a string"
            raise self.wrong(key, what, "a string")
        return value

    def strings(self, key: str) -> tuple[str, ...]:
        """Return a string or a list of them as a tuple; empty if the key is missing."""
        value = self.content.get(key, [])
        value = [value] if isinstance(value, str) else value
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.wrong(key, f"{key!r} is not a list of names", "a string or a list of strings")
        return tuple(value)

    def table(self, key: str) -> Table:
        """Return the table at a key; an empty one if it is missing."""
        return Table(self.content.get(key, {}), self.where, f"{self.key}.{key}" if self.key else key)
