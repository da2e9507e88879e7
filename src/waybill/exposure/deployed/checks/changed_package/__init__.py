"""Installed packages that are not as they were approved, or not as they were published."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.deployed.platform import PackageDifference, Platform, Way
from waybill.exposure.deployed.sightings import SHOWN
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Platform


def look(thing: Platform, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell each package that nobody approved in this form, and each whose files are not those of its RECORD."""
    for one in thing.packages:
        evidence = [("version", one.package.version), ("approved version", one.approved or "-")]
        if one.altered:
            evidence.append(("altered", ", ".join(one.altered[:SHOWN])))
        yield Sighting(one.package.name, _sentence(one, thing.place), tuple(evidence))


def _sentence(one: PackageDifference, place: str) -> Text:
    name = f"{one.package.name} {one.package.version}"
    if one.altered:
        count = len(one.altered)
        return Text(
            f"{count:,} files of the package {name} in {place} are not those that it came with.",
            f"{place} 中软件包 {name} 有 {count:,} 个文件与发布内容不一致。",
        )
    if one.way is Way.ADDED:
        return Text(f"Nobody approved the package {name} in {place}.", f"{place} 中的软件包 {name} 未经批准。")
    if one.way is Way.MISSING:
        return Text(f"The package {name} was approved and is gone from {place}.", f"{place} 缺少获批软件包 {name}。")
    return Text(
        f"The package {name} in {place} is not the one that was approved ({one.approved}).",
        f"{place} 中的软件包 {name} 并非获批版本（{one.approved}）。",
    )
