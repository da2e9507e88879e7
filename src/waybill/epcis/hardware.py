"""Bills of hardware (CycloneDX 1.6, ``device`` components) to associations of parts with wholes, and back.

A device is known by its ``bom-ref`` if that is a URI, else by its name with its serial number; a part without one by
its lot, else by its name alone. Properties are those of the taxonomy ``cdx:device``.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.bom_ref import BomRef
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion

from waybill.epcis.document import DOCUMENT_BYTES, Event
from waybill.epcis.identifiers import human
from waybill.epcis.lineage import number_of
from waybill.model.errors import InputError

_URI = re.compile(r"(https?://|urn:)\S+")
_SERIAL, _LOT, _QUANTITY = (f"cdx:device:{name}" for name in ("serialNumber", "lotNumber", "quantity"))
_KINDS = frozenset([ComponentType.DEVICE, ComponentType.FIRMWARE])
DEEPEST = 32
"""Levels of parts in parts that a bill may have."""


def associations(content: bytes, at: datetime, name: str = "") -> list[Event]:
    """Return the events by which the parts of a bill were put into their wholes at a moment.

    Raises InputError if this is no bill of hardware in JSON.
    """
    if len(content) > DOCUMENT_BYTES:
        raise InputError("the bill is too large", where=name, expected=f"at most {DOCUMENT_BYTES >> 20} MiB")
    try:
        bill = Bom.from_json(json.loads(content))  # type: ignore[attr-defined]  # added by its decorator
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InputError(
            f"this is no bill of materials: {str(error)[:200]}", where=name, expected="CycloneDX"
        ) from None
    whole = bill.metadata.component if bill is not None else None
    if whole is None or whole.type not in _KINDS:
        raise InputError("the bill is not of a device", where=f"{name}: metadata.component", expected="type device")
    parts = [part for part in (*whole.components, *bill.components) if part.type in _KINDS]
    return list(_associated(whole, parts, at.isoformat(), name, DEEPEST))


def bill(database: sqlite3.Connection, item: str) -> bytes:
    """Return the bill of what a thing is made of now, as CycloneDX 1.6 in JSON. Raises InputError if there is none."""
    number = number_of(database, item)
    if number is None:
        raise InputError("there is no such device", where=item)
    made = Bom()
    made.metadata.component = _component(database, number, item, DEEPEST)
    return make_outputter(made, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2).encode()


def _associated(whole: Component, parts: list[Component], at: str, name: str, levels: int) -> Iterator[Event]:
    if levels == 0:
        raise InputError("the bill is nested too deeply", where=name, expected=f"{DEEPEST} levels")
    epcs, classes = [], []
    for part in parts:
        identity, is_class = _identity(part)
        if is_class:
            classes.append({"epcClass": identity, "quantity": int(_said(part, _QUANTITY) or 1)})
        else:
            epcs.append(identity)
    if parts:
        yield {
            "type": "AssociationEvent",
            "eventTime": at,
            "eventTimeZoneOffset": "+00:00",
            "action": "ADD",
            "bizStep": "assembling",
            "parentID": _identity(whole)[0],
            **({"childEPCs": epcs} if epcs else {}),
            **({"childQuantityList": classes} if classes else {}),
        }
    for part in parts:
        inner = [one for one in part.components if one.type in _KINDS]
        yield from _associated(part, inner, at, name, levels - 1)


def _identity(part: Component) -> tuple[str, bool]:
    """Return the URI of a part, and whether it stands for a lot or a kind rather than for one thing."""
    reference, serial, lot = part.bom_ref.value or "", _said(part, _SERIAL), _said(part, _LOT)
    if _URI.fullmatch(reference):
        return reference, not serial and (bool(lot) or _said(part, _QUANTITY) not in ("", "1"))
    for word, number in (("device", serial), ("lot", lot)):
        if number:
            return f"urn:cdx:{word}:{quote(part.name, safe='')}:{quote(number, safe='')}", word == "lot"
    return f"urn:cdx:part:{quote(part.name, safe='')}", True


def _said(part: Component, name: str) -> str:
    return next((one.value or "" for one in part.properties if one.name == name), "")


def _component(database: sqlite3.Connection, number: int, item: str, levels: int) -> Component:
    rows = database.execute("SELECT number, item FROM item WHERE whole = ? ORDER BY item", (number,)).fetchall()
    inner = [_component(database, one, name, levels - 1) for one, name in rows] if levels else []
    label, serial = _named(item)
    properties = [Property(name=_SERIAL, value=serial)] if serial else []
    return Component(
        type=ComponentType.DEVICE, name=label, bom_ref=BomRef(item), properties=properties, components=inner
    )  # fmt: skip


def _named(item: str) -> tuple[str, str]:
    """Return the name and the serial number of a device."""
    parts: list[Any] = item.split(":")
    if item.startswith("urn:cdx:device:") and len(parts) == 5:
        return unquote(parts[3]), unquote(parts[4])
    return human(item), ""
