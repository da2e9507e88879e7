"""Invented documents of a small chain: ore, concentrate, oxide, metal and magnet, and a magnet in a motor."""

from __future__ import annotations

from typing import Any

import msgspec

NAMESPACE = "https://waybill.invalid/vocabulary/"
MINE, REFINERY, FACTORY = (f"urn:epc:id:sgln:9521000.0000{n}.0" for n in (1, 2, 3))
MINER, REFINER, MAKER = (f"urn:epc:id:pgln:9521000.0000{n}" for n in (4, 5, 6))


def lot(product: int, number: str) -> str:
    """Return the EPC URN of a lot."""
    return f"urn:epc:class:lgtin:9521000.0000{product:02d}.{number}"


ORE, CONCENTRATE, OXIDE, METAL = lot(10, "ORE-1"), lot(11, "CON-7"), lot(12, "OX-0012"), lot(13, "ME-3")
MAGNETS = [f"urn:epc:id:sgtin:9521000.000020.M{n}" for n in (1, 2)]
MOTOR = "urn:epc:id:giai:9521000.MOTOR1"


def event(kind: str, day: int, hour: int = 8, **fields: Any) -> dict[str, Any]:
    """Return an event of a day in March 2026."""
    base = {"type": kind, "eventTime": f"2026-03-{day:02d}T{hour:02d}:00:00+08:00", "eventTimeZoneOffset": "+08:00"}
    return base | fields


def amount(item: str, quantity: float, unit: str = "KGM") -> dict[str, Any]:
    """Return a quantity of a lot."""
    return {"epcClass": item, "quantity": quantity, "uom": unit}


def shipping(item: str, quantity: float, day: int, sender: str, receiver: str, **more: Any) -> dict[str, Any]:
    """Return the shipment of a lot."""
    return event("ObjectEvent", day, action="OBSERVE", bizStep="shipping", disposition="in_transit",
                 quantityList=[amount(item, quantity)],
                 sourceList=[{"type": "possessing_party", "source": sender}],
                 destinationList=[{"type": "possessing_party", "destination": receiver}], **more)  # fmt: skip


def receiving(item: str, quantity: float, day: int, sender: str, receiver: str) -> dict[str, Any]:
    """Return the receipt of a lot."""
    return shipping(item, quantity, day, sender, receiver) | {"bizStep": "receiving", "disposition": "in_progress"}


def whole_chain() -> list[dict[str, Any]]:
    """Return the events of the chain, in order."""
    return [
        event("ObjectEvent", 1, action="ADD", bizStep="commissioning", quantityList=[amount(ORE, 1000)],
              readPoint={"id": MINE}, ilmd={"waybill:countryOfOrigin": "CN"}),
        event("TransformationEvent", 2, bizStep="other", inputQuantityList=[amount(ORE, 1000)],
              outputQuantityList=[amount(CONCENTRATE, 100)], readPoint={"id": MINE}),
        shipping(CONCENTRATE, 100, 3, MINER, REFINER, readPoint={"id": MINE},
                 bizTransactionList=[{"type": "desadv", "bizTransaction": "urn:epcglobal:cbv:bt:9521000000004:A1"},
                                     {"type": "https://waybill.invalid/licence", "bizTransaction": "urn:x:licence:7"}]),
        receiving(CONCENTRATE, 100, 5, MINER, REFINER),
        event("TransformationEvent", 6, bizStep="other", inputQuantityList=[amount(CONCENTRATE, 50)],
              outputQuantityList=[amount(OXIDE, 20)], readPoint={"id": REFINERY},
              certificationInfo="https://certificates.example/c/1", ilmd={"waybill:grade": "3N"},
              sensorElementList=[{"sensorReport": [{"type": "MassFraction", "value": 99.95, "uom": "P1",
                                  "chemicalSubstance": "https://identifiers.org/inchikey:EXAMPLE"}]}]),
        event("TransformationEvent", 7, bizStep="other",
              inputQuantityList=[amount(OXIDE, 10), amount(lot(12, "OX-9"), 10)],
              outputQuantityList=[amount(METAL, 15)], readPoint={"id": REFINERY}),
        event("TransformationEvent", 8, inputQuantityList=[amount(METAL, 2)], outputEPCList=MAGNETS,
              readPoint={"id": FACTORY}),
        event("AssociationEvent", 9, action="ADD", bizStep="assembling", parentID=MOTOR, childEPCs=MAGNETS[:1],
              readPoint={"id": FACTORY}),
    ]  # fmt: skip


def document(*events: dict[str, Any], **more: Any) -> bytes:
    """Return a document of these events."""
    context = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"waybill": NAMESPACE}]
    return msgspec.json.encode(
        {
            "@context": context,
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-03-10T00:00:00Z",
            "epcisBody": {"eventList": list(events)},
            **more,
        }
    )
