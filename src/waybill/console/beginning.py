"""The first that a process of the service does; so early that it imports nothing that starts threads, or takes long."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

ENDING = frozenset({signal.SIGTERM, signal.SIGINT})
"""Signals to end."""


THREADS = 64
"""Requests that are answered at the same time: more than batches may be in hand, so there is room for questions."""

_PR_SET_PDEATHSIG = 1


def begin(data: Path, names: list[str], port: int, begun: Connection) -> Callable[[dict[str, Any], Any], Any]:
    """Return the WSGI application of a new process, and send a word through ``begun``.

    Signals to end are blocked in all its threads, those that libraries start among them, for one to wait for them.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)

    from waybill.console.process import begin_process

    application = begin_process(data, names, port)
    begun.send(True)
    return application


def end_with_parent() -> None:
    """Have the kernel end this process when the one that started it dies (prctl(2)): no orphan answers in its place."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    parent = multiprocessing.parent_process()
    if parent is not None and os.getppid() != parent.pid:
        sys.exit(1)  # it died before
