"""What was learnt of files, kept by their content: what has not changed is not read again.

Of a folder it is also kept what its files looked like from outside, so that those that still look the same are not even
opened. Where that leaves a doubt, the content decides.

The file is the user's own; what it holds is only ever facts, so that who could write it could hide a flow, and nothing
else. It is thrown away with every change of the code that learns.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from functools import cache
from pathlib import Path

import msgspec

from waybill.exposure.code.facts import Module
from waybill.exposure.code.flows import Flow
from waybill.exposure.code.reachable import Reach
from waybill.exposure.code.screening import Holds
from waybill.exposure.code.secrets import Secret


class Look(msgspec.Struct, array_like=True):
    """What a first look at a file told."""

    holds: Holds
    imports: list[str]
    secrets: list[Secret] = []


Signature = tuple[int, int, int, int, int]
"""What a file looks like from outside: device, inode, size, and when content and status changed, in nanoseconds."""

_DOUBT = 2_000_000_000
"""Nanoseconds for which a file may change again without looking different: clocks of file systems tick that slowly."""


def signature_of(status: os.stat_result) -> Signature:
    """Return what a file looks like from outside."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


class Seen(msgspec.Struct, array_like=True):
    """A file as an audit saw it."""

    signature: Signature
    digest: bytes
    look: Look
    since: int
    """When the audit that read it had not yet begun to, in nanoseconds."""

    def still_holds(self, signature: Signature) -> bool:
        """Return whether a file that looks like this is the same for certain.

        A file that changed shortly before it was read may have changed once more within the same tick of the clock.
        """
        return self.signature == signature and max(signature[3:]) + _DOUBT < self.since


class Linked(msgspec.Struct, array_like=True):
    """What following data through some files told."""

    flows: list[Flow]
    reach: Reach


_MOST_TREES = 16
"""Folders of which it is kept what their files looked like: revisions are audited in folders that come and go."""


class Cache:
    """Facts by content, in a file of SQLite; in memory alone where there is no place for it."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        try:
            self._database = self._opened(str(path) if path else ":memory:")
        except (sqlite3.Error, OSError):
            self._database = self._opened(":memory:")
        self._facts = msgspec.msgpack.Decoder(Module)
        self._looks = msgspec.msgpack.Decoder(Look)
        self._linked = msgspec.msgpack.Decoder(Linked)
        self._trees = msgspec.msgpack.Decoder(dict[bytes, Seen])

    @staticmethod
    def _opened(where: str) -> sqlite3.Connection:
        database = sqlite3.connect(where, isolation_level=None, check_same_thread=False)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = OFF")
        database.execute("CREATE TABLE IF NOT EXISTS learnt (key BLOB PRIMARY KEY, content BLOB) WITHOUT ROWID")
        database.execute("CREATE TABLE IF NOT EXISTS trees (root BLOB PRIMARY KEY, at INTEGER, content BLOB)")
        return database

    @classmethod
    def of_user(cls) -> Cache:
        """Return the cache of the user, in ``$XDG_CACHE_HOME/waybill``."""
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "waybill"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            return cls(None)
        path = folder / f"code-{_learner()}.sqlite"
        for other in folder.glob("code-*.sqlite*"):
            if not other.name.startswith(path.name):
                other.unlink(missing_ok=True)  # what older code had learnt
        return cls(path)

    def begin(self) -> None:
        """Begin to write many."""
        self._database.execute("BEGIN")

    def end(self) -> None:
        """Keep what was written."""
        self._database.execute("COMMIT")

    def look(self, digest: bytes) -> Look | None:
        """Return what a first look at a file with this content told, if it is known."""
        content = self._get(b"l" + digest)
        return self._looks.decode(content) if content is not None else None

    def keep_look(self, digest: bytes, look: Look) -> None:
        """Keep what a first look told."""
        self._put(b"l" + digest, msgspec.msgpack.encode(look))

    def facts(self, digest: bytes, path: str, wanted: frozenset[str]) -> tuple[Module, bytes] | None:
        """Return the facts of a file with this content and their digest, if they are known."""
        content = self._get(_key(digest, path, wanted))
        return (self._facts.decode(content), digest_of(content)) if content is not None else None

    def keep_facts(self, digest: bytes, path: str, wanted: frozenset[str], module: Module) -> bytes:
        """Keep the facts of a file; return their digest."""
        content = msgspec.msgpack.encode(module)
        self._put(_key(digest, path, wanted), content)
        return digest_of(content)

    def linked(self, digest: bytes) -> Linked | None:
        """Return what linking files with facts of this digest told, if it is known."""
        content = self._get(b"p" + digest)
        return self._linked.decode(content) if content is not None else None

    def keep_linked(self, digest: bytes, linked: Linked) -> None:
        """Keep what linking told."""
        self._put(b"p" + digest, msgspec.msgpack.encode(linked))

    def tree(self, root: Path) -> dict[bytes, Seen]:
        """Return the files below a folder as the last audit saw them, by their names."""
        row = self._database.execute("SELECT content FROM trees WHERE root = ?", (_place(root),)).fetchone()
        return self._trees.decode(row[0]) if row else {}

    def keep_tree(self, root: Path, seen: dict[bytes, Seen]) -> None:
        """Keep the files below a folder as they were seen; folders that nobody audited for long are forgotten."""
        row = _place(root), time.time_ns(), msgspec.msgpack.encode(seen)
        self._database.execute("INSERT OR REPLACE INTO trees VALUES (?, ?, ?)", row)
        self._database.execute(
            "DELETE FROM trees WHERE root NOT IN (SELECT root FROM trees ORDER BY at DESC LIMIT ?)", (_MOST_TREES,)
        )

    def _get(self, key: bytes) -> bytes | None:
        row = self._database.execute("SELECT content FROM learnt WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def _put(self, key: bytes, content: bytes) -> None:
        self._database.execute("INSERT OR REPLACE INTO learnt VALUES (?, ?)", (key, content))


def _place(root: Path) -> bytes:
    return os.fsencode(root.absolute())


def digest_of(content: bytes) -> bytes:
    """Return the SHA-256 of a file's content."""
    return hashlib.sha256(content).digest()


def _key(digest: bytes, path: str, wanted: frozenset[str]) -> bytes:
    """Names in facts begin with the path, and names that were searched for decide what was walked."""
    return hashlib.sha256(digest + "\0".join([path, *sorted(wanted)]).encode("utf-8", "surrogateescape")).digest()


@cache
def _learner() -> str:
    """Return a digest of the code that learns."""
    files = sorted(Path(__file__).parent.rglob("*.py"))
    return hashlib.sha256(b"".join(one.read_bytes() for one in files)).hexdigest()[:16]
