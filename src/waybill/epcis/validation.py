"""Judges the events of a document: by schema, then by the rules that a schema cannot hold.

All or nothing: the first fault of each event is told, and one faulty event refuses the document.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from typing import Any

import jsonschema_rs

from waybill.epcis.document import KINDS, Event
from waybill.epcis.schema import SCHEMAS
from waybill.epcis.semantics import Fault, faults
from waybill.model.errors import InputError

MOST_TOLD = 10
"""Faulty events that one message names."""


class InvalidEventsError(InputError):
    """Events of a document that are not as the standard wants them; nothing of the document is kept."""

    def __init__(self, name: str, found: list[tuple[int, Fault]]) -> None:
        number, first = found[0]
        prefix = f"{name}: " if name else ""
        super().__init__(
            first.what,
            where=f"{prefix}event {number}, {first.field}",
            expected=first.expected,
            advice="; ".join(f"event {number}, {one.field}: {one.what}" for number, one in found[1:MOST_TOLD]),
        )
        self.found = found
        """Number of each faulty event, from 1, and what is wrong with it."""


def check(events: list[Event], now: datetime, name: str = "") -> None:
    """Judge all events of a document. Raises InvalidEventsError, which names each faulty event and its field."""
    found = [(number, fault) for number, event in enumerate(events, 1) if (fault := first_fault(event, now))]
    if found:
        raise InvalidEventsError(name, found)


def first_fault(event: Event, now: datetime) -> Fault | None:
    """Return what is wrong with an event, or None."""
    kind = event.get("type")
    if kind not in KINDS:
        return Fault("type", f"there is no such kind of event: {str(kind)[:60]}", ", ".join(KINDS))
    judge = _judge(kind)
    if not judge.is_valid(event):
        return _told(next(iter(judge.iter_errors(event))))
    return next(faults(event, now), None)


@cache
def _judge(kind: str) -> Any:
    return jsonschema_rs.validator_for(SCHEMAS[kind])


def _told(error: Any) -> Fault:
    """Return what the schema found, in words."""
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.instance_path).lstrip(".")
    message = str(error.message)
    rule = error.schema_path[-1] if error.schema_path else ""
    if rule == "required":
        named = re.search(r'"([^"]+)" is a required', message)
        missing = named[1] if named else ""
        return Fault(f"{field}.{missing}".strip("."), "the field is missing", f"a value for {missing}")
    if rule == "additionalProperties":
        named = re.search(r"\('([^']+)'", message)
        unknown = named[1] if named else ""
        return Fault(
            f"{field}.{unknown}".strip("."), "there is no such field", "one of EPCIS 2.0, or one with a prefix"
        )
    what, expected = _WRONG.get(rule, ("not as the standard wants it", str(rule)))
    return Fault(field or "type", what, expected)


_WRONG = {
    "type": ("a value of the wrong type", "that of the standard"),
    "anyOf": ("no word of the standard", "one of its words, or an address of your own"),
    "enum": ("no word of the standard", "one of its words"),
    "pattern": ("not of the right form", "that of the standard"),
    "minimum": ("a negative quantity", "zero or more"),
    "minItems": ("an empty list", "at least one"),
    "uniqueItems": ("the same twice", "each once"),
    "maxLength": ("too long", "2000 letters at most"),
}
"""What broke a rule of the schema, and what would be right. Values are not repeated: they may name people."""
