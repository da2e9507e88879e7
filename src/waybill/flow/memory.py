"""How a process holds its memory: a command that reads much keeps it until the end, a service keeps little.

A batch and what it is packed into take tens of megabytes for a moment. The kernel clears every page before it hands it
out again: that took a sixth of all processor time of a command. A service stands beside others and gives back.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENAS = -1, -3, -8
"""Parameters of ``mallopt`` in the GNU C library: what is given back, what never comes from a heap, how many heaps."""

_USUAL, _ALL = 128 << 10, 1 << 30
"""Bytes of either threshold: as the library has them at first, and so many that everything stays."""

_keeps_little = False


@contextmanager
def kept() -> Iterator[None]:
    """Keep memory inside the block, where the C library can; what is left is given back behind it.

    A process that keeps little goes on doing so.
    """
    library = ctypes.CDLL(None)
    if _keeps_little or not (hasattr(library, "mallopt") and hasattr(library, "malloc_trim")):
        yield
        return
    usual = pa.default_memory_pool()
    _set(library, _ALL)
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(usual)
        _set(library, _USUAL)
        library.malloc_trim(0)


def keep_little() -> None:
    """Let all threads of this process share two heaps, where the C library can; to be called before they begin.

    It has one for each thread otherwise, and what is free in one serves no other. For a process that stays up beside
    others: there memory counts for more than the time that clearing it takes.
    """
    global _keeps_little  # noqa: PLW0603  it is the process's own
    _keeps_little = True
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(_ARENAS, 2)
    pa.set_memory_pool(pa.system_memory_pool())


def give_back() -> None:
    """Return to the system what is free, where the C library can."""
    library = ctypes.CDLL(None)
    if hasattr(library, "malloc_trim"):
        library.malloc_trim(0)


def _set(library: ctypes.CDLL, threshold: int) -> None:
    library.mallopt(_MMAP_THRESHOLD, threshold)
    library.mallopt(_TRIM_THRESHOLD, threshold)
