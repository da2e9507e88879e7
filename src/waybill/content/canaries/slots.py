"""Where a text can be written in one of two ways that say the same: by a word, by a gap, by a sign that nobody sees.

Which of the two a copy has is a bit, drawn from its delivery and from the letters before it. So a part of a copy tells
as much as its size allows, wherever it was cut, and copies of several deliveries put together still tell of each.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import NamedTuple

PAIRS = (
    ("often", "frequently"), ("begins", "starts"), ("begin", "start"), ("shows", "displays"), ("helps", "assists"),
    ("needed", "required"), ("whole", "entire"), ("enough", "sufficient"), ("quickly", "rapidly"), ("nearly", "almost"),
    ("usually", "normally"), ("around", "about"), ("later", "afterwards"), ("therefore", "hence"), ("big", "large"),
    ("因此", "所以"), ("如果", "假如"), ("目前", "现在"), ("立即", "立刻"), ("例如", "比如"), ("非常", "十分"),
    ("仍然", "依然"), ("逐渐", "逐步"), ("全部", "所有"), ("但是", "不过"), ("也许", "或许"), ("通常", "一般"),
)  # fmt: skip
"""Words that stand for each other in plain prose."""

INVISIBLE = "\u200b"
CONTEXT = 12
"""Letters before a place that tell it from others."""

_FIRST = {word: pair[0] for pair in PAIRS for word in pair}
_LATIN = "|".join(word for word in _FIRST if word.isascii())
_CHINESE = "|".join(word for word in _FIRST if not word.isascii())
_SLOT = re.compile(
    rf"\b(?P<latin>{_LATIN})\b|(?P<chinese>{_CHINESE})"
    rf"|(?<=[.!?])(?P<gap> {{1,2}})(?=\S)|(?<=[。！？；])(?P<sign>{INVISIBLE}?)"
)
_WORD = re.compile(rf"\b(?:{_LATIN})\b|{_CHINESE}")


class Slot(NamedTuple):
    """One place of choice."""

    start: int
    end: int
    kind: str
    """``word``, ``gap`` or ``sign``."""
    context: str
    ways: tuple[str, str]
    """How it is written for a 0 and for a 1."""
    bit: int
    """How it is written here."""


def slots(text: str) -> Iterator[Slot]:
    """Yield the places of choice in a text that have enough letters before them."""
    for match in _SLOT.finditer(text):
        context = _context(text[max(0, match.start() - 8 * CONTEXT) : match.start()])
        if len(context) < CONTEXT:
            continue
        word, here = match["latin"] or match["chinese"], match[0]
        if word:
            pair = next(pair for pair in PAIRS if word in pair)
            yield Slot(match.start(), match.end(), "word", context, pair, pair.index(word))
        elif match["gap"]:
            yield Slot(match.start(), match.end(), "gap", context, (" ", "  "), len(here) - 1)
        else:
            yield Slot(match.start(), match.end(), "sign", context, ("", INVISIBLE), len(here))


def chosen(secret: bytes, delivery: str, slot: Slot) -> int:
    """Return the bit that a delivery has at a place."""
    data = f"{delivery}\0{slot.kind}\0{slot.context}".encode()
    return hashlib.blake2b(data, key=secret, digest_size=1).digest()[0] & 1


def _context(before: str) -> str:
    """Return the last letters before a place, the same in every copy."""
    same = _WORD.sub(lambda word: _FIRST[word[0]], before)
    return "".join(letter for letter in same.casefold() if letter.isalnum())[-CONTEXT:]
