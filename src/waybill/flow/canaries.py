"""Marked copies and decoys of an installation: made once two people agreed, and looked for in all that is inspected."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from waybill.content.canaries import Delivery, Sighting, Spotter, Watch, mark, with_decoys
from waybill.content.canaries.watching import hashes
from waybill.content.documents.keyed import derived
from waybill.content.parsing import End, Readers
from waybill.flow.installation import Installation

if TYPE_CHECKING:
    from pathlib import Path


def make(installation: Installation, number: int, content: bytes, *, who: str) -> bytes:
    """Return the copy of a delivery that is approved; from now on it is recognised.

    The same content gives the same copy again. Raises UsageError for what is not approved or cannot be marked.
    """
    from waybill.register import canaries

    canary, secret = canaries.to_make(number), _secret(installation)
    if canary.kind is canaries.CanaryKind.DECOYS:
        made = with_decoys(content, secret, canary.delivery)
        values = tuple(one for value in made.values for one in hashes(value, secret))
        canaries.made(number, values, who=who)
        return made.content
    copy = mark(content, secret, canary.delivery).content
    canaries.made(number, (), who=who)
    return copy


def deliveries() -> list[Delivery]:
    """Return what was made and may be found again; the control database must be open."""
    from waybill.register import canaries

    return [
        Delivery(id=one.delivery, document=one.document, values=one.values, asset=one.asset)
        for one in canaries.watched()
        if one.kind is not canaries.CanaryKind.THING
    ]


def watching(installation: Installation) -> Callable[[], Watch] | None:
    """Return what makes a watch for one file; None where nothing was handed out."""
    made, secret = deliveries(), _secret(installation)
    return (lambda: Watch(made, secret)) if made else None


def spotter(installation: Installation) -> Spotter | None:
    """Return what sees decoys in records of logs as they are collected; None where no decoys are out."""
    made = [one for one in deliveries() if one.values]
    return Spotter(made, _secret(installation)) if made else None


def find(installation: Installation, path: Path, readers: Readers) -> list[Sighting]:
    """Return the deliveries whose marks or decoys are in a file."""
    made = watching(installation)
    if made is None:
        return []
    watch = made()
    for piece in readers.read(path):
        if not isinstance(piece, End):
            watch.add(piece)
    return watch.sightings()


def _secret(installation: Installation) -> bytes:
    return derived(installation.folder.key("documents"), "marks of deliveries", 32)
