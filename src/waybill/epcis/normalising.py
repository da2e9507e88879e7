"""Brings the words of an event into one form: bare where the standard knows them, expanded where they are compact."""

from __future__ import annotations

from typing import Any

from waybill.epcis.document import Event
from waybill.epcis.vocabulary import bare, expand


def normalise(event: Event) -> Event:
    """Return the event with words of the standard bare; what has a wrong type is left for validation to name."""
    for field, kind in (("bizStep", "bizStep"), ("disposition", "disposition")):
        if isinstance(event.get(field), str):
            event[field] = bare(kind, event[field])
    persistent = event.get("persistentDisposition")
    if isinstance(persistent, dict):
        for change, words in persistent.items():
            if isinstance(words, list):
                persistent[change] = [bare("disposition", word) if isinstance(word, str) else word for word in words]
    for field, kind in (("bizTransactionList", "transaction"), ("sourceList", "party"), ("destinationList", "party")):
        for member in _members(event, field):
            _set(member, "type", kind)
    if isinstance(event.get("errorDeclaration"), dict):
        _set(event["errorDeclaration"], "reason", "reason")
    for element in _members(event, "sensorElementList"):
        for report in _members(element, "sensorReport"):
            _set(report, "type", "measurement")
            _set(report, "exception", "exception")
            _set(report, "component", "component")
    return event


def _set(member: dict[str, Any], field: str, kind: str) -> None:
    if isinstance(member.get(field), str):
        member[field] = bare(kind, expand(member[field]))


def _members(holder: dict[str, Any], field: str) -> list[dict[str, Any]]:
    found = holder.get(field)
    return [member for member in found if isinstance(member, dict)] if isinstance(found, list) else []
