"""Sealing what is secret in a back-up: under a passphrase, or for whoever has the private half of a pair of keys.

A passphrase goes through scrypt (RFC 7914) into AES-256-GCM. A pair of keys is X25519 joined with ML-KEM-768, used as
HPKE says (RFC 9180): a machine that holds the public half can make back-ups and open none, and one that is kept today
stays shut to the machines of later years.
"""

from __future__ import annotations

import base64
import binascii
import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from waybill.model.errors import DamagedError, UsageError

_BY_PASSPHRASE = b"waybill sealed by passphrase 1\n"
_FOR_RECIPIENT = b"waybill sealed for recipient 1\n"
_SALT_BYTES, _NONCE_BYTES, _X25519_BYTES = 16, 12, 32
_COST, _BLOCKS = 1 << 16, 8
"""64 MiB and a fraction of a second for each guess."""

LEAST_PASSPHRASE = 12
"""Characters."""

PUBLIC, PRIVATE = "waybill-backup-public-1:", "waybill-backup-private-1:"

_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True)
class Secret:
    """What seals or opens: a passphrase, or one half of a pair of keys as text."""

    text: str = field(repr=False)
    is_key: bool


def new_pair() -> tuple[str, str]:
    """Return the private and the public half of a new pair of keys."""
    kem, curve = MLKEM768PrivateKey.generate(), X25519PrivateKey.generate()
    private = curve.private_bytes_raw() + kem.private_bytes_raw()
    public = curve.public_key().public_bytes_raw() + kem.public_key().public_bytes_raw()
    return PRIVATE + _text(private), PUBLIC + _text(public)


def seal(content: bytes, secret: Secret) -> bytes:
    """Return the content sealed. Raises UsageError for a passphrase that is too short or a key that is none."""
    if secret.is_key:
        return _FOR_RECIPIENT + _SUITE.encrypt(content, _public(secret.text), _FOR_RECIPIENT)
    if len(secret.text) < LEAST_PASSPHRASE:
        raise UsageError("the passphrase is too short", expected=f"at least {LEAST_PASSPHRASE} characters")
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    cipher = AESGCM(_derived(secret.text, salt))
    return _BY_PASSPHRASE + salt + nonce + cipher.encrypt(nonce, content, _BY_PASSPHRASE)


def unseal(sealed: bytes, secret: Secret) -> bytes:
    """Return the content. Raises UsageError if this opens another kind, DamagedError if it does not open this one."""
    kind = _FOR_RECIPIENT if secret.is_key else _BY_PASSPHRASE
    if not sealed.startswith(kind):
        other = "a passphrase" if secret.is_key else "a private key"
        raise UsageError("this does not open the back-up", expected=other)
    rest = sealed[len(kind) :]
    try:
        if secret.is_key:
            return _SUITE.decrypt(rest, _private(secret.text), kind)
        salt, nonce, body = rest[:_SALT_BYTES], rest[_SALT_BYTES:][:_NONCE_BYTES], rest[_SALT_BYTES + _NONCE_BYTES :]
        return AESGCM(_derived(secret.text, salt)).decrypt(nonce, body, kind)
    except (InvalidTag, ValueError):
        raise DamagedError(
            "the back-up's keys do not open", expected="the passphrase or private key it was sealed with"
        ) from None


def _derived(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_COST, r=_BLOCKS, p=1).derive(passphrase.encode())


def _public(text: str) -> hpke.MLKEM768X25519PublicKey:
    raw = _raw(text, PUBLIC, "public")
    try:
        curve = X25519PublicKey.from_public_bytes(raw[:_X25519_BYTES])
        return hpke.MLKEM768X25519PublicKey(MLKEM768PublicKey.from_public_bytes(raw[_X25519_BYTES:]), curve)
    except ValueError:
        raise _no_key("public") from None


def _private(text: str) -> hpke.MLKEM768X25519PrivateKey:
    raw = _raw(text, PRIVATE, "private")
    try:
        curve = X25519PrivateKey.from_private_bytes(raw[:_X25519_BYTES])
        return hpke.MLKEM768X25519PrivateKey(MLKEM768PrivateKey.from_seed_bytes(raw[_X25519_BYTES:]), curve)
    except ValueError:
        raise _no_key("private") from None


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _raw(text: str, prefix: str, half: str) -> bytes:
    try:
        return base64.b64decode(text.strip().removeprefix(prefix) if text.startswith(prefix) else "?", validate=True)
    except binascii.Error:
        raise _no_key(half) from None


def _no_key(half: str) -> UsageError:
    what = f"this is not the {half} half of a pair of keys for back-ups"
    return UsageError(what, advice="`waybill keys pair` makes one")
