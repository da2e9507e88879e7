"""What checks of deployed platforms tell of differences: a sentence for each file, or for a folder that has many."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.deployed.platform import Difference, Way
from waybill.model.findings import Text

MANY = 20
"""A folder with more differences of one way is told as one."""

SHOWN = 20
"""Paths that are named of them."""

WAYS = {
    Way.ADDED: Text("was not there when the platform was approved", "在平台获批时并不存在"),
    Way.CHANGED: Text("is not as it was approved", "与获批时不一致"),
    Way.MISSING: Text("was approved and is gone", "已获批但已缺失"),
}


def of_differences(place: str, differences: Iterable[Difference]) -> Iterator[Sighting]:
    """Yield what is seen of differences; the same exposure is known by its path."""
    grouped: dict[tuple[str, Way], list[Difference]] = {}
    for one in differences:
        grouped.setdefault((posixpath.dirname(one.path), one.way), []).append(one)
    for (folder, way), some in grouped.items():
        if len(some) > MANY:
            paths = ", ".join(posixpath.basename(one.path) for one in some[:SHOWN])
            yield Sighting(
                f"{folder}/ {way}",
                Text(
                    f"{len(some):,} files in {folder or '.'}/ of {place}: each {WAYS[way].en}.",
                    f"{place} 的 {folder or '.'}/ 中有 {len(some):,} 个文件，均{WAYS[way].zh}。",
                ),
                (("files", f"{paths}, …"),),
            )
            continue
        for one in some:
            yield Sighting(
                one.path,
                Text(f"{one.path} in {place} {WAYS[way].en}.", f"{place} 中的 {one.path} {WAYS[way].zh}。"),
                (("way", str(way)), ("sha256", one.digest)),
            )
