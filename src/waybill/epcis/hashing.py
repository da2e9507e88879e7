"""Hash ids of events: what an event says, whichever way it is written, as a name (CBV 2.0 and 2.1, section 8.9).

A canonical text is made of the event, and its SHA-256 put into a ``ni`` URI (RFC 6920). Where the published vectors
contradict the written rules of version 2.0, the vectors count: a type stands before what it is the type of;
``certificationInfo`` comes fourth; what follows the places is ``sensorElementList``, then lists of transactions,
destinations and sources, ``ilmd`` and extensions, sorted. Version 2.1 goes by its own table: sources come before
destinations, ``ilmd`` before extensions, ``certificationInfo`` takes no part, and GS1's Web Vocabulary has moved.

Decided here, since the rules are silent and implementations differ: numbers are exact (no digit is lost, ``1e400`` is a
number); a text is a number only if it is written as one, so that lot ``0012`` stays ``0012``; milliseconds are rounded
half up; the time of day may have any number of decimals.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from waybill.epcis.document import Event
from waybill.epcis.identifiers import canonical
from waybill.epcis.json_document import Context, context_of
from waybill.epcis.moments import moment
from waybill.epcis.vocabulary import GS1, address, expand

GS1_21 = "https://ref.gs1.org/voc/"
"""Where version 2.1 says that GS1's Web Vocabulary is."""

_ITEMS = (
    ("epcList", "epc"), ("inputEPCList", "epc"), ("childEPCs", "epc"), ("quantityList", "quantityElement"),
    ("childQuantityList", "quantityElement"), ("inputQuantityList", "quantityElement"), ("outputEPCList", "epc"),
    ("outputQuantityList", "quantityElement"),
)  # fmt: skip
_METADATA = (
    "time", "startTime", "endTime", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules",
)  # fmt: skip
_REPORT = (
    "type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time", "microorganism",
    "chemicalSubstance", "value", "component", "stringValue", "booleanValue", "hexBinaryValue", "uriValue",
    "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue", "uom", "coordinateReferenceSystem",
)  # fmt: skip
_TYPED = {
    "bizTransactionList": ("transaction", "bizTransaction"),
    "sourceList": ("party", "source"),
    "destinationList": ("party", "destination"),
}
_KINDS = {"type": "measurement", "exception": "exception", "component": "component"}
_NO_PART = frozenset(["@context", "recordTime", "eventID", "errorDeclaration", "type", "comment", "rdfs:comment"])
_NUMBER = re.compile(r"[+-]?(0|[1-9]\d*)(\.\d+)?")


def hash_id_20(event: Event, ignored: frozenset[str] = frozenset()) -> str:
    """Return the hash id of an event by CBV 2.0; ``ignored`` are extensions that are no part of it."""
    return f"ni:///sha-256;{_digest(text_20(event, ignored))}?ver=CBV2.0"


def hash_id_21(event: Event, ignored: frozenset[str] = frozenset()) -> str:
    """Return the hash id of an event by CBV 2.1."""
    return f"ni:///sha-256;{_digest(text_21(event, ignored))}?ver=CBV2.1"


def text_20(event: Event, ignored: frozenset[str] = frozenset()) -> str:
    """Return the canonical text that version 2.0 makes its hash of."""
    maker = _Text(event, ignored)
    last = [*map(maker.typed, _TYPED), maker.ilmd(), *maker.extensions(event)]
    certificates = maker.values("certificationInfo")
    return maker.head() + certificates + maker.parent() + maker.items() + maker.middle() + "".join(sorted(last))


def text_21(event: Event, ignored: frozenset[str] = frozenset()) -> str:
    """Return the canonical text that version 2.1 makes its hash of."""
    maker = _Text(event, ignored)
    listed = "".join(map(maker.typed, _TYPED))
    epcs, others = maker.items(_ITEMS[:1]), maker.items(_ITEMS[1:])
    last = maker.ilmd() + "".join(sorted(maker.extensions(event)))
    middle = maker.middle(listed).replace(f"={GS1}", f"={GS1_21}")
    return maker.head() + epcs + maker.parent() + others + middle + last


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class _Text:
    """Makes the parts of the canonical text of one event."""

    def __init__(self, event: Event, ignored: frozenset[str]) -> None:
        self._event = event
        self._ignored = ignored
        self._context: Context = context_of(event.get("@context")) if "@context" in event else {}

    def head(self) -> str:
        event = self._event
        offset = f"eventTimeZoneOffset={event['eventTimeZoneOffset']}" if "eventTimeZoneOffset" in event else ""
        return f"eventType={event['type']}eventTime={_time(event['eventTime'])}{offset}"

    def parent(self) -> str:
        return self._field("parentID", _of_text)

    def items(self, lists: tuple[tuple[str, str], ...] = _ITEMS) -> str:
        made = ""
        for name, member in lists:
            if found := self._event.get(name):
                written = [f"epc={canonical(one)}" for one in found] if member == "epc" else map(_quantity, found)
                made += name + "".join(sorted(written))
        return made

    def middle(self, listed: str = "") -> str:
        """Return what follows the items; ``listed`` stands between the places and the sensors."""
        event = self._event
        made = self._field("action", str) + self._field("transformationID", _of_text)
        for name in ("bizStep", "disposition"):
            made += self._field(name, partial(address, name))
        if persistent := event.get("persistentDisposition"):
            made += "persistentDisposition"
            for change in ("set", "unset"):
                words = sorted(address("disposition", word) for word in persistent.get(change, ()))
                made += "".join(f"{change}={word}" for word in words)
        for name in ("readPoint", "bizLocation"):
            if place := event.get(name):
                inside = "".join(sorted(self.extensions(place, ("id",))))
                made += f"{name}id={canonical(place['id'])}{inside}"
        return made + listed + self._sensors()

    def typed(self, name: str) -> str:
        kind, value = _TYPED[name]
        found = self._event.get(name)
        if not found:
            return ""
        members = []
        for one in found:
            type = f"type={address(kind, one['type'])}" if "type" in one else ""
            members.append(f"{type}{value}={_of_text(one[value])}")
        return name + "".join(sorted(members))

    def values(self, name: str) -> str:
        found = self._event.get(name, [])
        return "".join(sorted(f"{name}={_of_text(one)}" for one in (found if isinstance(found, list) else [found])))

    def ilmd(self) -> str:
        found = self._event.get("ilmd")
        return "ilmd" + "".join(sorted(self.extensions(found))) if found else ""

    def extensions(self, holder: dict[str, Any], known: tuple[str, ...] = ()) -> list[str]:
        """Return what a holder says beyond the fields of the standard."""
        made: list[str] = []
        for name, value in holder.items():
            if (":" in name or holder is self._event.get("ilmd")) and name not in _NO_PART and name not in known:
                made += self._written(name, value)
        return made

    def _written(self, name: str, value: Any) -> list[str]:
        """Return an extension: its name with namespace, its value, and what is in it, sorted."""
        key = self._key(name)
        if key in self._ignored or name in _NO_PART:
            return []
        made = []
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                text = f"={_of_text(one['#text'])}" if one.get("#text") else ""
                inner = [
                    part for inside, held in one.items() if inside != "#text" for part in self._written(inside, held)
                ]
                made.append(key + text + "".join(sorted(inner)))
            else:
                text = self._scalar(one)
                made.append(f"{key}={text}" if text else key)
        return made

    def _key(self, name: str) -> str:
        prefix, colon, rest = name.partition(":")
        return f"{{{self._context[prefix]}}}{rest}" if colon and prefix in self._context else name

    def _scalar(self, value: Any) -> str:
        if not isinstance(value, str):
            return _of_number(value)
        prefix, colon, rest = value.partition(":")
        if colon and prefix in self._context:
            return self._context[prefix] + rest
        return _of_text(value)

    def _sensors(self) -> str:
        elements = []
        for element in self._event.get("sensorElementList", ()):
            made = "sensorElement"
            if "sensorMetadata" in element:
                made += "sensorMetadata" + self._sensor(element["sensorMetadata"], _METADATA)
            made += "".join(sorted("sensorReport" + self._sensor(one, _REPORT) for one in element["sensorReport"]))
            elements.append(made + "".join(sorted(self.extensions(element))))
        return "sensorElementList" + "".join(sorted(elements)) if elements else ""

    def _sensor(self, holder: dict[str, Any], order: tuple[str, ...]) -> str:
        made = [f"{name}={_sensor_value(name, holder[name])}" for name in order if name in holder]
        return "".join(made) + "".join(sorted(self.extensions(holder, order)))

    def _field(self, name: str, write: Callable[[Any], str]) -> str:
        found = self._event.get(name)
        return f"{name}={write(found)}" if found else ""


def _sensor_value(name: str, value: Any) -> str:
    if name in ("time", "startTime", "endTime"):
        return _time(value)
    if name in _KINDS:
        return address(_KINDS[name], value)
    return _of_text(value) if isinstance(value, str) else _of_number(value)


def _quantity(element: dict[str, Any]) -> str:
    made = f"quantityElementepcClass={canonical(element['epcClass'])}"
    if "quantity" in element:
        made += f"quantity={_of_number(element['quantity'])}"
    return made + (f"uom={element['uom']}" if "uom" in element else "")


def _of_number(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    text = f"{Decimal(value):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@lru_cache(maxsize=1 << 16)
def _of_text(value: str) -> str:
    """Return a text as it stands in the canonical text: words of the standard as addresses, numbers plain."""
    value = value.strip()
    if value.startswith("urn:epcglobal:cbv:"):
        for kind in ("bizStep", "disposition", "transaction", "party", "reason"):
            if (found := address(kind, value)) != value:
                return found
    if _NUMBER.fullmatch(value):
        return _of_number(Decimal(value))
    return canonical(expand(value))


def _time(text: str) -> str:
    """Return a moment in UTC, rounded half up to milliseconds."""
    time: datetime = moment(text)
    fraction = re.search(r"\.(\d+)", text)
    whole = time.replace(microsecond=0)
    thousandths = int(fraction[1].ljust(4, "0")[:4]) + 5 if fraction else 0
    whole += timedelta(milliseconds=thousandths // 10)
    return whole.isoformat(timespec="milliseconds").replace("+00:00", "Z")
