"""Which sources watch which asset: for each registered asset what each source has told about it, and when last."""

from __future__ import annotations

from datetime import datetime

import msgspec

from waybill.flow.installation import Installation
from waybill.model.words import Grade

_TOLD = """
    SELECT asset, source, count(*) AS transfers, min(time) AS first, max(time) AS last
    FROM transfers WHERE asset IS NOT NULL GROUP BY ALL
"""


class Watching(msgspec.Struct, frozen=True):
    """What one source told about an asset."""

    source: str
    transfers: int
    first: datetime
    last: datetime

    def joined(self, other: Watching) -> Watching:
        """Return both together: logs have several names for one asset."""
        transfers = self.transfers + other.transfers
        return Watching(self.source, transfers, min(self.first, other.first), max(self.last, other.last))


class AssetCoverage(msgspec.Struct, frozen=True):
    """A registered asset and the sources that have told about it, the one that told last first."""

    asset: str
    name: str
    grade: Grade
    public_interest: bool
    sources: tuple[Watching, ...]

    @property
    def last(self) -> datetime | None:
        """When any source told about it last."""
        return self.sources[0].last if self.sources else None


def coverage(installation: Installation) -> list[AssetCoverage]:
    """Return all registered assets, the gravest first, of equal grade those that nobody watches first."""
    register = installation.register()
    told: dict[str, dict[str, Watching]] = {}
    with installation.lake.snapshot() as snapshot:
        for row in snapshot.query(_TOLD).to_pylist():
            asset = register.asset_of(row.pop("asset"))
            if asset is not None:
                watching, sources = Watching(**row), told.setdefault(asset.id, {})
                known = sources.get(watching.source)
                sources[watching.source] = known.joined(watching) if known else watching
    covered = [
        AssetCoverage(
            asset.id,
            asset.name,
            asset.grade,
            asset.public_interest,
            tuple(sorted(told.get(asset.id, {}).values(), key=lambda one: (one.last, one.source), reverse=True)),
        )
        for asset in register.assets
    ]
    return sorted(covered, key=lambda one: (-one.grade.rank, one.last.timestamp() if one.last else 0, one.asset))
