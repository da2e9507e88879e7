"""Custody events of a world: EPCIS 2.0 documents, one a month, that the magnet maker's plant hands over."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random

from waybill.simulate.chain.goods import Amount, Catalogue
from waybill.simulate.chain.scribe import Event, Scribe, document, master_data
from waybill.simulate.chain.sites import Site, Task
from waybill.simulate.journal import Part, Tag
from waybill.simulate.names import Names

_PLACES = {"CN": (28.2, 115.4), "JP": (35.0, 136.5), "DE": (48.9, 9.0)}
"""Latitudes and longitudes, roughly, by country."""


@dataclass(frozen=True, slots=True)
class Assayed:
    """A lot as the laboratory found it and the papers say it."""

    material: str
    kilograms: float
    purity: float
    """Mass fraction."""
    grade: str


class CustodyRecords:
    """What the plant captures: lots that come into being with their assay, and lots that are shipped.

    It has names and numbers of its own, so that the rest of the world is the same without it.
    """

    def __init__(self, seed: int, folder: Path, without: Collection[str] = ()) -> None:
        self._random = Random(f"{seed}/custody")
        self._folder = folder
        self._without = frozenset(without)
        self.catalogue = Catalogue(self._random, Names(self._random))
        self._scribe = Scribe(self._random)
        self._tags: dict[str, Tag] = {}
        self._sites: dict[str, Site] = {}

    def site(self, name: str, country: str) -> Site:
        """Return the site of a place of the register."""
        if name not in self._sites:
            number = self._random.randrange(10_000_000, 99_999_999)
            self._sites[name] = Site.at(name, Task.PLANT, country, number, _PLACES[country])
        return self._sites[name]

    def make(self, plant: Site, time: datetime, item: str, lot: Assayed, tag: Tag | None = None) -> None:
        """Write that a lot came into being, with its assay and the grade on its papers."""
        event = self._scribe.observe(
            plant,
            time,
            "commissioning",
            [Amount(item, lot.kilograms)],
            action="ADD",
            assay={lot.material: lot.purity},
            ilmd={"material": lot.material, "grade": lot.grade, "countryOfOrigin": plant.country},
        )
        self._write(plant, event, tag)

    def ship(self, plant: Site, customer: Site, time: datetime, item: str, lot: Assayed) -> None:
        """Write that a lot was shipped to a customer."""
        event = self._scribe.observe(
            plant,
            time,
            "shipping",
            [Amount(item, lot.kilograms)],
            disposition="in_transit",
            sourceList=[{"type": "possessing_party", "source": plant.party}],
            destinationList=[
                {"type": "possessing_party", "destination": customer.party},
                {"type": "location", "destination": customer.id},
            ],
            grade=lot.grade,
            countryOfOrigin=plant.country,
            netWeight=lot.kilograms,
            mode="road" if customer.country == plant.country else "sea",
        )
        self._write(plant, event, None)

    def _write(self, site: Site, event: Event, tag: Tag | None) -> None:
        written = self._scribe.write(site, event)
        if tag is not None:
            self._tags[written] = tag

    def write(self) -> None:
        """Write a document for each month, without what decides the cases that are left out."""
        self._folder.mkdir(parents=True, exist_ok=True)
        months: dict[str, list[Event]] = {}
        for one in sorted(self._scribe.captured, key=lambda one: str(one.event["eventTime"])):
            tag = self._tags.get(one.event["eventID"])
            if not (tag and tag.part is Part.LEAK and tag.case in self._without):
                months.setdefault(one.event["eventTime"][:7], []).append(one.event)
        vocabulary = [*master_data(tuple(self._sites.values())), self.catalogue.master_data()]
        for month, events in months.items():
            last = datetime.fromisoformat(events[-1]["eventTime"])
            content = document(next(iter(self._sites.values())), last, events, vocabulary)
            (self._folder / f"{month}.jsonld").write_text(json.dumps(content), encoding="utf-8")

    def events(self, part: Part, case: str) -> tuple[str, ...]:
        """Return the ids of the events that are this part of a case."""
        return tuple(sorted(id_ for id_, tag in self._tags.items() if tag.part is part and tag.case == case))
