"""What the ledger's tests build: entries, keys, logs, witnesses."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from waybill.ledger import Checkpoint, Log, Note, Policy, SignatureType, SigningKey
from waybill.ledger.policy import Peer
from waybill.ledger.witness import Witness

ORIGIN = "example.com/ledger"
KEY = SigningKey(ORIGIN, SignatureType.NOTE, bytes(range(32)))


def entries(start: int, end: int, bytes_each: int = 24) -> list[bytes]:
    """Return entries that tell their index."""
    return [f"entry {index} ".ljust(bytes_each, ".").encode() for index in range(start, end)]


def open_log(folder: Path, key: SigningKey = KEY) -> Log:
    """Open a log that makes a checkpoint whenever it is asked, and asks no witness."""
    return Log.open(folder, key.verifier.name, key, interval=0, witnesses=())


def make_log(folder: Path, *sizes: int) -> None:
    """Make a log with checkpoints at the given sizes."""
    with open_log(folder) as log:
        for size in sizes:
            log.append(entries(log.size, size))
            log.checkpoint()


def policy_of(folder: Path) -> Policy:
    """Return the policy in a log's folder."""
    return Policy.parse((folder / "policy").read_bytes())


def size_of(note: Note) -> int:
    """Return the size that a checkpoint tells."""
    return Checkpoint.parse(note.text).size


def cosigner(name: str, type: SignatureType = SignatureType.COSIGNATURE) -> SigningKey:
    """Return a key of a witness."""
    return SigningKey.generate(name, type)


def witness(folder: Path, signers: Sequence[SigningKey], *keys: SigningKey) -> Witness:
    """Return a witness of the logs with the given keys, by default of ``KEY``."""
    return Witness(folder, signers, [Peer(key.verifier) for key in keys or (KEY,)])
