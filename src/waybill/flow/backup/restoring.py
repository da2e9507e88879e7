"""Restoring a back-up into a data folder that is not there yet, and checking what came of it."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import msgspec

from waybill.durable import make_folder, storage_faults, sync_folder, write_file
from waybill.flow.backup import archive
from waybill.flow.backup.archive import Manifest, Source
from waybill.flow.backup.making import DATABASE, SEALED, Progress, Sealed
from waybill.flow.backup.sealing import Secret, unseal
from waybill.flow.installation import Installation
from waybill.flow.proof.auditing import Audit, audit
from waybill.model.errors import DamagedError, UsageError


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it."""

    made_at: str
    parts: int
    bytes: int
    audit: Audit
    """What was found when all of it was looked at, as it stands now."""


def restore(
    path: Path, root: Path, secret: Secret, *, django: str, who: str, progress: Progress = lambda count: None
) -> Restored:
    """Restore a back-up into ``root``, which must be missing or empty, all of it or nothing, and audit it.

    The control database goes where the settings (or WAYBILL_DATABASE) say: into a file, or a server's empty database.
    Raises UsageError if something is there, DamagedError if the back-up is not as it was written or does not open.
    """
    if root.exists() and any(root.iterdir()):
        raise UsageError("this folder holds something", where=str(root), expected="an empty or missing folder")
    with storage_faults("the data folder cannot be restored", root), archive.reading(path) as source:
        manifest = archive.manifest_of(source, path)
        secrets = _secrets(source, manifest, path, secret)
        make_folder(root.absolute().parent)
        draft = Path(tempfile.mkdtemp(prefix=f".{root.name}-", dir=root.parent))
        try:
            _write(source, manifest, path, draft, progress)
            _write_secrets(secrets, draft)
            _fill_server(draft, django)
            if root.exists():
                root.rmdir()
            draft.rename(root)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        sync_folder(root.parent)
    installation = Installation.open(root, django=django)
    _record(manifest, who)
    size = sum(part.bytes for part in manifest.parts.values())
    return Restored(manifest.made_at, len(manifest.parts), size, audit(installation))


def _secrets(source: Source, manifest: Manifest, path: Path, secret: Secret) -> Sealed:
    """Open what is sealed, and hold the manifest against it."""
    if SEALED not in manifest.parts:
        raise DamagedError("the back-up has no keys", where=str(path))
    with source.open(SEALED) as content:
        sealed = msgspec.msgpack.decode(unseal(content.read(), secret), type=Sealed)
    if {name: part.sha256 for name, part in manifest.parts.items() if name != SEALED} != sealed.parts:
        raise DamagedError(
            "the back-up is not the one that its keys were sealed with",
            where=str(path),
            advice="somebody exchanged parts of it: take another one",
        )
    return sealed


def _write(source: Source, manifest: Manifest, path: Path, draft: Path, progress: Progress) -> None:
    for name, part in manifest.parts.items():
        if name == SEALED:
            continue
        file = _inside(draft, name)
        make_folder(file.parent)
        with archive.create(file) as out:
            archive.copy_part(source, path, name, part, out)
            out.flush()
            os.fsync(out.fileno())
        progress(part.bytes)


def _write_secrets(secrets: Sealed, draft: Path) -> None:
    for name, content in secrets.files.items():
        file = _inside(draft, name)
        make_folder(file.parent)
        write_file(file, content)
    make_folder(draft / "keys")
    for folder in (draft, *(one for one in draft.rglob("*") if one.is_dir())):
        sync_folder(folder)


def _fill_server(draft: Path, django: str) -> None:
    """Put the rows of the control database into the server's, where the settings name one."""
    from waybill.flow.settings import load_settings

    if load_settings(draft).database is None:
        return
    Installation.open(draft, django=django)
    from waybill.flow.backup import rows

    rows.load(draft / DATABASE)
    (draft / DATABASE).unlink()


def _inside(draft: Path, name: str) -> Path:
    """Return where a part goes. Raises DamagedError for a name that leads elsewhere."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts:
        raise DamagedError("the back-up names a part outside of the data folder", where=name)
    return draft / name


def _record(manifest: Manifest, who: str) -> None:
    from django.db import transaction

    from waybill.control import storage_faults
    from waybill.outbox.adding import Record, add
    from waybill.outbox.kinds import Kind

    groups = {
        "what": {"done": "restored", "check": manifest.check, "made_at": manifest.made_at},
        "who": {"by": who},
        "when": {"time": datetime.now(UTC)},
    }
    with storage_faults(), transaction.atomic():
        add(Record(Kind.BACKUP, manifest.check[:32], groups))
