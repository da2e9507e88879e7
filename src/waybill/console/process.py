"""What one process of the service holds, and how it begins and ends: the installation and the reception."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from waybill.console.beginning import ENDING, end_with_parent
from waybill.console.logs import configure, log
from waybill.flow import memory
from waybill.flow.installation import Installation
from waybill.flow.intake.reception import Reception
from waybill.flow.rules.trying import Trials
from waybill.model.errors import WaybillError

DRAIN_SECONDS = 50.0
"""How long requests in hand may take when the process is to end."""

WRITE_SECONDS = 0.2
"""Time in which the HTTP server writes an answer that it was handed."""

WARM_SECONDS = 5.0
"""From when on the overview is made ready for the first who looks; those who waited to send come first."""

Application = Callable[[dict[str, Any], Any], Any]
"""WSGI (PEP 3333)."""


class Process:
    """One process of the service."""

    def __init__(self, data: Path) -> None:
        self.installation = Installation.open(data, django="waybill.console.settings")

        from waybill.console.answers import Answers  # they ask models, which need the database open

        self.answers = Answers(self.installation)
        self.reception = Reception(self.installation, workers=self.installation.settings.workers, troubled=_log_trouble)
        self.trials = Trials(data)
        self.ending = False
        """Whether nothing new is to be begun."""
        self._answering = 0
        self._working: dict[int, float] = {}
        """By thread, since when a request is worked on that has come whole."""
        self._changed = threading.Condition()

    @contextmanager
    def answering(self, *, whole: bool = False) -> Iterator[None]:
        """Answer a request inside the block; ``whole``: nothing more of it is to come."""
        me = threading.get_ident()
        with self._changed:
            self._answering += 1
            if whole:
                self._working[me] = time.monotonic()
        try:
            yield
        finally:
            with self._changed:
                self._answering -= 1
                self._working.pop(me, None)
                self._changed.notify_all()

    def is_working(self, seconds: float) -> bool:
        """Return whether some answer has been worked on for so long: its client waits in silence, and rightly."""
        with self._changed:
            return any(time.monotonic() - begun >= seconds for begun in self._working.values())

    def end(self) -> None:
        """Begin nothing new, finish what is in hand, and write down what is known."""
        self.ending = True
        with self._changed:
            self._changed.wait_for(lambda: not self._answering, DRAIN_SECONDS)
        time.sleep(WRITE_SECONDS)
        self.reception.__exit__(None, None, None)


_process: Process | None = None


def process() -> Process:
    """Return this process's own. Raises RuntimeError outside of the service."""
    if _process is None:
        raise RuntimeError("the service has not been started in this process")
    return _process


def begin_process(data: Path, names: list[str], port: int) -> Application:
    """Start what this process holds and return the WSGI application; all of it ends with the process."""
    global _process  # noqa: PLW0603  one process, one service: Django finds its views by name, not by object
    from django.core.handlers.wsgi import WSGIHandler

    from waybill.console.entrance.configuring import configure_entrance
    from waybill.console.silence import watch

    configure()
    memory.keep_little()
    end_with_parent()
    _process = Process(data)
    configure_entrance(_process.installation, names)
    _process.reception.__enter__()
    threading.Thread(target=_end_when_asked, args=(_process,), daemon=True).start()
    warming = threading.Timer(WARM_SECONDS, _process.answers.warm)
    warming.daemon = True
    warming.start()
    silence = _process.installation.settings.silence_seconds
    threading.Thread(target=watch, args=(silence, port, _process.is_working), daemon=True).start()
    return _whole(WSGIHandler())


def _end_when_asked(process: Process) -> None:
    """Wait for a signal to end, and end.

    The HTTP server would do so itself, but its handler waits for requests in hand while it holds the interpreter that
    these need to get done; so the signal never gets to it.
    """
    signal.sigwait(ENDING)
    process.end()
    os._exit(0)


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
