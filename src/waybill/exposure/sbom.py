"""The bill of software (CycloneDX 1.6, SBOM): the packages that lock files name, and what advisories say of them.

A package that nobody could hold against advisories has the property ``waybill:audit`` with the value ``not audited``,
so that no vulnerability is never taken for sound.
"""

from __future__ import annotations

from collections.abc import Iterable

from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.vulnerability import BomTarget, Vulnerability, VulnerabilityReference, VulnerabilitySource
from packageurl import PackageURL

from waybill.exposure.bills import written
from waybill.exposure.code.dependencies import Locked
from waybill.exposure.code.dependencies.advisories import Advised
from waybill.exposure.code.dependencies.locks import Package
from waybill.exposure.snapshots import NotInspected, Snapshot, Unread

_OSV = VulnerabilitySource(name="OSV")


def sbom(things: Iterable[Snapshot | NotInspected]) -> bytes:
    """Return the packages of the lock files among things as JSON; of those without a version the name alone."""
    files: dict[Package | str, set[str]] = {}
    unaudited: set[Package | str] = set()
    advised: dict[tuple[str, str], Advised] = {}
    for thing in things:
        if not isinstance(thing, Locked):
            continue
        packages: list[Package] = thing.part("packages")
        unpinned: tuple[str, ...] = thing.part("unpinned")
        named: list[Package | str] = [*packages, *unpinned]
        for one in named:
            files.setdefault(one, set()).add(thing.place)
        unaudited.update(unpinned, thing.part("unknown"))
        told = thing.parts["advised"]
        if isinstance(told, Unread):
            unaudited.update(packages)
        else:
            advised |= {(advice.id, _url(advice.package)): advice for advice in told}
    bom = Bom(components=[_component(one, files[one], audited=one not in unaudited) for one in files])
    bom.vulnerabilities.update(map(_vulnerability, advised.values()))
    return written(bom)


def _url(package: Package) -> str:
    """Return the package URL (purl), which is also by what the bill refers to a package."""
    space, _, name = package.name.rpartition("/")
    return PackageURL(package.ecosystem.lower(), space or None, name, package.version).to_string()


def _component(one: Package | str, files: Iterable[str], *, audited: bool) -> Component:
    properties = [Property(name="waybill:lock-file", value=file) for file in sorted(files)]
    properties.append(Property(name="waybill:audit", value="audited" if audited else "not audited"))
    if isinstance(one, str):
        return Component(name=one, type=ComponentType.LIBRARY, bom_ref=f"unpinned:{one}", properties=properties)
    url = _url(one)
    space, _, name = one.name.rpartition("/")
    return Component(
        name=name,
        group=space or None,
        version=one.version,
        type=ComponentType.LIBRARY,
        bom_ref=url,
        purl=PackageURL.from_string(url),
        properties=properties,
    )


def _vulnerability(one: Advised) -> Vulnerability:
    url = _url(one.package)
    return Vulnerability(
        bom_ref=f"{one.id} {url}",
        id=one.id,
        source=_OSV,
        references=[VulnerabilityReference(id=alias, source=_OSV) for alias in one.aliases],
        description=one.summary or None,
        recommendation=f"Take {one.fixed} or newer." if one.fixed else None,
        affects=[BomTarget(ref=url)],
    )
