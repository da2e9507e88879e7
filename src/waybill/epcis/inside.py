"""Conditions on what stands only in the event itself: sensors with their units, master data, extensions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from waybill.epcis.document import Event
from waybill.epcis.identifiers import canonical
from waybill.epcis.json_document import context_of
from waybill.epcis.moments import moment
from waybill.epcis.units import in_base
from waybill.epcis.vocabulary import bare, expand
from waybill.model.errors import InputError

_SENSOR_VALUES = re.compile(
    r"(EQ|GT|GE|LT|LE)_(value|minValue|maxValue|meanValue|sDev|percValue|percRank)(?:_([A-Z0-9]{2,4}))?"
)
_SENSOR_TIMES = re.compile(r"(EQ|GT|GE|LT|LE)_(time|startTime|endTime)")
_SENSOR_WORDS = re.compile(
    "EQ_(type|deviceID|deviceMetadata|rawData|dataProcessingMethod|microorganism|chemicalSubstance|bizRules|component|"
    "exception|stringValue|booleanValue|hexBinaryValue|uriValue|coordinateReferenceSystem)"
)
_EXTENSION = re.compile(
    r"(EQ|GT|GE|LT|LE|EXISTS)_(INNER_)?(ILMD_|SENSORELEMENT_|SENSORMETADATA_|SENSORREPORT_|ERROR_DECLARATION_|"
    r"readPoint_|bizLocation_)?([^_\s:]+[:#/][^\s]+)"
)
_BY_NAME = {"type": "measurement", "component": "component", "exception": "exception"}


def inside(name: str, value: Any) -> Callable[[Event], bool]:
    """Return the test that a parameter asks for. Raises InputError for one that is not known or has a wrong value."""
    if name in ("EXISTS_sensorElementList", "EXISTS_sensorElement"):
        return lambda event: bool(event.get("sensorElementList"))
    if found := _SENSOR_VALUES.fullmatch(name):
        return _measured(found[1], found[2], found[3], _numbers(name, value))
    if found := _SENSOR_TIMES.fullmatch(name):
        return _timed(found[1], found[2], _moments(name, value))
    if found := _SENSOR_WORDS.fullmatch(name):
        return _said(found[1], _list(value))
    if found := _EXTENSION.fullmatch(name):
        return _extended(found[1], bool(found[2]), (found[3] or "").rstrip("_"), found[4], _list(value))
    raise InputError("there is no such parameter", where=name[:100], expected="one of the standard's, section 8.2.7")


def _parts(event: Event) -> Iterator[dict[str, Any]]:
    """Yield each sensor report with what its element says for all of its reports."""
    for element in event.get("sensorElementList", ()):
        metadata = element.get("sensorMetadata", {})
        for report in element["sensorReport"]:
            yield metadata | report


def _measured(relation: str, field: str, unit: str | None, asked: list[Decimal]) -> Callable[[Event], bool]:
    """Compare values in the base unit, so that a question in kelvin finds an answer in degrees Celsius."""
    converted = unit is not None and field != "percRank"

    def test(event: Event) -> bool:
        for part in _parts(event):
            if field in part and any(_fits(relation, field, part, unit if converted else None, one) for one in asked):
                return True
        return False

    return test


def _fits(relation: str, field: str, part: dict[str, Any], unit: str | None, asked: Decimal) -> bool:
    found = Decimal(str(part[field]))
    if unit is None:
        return _compare(relation, found, asked)
    own = part.get("uom")
    if own == unit:
        return _compare(relation, found, asked)
    (left, base), (right, other) = in_base(found, own), in_base(asked, unit)
    if field == "sDev" and base in ("KEL",):  # a difference has no offset
        zero = in_base(Decimal(0), own)[0], in_base(Decimal(0), unit)[0]
        left, right = (left or 0.0) - (zero[0] or 0.0), (right or 0.0) - (zero[1] or 0.0)
    return base is not None and base == other and _compare(relation, round(left or 0.0, 9), round(right or 0.0, 9))


def _timed(relation: str, field: str, asked: list[Any]) -> Callable[[Event], bool]:
    def test(event: Event) -> bool:
        times = [moment(part[field]) for part in _parts(event) if field in part]
        return any(_compare(relation, time, one) for time in times for one in asked)

    return test


def _said(field: str, asked: list[Any]) -> Callable[[Event], bool]:
    kind = _BY_NAME.get(field)

    def plain(value: Any) -> str:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return bare(kind, expand(text)) if kind else canonical(text)

    wanted = {plain(one) for one in asked}
    return lambda event: any(field in part and plain(part[field]) in wanted for part in _parts(event))


def _extended(relation: str, inner: bool, where: str, name: str, asked: list[Any]) -> Callable[[Event], bool]:
    def test(event: Event) -> bool:
        context = context_of(event.get("@context"))
        values = [
            value
            for holder in _holders(event, where)
            for value in _named(holder, name, context, inner)
            if where or holder is event
        ]
        if relation == "EXISTS":
            return bool(values)
        return any(_compare_texts(relation, value, one) for value in values for one in asked)

    return test


def _holders(event: Event, where: str) -> Iterator[dict[str, Any]]:
    if not where:
        yield event
    elif where == "ILMD":
        yield event.get("ilmd", {})
    elif where == "ERROR_DECLARATION":
        yield event.get("errorDeclaration", {})
    elif where in ("readPoint", "bizLocation"):
        yield event.get(where, {})
    else:
        for element in event.get("sensorElementList", ()):
            if where == "SENSORELEMENT":
                yield element
            elif where == "SENSORMETADATA":
                yield element.get("sensorMetadata", {})
            else:
                yield from element["sensorReport"]


def _named(holder: Any, name: str, context: dict[str, str], inner: bool) -> Iterator[Any]:
    """Yield the values of an extension, by its name with prefix or in full; ``inner``: at any depth below."""
    if isinstance(holder, list):
        for one in holder:
            yield from _named(one, name, context, inner)
    elif isinstance(holder, dict):
        for key, value in holder.items():
            if ":" not in key:
                continue
            prefix, _, rest = key.partition(":")
            full = context.get(prefix, f"{prefix}:")
            if name in (key, full + rest, f"{full}#{rest}"):
                yield from value if isinstance(value, list) else [value]
            if inner and isinstance(value, (dict, list)):
                yield from _named(value, name, context, inner)


def _compare_texts(relation: str, found: Any, asked: Any) -> bool:
    if isinstance(found, (dict, list)):
        return False
    left, right = str(found), str(asked)
    if relation == "EQ":
        return left == right or (_as_number(left) is not None and _as_number(left) == _as_number(right))
    numbers = _as_number(left), _as_number(right)
    if None not in numbers:
        return _compare(relation, *numbers)
    return _compare(relation, left, right)


def _as_number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _compare(relation: str, left: Any, right: Any) -> bool:
    found = {"EQ": left == right, "GT": left > right, "GE": left >= right, "LT": left < right, "LE": left <= right}
    return bool(found[relation])


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _numbers(name: str, value: Any) -> list[Decimal]:
    try:
        return [Decimal(str(one)) for one in _list(value)]
    except InvalidOperation:
        raise InputError("this is no number", where=name, expected="a number") from None


def _moments(name: str, value: Any) -> list[Any]:
    try:
        return [moment(str(one)) for one in _list(value)]
    except ValueError:
        raise InputError("this is no moment", where=name, expected="for example 2026-02-28T10:30:00+08:00") from None
