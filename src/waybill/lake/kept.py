"""Entries that this process appended, kept in memory until they are committed.

A commit or a snapshot that finds an entry's header in the log takes the transfers from here and saves reading,
checking and unpacking them. What is on disk decides: an entry is found by its whole header, number, time and
checksum, and only while the log has it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

import pyarrow as pa

from waybill.lake.entry import Header

KEPT_BYTES = 256 << 20
"""So much is kept; what is more than that is read from the log."""


class Kept:
    """Collected transfers by the header of their entry, the oldest first."""

    def __init__(self) -> None:
        self.most = KEPT_BYTES
        """Bytes to keep from now on; less where another process commits what this one appends."""
        self._lock = threading.Lock()
        self._entries: dict[Header, pa.Table] = {}
        self._bytes = 0

    def add(self, entries: Iterable[tuple[Header, pa.Table]]) -> None:
        """Keep entries that are in the log as far as there is room; older ones make room."""
        with self._lock:
            for header, transfers in entries:
                size = _size(transfers)
                if size > self.most:
                    continue
                while self._bytes + size > self.most:
                    self._drop(next(iter(self._entries)))
                self._entries[header] = transfers
                self._bytes += size

    def entries(self) -> dict[Header, pa.Table]:
        """Return what is kept at this moment."""
        with self._lock:
            return dict(self._entries)

    def forget(self, until: int | None = None) -> None:
        """Drop the entries numbered up to ``until``, or all."""
        with self._lock:
            for header in [header for header in self._entries if until is None or header.sequence <= until]:
                self._drop(header)

    def _drop(self, header: Header) -> None:
        self._bytes -= _size(self._entries.pop(header))


def _size(transfers: pa.Table) -> int:
    """Return the bytes that live as long as ``transfers``: of a slice, those of the whole."""
    size: int = transfers.get_total_buffer_size()
    return size
