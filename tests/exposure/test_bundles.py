"""A Sigstore of our own: an authority, logs of certificates and signatures, and bundles that hold or do not."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from waybill.exposure.deployed.approving import approve
from waybill.exposure.deployed.bundles import Signer
from waybill.exposure.deployed.envelope import IN_TOTO, encoded_for_signing
from waybill.exposure.deployed.manifest import read_manifest, write_manifest
from waybill.model.errors import InputError

pytest.importorskip("sigstore", reason="the extra sigstore is not installed")

WHO, ISSUER, ORIGIN = "builder@shop.example", "https://issuer.example", "rekor.shop.example"
NOW = datetime.now(UTC).replace(microsecond=0)
SCTS, ISSUED_BY = ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2"), ObjectIdentifier("1.3.6.1.4.1.57264.1.1")


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def der(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def canonical(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


class Sigstore:
    """Everything that an instance of Sigstore is, in keys."""

    def __init__(self) -> None:
        self.authority, self.certificates, self.signatures = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority.shop.example")])
        self.root = (
            x509.CertificateBuilder(
                name, name, self.authority.public_key(), 1, NOW - timedelta(days=9), NOW + timedelta(9)
            )
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.authority.public_key()), critical=False)
            .sign(self.authority, SHA256())
        )

    def trusted_root(self) -> bytes:
        span = {"start": (NOW - timedelta(days=8)).isoformat().replace("+00:00", "Z")}

        def log(key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
            public = {"rawBytes": b64(der(key)), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": span}
            id_ = b64(hashlib.sha256(der(key)).digest())
            return {
                "baseUrl": f"https://{ORIGIN}",
                "hashAlgorithm": "SHA2_256",
                "publicKey": public,
                "logId": {"keyId": id_},
            }

        chain = {"certificates": [{"rawBytes": b64(self.root.public_bytes(Encoding.DER))}]}
        authority = {"subject": {"organization": "shop", "commonName": "x"}, "uri": "https://x", "certChain": chain}
        return canonical(
            {
                "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                "tlogs": [log(self.signatures)],
                "ctlogs": [log(self.certificates)],
                "certificateAuthorities": [{**authority, "validFor": span}],
                "timestampAuthorities": [],
            }
        )

    def bundle(self, content: bytes) -> dict[str, Any]:
        """Return the bundle of a statement, signed now by ``WHO``."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._certificate(key)
        signature = key.sign(encoded_for_signing(IN_TOTO, content), ec.ECDSA(SHA256()))
        envelope = {"payload": b64(content), "payloadType": IN_TOTO, "signatures": [{"sig": b64(signature)}]}
        return {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {
                "certificate": {"rawBytes": b64(certificate.public_bytes(Encoding.DER))},
                "tlogEntries": [self._entry(envelope, content, signature, certificate)],
            },
            "dsseEnvelope": envelope,
        }

    def _certificate(self, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder(self.root.subject, x509.Name([]), key.public_key(), x509.random_serial_number())
            .not_valid_before(NOW - timedelta(minutes=5))
            .not_valid_after(NOW + timedelta(minutes=5))
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(x509.SubjectAlternativeName([x509.RFC822Name(WHO)]), critical=True)
            .add_extension(x509.UnrecognizedExtension(ISSUED_BY, ISSUER.encode()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.authority.public_key()), critical=False
            )
        )
        body = builder.sign(self.authority, SHA256()).tbs_certificate_bytes
        stamp = int(NOW.timestamp() * 1000).to_bytes(8, "big")
        said = b"\0\0" + stamp + b"\0\1" + hashlib.sha256(der(self.authority)).digest()
        said += len(body).to_bytes(3, "big") + body + b"\0\0"
        signature = self.certificates.sign(said, ec.ECDSA(SHA256()))
        sct = b"\0" + hashlib.sha256(der(self.certificates)).digest() + stamp + b"\0\0\x04\x03"
        sct += len(signature).to_bytes(2, "big") + signature
        listed = (len(sct) + 2).to_bytes(2, "big") + len(sct).to_bytes(2, "big") + sct
        octets = b"\x04" + (bytes([len(listed)]) if len(listed) < 128 else b"\x81" + bytes([len(listed)])) + listed
        return builder.add_extension(x509.UnrecognizedExtension(SCTS, octets), critical=False).sign(
            self.authority, SHA256()
        )

    def _entry(
        self, envelope: dict[str, Any], content: bytes, signature: bytes, certificate: x509.Certificate
    ) -> dict[str, Any]:
        spec = {
            "envelopeHash": {"algorithm": "sha256", "value": hashlib.sha256(canonical(envelope)).hexdigest()},
            "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(content).hexdigest()},
            "signatures": [{"signature": b64(signature), "verifier": b64(certificate.public_bytes(Encoding.PEM))}],
        }
        body = canonical({"apiVersion": "0.0.1", "kind": "dsse", "spec": spec})
        id_, at = hashlib.sha256(der(self.signatures)).digest(), int(NOW.timestamp())
        leaf = hashlib.sha256(b"\0" + body).digest()
        text = f"{ORIGIN}\n1\n{b64(leaf)}\n"
        note = id_[:4] + self.signatures.sign(text.encode(), ec.ECDSA(SHA256()))
        promise = canonical({"body": b64(body), "integratedTime": at, "logID": id_.hex(), "logIndex": 0})
        return {
            "logIndex": "0",
            "logId": {"keyId": b64(id_)},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "integratedTime": str(at),
            "inclusionPromise": {"signedEntryTimestamp": b64(self.signatures.sign(promise, ec.ECDSA(SHA256())))},
            "inclusionProof": {
                "logIndex": "0",
                "rootHash": b64(leaf),
                "treeSize": "1",
                "hashes": [],
                "checkpoint": {"envelope": f"{text}\n— {ORIGIN} {b64(note)}\n"},
            },
            "canonicalizedBody": b64(body),
        }


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


@pytest.fixture
def statement(tmp_path: Path) -> bytes:
    (tmp_path / "build").mkdir()
    (tmp_path / "build/shop.py").write_text("def pay(): ...\n")
    envelope = json.loads(write_manifest(approve(tmp_path / "build").statement, ()))
    return base64.b64decode(envelope["payload"])


def signer(tmp_path: Path, instance: Sigstore, who: str = WHO, issuer: str = ISSUER) -> Signer:
    (tmp_path / "root.json").write_bytes(instance.trusted_root())
    return Signer(tmp_path / "root.json", who, issuer)


def kept(tmp_path: Path, bundle: dict[str, Any]) -> Path:
    (tmp_path / "bundle.json").write_text(json.dumps(bundle))
    return tmp_path / "bundle.json"


def test_a_bundle_that_holds(tmp_path: Path, statement: bytes) -> None:
    instance = Sigstore()
    manifest = read_manifest(kept(tmp_path, instance.bundle(statement)), signer=signer(tmp_path, instance))
    assert set(manifest.digests) == {"shop.py"}
    assert manifest.signed_by == {f"{WHO} ({ISSUER})"}


@pytest.mark.parametrize("how", ["who", "issuer", "root", "payload", "signature", "proof", "promise", "certificate"])
def test_bundles_that_do_not(tmp_path: Path, statement: bytes, how: str) -> None:
    instance = Sigstore()
    bundle, trusted = instance.bundle(statement), signer(tmp_path, instance)
    entry = bundle["verificationMaterial"]["tlogEntries"][0]
    match how:
        case "who":
            trusted = signer(tmp_path, instance, who="stranger@shop.example")
        case "issuer":
            trusted = signer(tmp_path, instance, issuer="https://other.example")
        case "root":
            trusted = signer(tmp_path, Sigstore())
        case "payload":
            bundle["dsseEnvelope"]["payload"] = b64(statement.replace(b"shop.py", b"shop.pz"))
        case "signature":
            bundle["dsseEnvelope"]["signatures"][0]["sig"] = Sigstore().bundle(statement)["dsseEnvelope"]["signatures"][
                0
            ]["sig"]
        case "proof":
            entry["inclusionProof"]["rootHash"] = b64(b"\0" * 32)
        case "promise":
            entry["canonicalizedBody"] = b64(b"{}")
        case "certificate":
            bundle["verificationMaterial"]["certificate"] = Sigstore().bundle(statement)["verificationMaterial"][
                "certificate"
            ]
    with pytest.raises(InputError, match="not to be trusted"):
        read_manifest(kept(tmp_path, bundle), signer=trusted)
