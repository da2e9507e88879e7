"""An event on its way into the file: its identity, its time, what it is about."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from waybill.epcis.document import Event
from waybill.epcis.facts import Item, items_of
from waybill.epcis.hashing import text_20
from waybill.epcis.moments import moment
from waybill.epcis.store import to_number
from waybill.model.errors import InputError

ENCODER = msgspec.json.Encoder(decimal_format="number")
"""Writes events as they came: numbers exact."""

Identify = Callable[[bytes], bytes]
"""Makes the id of a transfer of what it is about."""


@dataclass(slots=True)
class Draft:
    """An event on its way into the file."""

    event: Event
    id: str
    identity: bytes
    declares: bool
    time: int
    items: list[Item]
    number: int = 0
    transfers: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, event: Event, ignored: frozenset[str], place: int, name: str) -> Draft:
        """Return the draft of an event that was judged. Raises InputError if it has no canonical form."""
        try:
            text = text_20(event, ignored)
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            where = f"{name}: event {place}" if name else f"event {place}"
            raise InputError(f"the event has no canonical form: {error}", where=where) from None
        digest = hashlib.sha256(text.encode())
        id = event.get("eventID") or f"ni:///sha-256;{digest.hexdigest()}?ver=CBV2.0"
        declaration = event.get("errorDeclaration")
        if declaration is not None:
            digest.update(b"\0error\0" + ENCODER.encode(sorted(declaration.items())))
        time = to_number(moment(event["eventTime"]))
        return cls(event, id, digest.digest(), declaration is not None, time, items_of(event))
