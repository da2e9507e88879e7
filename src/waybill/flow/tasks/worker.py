"""Does what is due, one piece after the other, in a process of its own: a long audit must not hold up detection."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from waybill.control import close_database
from waybill.durable.locks import FileLock
from waybill.flow.installation import Installation
from waybill.model.errors import WaybillError

if TYPE_CHECKING:
    from waybill.flow.tasks.queue import Run

SETTINGS = "waybill.control.working"
"""Django's settings for whoever has to do with tasks."""

LOOK_SECONDS = 5.0
"""Time between two looks at what is due."""

PATIENCE = 10.0
"""Seconds to wait for another worker of this data folder."""

Tell = Callable[[str, "Run | None"], None]
"""Told the name of a job that was done and what came of it."""


class Worker:
    """The worker of one data folder; there is one at a time."""

    def __init__(self, data: Path) -> None:
        self._installation = Installation.open(data, django=SETTINGS)
        self._lock = FileLock(data / "tasks.lock", "doing the tasks of this data folder")

    def run(self, stop: threading.Event, tell: Tell, troubled: Callable[[WaybillError], None]) -> None:
        """Do what is due until ``stop``; what is being done then is finished. Raises BusyError if another one works."""
        from waybill.flow.tasks.queue import give_up_interrupted, last_run

        with self._lock.exclusive(PATIENCE):
            given_up = False
            while not stop.is_set():
                try:
                    given_up = given_up or give_up_interrupted() >= 0
                    for name in self.round():
                        tell(name, last_run(name))
                except WaybillError as error:
                    troubled(error)
                stop.wait(LOOK_SECONDS)
        close_database()

    def round(self, only: str = "") -> list[str]:
        """Do all that is due, or one job now; returns the names of what was put into the queue."""
        from django_tasks_db.management.commands.db_worker import Worker as QueueWorker

        from waybill.control import storage_faults
        from waybill.flow.tasks import queue
        from waybill.flow.tasks.performing import work_for

        work_for(self._installation)
        put = [only] if only and queue.enqueue(only) else [] if only else queue.enqueue_due(self._installation)
        with storage_faults():
            QueueWorker(
                queue_names=["*"],
                excluded_queue_names=[],
                interval=0.0,
                batch=True,
                backend_name="default",
                startup_delay=False,
                max_tasks=None,
                worker_id="waybill",
            ).run()
        return put

    def do(self, name: str) -> list[str]:
        """Do one job now if no other worker is there to do it; returns what was put into the queue."""
        from waybill.flow.tasks.queue import enqueue, give_up_interrupted

        with self._lock.if_free() as free:
            if free:
                give_up_interrupted()
                return self.round(name)
        return [name] if enqueue(name) else []

    @property
    def installation(self) -> Installation:
        """What it works for."""
        return self._installation
