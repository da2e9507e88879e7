"""Keys that sign notes, and the four signature types a log needs (c2sp.org/signed-note, c2sp.org/tlog-cosignature).

A verifier key is text anybody may see: ``name+id+base64(type || public key)``. A signing key is kept as text of the
form that Go's ``note`` package reads: ``PRIVATE+KEY+name+id+base64(type || 32-byte seed)``.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from waybill.durable import make_folder, storage_faults, sync_folder, write_file
from waybill.ledger.checkpoint import Checkpoint, check_name
from waybill.ledger.encoding import from_base64, to_base64
from waybill.ledger.errors import ProofError
from waybill.model.errors import UsageError

SEED_BYTES = 32
_PRIVATE = "PRIVATE+KEY+"


class SignatureType(IntEnum):
    """The byte that tells what a signature is made over, and with what."""

    NOTE = 0x01
    """Ed25519 over the text."""
    COSIGNATURE = 0x04
    """``cosignature/v1``: a time, then Ed25519 over that time and the text."""
    SUBTREE = 0x06
    """``subtree/v1``: a time, then ML-DSA-44 over cosigner, time, origin, size and root."""


_PUBLIC_BYTES = {SignatureType.NOTE: 32, SignatureType.COSIGNATURE: 32, SignatureType.SUBTREE: 1312}
_STAMP_BYTES = 8


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under a name."""

    name: str
    type: SignatureType
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that a signature starts with."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{to_base64(bytes([self.type]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read a verifier key; one of an unknown type, or whose id is not its own, is refused."""
        name, _, rest = text.partition("+")
        id_, _, encoded = rest.partition("+")
        content = from_base64(encoded)
        if not content or content[0] not in set(SignatureType):
            raise ProofError("this is no verifier key that can be used", where=text[:80], expected="name+id+base64")
        key = cls(check_name(name), SignatureType(content[0]), content[1:])
        if len(key.public) != _PUBLIC_BYTES[key.type] or key.id.hex() != id_:
            raise ProofError("a verifier key is damaged: its id is not its own", where=text[:80])
        return key

    def verify(self, text: str, signature: bytes) -> int | None:
        """Check a signature over ``text``; returns when it was made (seconds since 1970) if it tells."""
        stamp = None
        if self.type is not SignatureType.NOTE:
            stamp, signature = int.from_bytes(signature[:_STAMP_BYTES], "big"), signature[_STAMP_BYTES:]
            if stamp >= 1 << 63:
                raise ProofError("a cosignature's time is out of range", where=self.name)
        try:
            self._public_key().verify(signature, _message(self, text, stamp or 0))
        except InvalidSignature:
            raise ProofError("the signature is not over this text", where=self.name) from None
        return stamp

    def pem(self) -> bytes:
        """Return the public key as tools other than C2SP's read it."""
        return self._public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def _public_key(self) -> Ed25519PublicKey | MLDSA44PublicKey:
        if self.type is SignatureType.SUBTREE:
            return MLDSA44PublicKey.from_public_bytes(self.public)
        return Ed25519PublicKey.from_public_bytes(self.public)


class SigningKey:
    """A private key under a name."""

    def __init__(self, name: str, type: SignatureType, seed: bytes) -> None:
        self._seed = seed
        self._key: Ed25519PrivateKey | MLDSA44PrivateKey
        if type is SignatureType.SUBTREE:
            self._key = MLDSA44PrivateKey.from_seed_bytes(seed)
        else:
            self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = VerifierKey(check_name(name), type, self._key.public_key().public_bytes_raw())
        """The public half."""

    @classmethod
    def generate(cls, name: str, type: SignatureType = SignatureType.NOTE) -> SigningKey:
        """Return a new key."""
        return cls(name, type, os.urandom(SEED_BYTES))

    def sign(self, text: str, *, at: int | None = None) -> bytes:
        """Return a signature over ``text``; a cosignature is of now, or of ``at`` (seconds since 1970)."""
        if self.verifier.type is SignatureType.NOTE:
            return self._key.sign(text.encode())
        stamp = int(time.time()) if at is None else at
        return stamp.to_bytes(_STAMP_BYTES, "big") + self._key.sign(_message(self.verifier, text, stamp))

    def pem(self) -> bytes:
        """Return the private key as other libraries read it; it is for them and for no file."""
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @classmethod
    def load(cls, file: Path) -> SigningKey:
        """Read the key in ``file``, which nobody but its owner may read."""
        with storage_faults("cannot read the signing key", file):
            mode, text = file.stat().st_mode, file.read_text("utf-8").strip()
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise UsageError(
                "others can read the signing key", where=str(file), expected="mode 600", advice="chmod 600 the file"
            )
        try:
            return cls._parse(text)
        except (ValueError, IndexError, ProofError, UsageError):  # none may show a part of the key
            raise UsageError("this is no signing key", where=str(file), expected=f"{_PRIVATE}name+id+base64") from None

    @classmethod
    def _parse(cls, text: str) -> SigningKey:
        verifier, _, encoded = text.removeprefix(_PRIVATE).rpartition("+")
        content = from_base64(encoded, 1 + SEED_BYTES)
        key = cls(verifier.partition("+")[0], SignatureType(content[0]), content[1:])
        if not text.startswith(_PRIVATE) or verifier != f"{key.verifier.name}+{key.verifier.id.hex()}":
            raise ValueError("its id is not its own")
        return key

    def save(self, file: Path) -> None:
        """Write the key to a new file for the owner only; a key that is there is never replaced."""
        content = to_base64(bytes([self.verifier.type]) + self._seed)
        text = f"{_PRIVATE}{self.verifier.name}+{self.verifier.id.hex()}+{content}\n"
        draft = file.with_name(f"{file.name}.new")
        with storage_faults("cannot write the signing key", file):
            make_folder(file.parent)
            write_file(draft, text.encode())
            try:
                os.link(draft, file)
            except FileExistsError:
                raise UsageError("there is a key already", where=str(file), advice="name another file") from None
            finally:
                draft.unlink()
            sync_folder(file.parent)


def _message(key: VerifierKey, text: str, stamp: int) -> bytes:
    """Return the bytes that a key of this type signs."""
    if key.type is SignatureType.NOTE:
        return text.encode()
    if key.type is SignatureType.COSIGNATURE:
        return f"cosignature/v1\ntime {stamp}\n{text}".encode()
    checkpoint = Checkpoint.parse(text)
    name, origin = key.name.encode(), checkpoint.origin.encode()
    if len(origin) > 255:
        raise ProofError("the origin is too long for an ML-DSA cosignature", where=checkpoint.origin[:80])
    return b"".join(
        [
            b"subtree/v1\n\x00",
            bytes([len(name)]) + name,
            stamp.to_bytes(8, "big"),
            bytes([len(origin)]) + origin,
            bytes(8),  # the subtree starts at entry 0: it is the whole tree
            checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        ]
    )
