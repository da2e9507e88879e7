"""The data folder: where everything of one installation lives, and its keys.

::

    DATA/
      FORMAT            version of this layout
      waybill.toml      settings (optional)
      channels.toml     protected channels (optional)
      mappings/*.toml   mapping files of your own sources (optional)
      rulebook.json     own rules of law that were last read without a fault
      rules/            Sigma rules taken over by `waybill rules update` (optional)
      keys/             secret keys, readable by the owner alone
      lake/             transfers: write-ahead log and table
      quarantine/       records that could not be read, sealed; below it incidents that were refused
      ledger/           the log of what was recorded, and the keys that its salts are made with
      documents/        registered documents as keyed fingerprints, tables of records as keyed hashes
      models/           models of names, made of files that were fetched (optional; in no back-up)
      custody.sqlite3   custody events of lots and devices
      control.sqlite3   register and findings
      first-link        the link to the first account, until it is used
"""

from __future__ import annotations

import hmac
import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from waybill.durable import storage_faults, sync_folder, write_file
from waybill.model.errors import StorageError, UsageError
from waybill.model.ids import KEY_BYTES

FORMAT = 1
"""Version of the layout; a folder of a newer version is refused, an older one is brought up to date."""

KEY_NAMES = (
    "id", "pseudonym", "identity", "quarantine", "ledger", "subjects", "witness", "sessions", "factors", "documents",
)  # fmt: skip
"""Keys of an installation: transfer ids, pseudonyms, sealed identities, sealed quarantine; the ledger's signature,
the sealed keys of its subjects, and what this installation cosigns of others with; signatures of the console's
sessions, and the sealed second factors of its accounts; fingerprints of registered documents and records."""

LATER_KEYS = frozenset({"ledger", "subjects", "witness", "sessions", "factors", "documents"})
"""Keys that folders of earlier versions lack; they are made when they are first asked for."""


def default_data() -> Path:
    """Return the data folder used where none is named: ``waybill`` below the user's own data folder (XDG)."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "waybill"


class DataFolder:
    """Paths and keys of one installation. ``open`` creates what is missing and never changes what is there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.lake = root / "lake"
        self.quarantine = root / "quarantine"
        self.refused_incidents = self.quarantine / "incidents"
        self.ledger = root / "ledger"
        self.database = root / "control.sqlite3"
        self.custody = root / "custody.sqlite3"
        self.channels = root / "channels.toml"
        self.mappings = root / "mappings"
        self.documents = root / "documents"
        self.models = root / "models"
        self._keys = root / "keys"

    @classmethod
    def open(cls, root: Path, *, create: bool) -> DataFolder:
        """Open the data folder.

        Raises UsageError if it does not exist and may not be created, or holds something else, and StorageError
        if it cannot be written or is of a newer version.
        """
        folder = cls(root)
        version_file = root / "FORMAT"
        if not version_file.exists():
            if not create:
                raise UsageError(
                    "there is no data folder yet",
                    where=str(root),
                    advice="`waybill ingest PATH…` makes one; name another with --data or WAYBILL_DATA",
                )
            folder._create(version_file)
        folder._check(version_file)
        return folder

    def key(self, name: str) -> bytes:
        """Return one of the installation's keys, 32 bytes. Raises StorageError if it is missing or short."""
        path = self.key_file(name)
        if self.next_key_file(name).exists():
            raise StorageError(
                f"changing the key {name!r} was broken off",
                where=str(self.next_key_file(name)),
                advice=f"run `waybill keys rotate {name}` again: it goes on where it was",
            )
        if name in LATER_KEYS and not path.exists():
            self._add_key(path)
        try:
            key = path.read_bytes()
        except OSError as error:
            raise StorageError(
                f"the key {name!r} cannot be read: {error.strerror}",
                where=str(path),
                advice="restore the folder `keys` from your back-up; without it ids and pseudonyms would change",
            ) from None
        if len(key) != KEY_BYTES:
            raise StorageError(f"the key {name!r} has {len(key)} bytes", where=str(path), expected=f"{KEY_BYTES} bytes")
        return key

    def key_file(self, name: str) -> Path:
        """Return where a key rests."""
        return self._keys / name

    def next_key_file(self, name: str) -> Path:
        """Return where the key rests that is about to take its place."""
        return self._keys / f"{name}.next"

    def mark(self) -> str:
        """Return what this installation is known by where several could meet: made from its key, telling nothing."""
        return hmac.digest(self.key("id"), b"installation", "sha256").hex()[:32]

    def _add_key(self, path: Path) -> None:
        """Make a key that an earlier version did not have; if two processes do, both take the first."""
        draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
        with storage_faults(f"the key {path.name!r} cannot be made", path):
            write_file(draft, secrets.token_bytes(KEY_BYTES))
            with suppress(FileExistsError):
                os.link(draft, path)
            draft.unlink()
            sync_folder(self._keys)

    def _create(self, version_file: Path) -> None:
        try:
            if self.root.exists() and any(self.root.iterdir()):
                raise UsageError(
                    "this folder holds something else",
                    where=str(self.root),
                    expected="an empty or missing folder, or one that waybill made",
                    advice="name another folder with --data or WAYBILL_DATA",
                )
            self.root.parent.mkdir(parents=True, exist_ok=True)
            fresh = Path(tempfile.mkdtemp(prefix=f".{self.root.name}-", dir=self.root.parent))
            (fresh / "keys").mkdir(mode=0o700)
            for name in KEY_NAMES:
                write_file(fresh / "keys" / name, secrets.token_bytes(KEY_BYTES))
            write_file(fresh / version_file.name, f"{FORMAT}\n".encode())
            for folder in (fresh / "keys", fresh):
                sync_folder(folder)
            fresh.rename(self.root)  # all of it appears at once, so that a crash leaves no half-made folder
            sync_folder(self.root.parent)
        except OSError as error:
            raise StorageError(
                f"the data folder cannot be made: {error.strerror}",
                where=str(self.root),
                advice="name a folder you may write with --data or WAYBILL_DATA",
            ) from None

    @staticmethod
    def _check(version_file: Path) -> None:
        text = version_file.read_text().strip()
        if not text.isdigit() or int(text) > FORMAT:
            raise StorageError(
                f"the data folder is of version {text!r}",
                where=str(version_file),
                expected=f"version {FORMAT} or older",
                advice="use the version of waybill that wrote it, or a newer one",
            )
