"""Runs tasks in workers and returns their batches in order; a worker that fails costs only its task."""

from __future__ import annotations

import fcntl
import os
import pickle
import select
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from threading import Lock
from time import monotonic
from types import TracebackType
from typing import BinaryIO, Self, TypeVar, cast

import msgspec
import pyarrow as pa

from waybill.collect.plan import Batch, Plan
from waybill.collect.quick_scanning import scanning_with
from waybill.collect.transform import Task, Transformer
from waybill.collect.worker import Answer, decode, encode_task
from waybill.model.errors import StorageError
from waybill.sandbox.confining import environment
from waybill.sandbox.framing import LENGTH, send

Item = TypeVar("Item")

_AHEAD = 6
"""Tasks in flight for each worker: one that it works on, and enough that it has work while the parent commits."""

PIPE_BYTES = 1 << 20
"""What a pipe to a worker should hold: as much as anybody may have on Linux."""

_START_SECONDS = 120.0
"""How long a process may take to load what it needs, on a machine that is busy."""


class TaskFailed(Exception):  # noqa: N818 -- an outcome, told to the user as a rejected chunk
    """A worker could not finish its task: why, and what to do."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice


class WorkerDied(TaskFailed):
    """The worker ended before it answered."""


class Pool:
    """Some workers, or none: then tasks run in this process, for tests and where processes cannot be had."""

    def __init__(self, plan: Plan, workers: int, code: bytes | None = None) -> None:
        """``code``: what ``machine_code.object_file`` returns, if it is worth loading."""
        self._plan = plan
        self._code = code
        self._count = workers
        self._inside = Transformer(plan, scanning_with(code)) if workers == 0 else None
        self._threads = ThreadPoolExecutor(max(workers, 1), thread_name_prefix="collect")
        self._idle: SimpleQueue[_Worker | None] = SimpleQueue()
        self._all: list[_Worker] = []
        self._starting = Lock()
        self._closed = False
        for _ in range(workers):
            self._idle.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._starting:
            self._closed = True
        for worker in self._all:
            worker.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for worker in self._all:
            worker.close()

    def run(
        self, items: Iterable[Item], task_of: Callable[[Item], Task | None]
    ) -> Iterator[tuple[Item, Batch | TaskFailed | None]]:
        """Yield each item with the outcome of its task, in order; items without a task pass through."""
        waiting: deque[tuple[Item, Future[Batch | TaskFailed] | None]] = deque()
        for item in items:
            task = task_of(item)
            if self._inside is not None:
                yield item, self._inside.batch(task) if task else None
                continue
            waiting.append((item, self._threads.submit(self._work, task) if task else None))
            while len(waiting) > _AHEAD * self._count:
                yield _outcome(waiting.popleft())
        while waiting:
            yield _outcome(waiting.popleft())

    def _work(self, task: Task) -> Batch | TaskFailed:
        outcome = self._tried(task)
        # Whatever killed the worker, as the kernel does for want of memory, may have had nothing to do with the task.
        return self._tried(task) if isinstance(outcome, WorkerDied) else outcome

    def _tried(self, task: Task) -> Batch | TaskFailed:
        worker = self._idle.get()
        try:
            worker = worker or self._start()
            return worker.run(task, self._plan.limits.worker_seconds)
        except TaskFailed as failure:
            if worker:
                worker.kill()
            return failure
        finally:
            self._idle.put(worker if worker and worker.alive else None)

    def _start(self) -> _Worker:
        with self._starting:
            if self._closed:
                raise TaskFailed("the run was given up", "")
            worker = _Worker(self._plan, self._code)
            self._all.append(worker)
        worker.brief()
        return worker


def _outcome(
    waiting: tuple[Item, Future[Batch | TaskFailed] | None],
) -> tuple[Item, Batch | TaskFailed | None]:
    item, future = waiting
    return item, future.result() if future else None


class _Worker:
    """One limited process and the pipes to it."""

    def __init__(self, plan: Plan, code: bytes | None) -> None:
        self._plan = plan
        self._code = code
        self._process = subprocess.Popen(
            [sys.executable, "-s", "-P", "-m", "waybill.sandbox.lean", "waybill.collect.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            start_new_session=True,  # Ctrl-C is for the parent, which then stops its workers
            bufsize=0,
        )
        self._tasks = cast(BinaryIO, self._process.stdin)
        self._answers = cast(BinaryIO, self._process.stdout)
        _widen(self._tasks, self._answers)
        self.alive = True

    def brief(self) -> None:
        """Tell the process what it works for. Raises StorageError if it does not answer."""
        try:
            send(self._tasks, pickle.dumps(self._plan), self._code or b"")
            started = bytes(self._receive(monotonic() + _START_SECONDS))
        except (OSError, EOFError, TaskFailed):
            started = b""
        if started != b"ready":
            self.kill()
            raise StorageError("a worker process does not start", advice="Raise worker_memory_mb, or use --workers 0.")

    def run(self, task: Task, seconds: float) -> Batch:
        """Return the batch of a task. Raises TaskFailed; the worker is of no more use then."""
        deadline = monotonic() + seconds
        try:
            send(self._tasks, *encode_task(task, self._plan))
            answer = msgspec.msgpack.decode(self._receive(deadline), type=Answer)
            if answer.fault:
                raise TaskFailed("it needs more memory than a worker may use", "Raise worker_memory_mb.")
            return decode(answer, self._receive(deadline))
        except (OSError, EOFError, ValueError) as error:
            raise WorkerDied(
                "the process that parsed it broke down", "Report this: no input should do that."
            ) from error

    def kill(self) -> None:
        """End the process; whoever waits for its answer sees the end of it."""
        self.alive = False
        self._process.kill()

    def close(self) -> None:
        """Forget the process, when nobody waits for it any more."""
        self._process.wait()
        self._tasks.close()
        self._answers.close()

    def _receive(self, deadline: float) -> pa.Buffer:
        (length,) = LENGTH.unpack(self._read(LENGTH.size, deadline))
        return self._read(length, deadline)

    def _read(self, length: int, deadline: float) -> pa.Buffer:
        data = pa.allocate_buffer(length)  # which is not cleared first, and needs no copy to be Arrow's
        view, done = memoryview(data), 0
        descriptor = self._answers.fileno()
        while done < length:
            ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - monotonic()))
            if not ready:
                raise TaskFailed("it takes longer than a worker may", "Report this: no input should do that.")
            count = os.readv(descriptor, [view[done:]])
            if count == 0:
                raise EOFError
            done += count
        return data


def _widen(*pipes: BinaryIO) -> None:
    """Have pipes hold more, so that a batch passes in few turns; the kernel may not allow it."""
    for pipe in pipes:
        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def _environment() -> dict[str, str]:
    """Return what a worker may know of our environment, and how it should keep memory."""
    return environment() | {
        # Giving memory back after every chunk and asking for it again costs a tenth of the time.
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "MALLOC_MMAP_THRESHOLD_": "1073741824",
        "MALLOC_TRIM_THRESHOLD_": "1073741824",
    }
