"""Reads files as they are written into the spool, as far as there is room, while a courier sends from it."""

from __future__ import annotations

import fcntl
import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from waybill.collect import Plan
from waybill.collect.passing_on import Omitted, PassingOn, Piece
from waybill.durable.locks import FileLock
from waybill.flow.forward.courier import Courier, Progress, Service
from waybill.flow.forward.spool import Outbox, Seal, Spool, Standing
from waybill.flow.intake.reading import all_mappings, limits
from waybill.flow.settings import Settings
from waybill.flow.watch.reader import Reader
from waybill.flow.watch.tree import Trouble, check, look, reason
from waybill.model.errors import WaybillError
from waybill.model.ids import KEY_BYTES
from waybill.register.channels import ProtectedChannels, read_channels
from waybill.register.pseudonyms import KeyedPseudonymiser

STOP_SECONDS = 10.0
"""How long a batch in hand may take when the forwarder ends; it is sent again else."""

POLL_SECONDS = 0.05


@dataclass(slots=True)
class Round:
    """What one look at the files brought."""

    files: int = 0
    """How many there are."""
    bytes: int = 0
    """Content that was read to be sent."""
    omitted: list[Omitted] = field(default_factory=list)
    """What cannot be sent, each told once."""
    full: bool = False
    """Whether the buffer is full, so that files wait."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What to read, and how."""

    paths: Sequence[Path]
    channels: Path | None
    """The list of protected channels, as in the data folder of the service."""
    mappings: Sequence[Path]
    buffer_bytes: int
    once: bool = False
    """Take files as they are now; else wait for the ends of those that may still be written."""


class Forwarder:
    """The one forwarder of a state folder; a context manager. Raises BusyError where another one is at work."""

    def __init__(
        self, folder: Path, service: Callable[[str], Service], read: Reading, stop: Callable[[], bool]
    ) -> None:
        """``service`` is told the name of this state, which ends the agent's; ``stop`` asked whether to end."""
        check(read.paths)
        self._read = read
        self._stop = stop
        self._seal = Seal(folder)
        self._path = folder / "spool.sqlite3"
        self._lock = FileLock(folder / "lock", "forwarding from this state folder")
        self._following = PassingOn(_plan(self._seal, read), guarded=read.channels is not None)
        self._courier = Courier(lambda: Outbox(self._path, self._seal), service(self._seal.name))
        self._round = Round()
        self._told: set[Omitted] = set()
        """Files that cannot be sent, and were told."""
        self._troubles: set[Trouble] = set()

    def __enter__(self) -> Self:
        self._alone = self._lock.acquire(fcntl.LOCK_EX, 0.0)
        self._spool = Spool(self._path, self._seal)
        self._outbox = Outbox(self._path, self._seal)
        self._reader: Reader[Piece | Omitted] = Reader(
            self._spool,
            self._following.plan.limits,
            self._keep,
            patient=not self._read.once,
            stop=lambda: self._stop() or self._is_full(),
        )
        self._courier.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._courier.stop(STOP_SECONDS)
        self._reader.close()
        self._outbox.close()
        self._spool.close()
        self._alone.release()

    @property
    def progress(self) -> Progress:
        """How sending goes. Raises what ended it."""
        if self._courier.failure is not None:
            raise self._courier.failure
        return self._courier.progress

    def standing(self) -> Standing:
        """Return what is in the buffer."""
        return self._outbox.standing()

    def round(self) -> Round:
        """Look once at every file and read what is new of them, as far as there is room."""
        self._round = Round()
        found, troubles = look(self._read.paths)
        self._round.files = len(found)
        there = {one.number for one in found}
        for one in found:
            if self._stop() or self._is_full():
                break
            if self._reader.is_due(one):
                try:
                    self._reader.read(one, self._following)
                except FileNotFoundError:
                    pass  # it went while we looked
                except OSError as error:
                    troubles.append(Trouble(one.name, reason(error)))
                finally:
                    self._spool.forget()
        self._reader.read_gone(there, self._following)
        self._spool.lose(there)
        self._tell(troubles)
        return self._round

    def drain(self, patience: float) -> None:
        """Wait until all is sent. Raises WaybillError where nothing could be sent for ``patience`` seconds."""
        while not self._stop() and (waiting := self.standing().waiting):
            progress = self.progress
            if progress.trouble and time.monotonic() - progress.since > patience:
                advice = "they are kept, and sent by the next run"
                raise WaybillError(f"{waiting} batches could not be sent: {progress.trouble}", advice=advice)
            time.sleep(POLL_SECONDS)

    def _keep(self, item: Piece | Omitted) -> None:
        if isinstance(item, Piece):
            self._spool.add(item)
            self._round.bytes += len(item.content)
        elif item.position:  # a record is met once, a whole file again and again
            self._round.omitted.append(item)
        elif item not in self._told:
            self._told.add(item)
            self._round.omitted.append(item)

    def _tell(self, troubles: Sequence[Trouble]) -> None:
        """Tell what cannot be read in two rounds running: a log that is just being rotated is gone for a moment."""
        for trouble in troubles:
            if self._read.once or trouble in self._troubles:
                for item in self._following.unreadable(trouble.name, trouble.reason):
                    self._keep(item)
        self._troubles = set(troubles)

    def _is_full(self) -> bool:
        full = self._outbox.bytes() >= self._read.buffer_bytes
        self._round.full = self._round.full or full
        return full


def standing(folder: Path, *, retry: bool = False) -> Standing:
    """Return what is in the buffer of a state folder; ``retry``: let what was refused be sent again."""
    path = folder / "spool.sqlite3"
    if not path.exists():
        return Standing(0, 0, None, 0, ())
    outbox = Outbox(path, Seal(folder))
    try:
        if retry:
            outbox.retry()
        return outbox.standing()
    finally:
        outbox.close()


def _plan(seal: Seal, read: Reading) -> Plan:
    """Return what to read files with: nothing of it but channels and mappings concerns what is sent."""
    settings = Settings()
    key = hashlib.blake2b(seal.key, digest_size=KEY_BYTES, person=b"forwarder names").digest()
    return Plan(
        id_key=key,
        pseudonymiser=KeyedPseudonymiser(key),
        channels=read_channels(read.channels) if read.channels is not None else ProtectedChannels(),
        mappings=all_mappings([*read.mappings, *settings.mappings]),
        limits=limits(settings),
    )
