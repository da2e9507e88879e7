"""What the processes of a server take: time of processors and memory, as Linux tells."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """Return a process and all below it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents.setdefault(int(_fields(int(entry.name))[1]), []).append(int(entry.name))
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found


def processor_seconds(pid: int) -> float:
    """Return the processor time of a process and all below it, with those of theirs that have ended."""
    total = 0.0
    for one in family(pid):
        with suppress(OSError):
            total += sum(map(int, _fields(one)[11:15])) / _TICKS
    return total


def memory_bytes(pid: int) -> int:
    """Return the memory of a process and all below it, what several share counted once (PSS, proc(5))."""
    total = 0
    for one in family(pid):
        with suppress(OSError):
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return total


def _fields(pid: int) -> list[str]:
    """Return what ``/proc/PID/stat`` says behind the name of the program."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
