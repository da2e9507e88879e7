"""Finds names that are given, rather than guessed by pattern: those of the register, and those of one record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

SHORTEST = 3
"""Letters a name needs to be looked for inside other text."""

_ROLES = frozenset(
    [
        "info",
        "admin",
        "support",
        "sales",
        "mail",
        "user",
        "users",
        "test",
        "noreply",
        "no-reply",
        "service",
        "security",
        "system",
        "root",
    ]
)
"""Mailboxes and placeholders whose names are everyday words: replacing those words would spoil the record."""

_WORD = re.compile(r"[^\W_]+")
_NOT_INSIDE_WORD = r"(?<![^\W_])", r"(?![^\W_])"
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def is_searchable(name: str) -> bool:
    """Return whether a name is long enough to be looked for: three letters, or two where a letter is a syllable."""
    return len(name) >= SHORTEST or (len(name) == 2 and _IDEOGRAPH.search(name) is not None)


def accounts_of(identity: str) -> Iterable[str]:
    """Yield an identity in lower case and the account names within it: of an address, a domain account or a path."""
    whole = identity.casefold()
    if whole not in _ROLES:
        yield whole
    last = re.split(r"[\\/]", whole)[-1]
    local = last.partition("@")[0]
    for name in (last, local):
        if name != whole and name not in _ROLES:
            yield name


def pattern_of(names: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that finds any of the names as words of their own, longest first, in any case.

    A name in Chinese, Japanese or Korean has no blanks around it and is found inside other text as well.
    """
    ordered = sorted({*names}, key=lambda name: (-len(name), name))
    return re.compile("|".join(_bounded(name) for name in ordered), re.IGNORECASE)


def _bounded(name: str) -> str:
    before, after = _NOT_INSIDE_WORD
    if _IDEOGRAPH.match(name[0]):
        before = ""
    if _IDEOGRAPH.match(name[-1]):
        after = ""
    return before + re.escape(name) + after


class KnownNames:
    """Finds the identities that the register knows, however many, by their first word."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._by_word: dict[str, list[str]] = {}
        self._by_ideograph: dict[str, list[str]] = {}
        self._pseudonyms = {identity.casefold(): pseudonym for identity, pseudonym in known.items()}
        for identity in filter(is_searchable, self._pseudonyms):
            word = _WORD.search(identity)
            if word is None or "@" in identity:
                continue  # addresses are found as addresses, and keep their domain
            index = self._by_ideograph if _IDEOGRAPH.search(identity) else self._by_word
            index.setdefault(word[0] if index is self._by_word else word[0][0], []).append(identity)

    def __bool__(self) -> bool:
        return bool(self._by_word or self._by_ideograph)

    def may_be_in(self, joined: str) -> bool:
        """Return whether any known identity may be in a text; false is certain."""
        return bool(self) and bool(self._candidates(joined.casefold()))

    def replace(self, value: str, met: Callable[[str, str], None]) -> str:
        """Return ``value`` with known identities replaced; ``met`` is told pseudonym and identity of each."""
        names = self._candidates(value.casefold())
        if not names:
            return value

        def pseudonym(found: re.Match[str]) -> str:
            identity = found[0].casefold()
            met(self._pseudonyms[identity], identity)
            return self._pseudonyms[identity]

        return pattern_of(names).sub(pseudonym, value)

    def _candidates(self, folded: str) -> list[str]:
        names = [name for word in self._by_word.keys() & {*_WORD.findall(folded)} for name in self._by_word[word]]
        if self._by_ideograph and not folded.isascii():
            names += [name for letter in self._by_ideograph.keys() & {*folded} for name in self._by_ideograph[letter]]
        return [name for name in names if name in folded]
