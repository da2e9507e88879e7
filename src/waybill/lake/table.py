"""The table of transfers: Delta Lake, with the durability Delta's writer leaves out.

``deltalake`` never syncs. So a commit here is: files synced (``files.write``), log entry written by ``deltalake``,
log entry and its folder synced, manifest replaced. Only then does the table count as holding what was committed.
Whatever a crash leaves behind after the last manifest is either complete, and kept, or removed: the write-ahead log
still has it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, Schema
from deltalake.exceptions import DeltaError
from deltalake.transaction import CommitProperties, PostCommitHookProperties, Transaction

from waybill.durable import make_folder, storage_faults, sync_file, sync_folder
from waybill.lake import manifest as manifests
from waybill.lake.damage import Damage
from waybill.lake.files import PARTITION, PLAIN, STATISTICS, DataFile
from waybill.lake.manifest import Manifest, digest
from waybill.lake.wal import Mark
from waybill.model.errors import DamagedError, StorageError

APPLICATION = "waybill-wal"
"""Name under which the table remembers the last log entry it holds (Delta application transaction)."""

CHECKPOINT_EVERY = 50
"""Commits between two summaries of the table's log; older log files are then removed."""

_SCHEMA = Schema.from_arrow(pa.schema([*PLAIN, pa.field(PARTITION, pa.string(), nullable=False)]))
_HOOKS = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)
_SETTINGS = {"delta.dataSkippingStatsColumns": ",".join(STATISTICS), "delta.enableExpiredLogCleanup": "false"}
_HINT = "_last_checkpoint"


@dataclass(frozen=True, slots=True)
class View:
    """The table at one version."""

    version: int = -1
    sequence: int = 0
    files: tuple[DataFile, ...] = ()


class Table:
    """The Delta table in ``folder/transfers`` and the manifest beside it.

    Everything but ``view`` is called by the holder of the writer's lock only.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "transfers"
        self.log_folder = self.folder / "_delta_log"
        self._parent = folder

    def manifest(self) -> Manifest:
        """Return what is durable."""
        return manifests.load(self._parent)

    def view(self) -> View:
        """Return the newest version. Raises ``DamagedError`` if the log is not as it was written."""
        self._check_log(self.manifest())
        return _view(self._open())

    def settle(self) -> list[Damage]:
        """Make the table what it is known to be: keep complete versions, remove half-done work. Returns what was done.

        Creates the table if there is none. Raises ``DamagedError`` if a durable part of the log is not as written.
        """
        with storage_faults("cannot open the table", self.folder):
            make_folder(self.log_folder)
            known = self.manifest()
            if known.version < 0 and self._is_established():
                return self._adopt()
            done = self._remove_foreign(known)
            self._check_log(known)
            newest = known.version
            for version in self._versions_after(known.version):
                if version == newest + 1 and self._is_complete(version):
                    newest = version
                else:
                    self._log_entry(version).unlink()
                    done.append(_mended(self._log_entry(version), "a half-written version of the table is removed"))
            sync_folder(self.log_folder)
        if newest < 0:
            self._create()
        elif newest > known.version:
            self._sync_versions(known.version + 1, newest)
            self._record(self.view(), Mark())
            done.append(_mended(self._log_entry(newest), "a version of the table was complete and is kept"))
        return done

    def commit(self, added: Sequence[DataFile], removed: Sequence[DataFile], *, mark: Mark | None = None) -> View:
        """Add and remove files as one version, durably. ``mark`` is the last log entry the table then holds.

        Without it, the files added hold the rows of the files removed, or fewer.
        """
        table = self._open()
        new = mark is not None
        fewer = sum(file.rows for file in added) < sum(file.rows for file in removed)
        actions: list[Any] = [file.added(new_data=new or fewer) for file in added]
        actions += [file.removed(lost_data=fewer) for file in removed]
        transactions = [Transaction(APPLICATION, mark.sequence)] if mark else None
        with _delta_faults(self.folder):
            table.create_write_transaction(
                actions,
                mode="append",
                schema=_SCHEMA,
                partition_by=[PARTITION],
                commit_properties=CommitProperties(app_transactions=transactions),
                post_commithook_properties=_HOOKS,
            )
            table.update_incremental()
        view = _view(table)
        try:
            self._sync_versions(view.version, view.version)
        except StorageError:
            # A sync that failed may succeed when repeated without the bytes being there: the version must go.
            self._log_entry(view.version).unlink()
            raise
        self._record(view, mark or Mark())
        return view

    def checkpoint(self) -> None:
        """Summarise the log in one file and remove what it replaces. No reader may be opening the table."""
        table = self._open()
        with _delta_faults(self.log_folder):
            table.create_checkpoint()
        with storage_faults("cannot summarise the table's log", self.log_folder):
            (self.log_folder / _HINT).unlink(missing_ok=True)
            kept = {self._log_entry(table.version()).name, f"{table.version():020d}.checkpoint.parquet"}
            for name in kept:
                sync_file(self.log_folder / name)
            sync_folder(self.log_folder)
            manifests.store(self._parent, replace(self.manifest(), log=self._digests(kept)))
            self._remove_foreign(self.manifest())

    def needs_checkpoint(self) -> bool:
        """Return whether the log has grown enough to be summarised."""
        return len(self.manifest().log) > CHECKPOINT_EVERY

    def vacuum(self) -> int:
        """Remove files, finished or not, that the newest version does not use. No reader may be living."""
        used = {self.folder / file.path for file in self.view().files}
        with storage_faults("cannot remove files that are no longer used", self.folder):
            found = [path for month in self.folder.glob(f"{PARTITION}=*") for path in month.iterdir()]
            paths = [path for path in found if path not in used]
            for path in paths:
                path.unlink(missing_ok=True)
            for month in {path.parent for path in paths}:
                sync_folder(month)
        return len(paths)

    def _open(self) -> DeltaTable:
        with _delta_faults(self.folder):
            return DeltaTable(self.folder)

    def _create(self) -> None:
        with _delta_faults(self.folder):
            DeltaTable.create(
                self.folder,
                _SCHEMA,
                partition_by=[PARTITION],
                configuration=dict(_SETTINGS),
                post_commithook_properties=_HOOKS,
            )
        self._sync_versions(0, 0)
        self._record(self.view(), Mark())

    def _log_entry(self, version: int) -> Path:
        return self.log_folder / f"{version:020d}.json"

    def _versions_after(self, version: int) -> list[int]:
        found = [int(path.stem) for path in self.log_folder.glob("*.json") if path.stem.isdigit()]
        return sorted(number for number in found if number > version)

    def _sync_versions(self, first: int, last: int) -> None:
        with storage_faults("cannot sync the table's log", self.log_folder):
            for version in range(first, last + 1):
                sync_file(self._log_entry(version))
            sync_folder(self.log_folder)
            sync_folder(self.folder)

    def _record(self, view: View, mark: Mark) -> None:
        """Write the manifest for a version that is synced."""
        known = self.manifest()
        names = {*known.log, *(self._log_entry(version).name for version in range(known.version + 1, view.version + 1))}
        moment = max(known.recorded_at, mark.recorded_at, _last_recorded(view))
        digests = self._digests(names, known.log)
        manifests.store(self._parent, Manifest(view.version, view.sequence, moment, digests))

    def _digests(self, names: set[str], known: dict[str, str] | None = None) -> dict[str, str]:
        known = known or {}
        return {name: known.get(name) or digest((self.log_folder / name).read_bytes()) for name in sorted(names)}

    def _remove_foreign(self, known: Manifest) -> list[Damage]:
        """Remove files of the log that are neither durable nor a later version: what a crash left unfinished."""
        done: list[Damage] = []
        for path in self.log_folder.iterdir():
            later = path.suffix == ".json" and path.stem.isdigit() and int(path.stem) > known.version
            if path.is_file() and path.name not in known.log and not later:
                path.unlink()
                done.append(_mended(path, "an unfinished file of the table's log is removed"))
        if done:
            sync_folder(self.log_folder)
        return done

    def _is_established(self) -> bool:
        """Return whether the log goes further than a crash before the first manifest can have left it."""
        return any(path.name != self._log_entry(0).name for path in self._log_files())

    def _adopt(self) -> list[Damage]:
        """Make a manifest for a table that has lost it, after checking each of its files."""
        view = _view(self._open())
        for file in view.files:
            path = self.folder / file.path
            if not path.exists() or digest(path.read_bytes()) != file.digest:
                raise DamagedError(
                    "the record of what is durable is missing, and a file of the table is not as it was written",
                    where=str(path),
                    advice="restore this file from a backup",
                )
        manifest = Manifest(view.version, view.sequence, _last_recorded(view))
        names = {path.name for path in self._log_files()}
        manifests.store(self._parent, replace(manifest, log=self._digests(names)))
        return [_mended(self._parent / manifests.NAME, "it was missing and is made anew; each file was checked")]

    def _log_files(self) -> list[Path]:
        return [path for path in self.log_folder.iterdir() if path.name.endswith((".json", ".checkpoint.parquet"))]

    def _check_log(self, known: Manifest) -> None:
        for name, expected in known.log.items():
            path = self.log_folder / name
            if not path.exists() or digest(path.read_bytes()) != expected:
                raise DamagedError(
                    f"the table's log is {'not as it was written' if path.exists() else 'incomplete'}",
                    where=str(path),
                    expected=f"a file with BLAKE2b digest {expected}",
                    advice="restore this file from a backup; new transfers are still accepted and kept in the log",
                )

    def _is_complete(self, version: int) -> bool:
        """Return whether a version and each file it adds are on disk as they were meant."""
        try:
            lines = [json.loads(line) for line in self._log_entry(version).read_bytes().splitlines()]
            added = [line["add"] for line in lines if "add" in line]
            for path in (self.folder / action["path"] for action in added):
                if digest(path.read_bytes()) != path.stem.rpartition("-")[2]:
                    return False
                sync_file(path)
                sync_folder(path.parent)
        except (OSError, ValueError, KeyError, TypeError):
            return False
        return any("commitInfo" in line for line in lines)


def _view(table: DeltaTable) -> View:
    actions = pa.table(table.get_add_actions(flatten=True))
    names = ("path", f"partition.{PARTITION}", "size_bytes", "num_records")
    columns = [actions[name].to_pylist() for name in names]
    columns += [
        actions[f"{bound}.{name}"].cast(pa.int64()).to_pylist() for name in STATISTICS for bound in ("min", "max")
    ]
    files = sorted(
        (DataFile(*row) for row in zip(*columns, strict=True)), key=lambda file: (file.first_time, file.path)
    )
    return View(table.version(), table.transaction_version(APPLICATION) or 0, tuple(files))


def _last_recorded(view: View) -> int:
    return max((file.last_recorded for file in view.files), default=0)


def _mended(path: Path, what: str) -> Damage:
    return Damage(path, None, what, "nothing; the write-ahead log still has what was not finished")


class _delta_faults:  # noqa: N801 - used as a function
    """Turn what ``deltalake`` raises inside the block into errors of the field."""

    def __init__(self, where: Path) -> None:
        self._where = where

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, DeltaError | OSError):
            free = os.statvfs(self._where.parent).f_bavail
            advice = "free some disk space and try again" if free < 256 else "run `waybill lake verify`"
            raise StorageError(
                f"the table cannot be read or written: {error}", where=str(self._where), advice=advice
            ) from error
