"""A log: one folder of entries that are only ever added to, and signed statements of how many there are.

::

    checkpoint       the signed statement others are shown             (public, as are policy, tile, timestamps)
    policy           the log's key, its witnesses, and how many of them have to agree
    tile/            the tree and the entries, c2sp.org/tlog-tiles
    timestamps/      RFC 3161 tokens over checkpoints
    state/signed     the last statement signed, whether or not it has been shown
    state/journal/   entries not yet in durable bundles
    state/nodes      all nodes of the tree, for quick proofs; can be rebuilt
    state/lock       held by the one process that writes

Order of writing: entries (journal, synced) → acknowledged; nodes, tiles and bundles (synced) → ``state/signed`` →
``checkpoint`` → the journal is trimmed. So what is signed can always be shown, and what is acknowledged is signed
sooner or later.
"""

from __future__ import annotations

import fcntl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType

from waybill.durable import replace_file, storage_faults
from waybill.durable.locks import FileLock
from waybill.ledger import merkle, opening, tiles
from waybill.ledger.checkpoint import Checkpoint
from waybill.ledger.errors import ProofError
from waybill.ledger.hashing import PLAIN, Hashing
from waybill.ledger.keys import SigningKey
from waybill.ledger.note import Note
from waybill.ledger.policy import Policy
from waybill.ledger.proof import Proof
from waybill.ledger.quorum import confirm, witnesses_of
from waybill.ledger.source import FolderSource
from waybill.ledger.tiles import MOST_ENTRY_BYTES, WIDTH
from waybill.ledger.witnessing import Cosigner
from waybill.model.errors import InputError

MOST_PENDING_BYTES = 64 << 20
"""When more entries than this wait for a checkpoint, one is made at once."""


class _Ticket:
    """Entries that wait to be written, and what came of it."""

    def __init__(self, entries: Sequence[bytes]) -> None:
        self.entries = entries
        self.first = -1
        self.fault: BaseException | None = None


class Log:
    """A log open for writing. Threads may share it; no other process can open it meanwhile."""

    def __init__(self, folder: Path, origin: str, signer: SigningKey, interval: float, hashing: Hashing) -> None:
        self.folder = folder
        self.origin = origin
        self._signer = signer
        self._interval = interval
        self._queue = threading.Lock()
        self._waiting: list[_Ticket] = []
        self._turn = threading.Lock()
        self._sealing = threading.Lock()
        self._sealed_at = -interval
        self._held = FileLock(opening.lock_file(folder), "writing the ledger").acquire(fcntl.LOCK_EX, 0)
        try:
            self._state = opening.open_state(folder, origin, signer, hashing)
        except BaseException:
            self._held.release()
            raise

    @classmethod
    def open(
        cls,
        folder: Path,
        origin: str,
        signer: SigningKey,
        *,
        interval: float = 1.0,
        witnesses: Sequence[Cosigner] | None = None,
        hashing: Hashing = PLAIN,
    ) -> Log:
        """Open the log in ``folder``, or begin one; ``interval`` is the least time between checkpoints in seconds.

        What a crash left unfinished is finished. The tree is derived anew from the entries since the last checkpoint
        and held against it; a folder that no longer fits what it signed is refused (``DamagedError``).

        The witnesses (by default those of the policy) are asked whether they have seen more: then the folder is an
        older copy and is refused too (``RestoredError``). An empty list asks nobody; that is for repairs.
        """
        with storage_faults("cannot open the ledger", folder):
            log = cls(folder.absolute(), origin, signer, interval, hashing)
        try:
            if witnesses is None or witnesses:
                confirm(log.policy, log.signed, witnesses or witnesses_of(log.policy), str(folder))
            log._show_what_was_signed()
        except BaseException:
            log.close()
            raise
        return log

    def __enter__(self) -> Log:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give the folder back. Entries without a checkpoint stay in the journal."""
        with self._sealing, self._turn:
            self._state.close()
            self._held.release()

    @property
    def size(self) -> int:
        """How many entries have been acknowledged."""
        return self._state.nodes.size

    @property
    def policy(self) -> Policy:
        """The policy in the folder."""
        return self._state.policy

    @property
    def signed(self) -> Note:
        """The last statement this log signed; its witnesses may not have seen it yet."""
        return self._state.signed

    @property
    def published(self) -> Note:
        """The statement others are shown: the last one that satisfies the policy."""
        return self._state.published

    def append(self, entries: Sequence[bytes]) -> range:
        """Add entries (at most 65,535 bytes each); they are durable on return. Returns their indexes.

        Calls that wait for one another are written and synced together.
        """
        if max(map(len, entries), default=0) > MOST_ENTRY_BYTES:
            raise InputError("an entry is too long for the ledger", expected=f"at most {MOST_ENTRY_BYTES} bytes")
        ticket = _Ticket(entries)
        with self._queue:
            self._waiting.append(ticket)
        with self._turn:
            self._write_all_waiting()
        if ticket.fault is not None:
            raise ticket.fault
        if self._state.pending.weight > MOST_PENDING_BYTES:
            self._seal(self._sign)
        return range(ticket.first, ticket.first + len(entries))

    def checkpoint(self) -> Note:
        """Sign a statement of what has been added, at most one an interval, and return the last one signed."""
        if time.monotonic() - self._sealed_at >= self._interval and self.size > Checkpoint.parse(self.signed.text).size:
            self._seal(self._sign)
        self._show_what_was_signed()
        return self.signed

    def publish(self, note: Note) -> None:
        """Show ``note``, a checkpoint of this log that its witnesses have cosigned, if it satisfies the policy."""
        checkpoint = self.policy.check(note).checkpoint
        with self._sealing:
            if not Checkpoint.parse(self.published.text).size <= checkpoint.size <= self.size:
                raise ProofError("a checkpoint is older than the one shown", where=str(self.folder))
            if merkle.tree_root(self._state.nodes.node, checkpoint.size) != checkpoint.root:
                raise ProofError("a checkpoint is not of this log's entries", where=str(self.folder))
            self._show(note)

    def check_own(self, note: Note) -> Checkpoint:
        """Return the checkpoint in ``note`` if this log signed it; raise ``ProofError`` if not."""
        return self._state.check_own(note)

    def root_with(self, parts: Iterable[bytes]) -> bytes:
        """Return the root with the hashes of further entries, each part within a tile; nothing is added."""
        with self._turn:
            return self._state.nodes.write(parts).root

    def adopt(self, note: Note) -> None:
        """Take a checkpoint of the present size, which this log signed before it was restored, as the last signed."""
        self.check_own(note)

        def same(checkpoint: Checkpoint) -> Note:
            if checkpoint.text() != note.text:
                raise ProofError("a checkpoint is not of this log's entries", where=str(self.folder))
            return note

        self._seal(same)
        self._show_what_was_signed()

    def prove(self, index: int, *, extra: bytes = b"") -> Proof:
        """Return the proof that entry ``index`` is under the published checkpoint."""
        note = self.published
        size = Checkpoint.parse(note.text).size
        if not 0 <= index < size:
            raise InputError(
                f"entry {index} is not under a published checkpoint",
                where=str(self.folder),
                expected=f"an index below {size}",
                advice="wait for the next checkpoint" if index < self.size else "",
            )
        path = merkle.inclusion_path(self._state.nodes.node, index, size)
        self._state.check_path(index, path, Checkpoint.parse(note.text))
        return Proof(index, tuple(path), note, extra)

    def consistency(self, old: int, size: int) -> list[bytes]:
        """Return the proof that the tree of ``size`` entries begins with that of ``old``."""
        return merkle.consistency_path(self._state.nodes.node, old, size)

    def entries(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield the entries from ``start`` to before ``end``, all that are acknowledged by default."""
        end = self.size if end is None else min(end, self.size)
        source = FolderSource(self.folder)
        for index in range(start // WIDTH, -(-end // WIDTH)):
            with self._turn:
                bundle = self._state.pending.bundle(index)
            entries = tiles.decode(bundle) if bundle is not None else source.bundle(index, WIDTH)
            yield from entries[max(0, start - index * WIDTH) : end - index * WIDTH]

    def _write_all_waiting(self) -> None:
        with self._queue:
            tickets, self._waiting = self._waiting, []
        entries = [entry for ticket in tickets for entry in ticket.entries]
        first = self.size
        try:
            if entries:
                with storage_faults("cannot write to the ledger", self.folder):
                    self._state.add(entries)
        except BaseException as fault:  # noqa: BLE001  every thread that waits is told, and raises it
            for ticket in tickets:
                ticket.fault = fault
        for ticket in tickets:
            ticket.first = first
            first += len(ticket.entries)

    def _sign(self, checkpoint: Checkpoint) -> Note:
        return Note(checkpoint.text(), ()).signed(self._signer)

    def _seal(self, sign: Callable[[Checkpoint], Note]) -> None:
        """Make all that was added public and durable, then sign it."""
        with self._sealing, storage_faults("cannot write a checkpoint", self.folder):
            with self._turn:
                size, root = self._state.nodes.size, self._state.nodes.root
                bundles = self._state.pending.bundles()
                self._state.journal.roll()
            before = Checkpoint.parse(self.signed.text)
            self._state.nodes.sync()
            self._state.shelf.store(self._state.nodes, bundles, before.size, size)
            checkpoint = Checkpoint(self.origin, size, root)
            self._check_extends(before, checkpoint)
            note = sign(checkpoint)
            replace_file(opening.signed_file(self.folder), str(note).encode())
            self._state.signed = note
            self._sealed_at = time.monotonic()
            with self._turn:
                self._state.pending.drop(size)
            self._state.journal.trim(size)
            self._state.shelf.tidy(before.size, size)

    def _check_extends(self, before: Checkpoint, now: Checkpoint) -> None:
        """Refuse to sign what is no extension of what was signed before, whatever the reason."""
        if before.size:
            path = self.consistency(before.size, now.size)
            merkle.verify_consistency(before.size, now.size, path, before.root, now.root)

    def _show_what_was_signed(self) -> None:
        """Show the last statement, if a crash or a full disk came between its signing and its showing."""
        with self._sealing, storage_faults("cannot write a checkpoint", self.folder):
            if self.signed.text != self.published.text and self._satisfies(self.signed):
                self._show(self.signed)

    def _satisfies(self, note: Note) -> bool:
        try:
            self.policy.check(note)
        except ProofError:
            return False
        return True

    def _show(self, note: Note) -> None:
        replace_file(self.folder / "checkpoint", str(note).encode())
        self._state.published = note
