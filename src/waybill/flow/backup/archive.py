"""The form of a back-up: parts with hashes in a folder or a tar file, and a manifest that comes last."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Protocol

import msgspec

from waybill.durable import FILE_MODE, FOLDER_MODE, make_folder, storage_faults, sync_file, sync_folder
from waybill.model.errors import DamagedError, UsageError

MANIFEST = "MANIFEST.json"
FORMAT = 1
TAR = ".tar"
"""How the name of a back-up ends that is one file."""

_CHUNK = 1 << 20


class Part(msgspec.Struct, frozen=True):
    """One file of a back-up."""

    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a back-up is of, and its parts by name."""

    format: int = FORMAT
    made_at: str
    version: str
    """Of the program that made it."""
    installation: str
    """The mark of the installation."""
    ledger: str
    """The checkpoint that the ledger showed then; empty before there is one."""
    lake_version: int
    lake_sequence: int
    parts: dict[str, Part]
    check: str = ""
    """SHA-256 of all the rest."""


class Writer(Protocol):
    """Takes the parts."""

    def add(self, name: str, content: IO[bytes], size: int) -> None:
        """Write a part of so many bytes."""


@dataclass(slots=True)
class Target:
    """A back-up that is being written; what was added stands in ``parts``."""

    writer: Writer
    parts: dict[str, Part]

    def add_file(self, name: str, path: Path, size: int | None = None) -> None:
        """Add a file, or its first ``size`` bytes; nothing happens where it went meanwhile."""
        try:
            with path.open("rb") as content:
                self.add(name, content, path.stat().st_size if size is None else size)
        except FileNotFoundError:
            return

    def add_bytes(self, name: str, content: bytes) -> None:
        """Add a part from memory."""
        self.add(name, io.BytesIO(content), len(content))

    def add(self, name: str, content: IO[bytes], size: int) -> None:
        """Add a part."""
        hashed = _Hashing(content, size)
        self.writer.add(name, hashed, size)  # type: ignore[arg-type]  # it is only read
        self.parts[name] = Part(size, hashed.digest.hexdigest())


class _Hashing:
    """Reads at most so many bytes and hashes them on the way."""

    def __init__(self, content: IO[bytes], size: int) -> None:
        self._content, self._rest = content, size
        self.digest = hashlib.sha256()

    def read(self, most: int = -1) -> bytes:
        part = self._content.read(min(self._rest, _CHUNK if most < 0 else most))
        self._rest -= len(part)
        self.digest.update(part)
        return part


class _Folder:
    def __init__(self, root: Path) -> None:
        self._root = root

    def add(self, name: str, content: IO[bytes], size: int) -> None:
        path = self._root / name
        make_folder(path.parent)
        with create(path) as out:
            shutil.copyfileobj(content, out, _CHUNK)
            out.flush()
            os.fsync(out.fileno())
        if path.stat().st_size != size:
            raise DamagedError("a file became shorter while it was read", where=name)
        sync_folder(path.parent)


class _Tar:
    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def add(self, name: str, content: IO[bytes], size: int) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, FILE_MODE, int(time.time())
        self._tar.addfile(info, content)


@contextmanager
def writing(path: Path) -> Iterator[Target]:
    """Write a back-up: under a name beside it until the block is through, so that nothing half-made bears its name."""
    draft = path.with_name(f".{path.name}.partial")
    if path.exists():
        raise UsageError("there is something of this name already", where=str(path), advice="name another")
    with storage_faults("the back-up cannot be written", path):
        _remove(draft)
        try:
            if path.suffix == TAR:
                with create(draft) as out, tarfile.open(fileobj=out, mode="w|") as tar:
                    yield Target(_Tar(tar), {})
                sync_file(draft)
            else:
                draft.mkdir(mode=FOLDER_MODE, parents=True)
                yield Target(_Folder(draft), {})
            draft.rename(path)
            sync_folder(path.parent)
        except BaseException:
            _remove(draft)
            raise


def finish(target: Target, manifest: Manifest) -> Manifest:
    """Add the manifest, which makes it a back-up."""
    whole = msgspec.structs.replace(manifest, check=_check(manifest))
    target.add_bytes(MANIFEST, msgspec.json.format(msgspec.json.encode(whole), indent=1))
    return whole


class Source(Protocol):
    """A back-up that is read."""

    def open(self, name: str) -> IO[bytes]:
        """Open a part; raise KeyError if there is none."""


class _FolderSource:
    def __init__(self, root: Path) -> None:
        self._root = root

    def open(self, name: str) -> IO[bytes]:
        path = self._root / name
        if not path.is_file() or path.is_symlink():
            raise KeyError(name)
        return path.open("rb")


class _TarSource:
    def __init__(self, tar: tarfile.TarFile) -> None:
        self._members = {one.name: one for one in tar.getmembers() if one.isfile()}
        self._tar = tar

    def open(self, name: str) -> IO[bytes]:
        content = self._tar.extractfile(self._members[name])
        if content is None:
            raise KeyError(name)
        return content


@contextmanager
def reading(path: Path) -> Iterator[Source]:
    """Read a back-up. Raises DamagedError if it is cut off, UsageError if there is none."""
    if not path.exists():
        raise UsageError("there is no such back-up", where=str(path))
    with storage_faults("the back-up cannot be read", path):
        if path.is_dir():
            yield _FolderSource(path)
            return
        try:
            with tarfile.open(path, "r:") as tar:
                yield _TarSource(tar)
        except tarfile.TarError:
            raise _half(path) from None


def manifest_of(source: Source, path: Path) -> Manifest:
    """Return the manifest. Raises DamagedError where there is none, or it is not as it was written."""
    try:
        with source.open(MANIFEST) as content:
            manifest = msgspec.json.decode(content.read(), type=Manifest)
    except KeyError:
        raise _half(path) from None
    except (msgspec.DecodeError, tarfile.TarError):
        raise _changed(path, MANIFEST) from None
    if manifest.check != _check(manifest):
        raise _changed(path, MANIFEST)
    if manifest.format > FORMAT:
        raise UsageError("a newer version made this back-up", where=str(path), expected=f"format {FORMAT} or older")
    return manifest


def copy_part(source: Source, path: Path, name: str, part: Part, out: IO[bytes] | None = None) -> None:
    """Read a part, to ``out`` if said. Raises DamagedError if it is not as it was written."""
    try:
        with source.open(name) as content:
            hashed = _Hashing(content, part.bytes)
            while chunk := hashed.read():
                if out is not None:
                    out.write(chunk)
            longer = bool(content.read(1))
    except KeyError:
        raise _half(path, name) from None
    except tarfile.TarError:
        raise _changed(path, name) from None
    if longer or hashed.digest.hexdigest() != part.sha256:
        raise _changed(path, name)


def create(path: Path) -> BinaryIO:
    """Open a new file for writing that is its owner's alone. Raises FileExistsError if there is one."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE), "wb")


def _check(manifest: Manifest) -> str:
    body = msgspec.json.encode(msgspec.structs.replace(manifest, check=""), order="deterministic")
    return hashlib.sha256(body).hexdigest()


def _remove(draft: Path) -> None:
    if draft.is_dir():
        shutil.rmtree(draft)
    else:
        draft.unlink(missing_ok=True)


def _half(path: Path, name: str = MANIFEST) -> DamagedError:
    return DamagedError(
        "this is half a back-up",
        where=str(path),
        expected=f"the part {name}",
        advice="take another one; keep none of it",
    )


def _changed(path: Path, name: str) -> DamagedError:
    return DamagedError(
        "a part of the back-up is not as it was written",
        where=f"{path}: {name}",
        expected="the bytes whose hash stands in its manifest",
        advice="take another back-up, or another copy of this one",
    )
