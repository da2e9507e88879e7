"""Documents in XML, version 2.0 and 1.2: the same events as in JSON, written otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from waybill.epcis.document import KINDS, MASTER_DATA, Document, Event, Statement, local, not_epcis
from waybill.epcis.normalising import normalise
from waybill.epcis.xml_tree import SCHEMA_INSTANCE, Element, parse_xml
from waybill.model.errors import InputError

_WRAPPERS = frozenset(["extension", "baseExtension"])
"""What version 1.2 puts around what came after version 1.0."""

_NUMBER = re.compile(r"[+-]?\d{1,400}(\.\d{0,400})?([eE][+-]?\d{1,3})?|[+-]?\.\d{1,400}")
_NUMBERS = frozenset(["quantity", "value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"])


def read_xml(content: bytes, name: str) -> Document:
    """Read a document in XML. Raises InputError if it is broken, dangerous, or of another kind."""
    root = parse_xml(content, name)
    return Document([_event(element, name) for element in _events(root, name)], _statements(root), _ignored(root))


def _events(root: Element, name: str) -> list[Element]:
    if root.local in KINDS:
        return [root]
    if root.local == MASTER_DATA:
        return []
    if root.local not in ("EPCISDocument", "EPCISQueryDocument"):
        raise not_epcis(name, f"element {root.local!r}"[:80])
    body = root.child("EPCISBody") or root
    for step in ("QueryResults", "resultsBody") if root.local == "EPCISQueryDocument" else ():
        body = body.child(step) or body
    found = body.child("EventList")
    if found is None:
        raise InputError("the document has no list of events", where=f"{name}: EPCISBody", expected="EventList")
    return _flat(found)


class _Names:
    """Names of extensions as ``prefix:name``, each prefix standing for one namespace."""

    def __init__(self) -> None:
        self.context: dict[str, str] = {}
        self._prefixes: dict[str, str] = {}

    def key(self, name: tuple[str, str, str]) -> str:
        namespace, local_name, prefix = name
        if not namespace:
            return local_name
        known = self._prefixes.get(namespace)
        if known is None:
            known = prefix if prefix and prefix not in self.context else f"ns{len(self.context) + 1}"
            self._prefixes[namespace] = known
            self.context[known] = namespace
        return f"{known}:{local_name}"


def _event(element: Element, name: str) -> Event:
    if element.local not in KINDS:
        raise InputError("there is no such event", where=f"{name}: {element.local}", expected=", ".join(KINDS))
    names = _Names()
    event: Event = {"type": element.local}
    for child in _flat(element):
        key = names.key(child.name)
        if key != "eventTime" and len(event) == 1:
            raise InputError(
                "the elements of the event are out of order",
                where=f"{name}: {element.local}.{key}",
                expected="eventTime as the first element",
            )
        value = _field(child, key, names)
        _add(event, key, value) if key == "certificationInfo" or child.name[0] else event.__setitem__(key, value)
    if names.context:
        event["@context"] = [dict(sorted(names.context.items()))]
    return normalise(event)


def _flat(element: Element) -> list[Element]:
    """Return the children of an element, with those that version 1.2 wraps among them."""
    children: list[Element] = []
    for child in element.children:
        children += _flat(child) if child.local in _WRAPPERS and not child.name[0] else [child]
    return children


def _field(element: Element, key: str, names: _Names) -> Any:
    """Return the value of a field of an event, as JSON writes it."""
    read = _READERS.get(key)
    return read(element, names) if read else _value(element, names)


def _epcs(element: Element, _names: _Names) -> list[str]:
    return [child.text for child in element.children]


def _quantities(element: Element, _names: _Names) -> list[dict[str, Any]]:
    return [
        {one.local: _scalar(one.local, one.text) for one in child.children if one.text} for child in element.children
    ]


def _typed(element: Element, names: _Names) -> list[dict[str, Any]]:
    return [_attributes(child, names) | {child.local: child.text} for child in element.children]


def _sensors(element: Element, names: _Names) -> list[dict[str, Any]]:
    return [_sensor_element(child, names) for child in element.children]


def _dispositions(element: Element, _names: _Names) -> dict[str, list[str]]:
    changes = sorted({child.local for child in element.children})
    return {change: [child.text for child in element.children if child.local == change] for change in changes}


def _declaration(element: Element, names: _Names) -> dict[str, Any]:
    found = {names.key(child.name): _value(child, names) for child in _flat(element)}
    for child in element.children:
        if child.local == "correctiveEventIDs":
            found["correctiveEventIDs"] = [one.text for one in child.children]
    return found


def _sensor_element(element: Element, names: _Names) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in element.children:
        if child.local == "sensorReport":
            found.setdefault("sensorReport", []).append(_attributes(child, names))
        elif child.local == "sensorMetadata":
            found["sensorMetadata"] = _attributes(child, names)
        else:
            _add(found, names.key(child.name), _value(child, names))
    return found


def _extended(element: Element, names: _Names) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in _flat(element):
        _add(found, names.key(child.name), _value(child, names))
    return found


def _value(element: Element, names: _Names) -> Any:
    """Return text, or what an element of an extension holds; attributes of the schema language say nothing."""
    found: dict[str, Any] = _attributes(element, names)
    for child in element.children:
        _add(found, names.key(child.name), _value(child, names))
    if not found:
        return element.text
    return found | {"#text": element.text} if element.text else found


def _attributes(element: Element, names: _Names) -> dict[str, Any]:
    return {
        names.key(name): _scalar(name[1], value) if not name[0] else value
        for name, value in element.attributes
        if name[0] != SCHEMA_INSTANCE
    }


def _add(found: dict[str, Any], key: str, value: Any) -> None:
    """Set a field; one that comes again becomes a list."""
    if key not in found:
        found[key] = value
    elif isinstance(found[key], list):
        found[key].append(value)
    else:
        found[key] = [found[key], value]


def _scalar(name: str, text: str) -> Any:
    text = text.strip()
    if name in _NUMBERS and _NUMBER.fullmatch(text):
        number = Decimal(text)
        return int(number) if number == number.to_integral_value() and abs(number) < 10**15 else number
    return text == "true" if name == "booleanValue" and text in ("true", "false") else text


def _ignored(root: Element) -> frozenset[str]:
    """Return what a repository says is its own and no part of the event (``ignoreFields`` around the events)."""
    named = [one for child in root.children if child.local == "ignoreFields" for one in child.children]
    return frozenset(f"{{{one.name[0]}}}{one.local}" for one in named)


def _statements(root: Element) -> list[Statement]:
    header = root.child("EPCISHeader")
    statements: list[Statement] = []
    for vocabulary in _descendants(header, "Vocabulary") if header else []:
        kind = next((value for name, value in vocabulary.attributes if name[1] == "type"), "")
        for element in _descendants(vocabulary, "VocabularyElement"):
            id = next((value for name, value in element.attributes if name[1] == "id"), "")
            for attribute in element.children:
                named = next((value for name, value in attribute.attributes if name[1] == "id"), "")
                if attribute.local == "attribute" and named and not attribute.children:
                    statements.append(Statement(local(kind), id, local(named), attribute.text))
    return statements


def _descendants(element: Element, name: str) -> list[Element]:
    found: list[Element] = []
    for child in element.children:
        found += [child] if child.local == name else _descendants(child, name)
    return found


_READERS: dict[str, Callable[[Element, _Names], Any]] = {
    **dict.fromkeys(("epcList", "childEPCs", "inputEPCList", "outputEPCList"), _epcs),
    **dict.fromkeys(("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"), _quantities),
    **dict.fromkeys(("bizTransactionList", "sourceList", "destinationList"), _typed),
    **dict.fromkeys(("readPoint", "bizLocation", "ilmd"), _extended),
    "sensorElementList": _sensors,
    "persistentDisposition": _dispositions,
    "errorDeclaration": _declaration,
}
"""How fields that hold more than text are read."""
