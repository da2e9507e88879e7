"""A model of a disk that keeps only what was synced, fed with the system calls a traced program made.

The strictest reading of POSIX: bytes of a file are safe after fsync of the file, names after fsync of the folder.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CALLS = (
    "open,openat,creat,write,pwrite64,writev,pwritev,pwritev2,ftruncate,truncate,fallocate,fsync,fdatasync,syncfs,"
    "rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,mkdir,mkdirat,rmdir,copy_file_range,sendfile"
)
_HEX = re.compile(r"(?:\\x[0-9a-f]{2})+")
_LINE = re.compile(r"^(\d+) +(.*)$")
_CALL = re.compile(r"^(\w+)\((.*)\) += (-?\d+)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_DESCRIPTOR = re.compile(r"^(\d+)<((?:\\x[0-9a-f]{2})+)>")
_NAMES = {"rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir"}


@dataclass(frozen=True)
class Call:
    """One system call that succeeded: its name, the paths it names, bytes written, offset or length, and flags."""

    name: str
    paths: tuple[Path, ...]
    data: bytes = b""
    number: int = 0
    flags: str = ""


def trace(program: str, arguments: list[str], log: Path) -> list[Call]:
    """Run a Python program under strace and return what it did, in order."""
    command = [
        "strace",
        "-f",
        "-y",
        "-xx",
        "-s",
        "100000000",
        "-e",
        "signal=none",
        "-e",
        f"trace={CALLS}",
        "-o",
        str(log),
    ]
    subprocess.run([*command, sys.executable, "-c", program, *arguments], check=True, timeout=120)
    return list(_calls(log.read_text()))


def _calls(text: str) -> Iterator[Call]:
    unfinished: dict[str, str] = {}
    for line in text.splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        thread, rest = match.groups()
        if rest.endswith("<unfinished ...>"):
            unfinished[thread] = rest.removesuffix("<unfinished ...>").rstrip()
            continue
        if rest.startswith("<..."):
            rest = unfinished.pop(thread) + rest.partition("resumed>")[2]
        call = _CALL.match(rest)
        if call is not None and int(call[3]) >= 0:
            yield _call(call[1], call[2], int(call[3]))


def _call(name: str, arguments: str, result: int) -> Call:
    texts = [_bytes(text) for text in _TEXT.findall(arguments)]
    if name in _NAMES or name in {"open", "openat", "creat", "truncate"}:
        return Call(name, tuple(Path(text.decode()) for text in texts), flags=arguments)
    descriptor = _DESCRIPTOR.match(arguments)
    path = Path(_bytes(descriptor[2]).decode()) if descriptor else Path()
    last = arguments.rpartition(", ")[2]
    number = int(last) if last.isdigit() else 0
    return Call(name, (path,), b"".join(texts)[:result], number, arguments if not texts else "")


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


@dataclass
class _File:
    now: bytearray = field(default_factory=bytearray)
    synced: bytes = b""


_FOLDER = _File()


class Disk:
    """What is below ``root``, as programs see it and as a power failure would leave it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._now: dict[Path, dict[str, _File]] = {root: {}}
        self._synced: dict[Path, dict[str, _File]] = {root: {}}

    def apply(self, call: Call) -> bool:
        """Carry out a call; returns whether it concerned this disk."""
        paths = [path for path in call.paths if path.is_relative_to(self._root)]
        if not paths:
            return False
        path, name = paths[0], call.name
        if name in {"open", "openat", "creat"}:
            return self._open(path, call.flags)
        if name in {"fsync", "fdatasync"}:
            self._sync(path)
        elif name == "syncfs":
            self._sync_all()
        elif name in {"write", "pwrite64"}:
            content = self._file(path).now
            offset = call.number if name == "pwrite64" else len(content)
            content.extend(bytes(max(0, offset - len(content))))
            content[offset : offset + len(call.data)] = call.data
        elif name == "ftruncate":
            del self._file(path).now[call.number :]
        elif name.startswith("rename"):
            self._now[paths[1].parent][paths[1].name] = self._now[path.parent].pop(path.name)
        elif name.startswith("link"):
            self._now[paths[1].parent][paths[1].name] = self._file(path)
        elif name.startswith("unlink"):
            del self._now[path.parent][path.name]
        elif name.startswith("mkdir"):
            self._now[path.parent][path.name] = _FOLDER
            self._now[path], self._synced[path] = {}, {}
        elif name == "rmdir":
            del self._now[path.parent][path.name], self._now[path]
        else:
            raise AssertionError(f"the model does not know {name}")
        return True

    def unsynced(self, folder: Path) -> list[str]:
        """Return what below ``folder`` a power failure would take back."""
        found = [
            str(path) for path, names in self._now.items() if self._below(path, folder) and names != self._synced[path]
        ]
        for path, names in self._now.items():
            found += [
                str(path / name)
                for name, file in names.items()
                if file is not _FOLDER and self._below(path / name, folder) and bytes(file.now) != file.synced
            ]
        return found

    def losable(self, folder: Path) -> list[str]:
        """Return what below ``folder`` a power failure would take away; what it would bring back does not count."""
        return [
            str(path / name)
            for path, names in self._now.items()
            for name, file in names.items()
            if self._below(path / name, folder)
            and (name not in self._synced[path] or (file is not _FOLDER and bytes(file.now) != file.synced))
        ]

    def build(self, target: Path, mode: str, seed: int = 0) -> None:
        """Write to ``target`` what is left after a power failure.

        ``dropped``: nothing unsynced survives; ``kept``: all does; ``names``: names do and bytes do not;
        ``mixed``: chance decides for each folder and file, and may leave the beginning of what was written.
        """
        chance = random.Random(seed)
        if target.exists():
            shutil.rmtree(target)
        self._build_folder(self._root, target, mode, chance)

    def _build_folder(self, folder: Path, target: Path, mode: str, chance: random.Random) -> None:
        target.mkdir()
        unsynced_names = mode in {"kept", "names"} or (mode == "mixed" and chance.random() < 0.5)
        for name, file in (self._now if unsynced_names else self._synced).get(folder, {}).items():
            if file is _FOLDER:
                self._build_folder(folder / name, target / name, mode, chance)
            else:
                (target / name).write_bytes(self._content(file, mode, chance))

    def _content(self, file: _File, mode: str, chance: random.Random) -> bytes:
        if mode == "kept":
            return bytes(file.now)
        if mode == "mixed" and chance.random() < 0.6:
            return bytes(file.now[: chance.randint(len(file.synced), max(len(file.synced), len(file.now)))])
        return file.synced

    def _open(self, path: Path, flags: str) -> bool:
        names = self._now.get(path.parent, {})
        if "O_CREAT" in flags and path.name not in names:
            names[path.name] = _File()
            return True
        if "O_TRUNC" in flags and names[path.name].now:
            names[path.name].now.clear()
            return True
        return False

    def _sync(self, path: Path) -> None:
        if path in self._now:
            self._synced[path] = dict(self._now[path])
        else:
            self._file(path).synced = bytes(self._file(path).now)

    def _sync_all(self) -> None:
        for path in self._now:
            self._sync(path)
            for name, file in self._now[path].items():
                if file is not _FOLDER:
                    self._sync(path / name)

    def _file(self, path: Path) -> _File:
        return self._now[path.parent][path.name]

    @staticmethod
    def _below(path: Path, folder: Path) -> bool:
        return path == folder or path.is_relative_to(folder)
