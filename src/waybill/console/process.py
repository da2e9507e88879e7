"""What one process of the service holds: the installation, the reception, and how many batches it has in hand."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from waybill.console.logs import configure, log
from waybill.flow.installation import Installation
from waybill.flow.reception import OverloadedError, Reception
from waybill.model.errors import WaybillError

THREADS = 64
"""Requests that are answered at the same time."""

BATCHES = 48
"""Of these, batches; so there is always room for questions."""

BATCHES_OF_ONE = 24
"""Of these, those of one token; so no agent keeps the others out by sending slowly."""


Application = Callable[[dict[str, Any], Any], Any]
"""WSGI (PEP 3333)."""


class Process:
    """One process of the service."""

    def __init__(self, data: Path) -> None:
        self.installation = Installation.open(data)
        self.reception = Reception(self.installation, workers=self.installation.settings.workers, troubled=_log_trouble)
        self.limits = self.installation.plan().limits
        self._in_hand: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def taking(self, token: str) -> Iterator[None]:
        """Have one more batch of a token in hand inside the block. Raises OverloadedError where there are too many."""
        with self._lock:
            if self._in_hand.total() >= BATCHES or self._in_hand[token] >= BATCHES_OF_ONE:
                raise OverloadedError(
                    "too many batches come at once", advice="send the same batch again, a little later"
                )
            self._in_hand[token] += 1
        try:
            yield
        finally:
            with self._lock:
                self._in_hand[token] -= 1


_process: Process | None = None


def process() -> Process:
    """Return this process's own. Raises RuntimeError outside of the service."""
    if _process is None:
        raise RuntimeError("the service has not been started in this process")
    return _process


def begin(data: Path, names: list[str], port: int) -> Application:
    """Start what this process holds and return the WSGI application; all of it ends with the process."""
    global _process  # noqa: PLW0603  one process, one service: Django finds its views by name, not by object
    from multiprocessing.util import Finalize

    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler

    from waybill.console.silence import watch

    configure()
    _process = Process(data)
    settings.ALLOWED_HOSTS = names
    stack, stop = ExitStack(), threading.Event()
    stack.enter_context(_process.reception)
    silence = _process.installation.settings.silence_seconds
    threading.Thread(target=watch, args=(silence, port, stop), daemon=True).start()
    stack.callback(stop.set)
    Finalize(None, stack.close, exitpriority=10)
    return _whole(WSGIHandler())


def _whole(answer: Application) -> Application:
    """Return an application whose answers come in one piece, which the HTTP server sends without chunks."""

    def application(environ: dict[str, Any], start: Any) -> list[bytes]:
        response = answer(environ, start)
        try:
            return [b"".join(response)]
        finally:
            response.close()

    return application


def _log_trouble(error: WaybillError) -> None:
    log().error("trouble", what=error.what, where=error.where, advice=error.advice)
