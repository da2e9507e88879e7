"""Asking git, so that the repository asked about cannot start anything: its own settings could name any program."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

from waybill.model.errors import InputError, UsageError

SECONDS = 600
"""To wait for git; it checks a signature in some 20 ms."""

_HARMLESS = (
    "core.fsmonitor=false", "core.hooksPath=/dev/null", "core.quotePath=false", "gpg.program=gpg",
    "gpg.ssh.program=ssh-keygen", "gpg.x509.program=gpgsm", "log.showSignature=false", "tar.umask=077",
)  # fmt: skip

Ask = Callable[..., bytes]
"""Returns what git says to some arguments. Raises ``InputError`` where it refuses."""


def git(root: Path, *settings: str) -> Ask:
    """Return what asks git about the repository around a folder. Raises ``UsageError`` where git is not installed."""
    program = shutil.which("git")
    if program is None:
        raise UsageError("this needs git", advice="install it")
    given = [part for one in (*_HARMLESS, *settings) for part in ("-c", one)]

    def ask(*arguments: str) -> bytes:
        command = [program, "-C", str(root), *given, *arguments]
        try:
            return subprocess.run(command, capture_output=True, timeout=SECONDS, check=True).stdout  # noqa: S603
        except subprocess.TimeoutExpired:
            raise InputError(f"git does not answer within {SECONDS} s", where=str(root)) from None
        except subprocess.CalledProcessError as error:
            told = error.stderr.decode("utf-8", "replace").strip().splitlines()
            raise InputError(f"git cannot read it: {told[0][:200] if told else ''}", where=str(root)) from None

    return ask


def unpack_revision(path: Path, revision: str, into: Path) -> Path:
    """Write a file or folder as it stood at a revision below ``into``, and return where; nothing if it was not there.

    Links are left out, as surveys leave them out. Raises ``InputError`` for a revision that there is not.
    """
    ask = git(path if path.is_dir() else path.parent)
    commit = ask("rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}").decode().strip()
    top = Path(ask("rev-parse", "--show-toplevel").decode().rstrip("\n"))
    inside = path.resolve().relative_to(top.resolve())
    target = into / inside
    if not ask("ls-tree", "--full-tree", commit, "--", *([str(inside)] if inside.parts else [])).strip():
        return target
    ask = git(top)
    content = ask("archive", "--format=tar", commit, *(["--", str(inside)] if inside.parts else []))
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        archive.extractall(into, filter=_plain)  # noqa: S202  the filter keeps links and paths outside away
    return target


def _plain(member: tarfile.TarInfo, folder: str) -> tarfile.TarInfo | None:
    return tarfile.data_filter(member, folder) if member.isfile() or member.isdir() else None
