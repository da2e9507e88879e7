"""Writes EPCIS 2.0 events as the sites of a chain capture them, and keeps which of them decide a diversion.

A site hands over a day's events in one document on the following night, as long as nothing holds it up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from waybill.simulate.chain.goods import Amount
from waybill.simulate.chain.sites import Site

NAMESPACE = "https://waybill.invalid/vocabulary/"
"""Of what is stated beyond the standard: ``material``, ``grade``, ``hsCode``, ``value``, …"""

CONTEXT = ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"waybill": NAMESPACE}]
CBV_MASTER_DATA = {"cbvmda": "urn:epcglobal:cbv:mda:"}

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Captured:
    """An event, who captured it, and when it was handed over."""

    event: Event
    site: Site
    handed_over: datetime


@dataclass(slots=True)
class Scribe:
    """All events of a chain, in any order."""

    random: Random
    captured: list[Captured] = field(default_factory=list)

    def write(self, site: Site, event: Event, *, late: timedelta = timedelta()) -> str:
        """Take an event and return its id; ``late`` is how long beyond the following night it was held up."""
        moment = datetime.fromisoformat(event["eventTime"])
        night = moment.replace(hour=15, minute=30, second=0, microsecond=0) + timedelta(days=moment.hour >= 15)
        event["eventID"] = f"urn:uuid:{UUID(int=self.random.getrandbits(128), version=4)}"
        self.captured.append(Captured(event, site, night + late))
        return str(event["eventID"])

    def repeat(self, captured: Captured, event: Event, handed_over: datetime) -> None:
        """Hand over an event again, with an error declaration."""
        self.captured.append(Captured(event, captured.site, handed_over))

    def observe(
        self,
        site: Site,
        time: datetime,
        step: str,
        items: Sequence[Amount],
        *,
        action: str = "OBSERVE",
        place: str = "",
        assay: Mapping[str, float] | None = None,
        ilmd: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Event:
        """Return an ObjectEvent; ``assay`` holds mass fractions by substance, ``ilmd`` what is stated of new items."""
        event = self._event("ObjectEvent", site, time, step, place=place, **more)
        event |= {"action": action, **_what(items)}
        if assay:
            event["sensorElementList"] = [{"sensorReport": [_fraction(*one) for one in assay.items()]}]
        if ilmd:
            event["ilmd"] = {_named(name): str(value) for name, value in ilmd.items()}
        return event

    def transform(
        self,
        site: Site,
        time: datetime,
        step: str,
        inputs: Sequence[Amount],
        outputs: Sequence[Amount],
        *,
        ilmd: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Event:
        """Return a TransformationEvent."""
        event = self._event("TransformationEvent", site, time, step, **more)
        event |= _what(inputs, "inputEPCList", "inputQuantityList")
        event |= _what(outputs, "outputEPCList", "outputQuantityList")
        if ilmd:
            event["ilmd"] = {_named(name): str(value) for name, value in ilmd.items()}
        return event

    def gather(
        self,
        kind: str,
        site: Site,
        time: datetime,
        step: str,
        *,
        parent: str,
        children: Sequence[Amount],
        action: str = "ADD",
        **more: Any,
    ) -> Event:
        """Return an AggregationEvent or AssociationEvent, as ``kind`` says."""
        event = self._event(kind, site, time, step, **more)
        return event | {"action": action, "parentID": parent, **_what(children, "childEPCs", "childQuantityList")}

    def _event(self, kind: str, site: Site, time: datetime, step: str, *, place: str = "", **more: Any) -> Event:
        event: Event = {
            "type": kind,
            "eventTime": f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "+00:00",
            "eventTimeZoneOffset": "+08:00",
            "bizStep": step,
            "readPoint": {"id": place or site.id},
        }
        if step not in ("shipping", "departing"):
            event["bizLocation"] = {"id": site.id}
        for name, value in more.items():
            event[name if name in _STANDARD else f"waybill:{name}"] = value if name in _STANDARD else str(value)
        return event


_STANDARD = frozenset(
    {"sourceList", "destinationList", "bizTransactionList", "disposition", "errorDeclaration", "certificationInfo"}
)


def _named(name: str) -> str:
    return f"cbvmda:{name}" if name in ("countryOfOrigin", "lotNumber") else f"waybill:{name}"


def _what(items: Sequence[Amount], singles: str = "epcList", lots: str = "quantityList") -> dict[str, Any]:
    what: dict[str, Any] = {}
    if some := [item.item for item in items if item.quantity is None]:
        what[singles] = some
    if amounts := [
        {"epcClass": item.item, "quantity": round(item.quantity, 3), "uom": item.unit}
        for item in items
        if item.quantity is not None
    ]:
        what[lots] = amounts
    return what


def _fraction(substance: str, share: float) -> dict[str, Any]:
    """Return the report of a mass fraction, in per cent (UN/ECE Recommendation 20: P1)."""
    return {
        "type": "Dimensionless",
        "chemicalSubstance": f"https://waybill.invalid/substance/{substance}",
        "value": round(100 * share, 7),
        "uom": "P1",
    }


def document(site: Site, handed_over: datetime, events: Sequence[Event], vocabulary: Sequence[Any]) -> dict[str, Any]:
    """Return an EPCIS document of some events; ``vocabulary`` is the master data that it carries."""
    header = {"epcisHeader": {"epcisMasterData": {"vocabularyList": list(vocabulary)}}} if vocabulary else {}
    return {
        "@context": [CONTEXT[0], {**CONTEXT[1], **CBV_MASTER_DATA}],  # type: ignore[dict-item]
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": f"{handed_over:%Y-%m-%dT%H:%M:%S}.000Z",
        "sender": site.party,
        **header,
        "epcisBody": {"eventList": list(events)},
    }


def master_data(sites: Sequence[Site]) -> list[Any]:
    """Return the vocabulary of the sites: their coordinates and countries."""
    return [
        {
            "type": "urn:epcglobal:epcis:vtype:BusinessLocation",
            "vocabularyElementList": [
                {
                    "id": site.id,
                    "attributes": [
                        {"id": "cbvmda:latitude", "attribute": str(site.latitude)},
                        {"id": "cbvmda:longitude", "attribute": str(site.longitude)},
                        {"id": "cbvmda:countryCode", "attribute": site.country},
                    ],
                }
                for site in sites
            ],
        }
    ]
