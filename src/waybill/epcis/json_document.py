"""Documents in JSON and JSON-LD."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from waybill.epcis.document import DEEPEST, KINDS, MASTER_DATA, Document, Event, Statement, local, not_epcis
from waybill.epcis.normalising import normalise
from waybill.model.errors import InputError

_DECODER = msgspec.json.Decoder(float_hook=Decimal)

Context = dict[str, str]
"""Namespaces by prefix."""


def read_json(content: bytes, name: str) -> Document:
    """Read a document in JSON. Raises InputError if it is truncated, nested too deeply, or of another kind."""
    try:
        found = _DECODER.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"the JSON cannot be read: {error}", where=name, expected="one whole JSON document") from None
    except RecursionError:
        raise _too_deep(name) from None
    if not isinstance(found, dict):
        raise not_epcis(name, "an array" if isinstance(found, list) else "a value")
    if _is_deeper(found, DEEPEST):
        raise _too_deep(name)
    context = context_of(found.get("@context"))
    events = [_event(event, context) for event in _events(found, name)]
    return Document(events, _statements(found), _ignored(found, context))


def context_of(said: Any) -> Context:
    """Return the prefixes that a JSON-LD context declares; addresses of contexts are never fetched."""
    context: Context = {}
    for part in said if isinstance(said, list) else [said]:
        if isinstance(part, dict):
            for prefix, namespace in part.items():
                meant = namespace.get("@id") if isinstance(namespace, dict) else namespace
                if isinstance(meant, str) and not prefix.startswith("@"):
                    context[prefix] = meant
    return context


def _events(found: dict[str, Any], name: str) -> list[Any]:
    kind = found.get("type", found.get("isA"))
    if kind in KINDS:
        return [found]
    if kind == MASTER_DATA:
        return []
    if kind not in ("EPCISDocument", "EPCISQueryDocument"):
        raise not_epcis(name, f"type {kind!r}"[:80])
    if "@context" not in found:
        raise InputError("the document has no context", where=f"{name}: @context", expected="GS1's EPCIS context")
    body = found.get("epcisBody")
    if kind == "EPCISQueryDocument":
        results = body.get("queryResults") if isinstance(body, dict) else None
        body = results.get("resultsBody") if isinstance(results, dict) else None
    if isinstance(body, dict) and "event" in body and "eventList" not in body:
        return [body["event"]]
    events = body.get("eventList") if isinstance(body, dict) else None
    if not isinstance(events, list):
        raise InputError("the document has no list of events", where=f"{name}: epcisBody", expected="eventList")
    return events


def _event(event: Any, context: Context) -> Event:
    """Return an event with the prefixes it uses, so that it can stand alone; what is none is left to validation."""
    if not isinstance(event, dict):
        return {"type": event}
    known = context | context_of(event.pop("@context", None))
    used = {prefix: known[prefix] for prefix in _prefixes(event) if prefix in known}
    if used:
        event["@context"] = [dict(sorted(used.items()))]
    return normalise(event)


def _prefixes(value: Any) -> set[str]:
    """Return the prefixes of all names of fields in a value, and of texts that may be compact addresses."""
    if isinstance(value, dict):
        found = {name.partition(":")[0] for name in value if ":" in name}
        return found.union(*map(_prefixes, value.values()))
    if isinstance(value, list):
        return set().union(*map(_prefixes, value))
    return {value.partition(":")[0]} if isinstance(value, str) and ":" in value else set()


def _statements(found: dict[str, Any]) -> list[Statement]:
    header = found.get("epcisHeader")
    master = header.get("epcisMasterData") if isinstance(header, dict) else None
    statements: list[Statement] = []
    for vocabulary in _dicts(master.get("vocabularyList") if isinstance(master, dict) else None):
        for element in _dicts(vocabulary.get("vocabularyElementList")):
            for attribute in _dicts(element.get("attributes")):
                value = attribute.get("attribute")
                if isinstance(value, (str, int, Decimal)):
                    parts = local(str(vocabulary.get("type"))), str(element.get("id")), local(str(attribute.get("id")))
                    statements.append(Statement(*parts, str(value)))
    return statements


def _ignored(found: dict[str, Any], context: Context) -> frozenset[str]:
    """Return what a repository says is its own and no part of the event (``…:ignoreFields`` around the events)."""
    named: list[Any] = []
    holder: Any = found
    while isinstance(holder, dict):
        named += [name for key, names in holder.items() if key.endswith(":ignoreFields") for name in _list(names)]
        holder = holder.get("epcisBody") or holder.get("queryResults") or holder.get("resultsBody")
    pairs = [str(name).partition(":") for name in named]
    return frozenset(f"{{{context.get(prefix, prefix)}}}{name}" for prefix, _, name in pairs)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [member for member in _list(value) if isinstance(member, dict)]


def _is_deeper(value: Any, levels: int) -> bool:
    layer: list[Any] = [value]
    while layer and levels:
        layer = [
            member
            for holder in layer
            for member in (holder.values() if isinstance(holder, dict) else holder)
            if isinstance(member, (dict, list))
        ]
        levels -= 1
    return bool(layer)


def _too_deep(name: str) -> InputError:
    return InputError("the document is nested too deeply", where=name, expected=f"{DEEPEST} levels at most")
