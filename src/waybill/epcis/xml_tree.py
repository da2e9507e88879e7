"""Reads XML into a plain tree, with expat and without anything that makes XML dangerous.

No entities are declared, no external parts are fetched, and depth is bounded; a document type with nothing in it is
passed over, since documents of the standard's own authors have one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from waybill.epcis.document import DEEPEST
from waybill.model.errors import BombError, InputError

_SEPARATOR = "\x1f"
_OWN_NAMESPACES = ("urn:epcglobal:epcis:xsd:", "urn:epcglobal:epcis-query:xsd:")
"""Elements of EPCIS itself may stand in its namespace or in none."""

SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"


@dataclass(slots=True)
class Element:
    """An element; its name and those of its attributes are (namespace, local name, prefix)."""

    name: tuple[str, str, str]
    attributes: list[tuple[tuple[str, str, str], str]]
    children: list[Element] = field(default_factory=list)
    text: str = ""

    @property
    def local(self) -> str:
        """The name without namespace."""
        return self.name[1]

    def child(self, local: str) -> Element | None:
        """Return the first child of this name."""
        return next((child for child in self.children if child.local == local), None)


def parse_xml(content: bytes, name: str) -> Element:
    """Return the root element. Raises InputError for what is not well-formed, BombError for what declares entities."""
    reader = _Reader(name)
    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    parser.namespace_prefixes = True
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = reader.document_type
    parser.EntityDeclHandler = reader.entity
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        place = f"{name}: line {error.lineno}, column {error.offset}"
        raise InputError(f"the XML is broken: {expat.errors.messages[error.code]}", where=place) from None
    return reader.root


class _Reader:
    """Builds the tree; ``where`` names the file."""

    def __init__(self, where: str) -> None:
        self.root = Element(("", "", ""), [])
        self._where = where
        self._open: list[Element] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= DEEPEST:
            raise InputError("the document is nested too deeply", where=self._where, expected=f"{DEEPEST} levels")
        element = Element(_name(name), [(_name(key), value) for key, value in attributes.items()])
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def end(self, _name: str) -> None:
        element = self._open.pop()
        element.text = element.text.strip()

    def characters(self, text: str) -> None:
        self._open[-1].text += text

    def document_type(self, _name: str, system: str | None, public: str | None, internal: int) -> None:
        if system or public or internal:
            raise BombError("the document type declares something", where=self._where, expected="no DOCTYPE")

    def entity(self, *_declared: object) -> None:
        raise BombError("the document declares an entity", where=self._where, expected="no entities")


def _name(qualified: str) -> tuple[str, str, str]:
    parts = qualified.split(_SEPARATOR)
    if len(parts) == 1 or parts[0].startswith(_OWN_NAMESPACES):
        return "", parts[-1 if len(parts) == 1 else 1], ""
    return parts[0], parts[1], parts[2] if len(parts) > 2 else ""
