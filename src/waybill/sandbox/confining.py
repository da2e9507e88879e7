"""What a process gives up before it reads what somebody else wrote, and what it may know of ours."""

from __future__ import annotations

import os
import resource
import sys

OPEN_FILES = 32
"""Descriptors of a worker: its streams and what libraries hold open."""


def environment() -> dict[str, str]:
    """Return what a worker may know of our environment: where code is, and how text is written; no secrets."""
    return {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TZ": "UTC",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def confine(memory: int) -> None:
    """Allow no core, no growing file, few descriptors and ``memory`` bytes of address space. Cannot be undone."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def bound_time(seconds: float) -> None:
    """Let the kernel stop this process after so much more computing, even when its parent is gone."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(usage.ru_utime + usage.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))
