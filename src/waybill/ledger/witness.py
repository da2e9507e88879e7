"""A witness of other people's logs: it cosigns what extends what it has seen, remembers it, and keeps what does not.

::

    ID/checkpoint            the latest checkpoint cosigned, ID being the SHA-256 of the log's origin
    ID/evidence/KIND-…/      two checkpoints signed by one log: ``seen`` and ``shown``
    ID/lock

Two signed roots of the same size prove that the log shows different people different things. A larger checkpoint that
no proof connects to what was seen only suggests it, since anybody may send a true checkpoint with a useless proof.
"""

from __future__ import annotations

import shutil
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from waybill.durable import make_folder, replace_file, storage_faults
from waybill.durable.locks import FileLock
from waybill.ledger import merkle
from waybill.ledger.checkpoint import Checkpoint
from waybill.ledger.errors import ProofError
from waybill.ledger.keys import SignatureType, SigningKey, VerifierKey
from waybill.ledger.note import Note
from waybill.ledger.policy import Peer
from waybill.ledger.witnessing import MOST_REQUEST_BYTES, SIZE, Answer, Request, origin_id
from waybill.model.errors import UsageError

SPLIT = "split"
"""Evidence that proves a split view: one size, two roots."""
UNPROVEN = "unproven"
"""Evidence that suggests one: a larger tree, and no proof that it extends the one seen."""

MOST_UNPROVEN = 1000
"""More checkpoints without proof than this are not kept for a log."""

PATIENCE = 10.0
"""Seconds to wait while another request for the same log is answered."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Two checkpoints that one log signed, and whether they prove a split view (``SPLIT``) or suggest it."""

    name: str
    """Its folder, below the witness's."""
    kind: str
    seen: Note
    shown: Note


class Witness:
    """Cosigns checkpoints of ``logs`` with its keys (Ed25519, ML-DSA-44 or both); its state is in a folder."""

    def __init__(self, folder: Path, signers: Sequence[SigningKey], logs: Sequence[Peer]) -> None:
        if not signers or any(signer.verifier.type is SignatureType.NOTE for signer in signers):
            raise UsageError("a witness needs keys that cosign", expected="keys of type cosignature/v1 or subtree/v1")
        self.folder = folder
        self._signers = signers
        self._logs: dict[str, list[VerifierKey]] = {}
        for log in logs:
            self._logs.setdefault(log.key.name, []).append(log.key)

    @property
    def name(self) -> str:
        """The name of its first key."""
        return self._signers[0].verifier.name

    def latest(self, origin: str) -> Note | None:
        """Return the latest checkpoint cosigned for a log."""
        path = self.folder / origin_id(origin) / "checkpoint"
        return Note.parse(path.read_bytes()) if path.exists() else None

    def monitored(self, path: str) -> Note | None:
        """Return what monitors get under ``/ID/checkpoint``, ID being the SHA-256 of a log's origin."""
        origins = {f"/{origin_id(origin)}/checkpoint": origin for origin in self._logs}
        return self.latest(origins[path]) if path in origins else None

    def evidence(self, known: Container[str] = ()) -> Iterator[Evidence]:
        """Yield what speaks against any log, except what is known by its name."""
        for path in sorted(self.folder.glob("*/evidence/*-*")):
            if (name := path.relative_to(self.folder).as_posix()) not in known:
                seen, shown = (Note.parse((path / file).read_bytes()) for file in ("seen", "shown"))
                yield Evidence(name, path.name.partition("-")[0], seen, shown)

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer an ``add-checkpoint`` request with the status the specification asks for."""
        if len(body) > MOST_REQUEST_BYTES:
            return Answer(413, "the request is too long\n")
        try:
            request = Request.parse(body)
            checkpoint = Checkpoint.parse(request.note.text)
        except ProofError as error:
            return Answer(400, f"{error.what}\n")
        keys = self._logs.get(checkpoint.origin)
        if keys is None:
            return Answer(404, "this log is not known here\n")
        try:
            signed = bool(request.note.verified(keys))
        except ProofError:
            signed = False
        if not signed:
            return Answer(403, "no key of the log signed this\n")
        if request.old > checkpoint.size:
            return Answer(400, "the old size is larger than the checkpoint\n")
        return self._in_turn(request, checkpoint, keys)

    def _in_turn(self, request: Request, checkpoint: Checkpoint, keys: Sequence[VerifierKey]) -> Answer:
        home = self.folder / origin_id(checkpoint.origin)
        with storage_faults("the witness cannot write its state", home):
            make_folder(home)
            with FileLock(home / "lock", "answering for this log").exclusive(PATIENCE):
                return self._judge(home, request, checkpoint, keys)

    def _judge(self, home: Path, request: Request, checkpoint: Checkpoint, keys: Sequence[VerifierKey]) -> Answer:
        latest = self.latest(checkpoint.origin)
        seen = Checkpoint.parse(latest.text) if latest else Checkpoint(checkpoint.origin, 0, merkle.EMPTY_ROOT)
        if latest and seen.size == checkpoint.size and seen.root != checkpoint.root:
            _keep(home, SPLIT, latest, request.note)
            return Answer(409, f"{seen.size}\n", SIZE)
        if request.old != seen.size:
            return Answer(409, f"{seen.size}\n", SIZE)
        try:
            _check_extends(seen, checkpoint, request.proof)
        except ProofError as error:
            if latest and checkpoint.size > seen.size:
                _keep(home, UNPROVEN, latest, request.note)
            return Answer(422, f"{error.what}\n")
        return self._cosign(home, request.note, keys)

    def _cosign(self, home: Path, note: Note, keys: Sequence[VerifierKey]) -> Answer:
        """Remember the checkpoint, durably, and then answer with cosignatures over it."""
        by_log = [signature for signature in note.signatures if any(map(signature.is_by, keys))]
        bare = cosigned = Note(note.text, tuple(by_log))
        for signer in self._signers:
            cosigned = cosigned.signed(signer)
        replace_file(home / "checkpoint", str(cosigned).encode())
        return Answer(200, "".join(map(str, cosigned.signatures[len(bare.signatures) :])))


def _check_extends(seen: Checkpoint, checkpoint: Checkpoint, proof: Sequence[bytes]) -> None:
    if seen.size:
        merkle.verify_consistency(seen.size, checkpoint.size, proof, seen.root, checkpoint.root)
    elif proof:
        raise ProofError("a proof from an empty tree is empty")
    elif checkpoint.size == 0 and checkpoint.root != merkle.EMPTY_ROOT:
        raise ProofError("this is not the root of an empty tree")


def _keep(home: Path, kind: str, seen: Note, shown: Note) -> None:
    """Keep two signed checkpoints as evidence, once."""
    checkpoint = Checkpoint.parse(shown.text)
    folder = home / "evidence" / f"{kind}-{checkpoint.size}-{checkpoint.root.hex()}"
    if folder.exists() or (kind == UNPROVEN and len(list(folder.parent.glob(f"{UNPROVEN}-*"))) >= MOST_UNPROVEN):
        return
    draft = folder.parent / f".{folder.name}"
    shutil.rmtree(draft, ignore_errors=True)
    make_folder(draft)
    replace_file(draft / "seen", str(seen).encode())
    replace_file(draft / "shown", str(shown).encode())
    draft.rename(folder)
