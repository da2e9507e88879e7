"""Opening a log: what a crash left unfinished is finished, and what does not fit what was signed is refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from waybill.durable import make_folder, replace_file
from waybill.ledger import merkle, tiles
from waybill.ledger.checkpoint import Checkpoint, check_name
from waybill.ledger.errors import ProofError
from waybill.ledger.hashing import PLAIN, Hashing
from waybill.ledger.journal import Journal
from waybill.ledger.keys import SigningKey, VerifierKey
from waybill.ledger.nodes import Nodes, Tree
from waybill.ledger.note import Note
from waybill.ledger.pending import Pending
from waybill.ledger.policy import Policy
from waybill.ledger.shelf import Shelf
from waybill.ledger.source import FolderSource
from waybill.ledger.tiles import WIDTH, Bundle
from waybill.model.errors import DamagedError, UsageError

_ADVICE = "run `waybill ledger verify` on the folder; then restore it from a backup, or fetch the log from a mirror"


def lock_file(folder: Path) -> Path:
    """Return the lock of the one that writes; its folder is there on return."""
    make_folder(folder / "state" / "journal")
    return folder / "state" / "lock"


def signed_file(folder: Path) -> Path:
    """Return where the last statement that the log signed is kept."""
    return folder / "state" / "signed"


@dataclass(slots=True)
class State:
    """What an open log has in hand."""

    key: VerifierKey
    policy: Policy
    signed: Note
    published: Note
    nodes: Nodes
    journal: Journal
    shelf: Shelf
    pending: Pending
    hashing: Hashing
    writer: ThreadPoolExecutor
    """The thread that writes the journal."""

    def add(self, entries: Sequence[bytes]) -> None:
        """Put entries into the journal and then into the tree, which is computed while the journal is synced."""
        parts = self.pending.split(entries)
        contents = [part.content for part in parts]
        written = self.writer.submit(self.journal.append, self.nodes.size, len(entries), contents)
        try:
            tree = self._write(parts)
        except BaseException:
            written.result()
            self.journal.take_back()
            raise
        written.result()
        self.nodes.grow(tree)
        self.pending.add(parts)

    def take(self, entries: Sequence[bytes]) -> None:
        """Put entries that are in the journal into the tree."""
        parts = self.pending.split(entries)
        self.nodes.grow(self._write(parts))
        self.pending.add(parts)

    def _write(self, parts: Iterable[Bundle]) -> Tree:
        return self.nodes.write(map(self.hashing.leaves, parts))

    def check_path(self, index: int, path: Sequence[bytes], checkpoint: Checkpoint) -> None:
        """Make sure that a proof made from the file of nodes holds before it is given away."""
        try:
            merkle.verify_inclusion(self.nodes.node(0, index), index, checkpoint.size, path, checkpoint.root)
        except ProofError:
            raise DamagedError(
                "the file of nodes is damaged: a proof made from it does not hold",
                where=str(self.nodes.path),
                advice="remove the file and open the log again: it is rebuilt",
            ) from None

    def check_own(self, note: Note) -> Checkpoint:
        """Return the checkpoint in ``note`` if this log signed it."""
        checkpoint = Checkpoint.parse(note.text)
        if checkpoint.origin != self.key.name or not note.verified([self.key]):
            raise ProofError("a checkpoint is not signed by this log", where=checkpoint.origin, expected=self.key.name)
        return checkpoint

    def close(self) -> None:
        """Give files and threads back."""
        self.writer.shutdown()
        self.journal.roll()
        self.nodes.close()
        self.shelf.close()


def open_state(folder: Path, origin: str, signer: SigningKey, hashing: Hashing) -> State:
    """Open the log in ``folder``, or begin one."""
    if signer.verifier.name != check_name(origin):
        raise UsageError("the signing key is of another log", where=signer.verifier.name, expected=origin)
    if not signed_file(folder).exists():
        _begin(folder, signer)
    policy = Policy.parse((folder / "policy").read_bytes(), str(folder / "policy"))
    signed = _note(signed_file(folder))
    shown = _note(folder / "checkpoint")
    nodes, journal = Nodes(folder / "state" / "nodes", hashing), Journal(folder / "state" / "journal")
    writer = ThreadPoolExecutor(1, "journal")
    state = State(signer.verifier, policy, signed, shown, nodes, journal, Shelf(folder), Pending(), hashing, writer)
    try:
        _restore(state, folder)
    except BaseException:
        state.close()
        raise
    return state


def _begin(folder: Path, signer: SigningKey) -> None:
    """Sign that there is nothing, so that a log without a signed statement is a damaged one ever after."""
    empty = Note(Checkpoint(signer.verifier.name, 0, merkle.EMPTY_ROOT).text(), ()).signed(signer)
    content, shown = str(empty).encode(), folder / "checkpoint"
    has_entries = (folder / "tile").exists() or any((folder / "state" / "journal").iterdir())
    if has_entries or (shown.exists() and shown.read_bytes() != content):
        raise DamagedError(
            "the log has lost the statement it signed last", where=str(signed_file(folder)), advice=_ADVICE
        )
    policy = folder / "policy"
    if not policy.exists():
        replace_file(policy, f"log {signer.verifier}\n\nquorum none\n".encode())
    replace_file(shown, content)
    replace_file(signed_file(folder), content)


def _note(path: Path) -> Note:
    try:
        return Note.parse(path.read_bytes())
    except ProofError as error:
        raise DamagedError(f"a checkpoint is damaged: {error.what}", where=str(path), advice=_ADVICE) from None


def _restore(state: State, folder: Path) -> None:
    signed, shown = state.check_own(state.signed), state.check_own(state.published)
    if signed.size < shown.size:
        raise DamagedError(
            f"the log has shown {shown.size} entries and remembers signing only {signed.size}",
            where=str(signed_file(folder)),
            advice=_ADVICE,
        )
    state.shelf.sweep(signed.size)
    source = FolderSource(folder)
    if not state.nodes.load(signed.size) or state.nodes.root != signed.root:
        _rebuild(state.nodes, source, signed)
    state.pending.size = signed.size // WIDTH * WIDTH
    if signed.size:
        _check_last_bundle(state, source, signed.size)
    for record in state.journal.read(signed.size):
        state.take(record.entries)


def _rebuild(nodes: Nodes, source: FolderSource, signed: Checkpoint) -> None:
    """Make the file of nodes anew from the tiles."""
    nodes.clear()
    for index in range(-(-signed.size // WIDTH)):
        tile = source.tile(0, index, tiles.width_at(0, index, signed.size))
        nodes.grow(nodes.write([tile]))
    if nodes.root != signed.root:
        raise DamagedError(
            f"the log's {signed.size} entries do not give the root it signed; it signs nothing more",
            where=str(source),
            advice=_ADVICE,
        )


def _check_last_bundle(state: State, source: FolderSource, size: int) -> None:
    """Hold the last entries under the checkpoint against the tree, and keep those of a partial bundle."""
    index = (size - 1) // WIDTH
    entries = source.bundle(index, tiles.width_at(0, index, size))
    for number, leaf in enumerate(tiles.hashes(PLAIN.leaves(Bundle(entries=entries))), index * WIDTH):
        if leaf != state.nodes.node(0, number):
            raise DamagedError(
                f"entry {number} is not the one that was signed",
                where=str(source.folder / tiles.path(tiles.ENTRIES, index, tiles.width_at(0, index, size))),
                advice=_ADVICE,
            )
    if size % WIDTH:
        state.pending.add(state.pending.split(entries))
