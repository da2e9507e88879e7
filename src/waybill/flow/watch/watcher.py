"""Goes round: looks at the files, reads what is new, lets detectors look at it, and tells what they found."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from waybill.collect import Batch, Follower
from waybill.durable import make_folder
from waybill.durable.locks import FileLock, Held
from waybill.flow.at_hand import AtHand
from waybill.flow.detect import detect
from waybill.flow.installation import Installation
from waybill.flow.intake.ingest import COMMIT_BYTES, keep
from waybill.flow.intake.reading import limits
from waybill.flow.watch.positions import Positions
from waybill.flow.watch.reader import Reader
from waybill.flow.watch.tree import Trouble, check, look, reason
from waybill.model.errors import BusyError
from waybill.model.protocols import Detector
from waybill.model.register import RegisterSnapshot
from waybill.model.words import Scope

if TYPE_CHECKING:
    from waybill.findings.queries import StoredFinding

HEARTBEAT = 60.0
"""Seconds between two looks at what is missing, while nothing comes."""

COMMIT_SECONDS = 60.0
"""Transfers are durable at once; they are moved into the table when so many seconds passed, or many are waiting."""

COMPACT_COMMITS = 64
"""Commits after which the small files they left are joined."""

PROVE_SECONDS = 1.0
"""Least time between two looks whether anything waits for the ledger."""

REPLAN_SECONDS = 600.0
"""How long workers may go on without knowing people who came up meanwhile; what else changes, they learn at once."""

ROUND_BYTES = 256 << 20
"""Transfers that one round reads before detectors look at them."""

DAMAGED = "what was known of the files read so far was damaged and is set aside; all of them are read again"

_TOLD = "told up to"


@dataclass(slots=True)
class Round:
    """What one round did."""

    files: int = 0
    """How many there are."""
    transfers: int = 0
    rejected: int = 0
    troubles: list[Trouble] = field(default_factory=list)
    """What cannot be read, each told once for as long as it lasts; names as they may be shown."""
    findings: list[StoredFinding] = field(default_factory=list)
    """Findings that are new in the store, by time; see ``Watcher.told``."""
    remarks: tuple[str, ...] = ()
    """What detectors could not do and what was found damaged, each told once."""
    behind: bool = False
    """Whether more waits to be read at once."""


class Watcher:
    """The one watcher of a data folder; a context manager. Raises BusyError where another one is at work."""

    def __init__(
        self,
        installation: Installation,
        paths: Sequence[Path],
        detectors: Sequence[Detector],
        *,
        workers: int,
        mappings: Sequence[Path] = (),
        source: str | None = None,
        once: bool = False,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """``once``: read everything as it is now. ``stop`` is asked again and again whether to leave off soon."""
        check(paths)
        self._installation = installation
        self._paths = paths
        self._detectors = detectors
        self._workers = workers
        self._mappings = mappings
        self._source = source
        self._once = once
        self._stop = stop
        self._follower: Follower | None = None
        self._known_by_plan: tuple[tuple[str, int], ...] = ()
        self._planned = 0.0
        self._new_people = False
        self._register = RegisterSnapshot()
        self._troubles: dict[Trouble, bool] = {}
        """What could not be read in the last round, and whether it was told."""
        self._remarks: set[str] = set()
        self._waiting = 0
        self._waits_since = time.monotonic()
        self._beat = 0.0
        """When all detectors last looked; 0 before the first time."""
        self._read_bytes = 0
        """Transfers since detectors last looked."""
        self._commits = 0
        self._proved = 0.0
        """When the ledger was last looked after."""
        self._round = Round()

    def __enter__(self) -> Self:
        folder = self._installation.folder.root / "watch"
        make_folder(folder)
        self._lock = _only_one(folder)
        self._positions = Positions(folder / "positions.sqlite3")
        self._reader = Reader(
            self._positions,
            limits(self._installation.settings),
            self._keep,
            patient=not self._once,
            stop=lambda: self._stop() or self._is_full(),
        )
        if not self._positions.note(_TOLD):
            self._positions.write_note(_TOLD, datetime.now(UTC).isoformat())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            self._commit()
        finally:
            if self._follower is not None:
                self._follower.__exit__(None, None, None)
            self._reader.close()
            self._positions.close()
            self._lock.release()

    def round(self) -> Round:
        """Look once at every file, read what is new, let detectors look at it, and return what happened."""
        self._round = Round()
        moment = datetime.now(UTC)
        self._read_files()
        if self._positions.was_damaged:
            self._remark([DAMAGED])
        if not self._stop():
            self._detect(moment)
            self._round.findings = self._untold()
        if self._waiting >= COMMIT_BYTES or time.monotonic() - self._waits_since >= COMMIT_SECONDS:
            self._commit()
        self._prove()
        return self._round

    def told(self, findings: Sequence[StoredFinding]) -> None:
        """Remember that these findings were told; until then they come again, also after a crash."""
        if findings:
            newest = max(finding.first_seen for finding in findings)
            self._positions.write_note(_TOLD, newest.isoformat())

    def _read_files(self) -> None:
        follower = self._up_to_date_follower()
        found, troubles = look(self._paths)
        self._round.files = len(found)
        there = {one.number for one in found}
        self._register = self._installation.register()
        for one in found:
            if self._stop() or self._is_full():
                break
            if self._reader.is_due(one):
                try:
                    self._reader.read(one, follower)
                except FileNotFoundError:
                    continue  # it went while we looked; what was read of it is kept
                except OSError as error:
                    troubles.append(Trouble(one.name, reason(error)))
        self._round.behind = self._is_full()
        self._reader.read_gone(there, follower)
        self._positions.lose(there)
        self._tell(troubles, follower)

    def _tell(self, troubles: Sequence[Trouble], follower: Follower) -> None:
        """Tell what cannot be read in two rounds running, and keep it where all is kept that was not read.

        One round is not enough: a log that is just being rotated is not there for a moment.
        """
        lasting = {trouble: self._troubles.get(trouble, False) for trouble in troubles}
        for trouble, was_told in lasting.items():
            if not was_told and (self._once or trouble in self._troubles):
                for batch in follower.unreadable(trouble.name, trouble.reason):
                    self._keep(batch)
                self._round.troubles.append(Trouble(follower.shown(trouble.name), trouble.reason))
                lasting[trouble] = True
        self._troubles = lasting

    def _remark(self, remarks: Iterable[str]) -> None:
        fresh = tuple(remark for remark in remarks if remark not in self._remarks)
        self._remarks.update(fresh)
        self._round.remarks += fresh

    def _keep(self, batch: Batch) -> None:
        if not self._waiting:
            self._waits_since = time.monotonic()
        self._waiting += keep(self._installation, batch, self._register)
        self._round.transfers += batch.transfers.num_rows
        self._round.rejected += len(batch.rejected)
        self._read_bytes += batch.transfers.nbytes
        self._new_people = self._new_people or bool(batch.identities)

    def _is_full(self) -> bool:
        """Return whether so much was read that detectors should look at it before more is read."""
        return self._read_bytes >= ROUND_BYTES

    def _detect(self, moment: datetime) -> None:
        """Let detectors look at what is new; those that tell what is missing only when everything was read."""
        due = time.monotonic() - self._beat >= HEARTBEAT or self._once or not self._beat
        fresh = self._read_bytes > 0 or not self._beat
        self._read_bytes = 0
        asked = [
            detector
            for detector in self._detectors
            if (not self._round.behind and due if detector.scope is Scope.FOLD else fresh)
        ]
        if not asked:
            return
        report = detect(self._installation, asked, workers=self._workers, progress=lambda count: None, now=moment)
        self._remark(report.remarks)
        if due and not self._round.behind:
            self._beat = time.monotonic()

    def _untold(self) -> list[StoredFinding]:
        from waybill.findings.queries import Filter, every

        since = datetime.fromisoformat(self._positions.note(_TOLD))
        return sorted(every(Filter(stored_after=since)), key=lambda stored: (stored.finding.time, stored.finding.id))

    def _commit(self) -> None:
        """Move what is durable in the log into the table, and join small files now and then."""
        if not self._waiting:
            return
        lake = self._installation.lake
        lake.commit()
        self._waiting = 0
        self._commits += 1
        if self._commits % COMPACT_COMMITS == 0:
            lake.compact()

    def _prove(self) -> None:
        """Let the ledger take what was recorded, at most once a second; what goes wrong there stops nothing here."""
        if time.monotonic() - self._proved >= PROVE_SECONDS:
            from waybill.flow.proof.sequencing import sequence_soon

            self._round.remarks += sequence_soon(self._installation)
            self._proved = time.monotonic()

    def _up_to_date_follower(self) -> Follower:
        """Return the workers, started anew where mappings, protected channels or the people to be masked changed."""
        known = self._files_of_plan()
        stale = self._new_people and time.monotonic() - self._planned >= REPLAN_SECONDS
        if self._follower is None or stale or known != self._known_by_plan:
            if self._follower is not None:
                self._follower.__exit__(None, None, None)
            fresh = Installation(self._installation.folder, self._installation.settings)
            plan = fresh.plan(mappings=self._mappings, source=self._source)
            self._follower = Follower(plan, self._workers, AtHand(fresh))
            self._follower.__enter__()
            self._known_by_plan, self._planned, self._new_people = known, time.monotonic(), False
        return self._follower

    def _files_of_plan(self) -> tuple[tuple[str, int], ...]:
        folder = self._installation.folder
        files = [folder.channels, *sorted(folder.mappings.glob("*.toml")), *self._mappings]
        return tuple((str(file), file.stat().st_mtime_ns) for file in files if file.exists())


def _only_one(folder: Path) -> Held:
    try:
        return FileLock(folder / "lock", "watching").acquire(fcntl.LOCK_EX, 0.0)
    except BusyError as error:
        raise BusyError(
            "another process watches this data folder already",
            where=error.where,
            advice="stop it, or let it do the work",
        ) from None
