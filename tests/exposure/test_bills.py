"""Bills for other tools are valid CycloneDX, and say what was found."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from waybill.exposure import FAMILIES, NotInspected, survey
from waybill.exposure.bills import STANDINGS, cbom, vex
from waybill.findings.states import FindingState
from waybill.model.register import RegisterSnapshot

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FAMILY = FAMILIES["crypto"]


def valid(content: bytes) -> dict[str, Any]:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(content.decode()) is None
    return dict(json.loads(content))


def folder(tmp_path: Path) -> Path:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example")])
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority.example")])
    made = x509.CertificateBuilder(issuer, name, key.public_key(), 1, NOW, NOW + timedelta(days=90))
    (tmp_path / "shop.crt").write_bytes(made.sign(key, SHA256()).public_bytes(Encoding.PEM))
    (tmp_path / "shop.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "shop.key").chmod(0o644)
    report = (
        '<document><ssltest host="shop.example" port="443"><protocol type="tls" version="1.0" enabled="1"/>'
        '<cipher status="accepted" cipher="TLS_AES_128_GCM_SHA256"/></ssltest></document>'
    )
    (tmp_path / "scan.xml").write_text(report)
    return tmp_path


def test_cryptography_in_use(tmp_path: Path) -> None:
    root = folder(tmp_path)
    things = [*FAMILY.read(str(root)), *FAMILY.read(str(root / "scan.xml")), NotInspected("x", "y")]
    bill = valid(cbom(things))
    kinds = {one["cryptoProperties"]["assetType"]: one for one in bill["components"]}
    assert set(kinds) == {"algorithm", "certificate", "protocol", "related-crypto-material"}
    assert kinds["protocol"]["cryptoProperties"]["protocolProperties"]["version"] == "1.0"
    assert kinds["algorithm"]["name"] == "rsa-2048"
    certificate = kinds["certificate"]["cryptoProperties"]["certificateProperties"]
    assert certificate["subjectPublicKeyRef"] == "algorithm:rsa-2048"


def test_exposures_as_vex(tmp_path: Path) -> None:
    root = folder(tmp_path)
    findings = survey(FAMILY.read(str(root)), FAMILY.checks(), RegisterSnapshot(), NOW).findings
    (first, *_) = findings
    bill = valid(vex(findings, {first.id: "excepted"}))
    assert {one["id"] for one in bill["vulnerabilities"]} == {one.rule_id for one in findings}
    states = {one["id"]: one["analysis"]["state"] for one in bill["vulnerabilities"]}
    assert states[first.rule_id] == "not_affected"
    assert set(STANDINGS) == set(FindingState)
    assert valid(vex([]))["bomFormat"] == "CycloneDX"
