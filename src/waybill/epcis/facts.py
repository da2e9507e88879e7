"""What is taken out of an event to be searched and counted: flat rows beside the event as it was given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from waybill.epcis.document import Event, local
from waybill.epcis.identifiers import canonical
from waybill.epcis.json_document import context_of
from waybill.epcis.moments import moment
from waybill.epcis.units import in_base
from waybill.model.custody import DocumentKind, Role

_EPCS = (
    ("epcList", Role.WHAT), ("inputEPCList", Role.INPUT), ("outputEPCList", Role.OUTPUT), ("childEPCs", Role.CHILD),
)  # fmt: skip
_QUANTITIES = (
    ("quantityList", Role.WHAT), ("inputQuantityList", Role.INPUT), ("outputQuantityList", Role.OUTPUT),
    ("childQuantityList", Role.CHILD),
)  # fmt: skip
PARTIES = ("owning_party", "possessing_party", "location")
_CERTIFICATES = frozenset(["cert", "testres", "testprd", "pedigree"])
_LICENCES = ("licence", "license", "permit")


class Item(NamedTuple):
    """An item of an event: what it is there, and how much of it."""

    role: Role
    item: str
    is_class: bool
    quantity: Decimal | None
    unit: str | None


class Reading(NamedTuple):
    """A measured value."""

    time: datetime | None
    type: str
    substance: str | None
    component: str | None
    value: float | None
    min: float | None
    max: float | None
    mean: float | None
    deviation: float | None
    percent: float | None
    unit: str | None
    amount: float | None
    base: str | None
    text: str | None
    device: str | None
    exception: str | None


class Paper(NamedTuple):
    """A document that an event refers to."""

    kind: DocumentKind
    type: str | None
    document: str


class Attribute(NamedTuple):
    """Something stated beyond the standard."""

    name: str
    namespace: str | None
    value: str


def items_of(event: Event) -> list[Item]:
    """Return the items of an event; quantities of one item in one role and unit are added up."""
    found: dict[tuple[Role, str, str | None], Item] = {}
    if parent := event.get("parentID"):
        item = Item(Role.PARENT, canonical(parent), False, Decimal(1), None)
        found[item.role, item.item, None] = item
    for name, role in _EPCS:
        for epc in event.get(name, ()):
            item = Item(role, canonical(epc), False, Decimal(1), None)
            found[role, item.item, None] = item
    for name, role in _QUANTITIES:
        for element in event.get(name, ()):
            _add(found, role, element)
    return list(found.values())


def _add(found: dict[tuple[Role, str, str | None], Item], role: Role, element: dict[str, Any]) -> None:
    item, unit = canonical(element["epcClass"]), element.get("uom")
    quantity = Decimal(element["quantity"]) if "quantity" in element else None
    known = found.get((role, item, unit))
    if known is not None and quantity is not None and known.quantity is not None:
        quantity += known.quantity
    found[role, item, unit] = Item(role, item, True, quantity, unit)


def party(event: Event, side: str, type: str) -> str | None:
    """Return a source or destination of one type in canonical form, the first that is given."""
    for one in event.get(f"{side}List", ()):
        if one.get("type") == type:
            return canonical(one[side])
    return None


def readings_of(event: Event) -> Iterator[Reading]:
    """Yield the measured values of an event; what a report leaves out stands with its element."""
    for element in event.get("sensorElementList", ()):
        metadata = element.get("sensorMetadata", {})
        for report in element["sensorReport"]:
            yield _reading(report, metadata)


def _reading(report: dict[str, Any], metadata: dict[str, Any]) -> Reading:
    time = report.get("time") or metadata.get("time") or metadata.get("startTime")
    unit = report.get("uom")
    value = report.get("value", report.get("meanValue"))
    amount, base = in_base(value, unit) if unit else (None, None)
    texts = (report.get(name) for name in ("stringValue", "uriValue", "hexBinaryValue", "booleanValue"))
    text = next((one for one in texts if one is not None), None)
    return Reading(
        time=moment(time) if time else None,
        type=report.get("type", ""),
        substance=report.get("chemicalSubstance"),
        component=report.get("component"),
        value=_number(report, "value"),
        min=_number(report, "minValue"),
        max=_number(report, "maxValue"),
        mean=_number(report, "meanValue"),
        deviation=_number(report, "sDev"),
        percent=_number(report, "percValue"),
        unit=unit,
        amount=amount,
        base=base,
        text=None if text is None else _text(text),
        device=report.get("deviceID") or metadata.get("deviceID"),
        exception=report.get("exception"),
    )


def _number(report: dict[str, Any], name: str) -> float | None:
    return None if report.get(name) is None else float(report[name])


def papers_of(event: Event) -> Iterator[Paper]:
    """Yield the documents that an event refers to."""
    for transaction in event.get("bizTransactionList", ()):
        type = transaction.get("type")
        word = (type or "").lower()
        kind = DocumentKind.TRANSACTION
        if word.endswith(_LICENCES):
            kind = DocumentKind.LICENCE
        elif word in _CERTIFICATES:
            kind = DocumentKind.CERTIFICATE
        yield Paper(kind, type, canonical(transaction["bizTransaction"]))
    certificates = event.get("certificationInfo", [])
    for certificate in certificates if isinstance(certificates, list) else [certificates]:
        yield Paper(DocumentKind.CERTIFICATE, None, certificate)


def attributes_of(event: Event) -> Iterator[Attribute]:
    """Yield what an event states beyond the standard, values inside values by their path."""
    context = context_of(event.get("@context")) if "@context" in event else {}
    for holder in (event.get("ilmd", {}), event):
        for name, value in holder.items():
            if ":" in name:
                yield from _attributes(name, value, context)


def _attributes(name: str, value: Any, context: dict[str, str], path: str = "") -> Iterator[Attribute]:
    prefix, colon, rest = name.partition(":")
    short = path + local(rest if colon else name)
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            for inside, held in one.items():
                if inside == "#text":
                    yield Attribute(short, context.get(prefix), str(held))
                else:
                    yield from _attributes(inside, held, context, f"{short}.")
        elif one is not None:
            yield Attribute(short, context.get(prefix, prefix if colon else None), _text(one))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
