"""Taking a back-up while the installation runs.

Nothing is sequenced, erased or removed by age while its moment is fixed: the control database is read first, then the
ledger is copied, and the lake is held still. So the lake and the ledger know all that the database says of them.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from django.db import transaction

from waybill import __version__
from waybill.control import storage_faults
from waybill.durable.locks import FileLock
from waybill.flow.backup import archive, rows
from waybill.flow.backup.archive import Manifest, Target
from waybill.flow.backup.sealing import Secret, seal
from waybill.flow.installation import Installation
from waybill.flow.proof.sequencing import PATIENCE
from waybill.flow.settings import SETTINGS_FILE
from waybill.model.errors import UsageError

SEALED = "sealed"
DATABASE = "control.sqlite3"
_SCRATCH = ".backup-"
_SECRET_FILES = (SETTINGS_FILE, "channels.toml")

Progress = Callable[[int], None]
"""Told how many more bytes were copied."""


class Sealed(msgspec.Struct):
    """What is sealed: secret files by name, and the hashes of all parts, so that none can be exchanged."""

    files: dict[str, bytes]
    parts: dict[str, str]


def back_up(
    installation: Installation, path: Path, secret: Secret, *, who: str, progress: Progress = lambda count: None
) -> Manifest:
    """Write a back-up to ``path`` (a folder, or one file if it ends in ``.tar``), check it, and record that.

    Raises UsageError if there is something of this name or it lies in the data folder, and StorageError if it cannot be
    written or read again.
    """
    if path.absolute().is_relative_to(installation.folder.root.absolute()):
        raise UsageError("a back-up in the data folder would be lost with it", where=str(path), advice="name another")
    seal(b"", secret)  # what is wrong with it is told before anything is read
    made_at = datetime.now(UTC)
    alone = FileLock(installation.folder.root / "backup.lock", "backing up")
    with alone.exclusive(0.0), archive.writing(path) as target:
        for left in installation.folder.root.glob(f"{_SCRATCH}*"):  # of one that was killed
            shutil.rmtree(left)
        manifest = _write(installation, target, secret, made_at, progress)
    check(path)
    _record(manifest, made_at, who)
    return manifest


def check(path: Path, progress: Progress = lambda count: None) -> Manifest:
    """Read every byte of a back-up. Raises DamagedError if one is not as it was written, or some are missing."""
    with archive.reading(path) as source:
        manifest = archive.manifest_of(source, path)
        for name, part in manifest.parts.items():
            archive.copy_part(source, path, name, part)
            progress(part.bytes)
    return manifest


def _write(
    installation: Installation, target: Target, secret: Secret, made_at: datetime, progress: Progress
) -> Manifest:
    folder, ledger = installation.folder, installation.ledger
    with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=folder.root) as scratch, ExitStack() as stack:
        with ledger.lock.exclusive(PATIENCE):
            copy = Path(scratch) / DATABASE
            rows.dump(folder.database, copy)
            shown = ledger.source(ledger.origin).checkpoint().text if ledger.began else ""
            for path in _below(folder.ledger):
                if path != folder.ledger / "lock":
                    _add(target, folder.root, path, progress)
            lake = stack.enter_context(installation.lake.still())
            custody = Path(scratch) / folder.custody.name
            if installation.custody_store.exists:
                installation.custody_store.copy(custody)
        target.add_file(DATABASE, copy)
        if custody.exists():
            target.add_file(custody.name, custody)
        target.add_bytes("lake/durable.json", lake.manifest)
        for path, size in lake.files:
            _add(target, folder.root, path, progress, size)
    beside = (folder.quarantine, folder.mappings, folder.documents)
    for path in (*(path for one in beside for path in _below(one)), folder.root / "FORMAT"):
        if path.name != "lock":
            _add(target, folder.root, path, progress)
    target.add_bytes(SEALED, seal(msgspec.msgpack.encode(_sealed(installation, target)), secret))
    manifest = Manifest(
        made_at=made_at.isoformat(),
        version=__version__,
        installation=folder.mark(),
        ledger=shown,
        lake_version=lake.version,
        lake_sequence=lake.sequence,
        parts=dict(target.parts),
    )
    return archive.finish(target, manifest)


def _sealed(installation: Installation, target: Target) -> Sealed:
    root = installation.folder.root
    secret = [*_below(root / "keys"), *(root / name for name in _SECRET_FILES)]
    files = {str(path.relative_to(root)): path.read_bytes() for path in secret if path.exists()}
    return Sealed(files, {name: part.sha256 for name, part in target.parts.items()})


def _add(target: Target, root: Path, path: Path, progress: Progress, size: int | None = None) -> None:
    name = str(path.absolute().relative_to(root.absolute()))
    target.add_file(name, path, size)
    progress(target.parts[name].bytes if name in target.parts else 0)


def _below(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder that are whole: drafts begin with a dot."""
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("."))


def _record(manifest: Manifest, made_at: datetime, who: str) -> None:
    from waybill.outbox.adding import Record, add
    from waybill.outbox.kinds import Kind

    size = sum(part.bytes for part in manifest.parts.values())
    groups = {
        "what": {"done": "made", "check": manifest.check, "parts": len(manifest.parts), "bytes": size},
        "who": {"by": who},
        "when": {"time": made_at},
    }
    with storage_faults(), transaction.atomic():
        add(Record(Kind.BACKUP, manifest.check[:32], groups))
