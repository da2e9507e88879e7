"""Entries that are in the tree and not yet in a full bundle on disk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from waybill.ledger.tiles import WIDTH, Bundle


@dataclass(slots=True)
class Pending:
    """Bundles by index; the last may be partial."""

    size: int = 0
    """Entries in the log, these included."""
    weight: int = 0
    """Bytes of the bundles here."""
    _bundles: dict[int, bytes | bytearray] = field(default_factory=dict)

    def split(self, entries: Sequence[bytes]) -> list[Bundle]:
        """Return the next entries by the bundles they go into."""
        ends = [*range(WIDTH - self.size % WIDTH, len(entries), WIDTH), len(entries)]
        return [Bundle(entries=entries[start:end]) for start, end in zip([0, *ends], ends, strict=False)]

    def add(self, parts: Iterable[Bundle]) -> None:
        """Take what ``split`` returned."""
        for part in parts:
            index = self.size // WIDTH
            if len(part.entries) == WIDTH:
                self._bundles[index] = part.content
            else:
                begun = self._bundles.get(index) or bytearray()
                begun += part.content
                self._bundles[index] = begun
            self.size += len(part.entries)
            self.weight += len(part.content)

    def bundles(self) -> dict[int, bytes]:
        """Return all bundles as they are now."""
        return {index: bytes(content) for index, content in self._bundles.items()}

    def bundle(self, index: int) -> bytes | None:
        """Return a bundle as it is now, if it is here."""
        content = self._bundles.get(index)
        return None if content is None else bytes(content)

    def drop(self, size: int) -> None:
        """Forget the bundles that are full in a log of ``size`` entries."""
        for index in [index for index in self._bundles if index < size // WIDTH]:
            self.weight -= len(self._bundles.pop(index))
