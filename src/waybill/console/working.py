"""The service's worker: a process beside the others that does what is due by schedule, started again should it die."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import TYPE_CHECKING

from waybill.console.logs import configure, log
from waybill.flow.tasks.worker import Worker
from waybill.model.errors import WaybillError

if TYPE_CHECKING:
    from waybill.flow.tasks.queue import Run

STOP_SECONDS = 30.0
"""How long a task in hand may take when the service is to stop; one that is cut off is done again later."""

PAUSE = 5.0
"""Seconds before a worker that died is started again."""


@contextmanager
def working(data: Path) -> Iterator[None]:
    """Have a worker beside what happens inside the block."""
    stop = threading.Event()
    keeper = threading.Thread(target=_keep, args=(data, stop))
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()


def work(data: Path) -> None:
    """Work until SIGTERM: what the process does."""
    from waybill.console.beginning import end_with_parent

    configure()
    stop = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stop.set())
    end_with_parent()
    try:
        Worker(data).run(stop, _tell, _tell_trouble)
    except WaybillError as error:
        _tell_trouble(error)


def _keep(data: Path, stop: threading.Event) -> None:
    while not stop.is_set():
        process = multiprocessing.get_context("spawn").Process(target=work, args=(data,), name="waybill-worker")
        process.start()
        while process.is_alive() and not stop.wait(0.2):
            pass
        if stop.is_set():
            _end(process)
            return
        log().error("trouble", what="the worker ended", where="tasks", advice="it is started again")
        stop.wait(PAUSE)


def _end(process: SpawnProcess) -> None:
    process.terminate()
    process.join(STOP_SECONDS)
    if process.is_alive():
        process.kill()
        process.join()


def _tell(name: str, run: Run | None) -> None:
    if run is not None:
        level = log().error if run.error else log().info
        level("task", task=name, state=run.state, problem=run.error or None)


def _tell_trouble(error: WaybillError) -> None:
    log().error("trouble", what=error.what, where=error.where, advice=error.advice)
