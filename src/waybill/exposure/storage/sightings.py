"""What checks of storage tell: a sentence for each opening of a bucket, for each entry of a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from waybill.exposure.checks import Sighting
from waybill.exposure.storage.folder import Entry
from waybill.exposure.storage.reach import Opening
from waybill.model.findings import Text


def of_openings(openings: Iterable[Opening], say: Callable[[Opening], Text]) -> Iterator[Sighting]:
    """Yield what is seen of openings; the same exposure is known by what says that it is open."""
    for opening in openings:
        yield Sighting(opening.by, say(opening), (("by", opening.by), ("what", str(opening.deed))))


def of_entries(entries: Iterable[Entry], say: Callable[[Entry], Text]) -> Iterator[Sighting]:
    """Yield what is seen of entries; the same exposure is known by its path."""
    for entry in entries:
        yield Sighting(entry.path, say(entry), (("bytes", f"{entry.bytes:,}"),))
