"""Sees decoys in the records of logs, before anything in them is masked or replaced, and says of which delivery."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from waybill.content.canaries.watching import WORD, Delivery, hashed, size_of

_ESCAPED = re.compile(rb"\\[nrt]|\\u00[01]\d")
_DIGIT_OR_AT = re.compile(rb"[0-9@]")


class Spotter:
    """Knows keyed hashes of the decoys of some deliveries, and how long these are; no value. Pickles."""

    def __init__(self, deliveries: Iterable[Delivery], secret: bytes) -> None:
        self._secret = secret
        self._known = {value: one.id for one in deliveries for value in one.values}
        self._sizes = frozenset(map(size_of, self._known))

    def seen(self, records: Sequence[bytes]) -> dict[int, tuple[str, ...]]:
        """Return by the number of a record the deliveries whose decoys stand in it; records without one are left out.

        A decoy is seen as it was written, in whatever case, and a number also without its joints.
        """
        found = {word: one for word in _words(b"\n".join(records)) if (one := self._of(word))}
        if not found:
            return {}
        told = {}
        for number, record in enumerate(records):
            if words := found.keys() & _words(record):
                told[number] = tuple(sorted({found[word] for word in words}))
        return told

    def _of(self, word: bytes) -> str:
        if len(word) not in self._sizes or not _DIGIT_OR_AT.search(word):
            return ""
        return self._known.get(hashed(word.decode(), self._secret), "")


def _words(data: bytes) -> set[bytes]:
    """Return what may be a value; marks of JSON and of addresses in URLs are not part of one."""
    if b"\\" in data:
        data = _ESCAPED.sub(b" ", data)
    return set(WORD.findall(data.replace(b"%40", b"@")))
