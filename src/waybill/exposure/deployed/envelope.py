"""Envelopes: a statement and the signatures over it (DSSE 1.0), made and checked with the package ``cryptography``.

Keys are PEM as OpenSSL writes them: Ed25519, or ECDSA over P-256, P-384 and P-521.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import stat
from collections.abc import Iterable
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from waybill.model.errors import InputError, UsageError

IN_TOTO = "application/vnd.in-toto+json"
"""The type of a payload that is an in-toto statement."""

MOST_BYTES = 512 << 20
"""No statement of a platform is longer: it has some 130 bytes a file."""

PublicKey = Ed25519PublicKey | ec.EllipticCurvePublicKey
PrivateKey = Ed25519PrivateKey | ec.EllipticCurvePrivateKey


class Signature(msgspec.Struct, frozen=True):
    """A signature and a hint by whom."""

    sig: str
    keyid: str = ""


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """A payload and the signatures over it; field names are those of the standard."""

    payloadType: str  # noqa: N815
    payload: str
    signatures: tuple[Signature, ...] = ()

    @property
    def content(self) -> bytes:
        """The payload's bytes. Raises InputError where they are no base64."""
        return decoded(self.payload)


def seal(content: bytes, keys: Iterable[PrivateKey], payload_type: str = IN_TOTO) -> Envelope:
    """Return an envelope around ``content``, signed with each key."""
    message = encoded_for_signing(payload_type, content)
    return Envelope(
        payloadType=payload_type,
        payload=base64.b64encode(content).decode(),
        signatures=tuple(
            Signature(base64.b64encode(_sign(key, message)).decode(), key_id(key.public_key())) for key in keys
        ),
    )


def signers(envelope: Envelope, trusted: Iterable[PublicKey]) -> set[str]:
    """Return the ids of those trusted keys whose signature over the envelope is good.

    The hints in the envelope are not believed: every signature is held against every key.
    """
    message = encoded_for_signing(envelope.payloadType, envelope.content)
    signatures = [decoded(one.sig) for one in envelope.signatures]
    return {key_id(key) for key in trusted if any(is_signed(key, one, message) for one in signatures)}


def encoded_for_signing(payload_type: str, content: bytes) -> bytes:
    """Return what is signed: the pre-authentication encoding of DSSE."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(content), content)


def is_signed(key: PublicKey, signature: bytes, message: bytes) -> bool:
    """Return whether a signature over ``message`` was made with the private half of ``key``."""
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, message)
        else:
            key.verify(signature, message, ec.ECDSA(hash_of(key.curve)))
    except InvalidSignature:
        return False
    return True


def hash_of(curve: ec.EllipticCurve) -> HashAlgorithm:
    """Return the hash that goes with a curve (RFC 8446, section 4.2.3)."""
    return SHA256() if curve.key_size <= 256 else SHA384() if curve.key_size <= 384 else SHA512()


def key_id(key: PublicKey) -> str:
    """Return the name of a key: the SHA-256 of its public half, as hex."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def read_private_key(path: Path) -> PrivateKey:
    """Return the key in a PEM file that nobody but its owner may read. Raises UsageError; never shows a part of it."""
    try:
        mode, content = path.stat().st_mode, path.read_bytes()
        key = load_pem_private_key(content, None)
    except OSError as error:
        raise UsageError(f"the key cannot be read: {error.strerror}", where=str(path)) from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UsageError(
            "this is no private key in PEM without a passphrase",
            where=str(path),
            advice="make one: openssl genpkey -algorithm ed25519 -out approver.pem",
        ) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError("others can read the key", where=str(path), expected="mode 600", advice="chmod 600 the file")
    if not isinstance(key, Ed25519PrivateKey | ec.EllipticCurvePrivateKey):
        raise UsageError("keys of this kind are not used here", where=str(path), expected="Ed25519 or ECDSA")
    return key


def read_public_key(path: Path) -> PublicKey:
    """Return the public key in a PEM file. Raises UsageError."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise UsageError(f"the key cannot be read: {error.strerror}", where=str(path)) from None
    except (ValueError, UnsupportedAlgorithm):
        raise UsageError(
            "this is no public key in PEM",
            where=str(path),
            advice="write it: openssl pkey -in approver.pem -pubout -out approver.pub",
        ) from None
    if not isinstance(key, Ed25519PublicKey | ec.EllipticCurvePublicKey):
        raise UsageError("keys of this kind are not used here", where=str(path), expected="Ed25519 or ECDSA")
    return key


def decoded(text: str) -> bytes:
    """Return the bytes of base64, in either alphabet as the standard asks. Raises InputError."""
    try:
        return base64.b64decode(text.translate(_PLAIN), validate=True)
    except (binascii.Error, ValueError):
        raise InputError("an envelope holds what is no base64", where=text[:40]) from None


_PLAIN = str.maketrans("-_", "+/")


def _sign(key: PrivateKey, message: bytes) -> bytes:
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(message)
    return key.sign(message, ec.ECDSA(hash_of(key.curve)))
