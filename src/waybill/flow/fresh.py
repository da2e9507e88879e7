"""Answers that are costly to make and asked for often: the last one is given while a newer one is made."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from waybill.control import close_database
from waybill.model.errors import WaybillError

Answer = TypeVar("Answer")

SOON_SECONDS = 2.0
"""Age from which an answer is made anew if making it is cheap, behind whoever asks."""

SHARE = 10
"""An answer rests so many times as long as it took to make, so that making it never takes more of the machine."""

STALE_SECONDS = 60.0
"""Age from which whoever asks waits for a new one."""


@dataclass(frozen=True, slots=True)
class _Made(Generic[Answer]):
    answer: Answer
    at: float
    took: float


class Fresh(Generic[Answer]):
    """Keeps one answer; for several threads."""

    def __init__(self, make: Callable[[], Answer], *, rests: float = SOON_SECONDS) -> None:
        """``rests``: seconds for which an answer is good in any case."""
        self._make = make
        self._rests = rests
        self._made: _Made[Answer] | None = None
        self._making = threading.Lock()

    def get(self) -> Answer:
        """Return the answer, at most a minute old or as old as its cost asks. Raises what making it raises."""
        made = self._made
        if made is None:
            return self._now(made)
        age, rests = time.monotonic() - made.at, max(self._rests, SHARE * made.took)
        if age > max(STALE_SECONDS, rests):
            return self._now(made)
        if age > rests and self._making.acquire(blocking=False):
            threading.Thread(target=self._behind, daemon=True).start()
        return made.answer

    def _now(self, known: _Made[Answer] | None) -> Answer:
        with self._making:
            if self._made is known or self._made is None:  # nobody else made it meanwhile
                return self._remake()
            return self._made.answer

    def _behind(self) -> None:
        """Make it anew; where that fails the old one is kept until somebody who asks is told why."""
        try:
            self._remake()
        except WaybillError:
            pass
        finally:
            self._making.release()
            close_database()

    def _remake(self) -> Answer:
        begun = time.monotonic()
        answer = self._make()
        now = time.monotonic()
        self._made = _Made(answer, now, now - begun)
        return answer
