"""The lake: one folder that keeps transfers and loses none.

::

    wal/*.wal       what was appended and is not yet in the table
    transfers/      the table: Delta Lake, Parquet, a folder per month
    durable.json    up to where the table is known to be on disk
    damaged/        bytes that were found damaged, kept aside
    scratch/        what a large sort or question spills
    locks/*.lock    who writes, who opens, who reads

Order of the locks, to rule out deadlock: ``writer`` before ``opening`` before ``readers`` before ``wal``.
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from waybill.durable import FOLDER_MODE, make_folder, storage_faults
from waybill.durable.locks import FileLock
from waybill.lake import duplicates, entry, erasure, files, rewriting, verify
from waybill.lake.copying import Copy, copy_of
from waybill.lake.damage import Damage
from waybill.lake.engine import Engine
from waybill.lake.kept import Kept
from waybill.lake.reports import Committed, Compacted, Erased, Retained, Status, status_of
from waybill.lake.snapshot import Snapshot
from waybill.lake.table import Table, View
from waybill.lake.tail import Tail, slices
from waybill.lake.wal import Mark, Wal
from waybill.model.errors import BusyError, DamagedError, UsageError

Going = Callable[[pa.Table], None]
"""Told the ``sequence`` and ``id`` of transfers that are about to be removed."""


class Lake:
    """The durable store of transfers. Threads and processes may share a folder; each process opens it once."""

    def __init__(self, folder: Path, *, engine: Engine | None = None, timeout: float = 60.0) -> None:
        self.folder = folder
        self.found: list[Damage] = []
        """What opening found damaged or unfinished, and what became of it."""
        self._timeout = timeout
        self._engine = engine or Engine(folder / "scratch")
        locks = folder / "locks"
        self._writer = FileLock(locks / "writer.lock", "writing the table")
        self._opening = FileLock(locks / "opening.lock", "opening a snapshot or tidying the log")
        self._readers = FileLock(locks / "readers.lock", "reading")
        self._appending = FileLock(locks / "wal.lock", "appending")
        self._table = Table(folder)
        self._wal = Wal(folder / "wal", folder / "damaged", self._appending, self._committed, timeout)
        self._kept = Kept()
        self._tail = Tail(self._wal, self._kept, self._table.folder, self._engine)
        self._turn = threading.RLock()

    @classmethod
    def open(cls, folder: Path, *, engine: Engine | None = None, timeout: float = 60.0) -> Lake:
        """Open the data folder, create it if there is none, and mend what a crash left unfinished.

        ``timeout`` is how long to wait for other processes, in seconds. What was mended stands in ``found``.
        """
        folder = folder.absolute()
        if "%" in str(folder):  # deltalake 1.6 takes it for an escape and looks elsewhere
            raise UsageError("a data folder's path may not contain %", where=str(folder), advice="choose another name")
        with storage_faults("cannot create the data folder", folder):
            make_folder(folder)
            folder.chmod(FOLDER_MODE)
            make_folder(folder / "locks")
        lake = cls(folder, engine=engine, timeout=timeout)
        lake._recover()
        return lake

    def append(self, transfers: pa.Table) -> int:
        """Keep a batch of collected transfers; it is durable on return. Returns its number in the log."""
        payloads = [entry.encode(part) for part in entry.parts(transfers)]
        if not payloads:
            return self._wal.last().sequence
        headers = self._wal.append(payloads)
        self._kept.add(zip(headers, (payload.transfers for payload in payloads), strict=True))
        return headers[-1].sequence

    def keep_little(self, most: int) -> None:
        """Keep at most so many bytes of what is appended in memory: another process commits it."""
        self._kept.most = most

    def commit(self) -> Committed:
        """Move what the log holds into the table, each transfer once."""
        with self._writing() as view:
            committed = self._drain(view)
            self._tidy()
        return committed

    def snapshot(self, *, known_at: datetime | None = None) -> Snapshot:
        """Return what is stored at this moment, or of it what was already known at ``known_at``."""
        held = self._readers.acquire(fcntl.LOCK_SH, self._timeout)
        try:
            with self._opening.shared(self._timeout):
                view = self._table.view()
                tail, sequence = self._tail.beyond(view)
            return Snapshot(
                self._table.folder, view.files, tail, sequence, known_at=known_at, engine=self._engine, held=held
            )
        except BaseException:
            held.release()
            raise

    def compact(self) -> Compacted:
        """Join small files into large ones, sorted by time. Other writers get their turn between steps."""
        before = after = rows = 0
        while True:
            with self._writing() as view:
                groups = rewriting.groups(view)
                if not groups:
                    self._tidy()
                    return Compacted(before, after, rows)
                old = groups[0]
                new = rewriting.rewrite(self._table.folder, old, self._engine)
                self._table.commit(new, old)
                self._tidy()
            before, after, rows = before + len(old), after + len(new), rows + sum(file.rows for file in new)
            if len(new) >= len(old) and all(file.is_sorted for file in old):
                return Compacted(before, after, rows)

    def retain(self, before: datetime, *, going: Going | None = None) -> Retained:
        """Remove transfers that happened before this moment; ``going`` is told which, before they go."""
        moment = int(before.timestamp() * 1_000_000)
        with self._writing() as start:
            self._drain(start)
            view = self._table.view()
            old = [file for file in view.files if file.first_time < moment]
            if old and going is not None:
                going(rewriting.ids(self._table.folder, old, self._engine, erasure.before(moment)))
            new = erasure.without(self._table.folder, old, self._engine, erasure.not_before(moment))
            if old:
                self._table.commit(new, old)
            self._tidy()
        removed = sum(file.rows for file in old) - sum(file.rows for file in new)
        return Retained(removed, len(old) - len(new))

    def erase(self, values: Collection[str], *, going: Going | None = None) -> Erased:
        """Remove every transfer of or to these parties (pseudonyms), or with these ids (hex), and each byte of them.

        ``going`` is told which, before they go. In the transfers of others, a pseudonym is replaced wherever it
        stands. Waits for readers, since they may still read the old files. Damaged bytes that were kept aside are
        removed as well, because nobody can tell whose they are. Raises ``BusyError`` if readers do not finish in
        time; the rows are out of the table then, and running it again finishes the work.
        """
        with self._writing() as start:
            self._wal.roll()
            self._drain(start)
            removal = erasure.find(self._table.folder, self._table.view().files, self._engine, values)
            if removal.rows and going is not None:
                going(rewriting.ids(self._table.folder, removal.files, self._engine, erasure.concerned(values)))
            new = erasure.write_without(self._table.folder, removal.files, self._engine, values)
            if removal.files:
                self._table.commit(new, removal.files)
            self._tail.forget()
            self._forget_bytes()
            kept = erasure.remove_files(self.folder / "damaged")
        return Erased(removal.rows, removal.mentions, len(removal.files), kept)

    @contextmanager
    def still(self) -> Iterator[Copy]:
        """Yield the files that are the lake at this moment, to be copied: while the block lasts, none goes away.

        Appending and committing go on beside it; what is to be erased waits.
        """
        with self._writing() as view:
            opening = self._opening.acquire(fcntl.LOCK_SH, self._timeout)
            readers = self._readers.acquire(fcntl.LOCK_SH, self._timeout)
            copy = copy_of(self.folder, self._table, self._wal, view)
        try:
            yield copy
        finally:
            readers.release()
            opening.release()

    def verify(self) -> list[Damage]:
        """Check every byte of the folder and return what is not as it was written."""
        with self._readers.shared(self._timeout), self._opening.shared(self._timeout):
            return [
                *verify.damage_of_table(self._table),
                *verify.damage_of_log(self._wal, self._table),
                *verify.damage_kept(self.folder / "damaged"),
            ]

    def status(self) -> Status:
        """Return how much there is, and what waits."""
        with self._opening.shared(self._timeout):
            view = self._table.view()
            waiting = self._wal.waiting(view.sequence)
        return status_of(view, waiting, self.folder / "damaged")

    def close(self) -> None:
        """Forget what is cached; nothing is left open."""
        self._tail.forget()
        self._kept.forget()

    def _recover(self) -> None:
        self.found = self._wal.recover()
        try:
            with self._writer.if_free() as alone:
                if alone:
                    self.found += self._table.settle()
            if self._table.manifest().version < 0:  # somebody else is just making the table
                with self._writer.exclusive(self._timeout):
                    self.found += self._table.settle()
        except DamagedError as error:  # appending goes on; whoever needs the table is told again
            self.found.append(Damage(Path(error.where), None, error.what, error.advice))

    @contextmanager
    def _writing(self) -> Iterator[View]:
        """Hold the table for writing and yield its newest version, which is durable."""
        with self._turn, self._writer.exclusive(self._timeout):
            self._table.settle()
            yield self._table.view()

    def _drain(self, view: View) -> Committed:
        rows = dropped = 0
        for part, mark in slices(self._wal, self._kept, view.sequence):
            fresh = duplicates.without(part, self._table.folder, view, self._engine)
            added: list[files.DataFile] = []
            for month, transfers in files.by_month(fresh):
                added += files.write(self._table.folder, month, [transfers])
            view = self._table.commit(added, [], mark=mark)
            rows += fresh.num_rows
            dropped += part.num_rows - fresh.num_rows
        self._kept.forget(view.sequence)
        return Committed(rows, dropped, view.sequence, view.version)

    def _tidy(self) -> None:
        """Remove what is no longer needed, as far as no reader is in the way; the rest waits for the next commit."""
        with self._opening.if_free() as free:
            if free:
                if self._table.needs_checkpoint():
                    self._table.checkpoint()
                self._wal.trim(self._table.manifest().sequence)
        with self._readers.if_free() as free:
            if free:
                self._table.vacuum()

    def _forget_bytes(self) -> None:
        """Remove every old file, log entry and spilled byte, waiting for whoever still reads them."""
        try:
            with self._opening.exclusive(self._timeout):
                self._table.checkpoint()
                self._wal.trim(self._table.manifest().sequence)
            with self._readers.exclusive(self._timeout):
                self._table.vacuum()
                erasure.remove_files(self._engine.scratch)
        except BusyError as error:
            raise BusyError(
                "the rows are erased from the table, but readers still hold files with their bytes",
                where=error.where,
                advice="end the readers (`fuser` on the file named shows them), then erase again",
            ) from error

    def _committed(self) -> Mark:
        known = self._table.manifest()
        return Mark(known.sequence, known.recorded_at)
