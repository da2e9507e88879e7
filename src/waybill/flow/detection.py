"""Runs detectors over transfers, in this process or in a pool of processes, with identical findings.

``flow`` is the only room that knows how rows reach a detector. Rows are fed in tables of any size: a detector of
scope ``record`` sees them in windows as they come; one of scope ``fold`` too, but one window after another, with its
state handed on; one of scope ``key`` sees all rows of a key together, one of scope ``whole`` sees all rows. The
function that runs in a worker takes plain tables and returns plain records, so that a distributed engine can take the
pool's place.
"""

from __future__ import annotations

import multiprocessing
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from waybill.model.custody import Custody
from waybill.model.findings import Finding, merge
from waybill.model.protocols import Detector, Result, State, Tables
from waybill.model.register import RegisterSnapshot
from waybill.model.transfers import NAMES, SCHEMA
from waybill.model.words import Scope

WINDOW_ROWS = 100_000
"""Rows a detector of scope ``record`` sees at once: rules look at each distinct value of a window once."""

WINDOW_BYTES = 128 << 20
"""A window of wide rows is smaller, so that memory stays bounded."""


@dataclass(slots=True)
class _Gathered:
    """What one detector has said so far."""

    findings: list[Finding] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)
    remarks: dict[str, None] = field(default_factory=dict)
    over: dict[str, None] = field(default_factory=dict)

    def add(self, result: Result) -> None:
        self.findings.extend(result.findings)
        self.state.update(result.state)
        self.over.update(dict.fromkeys(result.over))
        self.remarks.update(dict.fromkeys(result.remarks))


class Detection:
    """One run of some detectors over the tables it is fed; a context manager, since it may own processes.

    ``workers`` of 0 runs everything in this process, and so does a run of less than one window. ``states`` are what
    each detector remembered, by its name. ``now`` is up to when the sources have been watched, and ``custody`` what is
    known of lots and devices, see ``Tables``.
    """

    def __init__(
        self,
        detectors: Sequence[Detector],
        register: RegisterSnapshot,
        *,
        states: Mapping[str, State] | None = None,
        workers: int = 0,
        now: datetime | None = None,
        custody: Custody | None = None,
    ) -> None:
        self._detectors = list(detectors)
        self._now = now
        self._custody = custody
        self._register = register
        self._states = states or {}
        self._workers = workers
        self._gathered = {detector.name: _Gathered() for detector in detectors}
        self._window: list[pa.Table] = []
        self._window_rows = self._window_bytes = 0
        self._kept: dict[str, list[pa.Table]] = {d.name: [] for d in detectors if d.scope not in _IN_WINDOWS}
        columns = {name for detector in detectors if detector.scope in _IN_WINDOWS for name in detector.columns}
        self._window_columns = [name for name in NAMES if name in columns]
        for detector in detectors:
            if detector.scope is Scope.FOLD:
                self._gathered[detector.name].state.update(self._states.get(detector.name, {}))
        self._rows = 0
        self._pool: ProcessPoolExecutor | None = None
        self._pending: dict[Future[Result], str] = {}

    def __enter__(self) -> Detection:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def feed(self, transfers: pa.Table) -> None:
        """Take more transfers; may run detectors at once."""
        if transfers.num_rows == 0:
            return
        self._rows += transfers.num_rows
        for detector in self._detectors:
            if detector.name in self._kept:
                self._keep(detector, transfers)
        part = transfers.select(self._window_columns)
        self._window.append(part)
        self._window_rows += part.num_rows
        self._window_bytes += part.nbytes
        if self._window_rows >= WINDOW_ROWS or self._window_bytes >= WINDOW_BYTES:
            self._run_window()

    def finish(self) -> dict[str, Result]:
        """Run what is left and return, for each detector by name, its findings, its state and its remarks."""
        self._run_window()
        for detector in self._detectors:
            if detector.scope is Scope.FOLD:
                fields = [SCHEMA.field(name) for name in detector.columns]
                self._fold(detector, pa.schema(fields).empty_table(), self._custody)
            elif detector.name in self._kept:
                self._run_kept(detector)
        self._settle(0)
        return {
            name: Result(merge(gathered.findings), gathered.state, tuple(gathered.remarks), tuple(gathered.over))
            for name, gathered in self._gathered.items()
        }

    def _keep(self, detector: Detector, transfers: pa.Table) -> None:
        """Hold back the rows that a detector must see together, and only the columns it reads."""
        rows = transfers.select(list(detector.columns))
        if detector.scope is Scope.KEY:
            rows = rows.filter(pc.is_valid(detector.keys(Tables(rows, self._register))))
        if rows.num_rows:
            self._kept[detector.name].append(rows)

    def _run_window(self) -> None:
        if not self._window:
            return
        window = _joined(self._window)
        self._window, self._window_rows, self._window_bytes = [], 0, 0
        for detector in self._detectors:
            if detector.scope is Scope.RECORD:
                for part in _slices(window.select(list(detector.columns))):
                    self._submit(detector, part, {})
            elif detector.scope is Scope.FOLD:
                self._fold(detector, window.select(list(detector.columns)))

    def _fold(self, detector: Detector, rows: pa.Table, custody: Custody | None = None) -> None:
        """Run a detector in this process, on the state that its last window left."""
        gathered = self._gathered[detector.name]
        result = detector.run(Tables(rows, self._register, self._now, custody), gathered.state)
        gathered.state = {}  # what the detector forgets is gone
        gathered.add(result)

    def _run_kept(self, detector: Detector) -> None:
        state = self._states.get(detector.name, {})
        self._gathered[detector.name].state.update(state)
        if not self._kept[detector.name]:
            return
        rows = _joined(self._kept[detector.name])
        if detector.scope is Scope.WHOLE:
            self._submit(detector, rows, state)
            return
        keys = detector.keys(Tables(rows, self._register))
        for part, part_state in partitions(rows, keys, state, max(1, self._workers)):
            self._submit(detector, part, part_state)

    def _submit(self, detector: Detector, rows: pa.Table, state: State) -> None:
        if self._workers == 0 or self._rows < WINDOW_ROWS:  # starting processes would take longer than the work
            self._gathered[detector.name].add(detector.run(Tables(rows, self._register), state))
            return
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._workers,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_prepare_worker,
                initargs=(self._detectors, self._register),
            )
        self._settle(2 * self._workers)
        self._pending[self._pool.submit(_run_in_worker, detector.name, rows, state)] = detector.name

    def _settle(self, leave: int) -> None:
        """Take results until at most ``leave`` tasks are under way."""
        while len(self._pending) > leave:
            done, _ = wait(self._pending, return_when=FIRST_COMPLETED)
            for future in done:
                self._gathered[self._pending.pop(future)].add(future.result())


def partitions(rows: pa.Table, keys: pa.Array, state: State, count: int) -> Iterator[tuple[pa.Table, State]]:
    """Split rows and state by key into at most ``count`` parts, all of one key in the same part."""
    encoded = _one_chunk(keys).dictionary_encode()
    names = encoded.dictionary.to_pylist()
    part_of_name = np.fromiter((_part(name, count) for name in names), dtype=np.int64, count=len(names))
    part_of_row = part_of_name[encoded.indices.to_numpy(zero_copy_only=False)] if names else np.empty(0, np.int64)
    for part in range(count):
        mask = part_of_row == part
        if mask.any():
            yield rows.filter(pa.array(mask)), {key: kept for key, kept in state.items() if _part(key, count) == part}


def _part(key: str, count: int) -> int:
    return zlib.crc32(key.encode()) % count


def _one_chunk(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _joined(tables: Iterable[pa.Table]) -> pa.Table:
    """Return tables as one, each text column with one set of words; wide maps stay in the chunks they have."""
    joined = pa.concat_tables(tables)
    columns = [
        column if pa.types.is_map(column.type) else column.unify_dictionaries().combine_chunks()
        for column in joined.columns
    ]
    return pa.table(columns, schema=joined.schema)


def _slices(table: pa.Table) -> Iterator[pa.Table]:
    for start in range(0, table.num_rows, WINDOW_ROWS):
        yield table.slice(start, WINDOW_ROWS)


_IN_WINDOWS = (Scope.RECORD, Scope.FOLD)

_worker_detectors: dict[str, Detector] = {}
_worker_register = RegisterSnapshot()


def _prepare_worker(detectors: Sequence[Detector], register: RegisterSnapshot) -> None:
    global _worker_register  # noqa: PLW0603  # set once, before the first task of a worker process
    _worker_detectors.update({detector.name: detector for detector in detectors})
    _worker_register = register


def _run_in_worker(name: str, rows: pa.Table, state: State) -> Result:
    return _worker_detectors[name].run(Tables(rows, _worker_register), state)
