"""This installation as a witness: whose logs it cosigns, and with what."""

from __future__ import annotations

from pathlib import Path

from waybill.durable import make_folder, replace_file, storage_faults
from waybill.durable.locks import FileLock
from waybill.flow.installation import Installation
from waybill.flow.proof.ledger import derived
from waybill.ledger import Policy, SignatureType, SigningKey, VerifierKey
from waybill.ledger.policy import Peer
from waybill.ledger.witness import Witness
from waybill.model.errors import UsageError

TYPES = (SignatureType.SUBTREE, SignatureType.COSIGNATURE)
"""ML-DSA-44, as new witnesses should (c2sp.org/tlog-cosignature), and Ed25519 for logs that know nothing else."""


def witness_of(installation: Installation) -> Witness:
    """Return the witness of an installation."""
    return Witness(_home(installation), signers(installation), witnessed(installation))


def signers(installation: Installation) -> list[SigningKey]:
    """Return the keys that this installation cosigns with."""
    key, name = installation.folder.key("witness"), f"{installation.ledger.origin}/witness"
    return [SigningKey(name, type, derived(key, type.name)) for type in TYPES]


def witnessed(installation: Installation) -> list[Peer]:
    """Return the logs that are cosigned here."""
    file = _file(installation)
    return Policy.parse(file.read_bytes(), str(file)).logs if file.exists() else []


def add_log(installation: Installation, key: VerifierKey) -> None:
    """Cosign the log with this key from now on."""
    if key.type is not SignatureType.NOTE:
        raise UsageError("this is the key of a witness, not of a log", where=str(key)[:80])
    make_folder(_home(installation))
    with FileLock(_home(installation) / "lock", "adding a log").exclusive(10.0):
        known = [peer.key for peer in witnessed(installation)]
        if key in known:
            return
        lines = [f"log {one}\n" for one in (*known, key)]
        with storage_faults("cannot keep the list of logs", _file(installation)):
            replace_file(_file(installation), "".join([*lines, "\nquorum none\n"]).encode())


def _home(installation: Installation) -> Path:
    return installation.ledger.home / "witness"


def _file(installation: Installation) -> Path:
    return _home(installation) / "logs"
