"""The ledger of an installation: where it lies, what it signs with, which witnesses it asks.

::

    DATA/ledger/
      log/                what others may see (c2sp.org/tlog-tiles), and the log's own state
      former/ID/          logs that came before, after a restore; ID is the SHA-256 of their origin
      subjects.sqlite3    keys that salts are made with; a backup may leave it out
      witness/            the logs of others that are cosigned here, and what was seen of them
      lock                held by the one that sequences
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from pathlib import Path

from waybill.durable import make_folder, replace_file, storage_faults, sync_folder
from waybill.durable.locks import FileLock
from waybill.flow.home import DataFolder
from waybill.flow.settings import Settings
from waybill.ledger import FolderSource, Log, Note, Policy, SignatureType, SigningKey
from waybill.ledger.subjects import SubjectKeys
from waybill.ledger.witnessing import origin_id
from waybill.model.errors import UsageError


@dataclass(frozen=True, slots=True)
class Ledger:
    """Paths and keys."""

    home: Path
    origin: str
    policy_file: Path | None
    keys: SubjectKeys
    signer: SigningKey = field(repr=False)

    @classmethod
    def of(cls, folder: DataFolder, settings: Settings) -> Ledger:
        """Return the ledger of a data folder; nothing is made yet except keys that are missing."""
        key = folder.key("ledger")
        origin = settings.ledger_origin or f"waybill.invalid/{derived(key, 'origin').hex()[:16]}"
        signer = SigningKey(origin, SignatureType.NOTE, derived(key, f"log {origin}"))
        keys = SubjectKeys(folder.ledger / "subjects.sqlite3", folder.key("subjects"))
        return cls(folder.ledger, origin, settings.ledger_policy, keys, signer)

    @property
    def log(self) -> Path:
        """The folder of the log."""
        return self.home / "log"

    @property
    def next(self) -> Path:
        """The folder of a log that is about to take its place."""
        return self.home / "next"

    def take_next(self) -> None:
        """Let a log that is ready take the place of one that was put aside; nothing happens where none was."""
        if self.next.exists() and not self.log.exists():
            with storage_faults("cannot put the new log in its place", self.log):
                self.next.rename(self.log)
                sync_folder(self.home)

    @property
    def lock(self) -> FileLock:
        """The lock of the one that sequences, erases or mends."""
        make_folder(self.home)
        return FileLock(self.home / "lock", "writing the ledger")

    @property
    def began(self) -> bool:
        """Whether there is a log already."""
        return (self.log / "state" / "signed").exists()

    def first_origin(self) -> str:
        """Return the origin of the log that is there."""
        return Note.parse((self.log / "state" / "signed").read_bytes()).text.partition("\n")[0]

    def former(self, origin: str) -> Path:
        """Return the folder of a log that came before this one."""
        return self.home / "former" / origin_id(origin)

    def source(self, origin: str) -> FolderSource:
        """Return the public files of this log, or of one that came before it."""
        return FolderSource(self.log if origin == self.origin else self.former(origin))

    def policy(self) -> Policy:
        """Return what the ledger itself goes by. Raises UsageError if there is no ledger yet."""
        file = self.log / "policy"
        if not file.exists():
            raise UsageError(
                "there is no ledger yet", where=str(self.log), advice="`waybill ledger sequence` makes one"
            )
        return Policy.parse(file.read_bytes(), str(file))

    def open(self) -> Log:
        """Open the log for writing, under the policy that the settings name. Hold ``lock``."""
        self.take_next()
        if self.began and (began := self.first_origin()) != self.origin:
            raise UsageError(
                "the ledger began under another origin",
                where=began,
                expected=self.origin,
                advice="set `ledger_origin` back, or let `waybill ledger recover --anew` begin a log that continues it",
            )
        if self.policy_file is not None:
            self._take_policy(self.policy_file)
        return Log.open(self.log, self.origin, self.signer)

    def _take_policy(self, file: Path) -> None:
        """Make the policy that the settings name the log's own, where others see it."""
        with storage_faults("cannot read the ledger's policy", file):
            content = file.read_bytes()
        if self.signer.verifier not in [peer.key for peer in Policy.parse(content, str(file)).logs]:
            raise UsageError(
                "the policy does not name this ledger",
                where=str(file),
                expected=f"a line: log {self.signer.verifier}",
                advice="add the line to the file",
            )
        own = self.log / "policy"
        if not own.exists() or own.read_bytes() != content:
            with storage_faults("cannot keep the ledger's policy", own):
                make_folder(self.log)
                replace_file(own, content)


def derived(key: bytes, purpose: str) -> bytes:
    """Return a key of its own for a purpose: each origin signs with another, so that a policy can name them all."""
    return hmac.digest(key, purpose.encode(), "sha256")
