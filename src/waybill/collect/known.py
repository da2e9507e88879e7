"""What content at hand is compared with, and what of a look at it goes along with the transfer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from waybill.content.canaries import Watch
from waybill.content.documents import Registered
from waybill.content.exact import Opened
from waybill.content.inspecting import Inspection, Look
from waybill.model.carried import Carried
from waybill.model.register import Content, is_quotation
from waybill.model.words import Grade


@dataclass(frozen=True, slots=True)
class Known:
    """What is known as it stands at one moment; nothing where nothing is registered."""

    documents: Registered | None = None
    watch: Callable[[], Watch] | None = None
    """Makes what looks for marks of deliveries in one thing."""
    tables: Sequence[Opened] = ()
    grades: Mapping[str, Grade] = field(default_factory=dict)
    """Grades of registered assets, by id."""

    def look(self) -> Look:
        """Return a look at one thing."""
        return Look(self.documents, self.watch() if self.watch else None, self.tables)

    def carried(self, inspection: Inspection, *, digest: str = "", size: int = 0) -> Carried:
        """Return what goes along with a transfer of what was inspected."""
        held = tuple(_held(inspection))
        telling = [one for one in held if one.asset and (one.delivery or not is_quotation(one.share, one.records))]
        gravest = max(telling, key=lambda one: (self._grade(one.asset).rank, one.share), default=None)
        grades = [inspection.grade, *(self._grade(one.asset) for one in telling)]
        kinds = sorted(inspection.distinct.items(), key=lambda entry: (-entry[1], entry[0]))
        return Carried(
            digest=digest or inspection.digest,
            size=size or inspection.size,
            grade=max(grades, key=lambda grade: grade.rank),
            asset=gravest.asset if gravest else "",
            kinds=dict(kinds),
            persons=inspection.persons,
            held=held,
            unread=tuple(dict.fromkeys(str(one.reason) for one in inspection.caveats if one.reason.partial)),
        )

    def _grade(self, asset: str) -> Grade:
        return self.grades.get(asset, Grade.GENERAL)


def _held(inspection: Inspection) -> Iterator[Content]:
    """Yield what was recognised."""
    for match in inspection.matches:
        known = match.document
        yield Content(name="", asset=known.asset, document=known.name, share=match.share)
    for found in inspection.records:
        table = found.table
        yield Content(name="", asset=table.asset, document=table.name, share=found.share, records=found.records)
    for sighting in inspection.sightings:
        one = sighting.delivery
        yield Content(name="", asset=one.asset, document=one.document, share=sighting.certainty, delivery=one.id)
