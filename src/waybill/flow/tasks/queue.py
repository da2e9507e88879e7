"""What became of each piece of work: the rows of Django's tasks, of which every run is one.

The control database must be open with the settings ``waybill.control.working`` before this module is imported.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from waybill.control import storage_faults
from waybill.flow.installation import Installation
from waybill.flow.tasks.jobs import JOBS, Job, due_at
from waybill.flow.tasks.performing import perform
from waybill.model.errors import WaybillError

KEEP = timedelta(days=90)
"""How long runs are shown."""

FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=1), timedelta(hours=6)
"""How long to wait after a run that failed; twice as long after each further one, up to the longest."""

INTERRUPTED = "the process ended before it was done"


@dataclass(frozen=True, slots=True)
class Run:
    """One run."""

    state: str
    """``ready``, ``running``, ``successful`` or ``failed``."""
    begun: datetime | None
    ended: datetime | None
    result: Any
    error: str
    """What went wrong; empty if nothing did."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one job stands."""

    job: str
    wanted: bool
    """Whether the settings ask for it."""
    last: Run | None
    """The newest run, also one that is not done yet."""
    succeeded: datetime | None
    """When it last ended well."""
    failures: int
    """Runs that failed since then."""
    next: datetime | None
    """When it is due; none where it follows what happens, or is not wanted."""


def standings(installation: Installation, now: datetime | None = None) -> list[Standing]:
    """Return how all jobs stand."""
    with storage_faults():
        return [_standing(installation, job, now or datetime.now(UTC)) for job in JOBS]


def enqueue_due(installation: Installation, now: datetime | None = None) -> list[str]:
    """Put into the queue what is due and not in it; returns the names."""
    now = now or datetime.now(UTC)
    return [job.name for job in JOBS if _is_due(installation, job, now) and enqueue(job.name)]


def enqueue(name: str) -> bool:
    """Put a job into the queue unless it is there or being done; returns whether it was put there."""
    with storage_faults(), transaction.atomic():
        if _runs(name).filter(status__in=[TaskResultStatus.READY, TaskResultStatus.RUNNING]).exists():
            return False
        perform.using(queue_name=name).enqueue(name)  # a queue for each, to find its runs by an index
        return True


def last_run(name: str) -> Run | None:
    """Return the newest run of a job."""
    with storage_faults():
        row = _runs(name).order_by("-enqueued_at").first()
    return None if row is None else _run(row)


def give_up_interrupted() -> int:
    """Note that runs failed whose process is gone; returns how many. Nobody else may be working."""
    with storage_faults():
        running = DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING)
        return running.update(
            status=TaskResultStatus.FAILED,
            finished_at=datetime.now(UTC),
            exception_class_path="",
            traceback=INTERRUPTED,
        )


def forget_old(now: datetime | None = None) -> int:
    """Remove runs that ended long ago; returns how many."""
    with storage_faults():
        old = DBTaskResult.objects.filter(finished_at__lt=(now or datetime.now(UTC)) - KEEP)
        return old.delete()[0]


def _is_due(installation: Installation, job: Job, now: datetime) -> bool:
    if job.every(installation.settings) is None:
        return False
    standing = _standing(installation, job, now)
    if job.asks is not None:
        held_up = standing.failures and standing.next is not None and standing.next > now
        return not held_up and _asks(job.asks, installation, now)
    return standing.next is not None and standing.next <= now


def _asks(asks: Callable[[Installation, datetime], bool], installation: Installation, now: datetime) -> bool:
    """Return whether a job is due; one that cannot even tell is done, and fails where that is seen."""
    try:
        return asks(installation, now)
    except WaybillError:
        return True


def _standing(installation: Installation, job: Job, now: datetime) -> Standing:
    every = job.every(installation.settings)
    runs = _runs(job.name)
    newest = runs.order_by("-enqueued_at").first()
    good = runs.filter(status=TaskResultStatus.SUCCESSFUL).order_by("-finished_at").first()
    failed = runs.filter(status=TaskResultStatus.FAILED)
    if good is not None:
        failed = failed.filter(enqueued_at__gt=good.enqueued_at)
    failures = failed.count()
    next_at: datetime | None = None
    if every is not None and failures:
        wait = min(LONGEST_RETRY, FIRST_RETRY * (1 << min(failures - 1, 16)))
        next_at = max(one.finished_at for one in failed) + wait
    elif every is not None and job.asks is None:
        next_at = due_at(good.started_at, every, installation.settings.night_hour) if good is not None else now
    succeeded = good.finished_at if good is not None else None
    return Standing(job.name, every is not None, newest and _run(newest), succeeded, failures, next_at)


def _runs(name: str) -> Any:
    return DBTaskResult.objects.filter(queue_name=name)


def _run(row: DBTaskResult[Any, Any]) -> Run:
    error = row.traceback.strip().rpartition("\n")[2] if row.status == TaskResultStatus.FAILED else ""
    return Run(row.status.lower(), row.started_at, row.finished_at, row.return_value, error)
