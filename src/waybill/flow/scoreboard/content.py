"""What stands in for inspection at hand in a simulated world: its originals are registered, its documents walked."""

from __future__ import annotations

from pathlib import Path

from waybill.content.parsing import Readers
from waybill.flow.discovery.running import walk
from waybill.flow.discovery.targets import target
from waybill.flow.documents import register
from waybill.flow.installation import Installation
from waybill.model.register import Asset
from waybill.model.words import Grade

_WHO = "scoreboard"


def inspect_documents(installation: Installation, folder: Path) -> None:
    """Register the originals of graded assets, which are called as the assets are, and look into all documents.

    Copies under other names, and excerpts, are not registered: they have to be recognised.
    """
    with Readers() as readers:
        for asset in installation.register().assets:
            if asset.grade is not Grade.GENERAL:
                for path in _originals(asset, folder):
                    register(installation, path, readers, asset=asset.id, who=_WHO)
        walk(installation, target(str(folder)), readers, who=_WHO)


def _originals(asset: Asset, folder: Path) -> list[Path]:
    names = {pattern.removesuffix("*") for pattern in asset.patterns}
    return sorted(path for path in folder.iterdir() if path.stem in names)
