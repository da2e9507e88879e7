"""Sigstore bundles of every kind, checked with the parts of the package ``sigstore`` and without a network.

Beside what that package takes by itself: envelopes that a log keeps as ``intoto``, keys that somebody manages on their
own and no certificate vouches for, trusted roots without logs of certificates, and times at the very end of the span of
an authority, which belong to it. What a log keeps is held against the bundle: the digest of what was signed, the
signature, and who signed.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from cryptography.x509.oid import ExtendedKeyUsageOID
from sigstore._internal.sct import verify_sct
from sigstore._internal.timestamp import TimestampSource, TimestampVerificationResult
from sigstore._internal.trust import KeyringPurpose
from sigstore.errors import VerificationError
from sigstore.models import Bundle, TransparencyLogEntry, TrustedRoot
from sigstore.verify import Verifier
from sigstore.verify.policy import VerificationPolicy
from sigstore_models.bundle import v1 as bundles
from sigstore_models.rekor.v1 import TransparencyLogEntry as Entry
from sigstore_models.trustroot import v1 as roots

from waybill.exposure.deployed.envelope import encoded_for_signing, hash_of

PublicKey = Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey
_DIGESTS = {32: hashlib.sha256, 48: hashlib.sha384, 64: hashlib.sha512}
"""Hashes by the length of what they make."""


def root_from(content: bytes) -> TrustedRoot:
    """Return a trusted root. Raises ValueError, or an error of ``sigstore``.

    The end of the span of an authority for time stamps belongs to it, so that ``sigstore`` is told a moment later.
    """
    document = json.loads(content)
    for authority in document.get("timestampAuthorities", ()):
        span = authority.get("validFor", {})
        if "end" in span:
            span["end"] = (datetime.fromisoformat(span["end"]) + timedelta(microseconds=1)).isoformat()
    return TrustedRoot(roots.TrustedRoot.from_json(json.dumps(document)))


def content_of(
    content: bytes, root: TrustedRoot, whose: VerificationPolicy | PublicKey, artifact: bytes | None = None
) -> tuple[str, bytes]:
    """Return what a bundle signs, and its type: the payload of its envelope, or ``artifact``, whose type is not told.

    ``whose`` is who must have signed it: an identity in a certificate, or a key. Raises ``VerificationError`` or
    another error of ``sigstore`` or ValueError if it was not, or anything is amiss.
    """
    inner = bundles.Bundle.from_json(content)
    if isinstance(whose, PublicKey):
        if inner.verification_material.public_key is None:
            raise VerificationError("a key is trusted, and the bundle holds a certificate")
        if len(inner.verification_material.tlog_entries) != 1:
            raise VerificationError("expected exactly one log entry in bundle")
        entry = TransparencyLogEntry(inner.verification_material.tlog_entries[0])
        entry._verify(root.rekor_keyring(KeyringPurpose.VERIFY))
        key, who = whose, whose.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    else:
        bundle = Bundle(inner)
        _Certified(trusted_root=root).check(bundle, whose)
        held = bundle.signing_certificate.public_key()
        if not isinstance(held, PublicKey):
            raise VerificationError("the certificate is of a key of another kind")
        key, who = held, bundle.signing_certificate.public_bytes(Encoding.DER)
    kind, signed, message = _signed(inner, artifact)
    signature = _signature(inner)
    if not _is_signed(key, signature, message):
        raise VerificationError("the signature is not one over this")
    _hold_against(inner.verification_material.tlog_entries[0], (signed, message), signature, who)
    return kind, signed


class _Certified(Verifier):
    """Checks the certificate of a bundle, its times, and its places in the logs."""

    def check(self, bundle: Bundle, policy: VerificationPolicy) -> None:
        """Raise ``VerificationError`` where the certificate does not hold, or is not of whom ``policy`` names."""
        certificate = bundle.signing_certificate
        times = self._establish_time(bundle)
        if not times:
            raise VerificationError("not enough sources of verified time")
        chain = [self._verify_chain_at_time(certificate, time) for time in times][-1]
        if self._trusted_root._inner.ctlogs:  # an instance of one's own may keep no log of certificates
            verify_sct(certificate, chain, self._trusted_root.ct_keyring(KeyringPurpose.VERIFY))
        extensions = certificate.extensions
        if not extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature:
            raise VerificationError("Key usage is not of type `digital signature`")
        if ExtendedKeyUsageOID.CODE_SIGNING not in extensions.get_extension_for_class(x509.ExtendedKeyUsage).value:
            raise VerificationError("Extended usage does not contain `code signing`")
        policy.verify(certificate)
        bundle.log_entry._verify(self._trusted_root.rekor_keyring(KeyringPurpose.VERIFY))
        if any(not certificate.not_valid_before_utc <= one.time <= certificate.not_valid_after_utc for one in times):
            raise VerificationError("invalid signing cert: expired at time of signing")

    def _establish_time(self, bundle: Bundle) -> list[TimestampVerificationResult]:
        entry = bundle.log_entry._inner
        if entry.kind_version.kind != "intoto":
            return super()._establish_time(bundle)
        times = []
        if bundle.verification_material.timestamp_verification_data:
            times += self._verify_timestamp_authority(bundle)
        if entry.integrated_time and entry.inclusion_promise:
            at = datetime.fromtimestamp(entry.integrated_time, UTC)
            times.append(TimestampVerificationResult(source=TimestampSource.TRANSPARENCY_SERVICE, time=at))
        return times


def _signed(inner: bundles.Bundle, artifact: bytes | None) -> tuple[str, bytes, bytes]:
    """Return the type of what was signed, what it was, and the message that was."""
    if inner.dsse_envelope is not None:
        envelope = inner.dsse_envelope
        if len(envelope.signatures) != 1:
            raise VerificationError("envelope must contain exactly one signature")
        return envelope.payload_type, envelope.payload, encoded_for_signing(envelope.payload_type, envelope.payload)
    if artifact is None:
        raise VerificationError("the bundle signs a file, which is not here")
    told = inner.message_signature.message_digest if inner.message_signature is not None else None
    if told is not None and told.digest and told.digest != _digest(artifact, len(told.digest)):
        raise VerificationError("Bundle message digest mismatch")
    return "", artifact, artifact


def _signature(inner: bundles.Bundle) -> bytes:
    if inner.dsse_envelope is not None:
        return bytes(inner.dsse_envelope.signatures[0].sig)
    return bytes(inner.message_signature.signature) if inner.message_signature is not None else b""


def _is_signed(key: PublicKey, signature: bytes, message: bytes) -> bool:
    """Return whether a key made a signature over a message, by the hashes that go with the key."""
    if isinstance(key, ec.EllipticCurvePublicKey):
        for algorithm in (hash_of(key.curve), SHA256()):
            with suppress(InvalidSignature):
                key.verify(signature, message, ec.ECDSA(algorithm))
                return True
        return False
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), SHA256())
        else:
            key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


class _Kept(NamedTuple):
    """What a log keeps of a signature."""

    digest: bytes
    signature: bytes
    who: bytes
    """The certificate or the key, in DER."""


def _hold_against(entry: Entry, messages: tuple[bytes, ...], signature: bytes, who: bytes) -> None:
    """Raise ``VerificationError`` where a log keeps something else than what the bundle holds."""
    try:
        kept = list(_kept(entry.kind_version.kind, entry.kind_version.version, json.loads(entry.canonicalized_body)))
    except (KeyError, TypeError, IndexError, ValueError, AttributeError):
        raise VerificationError("the log keeps what cannot be read") from None
    for one in kept:
        is_same = any(_digest(message, len(one.digest)) == one.digest for message in messages)
        if not is_same or one.signature != signature or one.who != who:
            raise VerificationError("transparency log entry is inconsistent with other materials")
    if not kept:
        raise VerificationError("the log keeps no signature")


def _kept(kind: str, version: str, body: Any) -> Iterator[_Kept]:
    """Yield what an entry of a log says of signatures."""
    if (body["kind"], body["apiVersion"]) != (kind, version):
        raise VerificationError("the log keeps an entry of another kind")
    spec = body["spec"]
    match kind, version:
        case "hashedrekord", "0.0.1":
            digest, held = bytes.fromhex(spec["data"]["hash"]["value"]), spec["signature"]
            yield _Kept(digest, _plain(held["content"]), _der(_plain(held["publicKey"]["content"])))
        case "hashedrekord", "0.0.2":
            spec = spec["hashedRekordV002"]
            verifier = spec["signature"]["verifier"]
            raw = (verifier.get("x509Certificate") or verifier["publicKey"])["rawBytes"]
            yield _Kept(_plain(spec["data"]["digest"]), _plain(spec["signature"]["content"]), _plain(raw))
        case "dsse", "0.0.1":
            for one in spec["signatures"]:
                digest = bytes.fromhex(spec["payloadHash"]["value"])
                yield _Kept(digest, _plain(one["signature"]), _der(_plain(one["verifier"])))
        case "intoto", "0.0.2":
            for one in spec["content"]["envelope"]["signatures"]:
                digest = bytes.fromhex(spec["content"]["payloadHash"]["value"])
                yield _Kept(digest, _plain(_plain(one["sig"]).decode()), _der(_plain(one["publicKey"])))
        case _:
            raise VerificationError(f"the log keeps an entry that is not known: {kind}/{version}")


def _plain(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _der(pem: bytes) -> bytes:
    """Return a certificate or a public key, written as PEM, in DER."""
    if b"CERTIFICATE" in pem:
        return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
    return load_pem_public_key(pem).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _digest(message: bytes, length: int) -> bytes:
    """Return the digest of a message that is so long; empty where no hash makes one."""
    make = _DIGESTS.get(length)
    return make(message).digest() if make is not None else b""
