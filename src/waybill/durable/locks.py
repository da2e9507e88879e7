"""Advisory locks between processes and threads, one file each (``flock``).

Every acquisition opens the file anew, so that two threads, two objects of a process and a forked child exclude one
another exactly as two processes do. A process that dies gives up its locks.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from waybill.durable import FILE_MODE
from waybill.model.errors import BusyError

_FIRST_PAUSE = 0.0005
_LONGEST_PAUSE = 0.02


class Held:
    """A lock that is held until ``release``; releasing twice does no harm."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock up, also where a forked child still has the file open."""
        if self._descriptor >= 0:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            os.close(self._descriptor)
            self._descriptor = -1

    def __del__(self) -> None:
        self.release()


class FileLock:
    """A lock file: many may hold it shared, or one exclusively."""

    def __init__(self, path: Path, purpose: str) -> None:
        self.path = path
        self._purpose = purpose

    @contextmanager
    def exclusive(self, timeout: float) -> Iterator[None]:
        """Hold the lock alone inside the block; after ``timeout`` seconds of waiting raise ``BusyError``."""
        held = self.acquire(fcntl.LOCK_EX, timeout)
        try:
            yield
        finally:
            held.release()

    @contextmanager
    def shared(self, timeout: float) -> Iterator[None]:
        """Hold the lock together with others inside the block."""
        held = self.acquire(fcntl.LOCK_SH, timeout)
        try:
            yield
        finally:
            held.release()

    @contextmanager
    def if_free(self) -> Iterator[bool]:
        """Hold the lock alone inside the block if nobody has it; yields whether it does."""
        held = self._try(fcntl.LOCK_EX)
        try:
            yield held is not None
        finally:
            if held is not None:
                held.release()

    def acquire(self, mode: int, timeout: float) -> Held:
        """Take the lock (``fcntl.LOCK_SH`` or ``LOCK_EX``), waiting up to ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        pause = _FIRST_PAUSE
        while (held := self._try(mode)) is None:
            if time.monotonic() >= deadline:
                raise BusyError(
                    f"another process is still {self._purpose} after {timeout:g} s",
                    where=str(self.path),
                    advice="wait for it to finish, or find it with `fuser` on the file named and stop it",
                )
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        return held

    def _try(self, mode: int) -> Held | None:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        try:
            fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return Held(descriptor)
