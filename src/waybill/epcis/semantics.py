"""Rules of EPCIS 2.0 that a schema cannot hold, each as one check of one event.

Among them those of GS1's conformance procedures: a sensor's inline attributes stand with the metadata or with the
report, not with both (TCR-53, step 29); an association that adds names its parent and its children (TCR-54).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from waybill.epcis.document import Event
from waybill.epcis.moments import AHEAD, EARLIEST, moment

INLINE = ("time", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod")
"""Attributes that a report may take from the metadata of its element."""


class Fault(NamedTuple):
    """What is wrong with a field of an event, and what would be right."""

    field: str
    what: str
    expected: str


def faults(event: Event, now: datetime) -> Iterator[Fault]:
    """Yield what is wrong with an event that its schema accepts."""
    yield from _times(event, now)
    kind = event["type"]
    if kind == "TransformationEvent":
        yield from _transformation(event)
    elif kind in ("AggregationEvent", "AssociationEvent"):
        yield from _parenthood(event)
    elif not any(event.get(name) for name in ("epcList", "quantityList", "sensorElementList", "parentID")) and not (
        "epcList" in event or "quantityList" in event
    ):
        yield Fault("epcList", "the event is about nothing", "epcList, quantityList or sensorElementList")
    if kind == "TransactionEvent" and not event.get("bizTransactionList"):
        yield Fault("bizTransactionList", "a transaction event names no transaction", "at least one")
    if kind == "ObjectEvent" and "ilmd" in event and event["action"] != "ADD" and event["ilmd"]:
        yield Fault("ilmd", "master data of instances is given when they come into being", "the action ADD")
    yield from _quantities(event)
    yield from _sensors(event)


def _times(event: Event, now: datetime) -> Iterator[Fault]:
    for field, text in (("eventTime", event["eventTime"]), ("recordTime", event.get("recordTime"))):
        if text is None:
            continue
        try:
            time = moment(text)
        except (ValueError, OverflowError):
            yield Fault(field, "this is no moment", "for example 2026-02-28T10:30:00+08:00")
            continue
        if field == "eventTime" and time > now + AHEAD:
            yield Fault(field, "the event is in the future", f"at most {AHEAD.days} days from now")
        elif time < EARLIEST:
            yield Fault(field, "the event is from before such records", f"{EARLIEST:%Y} or later")


def _transformation(event: Event) -> Iterator[Fault]:
    inputs = bool(event.get("inputEPCList") or event.get("inputQuantityList"))
    outputs = bool(event.get("outputEPCList") or event.get("outputQuantityList"))
    if not (inputs and outputs) and not event.get("transformationID"):
        missing = "inputEPCList" if outputs else "outputEPCList"
        yield Fault(missing, "a transformation has inputs and outputs", "both, or a transformationID that joins events")
    if not inputs and not outputs:
        yield Fault("inputEPCList", "the event is about nothing", "inputs or outputs")


def _parenthood(event: Event) -> Iterator[Fault]:
    action, association = event["action"], event["type"] == "AssociationEvent"
    children = bool(event.get("childEPCs") or event.get("childQuantityList"))
    needs_parent = association or action in ("ADD", "DELETE")
    if needs_parent and not event.get("parentID"):
        yield Fault("parentID", "the event names no parent", f"parentID, since the action is {action}")
    if not children and (action == "ADD" or (action == "OBSERVE" and association)):
        yield Fault("childEPCs", "the event names no children", f"childEPCs or childQuantityList for {action}")
    elif not children and action == "OBSERVE" and not event.get("parentID"):
        yield Fault("parentID", "the event is about nothing", "a parent or children")


def _quantities(event: Event) -> Iterator[Fault]:
    for name in ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"):
        for place, element in enumerate(event.get(name, ())):
            if "uom" in element and "quantity" not in element:
                yield Fault(f"{name}[{place}].quantity", "a unit without a quantity", "both, or neither")


def _sensors(event: Event) -> Iterator[Fault]:
    for place, element in enumerate(event.get("sensorElementList", ())):
        metadata = element.get("sensorMetadata", {})
        for number, report in enumerate(element["sensorReport"]):
            both = [name for name in INLINE if name in metadata and name in report]
            if both:
                field = f"sensorElementList[{place}].sensorReport[{number}].{both[0]}"
                yield Fault(field, "stands with the metadata and with the report", "one of the two")
