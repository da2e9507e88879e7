"""When something was active: one bit for each hour (or day) of a window, which two observers can put together.

Adding what is known already, or in another order, changes nothing, so rows may come in any windows and any order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

HOUR = 3_600_000_000
DAY = 24 * HOUR
"""Microseconds."""


@dataclass(frozen=True, slots=True)
class Activity:
    """The slots (numbered since 1970) in which something was active, as far as they lie in the window."""

    last: int
    """The newest active slot."""
    bits: int
    """Bit ``n`` stands for slot ``last - n``."""

    @classmethod
    def of(cls, slots: Iterable[int], window: int) -> Activity:
        """Return the activity in some slots, of which there is at least one, within a window of so many slots."""
        chosen = list(slots)
        last = max(chosen)
        bits = 0
        for slot in chosen:
            if last - slot < window:
                bits |= 1 << (last - slot)
        return cls(last, bits)

    def joined(self, other: Activity, window: int) -> Activity:
        """Return both together."""
        older, newer = sorted((self, other), key=lambda one: one.last)
        bits = newer.bits | older.bits << (newer.last - older.last)
        return Activity(newer.last, bits & ((1 << window) - 1))

    def array(self, window: int) -> np.ndarray:
        """Return whether each slot was active, the newest last."""
        size = (window + 7) // 8
        packed = np.frombuffer(self.bits.to_bytes(size, "little"), np.uint8)
        return np.unpackbits(packed, bitorder="little")[:window][::-1].astype(bool)

    def slots(self, window: int) -> np.ndarray:
        """Return the active slots, in order."""
        numbers: np.ndarray = np.flatnonzero(self.array(window)) + self.last - window + 1
        return numbers

    def stored(self) -> list[Any]:
        """Return it as JSON values."""
        return [self.last, f"{self.bits:x}"]

    @classmethod
    def restored(cls, value: list[Any]) -> Activity:
        """Return what ``stored`` gave."""
        return cls(value[0], int(value[1], 16))


def times(rows: pa.Table) -> np.ndarray:
    """Return when each row happened (microseconds since 1970); a clock that is ahead does not count as the future."""
    happened = pc.min_element_wise(rows["time"].cast(pa.int64()), rows["recorded_at"].cast(pa.int64()))
    moments: np.ndarray = happened.to_numpy()
    return moments


def codes(column: pa.ChunkedArray) -> tuple[np.ndarray, list[str]]:
    """Return the number of each row's text and the texts; rows without one have number 0, which is the empty text."""
    encoded = column.combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0) if encoded.num_chunks else pa.array([], encoded.type)
    if not pa.types.is_dictionary(encoded.type):
        encoded = encoded.dictionary_encode()
    numbers = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64) + 1
    return numbers, ["", *(text or "" for text in encoded.dictionary.to_pylist())]
