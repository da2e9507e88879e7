"""Moves the lake's log into its table, beside whatever else goes on.

Detectors may take long over what came in a burst. Were the log left alone meanwhile, it would grow, and with it the
memory of whoever asks the lake: what is in the log only is held there whole.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from waybill.flow import memory
from waybill.flow.installation import Installation
from waybill.lake import Lake
from waybill.model.errors import WaybillError

COMMIT_SECONDS = 30.0
COMMIT_ROWS = 100_000
"""The log is moved when so many seconds passed, or so many transfers wait."""

COMPACT_COMMITS = 64
"""Commits after which the small files they left are joined."""

LOOK_SECONDS = 0.5
"""Time between two looks at how much waits."""

PATIENCE = 10.0
"""Seconds to wait after something went wrong."""

Troubled = Callable[[WaybillError], None]
"""Told what went wrong."""


class Committing:
    """Commits for one lake; not for several threads."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._last = time.monotonic() - COMMIT_SECONDS
        self._commits = 0

    def commit_if_due(self) -> bool:
        """Move what waits, unless it is little and came just now; return whether that was done."""
        waiting = self._lake.status().waiting_rows
        if waiting < COMMIT_ROWS and not (waiting and time.monotonic() - self._last >= COMMIT_SECONDS):
            return False
        self._lake.commit()
        self._last = time.monotonic()
        self._commits += 1
        if self._commits % COMPACT_COMMITS == 0:
            self._lake.compact()
        memory.give_back()
        return True


@contextmanager
def committing(installation: Installation, troubled: Troubled) -> Iterator[None]:
    """Have a thread commit beside what happens inside the block; what goes wrong is told and tried again later."""
    over = threading.Event()

    def run() -> None:
        one = Committing(installation.lake)
        pause = 0.0
        while not over.wait(pause):
            try:
                pause = 0.0 if one.commit_if_due() else LOOK_SECONDS
            except WaybillError as error:
                troubled(error)
                pause = PATIENCE

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
