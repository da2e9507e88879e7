"""Certificates and private keys in files (PEM and DER), read with the package ``cryptography``."""

from __future__ import annotations

import base64
import binascii
import stat
import warnings
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

from waybill.exposure.folders import content_of, shown
from waybill.exposure.snapshots import NotInspected, Snapshot, Unread
from waybill.model.findings import Position

MOST_BYTES = 4 << 20
_SUFFIXES = {".pem", ".crt", ".cer", ".der", ".key"}
_LOCKED = (b"ENCRYPTED", b"Proc-Type: 4")


class Certificate(Snapshot):
    """Parts by their names in ``parts``."""

    channel: ClassVar[str] = "network"

    @property
    def subject(self) -> str:
        """Whom it names."""
        return str(self.part("subject"))

    @property
    def key(self) -> tuple[str, int]:
        """Kind of its key (rsa, ec, dsa, other) and bits."""
        kind, bits = self.part("key")
        return str(kind), int(bits)

    @property
    def hash(self) -> str:
        """The hash under its signature; empty where the signature has none of its own."""
        return str(self.part("hash"))

    @property
    def until(self) -> datetime:
        """Until when it holds."""
        moment: datetime = self.part("until")
        return moment


class PrivateKey(Snapshot):
    """A private key in a file."""

    channel: ClassVar[str] = "file"

    @property
    def locked(self) -> bool:
        """Whether it needs a passphrase."""
        return bool(self.part("locked"))

    @property
    def open_to_others(self) -> bool:
        """Whether others on the machine may read the file."""
        return bool(self.part("open"))


def concerns(path: Path) -> bool:
    """Return whether a file's name is one of certificates and keys."""
    return path.suffix.lower() in _SUFFIXES or path.name.startswith(("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"))


def read(path: Path) -> Iterator[Snapshot | NotInspected]:
    """Yield the certificates and the private key in a file; raise ``NotInspected`` where it cannot be read."""
    place = shown(str(path.absolute()))
    content = content_of(path, MOST_BYTES, place)
    source = Position("certificates", shown(path.name), 0)
    if b"PRIVATE KEY-----" in content:
        is_open = bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
        parts = {"locked": any(mark in content for mark in _LOCKED) or _is_locked_openssh(content), "open": is_open}
        yield PrivateKey(place, source, (), parts)
    if b"-----BEGIN CERTIFICATE-----" in content or path.suffix.lower() in {".der", ".cer"}:
        yield from _certificates(content, place, path.name)


def _certificates(content: bytes, place: str, name: str) -> Iterator[Certificate | NotInspected]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of numbers that future releases will refuse
            if b"-----BEGIN" in content:
                found = x509.load_pem_x509_certificates(content)
            else:
                found = [x509.load_der_x509_certificate(content)]
    except (ValueError, TypeError) as error:
        yield NotInspected(place, f"it is no certificate: {str(error)[:200]}")
        return
    for number, one in enumerate(found, 1):
        where = place if len(found) == 1 else f"{place}#{number}"
        yield Certificate(where, Position("certificates", shown(name), number), (), _parts(one))


def _parts(one: x509.Certificate) -> dict[str, Any]:
    """Return what is known of it; nonsense in one part keeps the others."""
    return {
        "subject": _get(one.subject.rfc4514_string),
        "key": _get(lambda: _key(one)),
        "hash": _get(lambda: _hash(one)),
        "until": _get(lambda: one.not_valid_after_utc),
    }


def _hash(one: x509.Certificate) -> str:
    """Return the hash under its signature; that of a root, which nobody checks, does not count."""
    found = one.signature_hash_algorithm
    return found.name if found is not None and one.issuer != one.subject else ""


def _get(ask: Any) -> Any:
    try:
        return ask()
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        return Unread(f"the certificate holds nonsense: {str(error)[:200]}")


def _key(one: x509.Certificate) -> tuple[str, int]:
    key = one.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return "rsa", key.key_size
    if isinstance(key, dsa.DSAPublicKey):
        return "dsa", key.key_size
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "ec", key.key_size
    return "other", 0


def _is_locked_openssh(content: bytes) -> bool:
    """Return whether a key in OpenSSH's own form is locked: its cipher's name stands at its beginning."""
    begin, end = content.find(b"OPENSSH PRIVATE KEY-----"), content.find(b"-----END")
    if begin < 0:
        return False
    try:
        raw = base64.b64decode(content[begin + 24 : end])
    except binascii.Error:
        return False
    return raw.startswith(b"openssh-key-v1\0") and raw[19:23] != b"none"
