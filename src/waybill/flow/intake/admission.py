"""How much may be in hand at once: batches, those of one token, and their bytes; beyond it agents come again later."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from waybill.collect.plan import MEBIBYTE
from waybill.model.errors import BusyError

BATCHES = 48
"""Batches that may be in hand: being sent, waiting, or being read."""

BATCHES_OF_ONE = 24
"""Of these, those of one token, so that nobody keeps the others out by sending slowly."""

BYTES = 128 * MEBIBYTE
"""What these may hold, unpacked. Reading a batch takes a few times its size."""

Claim = Callable[[int], None]
"""Claims so many more bytes. Raises OverloadedError."""


class OverloadedError(BusyError):
    """More comes than can be kept; what was refused is to be sent again."""

    def __init__(self, what: str) -> None:
        super().__init__(what, advice="send the same batch again, a little later")


class Admission:
    """Counts what is in hand; for several threads."""

    def __init__(self) -> None:
        self._batches: Counter[str] = Counter()
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def in_hand(self) -> tuple[int, int]:
        """How many batches are in hand, and their bytes."""
        return self._batches.total(), self._bytes

    @contextmanager
    def admit(self, token: str) -> Iterator[Claim]:
        """Have a batch of a token (by id) in hand inside the block. Raises OverloadedError if there are too many."""
        claimed = 0

        def claim(size: int) -> None:
            nonlocal claimed
            with self._lock:
                if self._bytes + size > BYTES:
                    raise OverloadedError("more comes than can be kept")
                self._bytes += size
            claimed += size

        with self._lock:
            if self._batches.total() >= BATCHES or self._batches[token] >= BATCHES_OF_ONE:
                raise OverloadedError("too many batches come at once")
            self._batches[token] += 1
        try:
            yield claim
        finally:
            with self._lock:
                self._batches[token] -= 1
                self._bytes -= claimed
