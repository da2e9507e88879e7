"""Reading a log's public files, from a folder or over HTTP. Nothing that is read is believed."""

from __future__ import annotations

import gzip
import http.client
import io
import os
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from pathlib import Path

from waybill.durable import storage_faults
from waybill.ledger import merkle, tiles
from waybill.ledger.errors import ProofError
from waybill.ledger.hashing import Hashing
from waybill.ledger.merkle import HASH_BYTES
from waybill.ledger.note import MOST_BYTES, Note
from waybill.ledger.tiles import ENTRIES, LEVELS, MOST_ENTRY_BYTES, TILE_BYTES, WIDTH, Bundle
from waybill.model.errors import InputError, UsageError

MOST_BUNDLE_BYTES = WIDTH * (2 + MOST_ENTRY_BYTES)
TIMEOUT = 30.0
"""Seconds to wait for a server."""


class Source(ABC):
    """Somewhere the public files of a log are."""

    @abstractmethod
    def read(self, name: str, most: int) -> bytes | None:
        """Return the file ``name``, or nothing if there is none; one of more than ``most`` bytes is refused."""

    def checkpoint(self) -> Note:
        """Return the checkpoint, which nobody has checked yet."""
        content = self.read("checkpoint", MOST_BYTES)
        if content is None:
            raise InputError("there is no log here", where=str(self), expected="a file named checkpoint")
        try:
            return Note.parse(content)
        except ProofError as error:
            raise ProofError(error.what, where=f"{self}/checkpoint", expected=error.expected) from None

    def tile(self, level: int, index: int, width: int) -> bytes:
        """Return the first ``width`` nodes of a tile."""
        content = self._full_or_partial(level, index, width, TILE_BYTES)
        if len(content) % HASH_BYTES or len(content) < width * HASH_BYTES:
            raise ProofError("a tile has the wrong length", where=f"{self}/{tiles.path(level, index, width)}")
        return content[: width * HASH_BYTES]

    def bundle(self, index: int, width: int) -> list[bytes]:
        """Return the first ``width`` entries of a bundle."""
        content = self._full_or_partial(ENTRIES, index, width, MOST_BUNDLE_BYTES)
        try:
            entries = tiles.decode(content)
        except ProofError:
            entries = []
        if not width <= len(entries) <= WIDTH:
            raise self._wrong_length(index, width)
        return entries[:width]

    def leaves(self, index: int, width: int, hashing: Hashing) -> bytes:
        """Return the hashes of the first ``width`` entries of a bundle."""
        content = self._full_or_partial(ENTRIES, index, width, MOST_BUNDLE_BYTES)
        try:
            found = hashing.leaves(Bundle(content))
        except ProofError:
            found = b""
        if len(found) < width * HASH_BYTES:
            raise self._wrong_length(index, width)
        return found[: width * HASH_BYTES]

    def entry(self, index: int, size: int) -> bytes:
        """Return an entry of a log of ``size`` entries."""
        return self.bundle(index // WIDTH, tiles.width_at(0, index // WIDTH, size))[index % WIDTH]

    def _wrong_length(self, index: int, width: int) -> ProofError:
        return ProofError("an entry bundle has the wrong length", where=f"{self}/{tiles.path(ENTRIES, index, width)}")

    def _full_or_partial(self, level: int | str, index: int, width: int, most: int) -> bytes:
        """Return a tile or bundle; a partial one may be gone once it is full, and then the full one serves."""
        for candidate in dict.fromkeys([width, WIDTH]):
            content = self.read(tiles.path(level, index, candidate), most)
            if content is not None:
                return content
        raise InputError("a file of the log is missing", where=f"{self}/{tiles.path(level, index, width)}")


class FolderSource(Source):
    """A folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __str__(self) -> str:
        return str(self.folder)

    def read(self, name: str, most: int) -> bytes | None:
        """Return a file of the folder."""
        path = f"{self.folder}/{name}"  # much quicker than a Path, where a whole log is read
        with storage_faults("cannot read the log", self.folder):
            try:
                with os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC), "rb") as file:
                    return _bounded(file, min(most, os.fstat(file.fileno()).st_size), path)
            except (FileNotFoundError, NotADirectoryError):
                return None


class WebSource(Source):
    """An address under which a server shows the files of a log."""

    def __init__(self, address: str) -> None:
        if not address.startswith(("https://", "http://")):
            raise UsageError("a log is in a folder or under an http(s) address", where=address)
        self._address = address.rstrip("/")

    def __str__(self) -> str:
        return self._address

    def read(self, name: str, most: int) -> bytes | None:
        """Fetch a file; what a server sends compressed is unpacked no further than ``most`` bytes."""
        where = f"{self}/{name}"
        request = urllib.request.Request(where, headers={"Accept-Encoding": "gzip, identity"})  # noqa: S310 http(s) only
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
                packed = answer.headers.get("Content-Encoding") == "gzip"
                return _bounded(gzip.GzipFile(fileobj=answer) if packed else answer, most, where)
        except urllib.error.HTTPError as error:
            if error.code in {404, 410}:
                return None
            raise InputError(f"the server answers {error.code}", where=where, advice="try again later") from None
        except (OSError, EOFError, http.client.HTTPException) as error:
            raise InputError(f"the log cannot be fetched: {error}", where=where, advice="try again later") from None


def open_source(place: str | Path) -> Source:
    """Return the source at a folder or an http(s) address."""
    return WebSource(place) if isinstance(place, str) and "://" in place else FolderSource(Path(place))


class TileNodes:
    """Nodes of the tree from a source's tiles. Proofs made of them are to be checked: nobody vouches for a tile."""

    def __init__(self, source: Source, size: int) -> None:
        self._source = source
        self._size = size
        self._levels: dict[tuple[int, int], list[list[bytes]]] = {}

    def node(self, level: int, index: int) -> bytes:
        """Return a node."""
        tile_level, above = divmod(level, LEVELS)
        tile, within = divmod(index << above, WIDTH)
        return self._pyramid(tile_level, tile)[above][within >> above]

    def _pyramid(self, level: int, tile: int) -> list[list[bytes]]:
        """Return the nodes of a tile, their parents, and so on up, as far as they are there."""
        found = self._levels.get((level, tile))
        if found is None:
            row = tiles.hashes(self._source.tile(level, tile, tiles.width_at(level, tile, self._size)))
            found = [row]
            while len(row) > 1:
                row = merkle.next_level(row[: len(row) // 2 * 2])
                found.append(row)
            self._levels[level, tile] = found
        return found


def _bounded(file: io.BufferedIOBase, most: int, where: str) -> bytes:
    content = file.read(most + 1)
    if len(content) > most:
        raise ProofError("a file of the log is too long", where=where, expected=f"at most {most} bytes")
    return content
