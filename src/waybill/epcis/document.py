"""What a document of events holds, whichever way it was written, and reading it with bounded cost.

A document is read as a whole or not at all. Its events come out as EPCIS 2.0 writes them in JSON, words of the
standard bare, numbers exact (``Decimal``), and with the prefixes that their extensions use in ``@context``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from waybill.model.custody import EventKind
from waybill.model.errors import InputError

Event = dict[str, Any]
"""One event in the JSON form of EPCIS 2.0."""

KINDS = tuple(kind.value for kind in EventKind)

MASTER_DATA = "EPCISMasterDataDocument"
"""A document without events, which says what places, parties and products are."""

DOCUMENT_BYTES = 96 << 20
"""Largest document that is read: a million children in one aggregation fit, a bomb does not."""

DEEPEST = 40
"""Levels of nesting; the standard itself needs nine."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One attribute of master data: what a document says of a place, a party or a class of products."""

    vocabulary: str
    """``BusinessLocation``, ``ReadPoint``, ``EPCClass``, …"""
    id: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Document:
    """The events of a document, and what it says beside them."""

    events: list[Event]
    statements: list[Statement] = field(default_factory=list)
    ignored: frozenset[str] = frozenset()
    """Extensions, as ``{namespace}name``, that take no part in hash ids."""


def read_document(content: bytes, name: str = "") -> Document:
    """Read a document, query document or single event in JSON, JSON-LD or XML (2.0, 1.2).

    What it holds is not judged yet, see ``validation``. Raises InputError, which names the file, if it is too large,
    truncated, nested too deeply, or no such document.
    """
    if len(content) > DOCUMENT_BYTES:
        raise InputError(
            "the document is too large",
            where=name,
            expected=f"at most {DOCUMENT_BYTES >> 20} MiB",
            advice="send its events in several documents",
        )
    start = content.lstrip(b"\xef\xbb\xbf\t\r\n ")[:1]
    if start == b"<":
        from waybill.epcis.xml_document import read_xml

        return read_xml(content, name)
    if start in (b"{", b"["):
        from waybill.epcis.json_document import read_json

        return read_json(content, name)
    raise InputError("this is neither JSON nor XML", where=name, expected="an EPCIS document of version 2.0 or 1.2")


def not_epcis(name: str, found: str) -> InputError:
    """Return what to raise for a document of another kind."""
    return InputError(
        "this is no document of events",
        where=f"{name}: {found}" if name else found,
        expected=f"EPCISDocument, EPCISQueryDocument with results, or one of {', '.join(KINDS)}",
    )


def local(name: str) -> str:
    """Return the last part of an address or URN: ``…/voc/latitude`` and ``urn:…:mda#latitude`` are ``latitude``."""
    for separator in ("#", "/", ":"):
        name = name.rstrip(separator).rpartition(separator)[2] or name
    return name
