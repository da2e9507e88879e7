"""A Sigstore of our own: an authority, logs of certificates and signatures, and bundles that hold or do not."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from waybill.exposure.deployed.approving import approve
from waybill.exposure.deployed.bundles import Signer
from waybill.exposure.deployed.envelope import IN_TOTO, encoded_for_signing
from waybill.exposure.deployed.manifest import read_manifest, write_manifest
from waybill.model.errors import InputError

pytest.importorskip("sigstore", reason="the extra sigstore is not installed")

WHO, ISSUER, ORIGIN = "builder@shop.example", "https://issuer.example", "rekor.shop.example"
P256 = ec.SECP256R1()
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

    def trusted_root(self, *, certificate_logs: bool = True, authorities: tuple[dict[str, Any], ...] = ()) -> bytes:
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
                "ctlogs": [log(self.certificates)] if certificate_logs else [],
                "certificateAuthorities": [{**authority, "validFor": span}],
                "timestampAuthorities": list(authorities),
            }
        )

    def bundle(
        self,
        content: bytes,
        *,
        version: str = "0.3",
        kind: str = "dsse",
        key: ec.EllipticCurvePrivateKey | None = None,
        curve: ec.EllipticCurve = P256,
    ) -> dict[str, Any]:
        """Return a bundle of a statement, or of a file (``hashedrekord``), signed now by ``WHO`` or by a key alone."""
        own = key or ec.generate_private_key(curve)
        signed = content if kind == "hashedrekord" else encoded_for_signing(IN_TOTO, content)
        signature = own.sign(signed, ec.ECDSA(SHA256() if curve is P256 else SHA384()))
        material: dict[str, Any] = {"publicKey": {"hint": "release"}}
        verifier = own.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        if key is None:
            certificate = self._certificate(own)
            raw = {"rawBytes": b64(certificate.public_bytes(Encoding.DER))}
            material = {"certificate": raw} if version == "0.3" else {"x509CertificateChain": {"certificates": [raw]}}
            verifier = certificate.public_bytes(Encoding.PEM)
        envelope = {"payload": b64(content), "payloadType": IN_TOTO, "signatures": [{"sig": b64(signature)}]}
        digest = {"algorithm": "SHA2_256", "digest": b64(hashlib.sha256(content).digest())}
        holds = {"messageSignature": {"messageDigest": digest, "signature": b64(signature)}}
        body = _BODIES[kind](envelope, content, signature, verifier)
        return {
            "mediaType": f"application/vnd.dev.sigstore.bundle+json;version={version}",
            "verificationMaterial": {**material, "tlogEntries": [self._entry(body)]},
            **(holds if kind == "hashedrekord" else {"dsseEnvelope": envelope}),
        }

    def _certificate(self, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder(self.root.subject, x509.Name([]), key.public_key(), x509.random_serial_number())
            .not_valid_before(NOW - timedelta(minutes=5))
            .not_valid_after(NOW + timedelta(hours=5))
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

    def _entry(self, made: dict[str, Any]) -> dict[str, Any]:
        body = canonical(made)
        id_, at = hashlib.sha256(der(self.signatures)).digest(), int(NOW.timestamp())
        leaf = hashlib.sha256(b"\0" + body).digest()
        text = f"{ORIGIN}\n1\n{b64(leaf)}\n"
        note = id_[:4] + self.signatures.sign(text.encode(), ec.ECDSA(SHA256()))
        promise = canonical({"body": b64(body), "integratedTime": at, "logID": id_.hex(), "logIndex": 0})
        return {
            "logIndex": "0",
            "logId": {"keyId": b64(id_)},
            "kindVersion": {"kind": made["kind"], "version": made["apiVersion"]},
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


def _dsse(envelope: dict[str, Any], content: bytes, signature: bytes, verifier: bytes) -> dict[str, Any]:
    spec = {
        "envelopeHash": {"algorithm": "sha256", "value": hashlib.sha256(canonical(envelope)).hexdigest()},
        "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(content).hexdigest()},
        "signatures": [{"signature": b64(signature), "verifier": b64(verifier)}],
    }
    return {"apiVersion": "0.0.1", "kind": "dsse", "spec": spec}


def _intoto(envelope: dict[str, Any], content: bytes, signature: bytes, verifier: bytes) -> dict[str, Any]:
    held = {"payloadType": IN_TOTO, "signatures": [{"publicKey": b64(verifier), "sig": b64(b64(signature).encode())}]}
    kept = {"algorithm": "sha256", "value": hashlib.sha256(content).hexdigest()}
    return {"apiVersion": "0.0.2", "kind": "intoto", "spec": {"content": {"envelope": held, "payloadHash": kept}}}


def _record(envelope: dict[str, Any], content: bytes, signature: bytes, verifier: bytes) -> dict[str, Any]:
    spec = {
        "data": {"hash": {"algorithm": "sha256", "value": hashlib.sha256(content).hexdigest()}},
        "signature": {"content": b64(signature), "publicKey": {"content": b64(verifier)}},
    }
    return {"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": spec}


_BODIES = {"dsse": _dsse, "intoto": _intoto, "hashedrekord": _record}


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


def test_every_version(tmp_path: Path, statement: bytes) -> None:
    instance = Sigstore()
    for version in ("0.1", "0.2", "0.3"):
        made = instance.bundle(statement, version=version)
        assert read_manifest(kept(tmp_path, made), signer=signer(tmp_path, instance)).digests


def test_an_envelope_that_the_log_keeps_as_intoto(tmp_path: Path, statement: bytes) -> None:
    instance = Sigstore()
    made = instance.bundle(statement, kind="intoto", version="0.2")
    assert read_manifest(kept(tmp_path, made), signer=signer(tmp_path, instance)).digests
    other = instance.bundle(statement, kind="intoto", version="0.2")
    made["verificationMaterial"]["tlogEntries"] = other["verificationMaterial"]["tlogEntries"]
    with pytest.raises(InputError, match="inconsistent"):
        read_manifest(kept(tmp_path, made), signer=signer(tmp_path, instance))


def test_a_root_without_logs_of_certificates(tmp_path: Path, statement: bytes) -> None:
    instance = Sigstore()
    trusted = signer(tmp_path, instance)
    trusted.root.write_bytes(instance.trusted_root(certificate_logs=False))
    assert read_manifest(kept(tmp_path, instance.bundle(statement)), signer=trusted).digests


def test_a_longer_curve(tmp_path: Path, statement: bytes) -> None:
    instance = Sigstore()
    made = instance.bundle(statement, curve=ec.SECP384R1())
    assert read_manifest(kept(tmp_path, made), signer=signer(tmp_path, instance)).digests


def test_a_key_that_no_certificate_vouches_for(tmp_path: Path, statement: bytes) -> None:
    instance, key = Sigstore(), ec.generate_private_key(P256)
    made = kept(tmp_path, instance.bundle(statement, key=key))
    trusted = Signer(signer(tmp_path, instance).root, key=_written(tmp_path, key))
    assert read_manifest(made, signer=trusted).signed_by == {"key.pub"}
    for other, path in (
        (trusted, kept(tmp_path, instance.bundle(statement))),
        (Signer(trusted.root, key=_written(tmp_path, ec.generate_private_key(P256))), made),
        (signer(tmp_path, instance), kept(tmp_path, instance.bundle(statement, key=key))),
    ):
        with pytest.raises(InputError, match="not to be trusted"):
            read_manifest(path, signer=other)


@pytest.mark.parametrize("by_key", [False, True])
def test_a_file_that_is_signed_by_itself(tmp_path: Path, statement: bytes, by_key: bool) -> None:
    instance, key = Sigstore(), ec.generate_private_key(P256) if by_key else None
    (tmp_path / "shop.json").write_bytes(statement)
    made = instance.bundle(statement, kind="hashedrekord", key=key)
    path = kept(tmp_path, made).rename(tmp_path / "shop.json.sigstore.json")
    trusted = signer(tmp_path, instance)
    if key is not None:
        trusted = Signer(trusted.root, key=_written(tmp_path, key))
    assert set(read_manifest(path, signer=trusted).digests) == {"shop.py"}
    (tmp_path / "shop.json").write_bytes(statement + b" ")
    with pytest.raises(InputError, match="not to be trusted"):
        read_manifest(path, signer=trusted)
    (tmp_path / "shop.json").unlink()
    with pytest.raises(InputError, match="not here"):
        read_manifest(path, signer=trusted)


CONF = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
default_policy = 1.2.3.4.1
digests = sha256
signer_digest = sha256
"""


def authority(folder: Path) -> tuple[Callable[[bytes], bytes], dict[str, Any]]:
    """Return what stamps a signature (RFC 3161) by ``openssl``, and its authority as trusted roots have it."""
    above, own = (ec.generate_private_key(P256) for _ in range(2))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "time.shop.example")])
    first, last = NOW - timedelta(days=9), NOW + timedelta(9)

    def certificate(subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, is_root: bool) -> x509.Certificate:
        made = x509.CertificateBuilder(name, subject, key.public_key(), x509.random_serial_number(), first, last)
        made = made.add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        made = made.add_extension(_usage(signs_certificates=is_root), critical=True)
        if not is_root:
            purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            made = made.add_extension(purpose, critical=True)
        return made.sign(above, SHA256())

    root = certificate(name, above, is_root=True)
    leaf = certificate(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stamp")]), own, is_root=False)
    (folder / "serial").write_text("01\n")
    (folder / "ts.cnf").write_text(CONF.format(folder=folder))
    (folder / "tsa.pem").write_bytes(leaf.public_bytes(Encoding.PEM))
    (folder / "tsa.key").write_bytes(own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    def stamp(signature: bytes) -> bytes:
        (folder / "signed").write_bytes(signature)
        ask = ["openssl", "ts", "-query", "-data", "signed", "-sha256", "-cert", "-out", "query"]
        give = ["openssl", "ts", "-reply", "-queryfile", "query", "-signer", "tsa.pem", "-inkey", "tsa.key",
                "-config", "ts.cnf", "-out", "reply"]  # fmt: skip
        for command in (ask, give):
            subprocess.run(command, cwd=folder, check=True, capture_output=True)
        return (folder / "reply").read_bytes()

    chain = {"certificates": [{"rawBytes": b64(one.public_bytes(Encoding.DER))} for one in (leaf, root)]}
    subject = {"organization": "shop", "commonName": "time"}
    span = {"start": first.isoformat().replace("+00:00", "Z")}
    return stamp, {"subject": subject, "uri": "https://time.example", "certChain": chain, "validFor": span}


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_a_time_stamp_at_the_last_moment_of_its_authority(tmp_path: Path, statement: bytes) -> None:
    from rfc3161_client import decode_timestamp_response

    instance, (stamp, trusted) = Sigstore(), authority(tmp_path)
    made = instance.bundle(statement)
    material, entry = made["verificationMaterial"], made["verificationMaterial"]["tlogEntries"][0]
    del entry["inclusionPromise"], entry["integratedTime"]
    reply = stamp(base64.b64decode(made["dsseEnvelope"]["signatures"][0]["sig"]))
    material["timestampVerificationData"] = {"rfc3161Timestamps": [{"signedTimestamp": b64(reply)}]}
    at = decode_timestamp_response(reply).tst_info.gen_time
    whose, path = signer(tmp_path, instance), kept(tmp_path, made)
    for end, holds in ((None, True), (at, True), (at - timedelta(seconds=1), False)):
        if end is not None:
            trusted["validFor"]["end"] = end.isoformat().replace("+00:00", "Z")
        whose.root.write_bytes(instance.trusted_root(authorities=(trusted,)))
        if holds:
            assert read_manifest(path, signer=whose).digests
        else:
            with pytest.raises(InputError, match="time"):
                read_manifest(path, signer=whose)
    whose.root.write_bytes(instance.trusted_root())
    with pytest.raises(InputError, match="Timestamp Authorities"):
        read_manifest(path, signer=whose)


def _written(tmp_path: Path, key: ec.EllipticCurvePrivateKey) -> Path:
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pub").write_bytes(public)
    return tmp_path / "key.pub"


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
