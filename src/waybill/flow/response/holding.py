"""Holds what is about to leave: permits in the register, lots and things in the file of custody events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from sqlite3 import Connection

from waybill.epcis.document import Document, Event
from waybill.epcis.lineage import number_of, the_item
from waybill.flow.custody.capturing import capture_events
from waybill.flow.custody.tracing import for_good
from waybill.flow.installation import Installation
from waybill.model.errors import UsageError
from waybill.model.register import Permit
from waybill.register import records
from waybill.register.fields import Kind
from waybill.register.importing import Reading
from waybill.respond.connectors.permits import SuspendPermit
from waybill.respond.connectors.shipments import HELD, HoldShipment


def permits(installation: Installation) -> SuspendPermit:
    """Return what suspends permits of the register."""
    key = installation.folder.key("identity")

    def find(id: str) -> Permit | None:
        return next((one for one in installation.register().permits if one.id == id), None)

    def keep(permit: Permit) -> None:
        reading = Reading({Kind.PERMITS: [permit]}, lines={(Kind.PERMITS, permit.id): ("playbook", 1)})
        records.import_reading(reading, installation.pseudonymiser, key, where="playbook")

    return SuspendPermit(find, keep)


def shipments(installation: Installation) -> HoldShipment:
    """Return what holds lots and things with the permits that let them go."""

    def is_held(text: str) -> bool:
        with _reading(installation) as database:
            number = number_of(database, the_item(database, text))
            return number is not None and HELD in for_good(database, number)

    def observe(text: str, held: bool) -> None:
        with _reading(installation) as database:
            item = the_item(database, text)
            is_class = database.execute("SELECT is_class FROM item WHERE item = ?", (item,)).fetchone()[0]
        capture_events(installation, Document([_event(item, bool(is_class), held)]), submitter="waybill")

    return HoldShipment(permits(installation), is_held, observe)


@contextmanager
def _reading(installation: Installation) -> Iterator[Connection]:
    if not installation.custody_store.exists:
        raise UsageError("no custody event was ever captured", advice="`waybill epcis capture FILE…` takes them in")
    with installation.custody_store.reading() as database:
        yield database


def _event(item: str, is_class: bool, held: bool) -> Event:
    """Return the event that holds an item, or releases it after it was looked at."""
    what = {"quantityList": [{"epcClass": item}]} if is_class else {"epcList": [item]}
    return {
        "type": "ObjectEvent",
        "eventTime": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "eventTimeZoneOffset": "+00:00",
        "action": "OBSERVE",
        "bizStep": "holding" if held else "inspecting",
        "persistentDisposition": {"set" if held else "unset": [HELD]},
        **what,
    }
