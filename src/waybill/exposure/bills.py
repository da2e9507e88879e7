"""Bills for other tools (CycloneDX 1.6): which cryptography is in use (CBOM), and exposures as VEX."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.bom_ref import BomRef
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.crypto import (
    AlgorithmProperties,
    CertificateProperties,
    CryptoAssetType,
    CryptoPrimitive,
    CryptoProperties,
    ProtocolProperties,
    ProtocolPropertiesCipherSuite,
    ProtocolPropertiesType,
    RelatedCryptoMaterialProperties,
    RelatedCryptoMaterialSecuredBy,
    RelatedCryptoMaterialType,
)
from cyclonedx.model.impact_analysis import ImpactAnalysisState
from cyclonedx.model.vulnerability import (
    BomTarget,
    Vulnerability,
    VulnerabilityAnalysis,
    VulnerabilityRating,
    VulnerabilitySeverity,
    VulnerabilitySource,
)
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion

from waybill import __version__
from waybill.exposure.crypto.certificate import Certificate, PrivateKey
from waybill.exposure.crypto.endpoint import Endpoint
from waybill.exposure.snapshots import NotInspected, Snapshot
from waybill.exposure.survey import place_of
from waybill.model.findings import Finding, known_again
from waybill.model.words import Severity

_SEVERITIES = {
    Severity.INFORMATIONAL: VulnerabilitySeverity.INFO,
    Severity.LOW: VulnerabilitySeverity.LOW,
    Severity.MEDIUM: VulnerabilitySeverity.MEDIUM,
    Severity.HIGH: VulnerabilitySeverity.HIGH,
    Severity.CRITICAL: VulnerabilitySeverity.CRITICAL,
}
STANDINGS = {
    "new": ImpactAnalysisState.IN_TRIAGE,
    "in_progress": ImpactAnalysisState.EXPLOITABLE,
    "resolved": ImpactAnalysisState.RESOLVED,
    "false_positive": ImpactAnalysisState.FALSE_POSITIVE,
    "excepted": ImpactAnalysisState.NOT_AFFECTED,
    "summarised": ImpactAnalysisState.IN_TRIAGE,
}
"""What states of findings are to VEX; an accepted exposure is one that does not matter for a time."""


def cbom(things: Iterable[Snapshot | NotInspected]) -> bytes:
    """Return the cryptographic assets among things as JSON: protocols with their suites, certificates, keys."""
    found: dict[str, Component] = {}
    for thing in things:
        if isinstance(thing, NotInspected):
            continue
        for one in _assets(thing):
            found[str(one.bom_ref)] = one
    return written(Bom(components=[found[key] for key in sorted(found)]))


def vex(findings: Iterable[Finding], states: Mapping[str, str] | None = None) -> bytes:
    """Return exposures as JSON: where each is, how grave, what to do, and how its handling stands."""
    found = list(findings)
    places = sorted({place_of(one) for one in found})
    bom = Bom(components=[Component(name=place, type=ComponentType.APPLICATION, bom_ref=place) for place in places])
    bom.vulnerabilities.update(_vulnerability(one, (states or {}).get(one.id, "new")) for one in found)
    return written(bom)


def _assets(thing: Snapshot) -> Iterable[Component]:
    if isinstance(thing, Endpoint):
        for version in thing.protocols:
            yield _protocol(thing, version)
    elif isinstance(thing, Certificate):
        yield from _certificate(thing)
    elif isinstance(thing, PrivateKey):
        secured = None if not thing.locked else RelatedCryptoMaterialSecuredBy(mechanism="Software")
        material = RelatedCryptoMaterialProperties(type=RelatedCryptoMaterialType.PRIVATE_KEY, secured_by=secured)
        yield _component(
            thing.place,
            CryptoProperties(
                asset_type=CryptoAssetType.RELATED_CRYPTO_MATERIAL, related_crypto_material_properties=material
            ),
        )


def _protocol(thing: Endpoint, version: str) -> Component:
    kind = ProtocolProperties(
        type=ProtocolPropertiesType.TLS,
        version=version.removeprefix("TLSv").removeprefix("SSLv"),
        cipher_suites=[ProtocolPropertiesCipherSuite(name=name) for name in sorted(thing.suites)],
    )
    properties = CryptoProperties(asset_type=CryptoAssetType.PROTOCOL, protocol_properties=kind)
    return _component(f"{thing.place}#{version}", properties)


def _certificate(thing: Certificate) -> Iterable[Component]:
    try:
        (kind, bits), hash_name = thing.key, thing.hash
        until, subject = thing.until, thing.subject
    except NotInspected:
        return
    algorithm = f"{kind}-{bits}" if bits else kind
    yield Component(
        name=algorithm,
        type=ComponentType.CRYPTOGRAPHIC_ASSET,
        bom_ref=f"algorithm:{algorithm}",
        crypto_properties=CryptoProperties(
            asset_type=CryptoAssetType.ALGORITHM,
            algorithm_properties=AlgorithmProperties(
                primitive=CryptoPrimitive.SIGNATURE, parameter_set_identifier=str(bits) if bits else None
            ),
        ),
    )
    certificate = CertificateProperties(
        subject_name=subject,
        not_valid_after=until,
        certificate_format="X.509",
        subject_public_key_ref=BomRef(f"algorithm:{algorithm}"),
    )
    hashed = [Property(name="waybill:signature-hash", value=hash_name)] if hash_name else []
    yield _component(
        thing.place,
        CryptoProperties(asset_type=CryptoAssetType.CERTIFICATE, certificate_properties=certificate),
        hashed,
    )


def _component(place: str, properties: CryptoProperties, more: Iterable[Property] = ()) -> Component:
    return Component(
        name=place,
        type=ComponentType.CRYPTOGRAPHIC_ASSET,
        bom_ref=place,
        crypto_properties=properties,
        properties=more,
    )


def _vulnerability(finding: Finding, state: str) -> Vulnerability:
    return Vulnerability(
        bom_ref=f"{finding.rule_id}:{known_again(finding) or finding.id}",
        id=finding.rule_id,
        source=VulnerabilitySource(name="Waybill"),
        ratings=[VulnerabilityRating(severity=_SEVERITIES[finding.severity])],
        description=finding.title.en,
        detail=finding.sentence.en,
        recommendation=finding.advice.en,
        created=finding.time,
        analysis=VulnerabilityAnalysis(state=STANDINGS[state], first_issued=finding.time),
        affects=[BomTarget(ref=place_of(finding))],
    )


def written(bom: Bom) -> bytes:
    """Return a bill as JSON, with when and by what it was made."""
    bom.metadata.timestamp = datetime.now(UTC)
    root = Component(name="waybill survey", type=ComponentType.APPLICATION, version=__version__)
    bom.metadata.component = root
    bom.register_dependency(root, bom.components)
    text: str = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=1)
    return text.encode() + b"\n"
