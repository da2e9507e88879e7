"""The first that a process of the service does; so early that it imports nothing that starts threads."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

ENDING = frozenset({signal.SIGTERM, signal.SIGINT})
"""Signals to end."""


def begin(data: Path, names: list[str], port: int, begun: Connection) -> Callable[[dict[str, Any], Any], Any]:
    """Return the WSGI application of a new process, and send a word through ``begun``.

    Signals to end are blocked in all its threads, those that libraries start among them, for one to wait for them.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)

    from waybill.console.process import begin_process

    application = begin_process(data, names, port)
    begun.send(True)
    return application
