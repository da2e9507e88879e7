"""Warm workers that read files, and what becomes of a file whose worker does not survive it."""

from __future__ import annotations

import errno
import hashlib
import os
import select
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from time import monotonic
from types import TracebackType
from typing import BinaryIO, Self, cast

import msgspec

from waybill.content.parsing.pieces import Caveat, End, Piece, Place, Reason
from waybill.content.parsing.plan import Limits
from waybill.content.parsing.worker import Order
from waybill.model.errors import StorageError
from waybill.sandbox.confining import environment
from waybill.sandbox.framing import LENGTH

_START_SECONDS = 120.0
"""How long a process may take to start, on a machine that is busy."""

_BLOCK = 1 << 20

_DENIED = frozenset({errno.EACCES, errno.EPERM})
_LINKS = frozenset({errno.ELOOP, errno.ENXIO})


class Readers:
    """Some workers, started when first needed and kept; safe to be used by as many threads."""

    def __init__(self, limits: Limits | None = None, *, workers: int = 1) -> None:
        self.limits = limits or Limits()
        self._idle: SimpleQueue[_Worker | None] = SimpleQueue()
        for _ in range(workers):
            self._idle.put(None)
        self._count = workers

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for _ in range(self._count):
            if worker := self._idle.get():
                worker.kill()
            self._idle.put(None)

    def read(self, path: Path) -> Iterator[Piece]:
        """Yield what a file holds. A file that vanished, a link, a device: each is a caveat and an end."""
        try:
            # Not to follow a link that somebody put there, and not to wait for the other end of a pipe.
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            yield from _closed(_reason(error), os.strerror(error.errno or 0))
            return
        try:
            yield from self.read_open(descriptor)
        finally:
            os.close(descriptor)

    def read_bytes(self, data: bytes) -> Iterator[Piece]:
        """Yield what bytes in memory hold."""
        descriptor = os.memfd_create("content")
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            yield from self.read_open(descriptor)
        finally:
            os.close(descriptor)

    def read_open(self, descriptor: int) -> Iterator[Piece]:
        """Yield what an open file holds; it stays the caller's."""
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            yield from _closed(Reason.LINK, "no regular file")
            return
        end = End("none", before.st_size)
        for piece in self._pieces(descriptor):
            if isinstance(piece, End):
                end = piece
            else:
                yield piece
        with suppress(OSError):
            after = os.fstat(descriptor)
            if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                yield Caveat(Place(), Reason.CHANGED)
        yield msgspec.structs.replace(end, digest=self._digest(descriptor, before.st_size))

    def _digest(self, descriptor: int, size: int) -> str:
        """Return the SHA-256 of a file, as logs of other programs may name it; empty where it cannot be told."""
        if not 0 < size <= self.limits.unpacked:
            return ""
        hasher, at = hashlib.sha256(), 0
        with suppress(OSError):
            while at < size and (block := os.pread(descriptor, _BLOCK, at)):
                hasher.update(block)
                at += len(block)
        return hasher.hexdigest() if at >= size else ""

    def _pieces(self, descriptor: int) -> Iterator[Piece]:
        """Yield pieces as they come; a PDF over which its worker dies is given to the second reader from there on."""
        page = 0
        order = Order(self.limits)
        for _ in range(2):
            died: _Died | None = None
            with self._worker() as worker:
                try:
                    for piece in worker.run(descriptor, order):
                        page = max(page, 0 if isinstance(piece, End) else piece.place.page)
                        yield piece
                except _Died as error:
                    died = error
            if died is None:
                return
            if died.reason is Reason.TIME or order.second or b"%PDF-" not in os.pread(descriptor, 1024, 0):
                yield Caveat(Place(page=page), died.reason, died.detail)
                return
            order = Order(self.limits, second=True, after_page=page)

    @contextmanager
    def _worker(self) -> Iterator[_Worker]:
        worker = self._idle.get()
        kept: _Worker | None = None
        try:
            worker = worker or _Worker()
            yield worker
            kept = worker
        finally:
            if worker is not None and (kept is None or not worker.ready):
                worker.kill()  # also where nobody wanted the rest of a file
                kept = None
            self._idle.put(kept)


class _Died(Exception):  # noqa: N818 -- an outcome, told as a caveat
    """A worker did not survive a file."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class _Worker:
    """One confined process, a socket that files are handed over, and a pipe for its answers."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-s", "-P", "-m", "waybill.content.parsing.worker"],
                stdin=theirs.fileno(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment(),
                start_new_session=True,
                bufsize=0,
            )
        self._orders = ours
        self._answers = cast(BinaryIO, self._process.stdout)
        self._decoder = msgspec.msgpack.Decoder(Piece)
        self.ready = False
        """Whether it has answered everything and may be asked again."""
        self._waited = 0.0
        try:
            started = self._receive(_START_SECONDS)
        except _Died:
            started = b""
        if started != b"ready":
            self.kill()
            raise StorageError("a process that reads files does not start", advice="See that memory is left.")
        self.ready = True

    def run(self, descriptor: int, order: Order) -> Iterator[Piece]:
        """Yield the pieces of an open file. Raises _Died; the worker is of no more use then."""
        self.ready, self._waited = False, 0.0
        try:
            socket.send_fds(self._orders, [msgspec.msgpack.encode(order)], [descriptor])
        except OSError as error:
            raise _Died(Reason.CRASHED, "the worker was gone") from error
        while True:
            piece = self._decoder.decode(self._receive(order.limits.seconds))
            self.ready = isinstance(piece, End)
            yield piece
            if self.ready:
                return

    def kill(self) -> None:
        """End the process."""
        self.ready = False
        self._process.kill()
        self._process.wait()
        self._orders.close()
        self._answers.close()

    def _receive(self, seconds: float) -> bytes:
        (length,) = LENGTH.unpack(self._read(LENGTH.size, seconds))
        return self._read(length, seconds)

    def _read(self, length: int, seconds: float) -> bytes:
        """Read so many bytes; only the time that is spent waiting counts."""
        parts, missing = [], length
        while missing:
            since = monotonic()
            ready, _, _ = select.select([self._answers], [], [], max(0.0, seconds - self._waited))
            self._waited += monotonic() - since
            if not ready:
                raise _Died(Reason.TIME, f"more than {seconds:.0f} s")
            part = os.read(self._answers.fileno(), missing)
            if not part:
                raise self._death()
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _death(self) -> _Died:
        """Return why the process ended."""
        code = self._process.wait()
        if code == -signal.SIGXCPU:
            return _Died(Reason.TIME, "its time of computing was used up")
        return _Died(Reason.CRASHED, signal.Signals(-code).name if code < 0 else f"exit {code}")


def _closed(reason: Reason, detail: str) -> Iterator[Piece]:
    yield Caveat(Place(), reason, detail)
    yield End("none", 0)


def _reason(error: OSError) -> Reason:
    if error.errno in _DENIED:
        return Reason.DENIED
    return Reason.LINK if error.errno in _LINKS else Reason.VANISHED
