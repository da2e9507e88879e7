"""Registered documents on disk: one file each, keyed fingerprints and a checksum that only the key can make.

::

    b"waybill document 1\\n"
    length of the description (4 bytes, little-endian), then the description as MessagePack (``Document``)
    keyed fingerprints of the text, sorted, 8 bytes each, little-endian; then those of the geometry
    keyed BLAKE2b-256 over everything before
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from waybill.content.documents import geometry
from waybill.content.documents.keyed import derived, keyed
from waybill.content.documents.winnowing import Hashes, fingerprints, normalised
from waybill.content.parsing import looks
from waybill.content.shelf import Shelf
from waybill.durable import make_folder, replace_file
from waybill.model.errors import DamagedError, UsageError

_MAGIC = b"waybill document 1\n"
_LENGTH = struct.Struct("<I")
_SUM_BYTES = 32

LEAST_PRINTS = 4
"""A text with fewer fingerprints (some 150 bytes) is too short to be told from others."""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A registered document, without its content."""

    id: str
    name: str
    family: str
    """Documents of one family are versions of each other: what they share is rare all the same."""
    registered: datetime
    asset: str = ""
    """Id of the asset of the register that it belongs to."""
    template: bool = False
    """A form or a template: what it holds is never recognised."""
    text: int = 0
    """Fingerprints of its text."""
    geometry: int = 0
    """Fingerprints of its entities, of a drawing."""
    look: bytes = b""
    """How it looks, of a picture, under the key (``Library.masked``)."""


class Stored(NamedTuple):
    """A document and its keyed fingerprints, each once, sorted."""

    document: Document
    text: Hashes
    geometry: Hashes


class Library(Shelf):
    """The registered documents of an installation."""

    suffix = ".document"
    kind = "document"

    def __init__(self, folder: Path, secret: bytes) -> None:
        super().__init__(folder)
        self._sums = derived(secret, "sums of registered documents", 32)
        self.secret = derived(secret, "fingerprints of registered documents")
        """The key of the fingerprints."""
        self._mask = derived(secret, "looks of registered pictures", looks.BYTES)

    def prints(self, texts: Iterable[bytes]) -> tuple[Hashes, Hashes]:
        """Return the keyed fingerprints of a document given as texts: of its words, and of its entities."""
        parts = list(texts)
        if parts and geometry.is_drawing(parts[0]):
            return np.empty(0, np.uint64), _set(keyed(geometry.fingerprints(b"".join(parts)), self.secret))
        found = [fingerprints(normalised(part)[0]).values for part in parts]
        return _set(keyed(np.concatenate([np.empty(0, np.uint64), *found]), self.secret)), np.empty(0, np.uint64)

    def masked(self, look: bytes) -> bytes:
        """Return how a picture looks under the key, which leaves distances as they are."""
        return bytes(one ^ other for one, other in zip(look, self._mask, strict=False))

    def register(self, document: Document, texts: Iterable[bytes], look: bytes = b"") -> Document:
        """Keep a document, or a picture with its ``look``; one with the same id is replaced.

        Raises UsageError where it is too short.
        """
        text, entities = self.prints(texts)
        if len(text) + len(entities) < LEAST_PRINTS and not look:
            raise UsageError(
                "it is too short to be recognised", expected="some 150 bytes of text", advice="Register what holds it."
            )
        seen = self.masked(look) if look else b""
        document = msgspec.structs.replace(document, text=len(text), geometry=len(entities), look=seen)
        head = msgspec.msgpack.encode(document)
        body = b"".join((_MAGIC, _LENGTH.pack(len(head)), head, _bytes(text), _bytes(entities)))
        make_folder(self._folder)
        replace_file(self._path(document.id), body + self._sum(body))
        return document

    def documents(self) -> list[Document]:
        """Return the registered documents by name."""
        return sorted((stored.document for stored in self.stored()), key=lambda document: (document.name, document.id))

    def stored(self) -> Iterator[Stored]:
        """Yield the documents with their fingerprints. Raises DamagedError where a file is not as it was written."""
        return map(self._read, self._paths())

    def _read(self, path: Path) -> Stored:
        data = path.read_bytes()
        body, checksum = data[:-_SUM_BYTES], data[-_SUM_BYTES:]
        if not body.startswith(_MAGIC) or not hmac.compare_digest(checksum, self._sum(body)):
            raise DamagedError(
                "a registered document is not as it was written",
                where=str(path),
                advice="Restore it from a backup, or remove it and register the document again.",
            )
        start = len(_MAGIC) + _LENGTH.size
        (length,) = _LENGTH.unpack_from(body, len(_MAGIC))
        document = msgspec.msgpack.decode(body[start : start + length], type=Document)
        values = np.frombuffer(body, "<u8", offset=start + length).astype(np.uint64)
        return Stored(document, values[: document.text], values[document.text :])

    def _sum(self, body: bytes) -> bytes:
        return hashlib.blake2b(body, key=self._sums, digest_size=_SUM_BYTES).digest()


def _set(values: Hashes) -> Hashes:
    return np.unique(values)


def _bytes(values: Hashes) -> bytes:
    return values.astype("<u8").tobytes()
