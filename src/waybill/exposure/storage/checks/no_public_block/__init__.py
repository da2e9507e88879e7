"""Buckets without the blocks that keep them from becoming public."""

from __future__ import annotations

from collections.abc import Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.fixes import Fix, PublicBlock
from waybill.exposure.storage.bucket import Bucket
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot

SUBJECT = Bucket


def look(thing: Bucket, register: RegisterSnapshot) -> Iterator[Sighting]:
    """Tell a bucket without all four blocks, its account's included."""
    if not thing.block.whole:
        yield Sighting(
            "block",
            Text(
                f"The public-access blocks of {thing.name} are not all on.",
                f"{thing.name} 的公开访问阻止未全部启用。",
            ),
            (("blocks", str(thing.block)),),
        )


def fix(thing: Bucket, sighting: Sighting) -> Fix | None:
    """Return what switches the bucket's own blocks on."""
    block = thing.part("block")
    return PublicBlock(thing.name, (block.new_acls, block.acls, block.new_policies, block.restricted))
