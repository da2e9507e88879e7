"""Bills of hardware: parts are associated with wholes, and what a device is made of comes out again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.epcis.test_store import keep, marks

from waybill.epcis.document import read_document
from waybill.epcis.hardware import associations, bill
from waybill.epcis.store import Store
from waybill.epcis.validation import check
from waybill.model.custody import MarkKind
from waybill.model.errors import InputError

AT = datetime(2026, 3, 1, tzinfo=UTC)


def device(name: str, *parts: dict[str, Any], kind: str = "device", **said: str) -> dict[str, Any]:
    """Return a component."""
    properties = [{"name": f"cdx:device:{key}", "value": value} for key, value in said.items()]
    return {"type": kind, "name": name, "properties": properties, "components": list(parts)}


def server(serial: str = "SRV-1", board: str = "B-7") -> bytes:
    """Return the bill of a server with a board, chips and screws."""
    chip, screws = device("GPU die", serialNumber="ECID-42"), device("Screw M3", quantity="8")
    whole = device("Server", device("Board", chip, screws, serialNumber=board), serialNumber=serial)
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": whole}}).encode()


def test_a_bill_becomes_associations_and_comes_out_again(tmp_path: Path) -> None:
    store, events = Store(tmp_path / "c.sqlite3"), associations(server(), AT)
    check(events, datetime(2026, 11, 1, tzinfo=UTC))
    assert [event["parentID"] for event in events] == ["urn:cdx:device:Server:SRV-1", "urn:cdx:device:Board:B-7"]
    assert events[1]["childQuantityList"] == [{"epcClass": "urn:cdx:part:Screw%20M3", "quantity": 8}]
    keep(store, *events)
    with store.reading() as database:
        made = json.loads(bill(database, "urn:cdx:device:Server:SRV-1"))
    whole = made["metadata"]["component"]
    assert whole["components"][0]["components"][0]["name"] == "GPU die"
    again = associations(json.dumps(made).encode(), AT)
    assert [event["childEPCs"] for event in again] == [event["childEPCs"] for event in events]


def test_one_board_in_two_servers_is_marked(tmp_path: Path) -> None:
    store = Store(tmp_path / "c.sqlite3")
    keep(store, *associations(server(), AT))
    keep(store, *associations(server("SRV-2"), datetime(2026, 3, 2, tzinfo=UTC)))
    assert marks(store) == [MarkKind.SECOND_PARENT]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"bomFormat":"CycloneDX"}', b'{"metadata":{"component":{"type":"library","name":"x"}}}'],
)
def test_what_is_no_bill_of_hardware_is_refused(content: bytes) -> None:
    with pytest.raises(InputError):
        associations(content, AT)
    with pytest.raises(InputError):
        read_document(content)
