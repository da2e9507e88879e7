"""Custody events as transfers: at a time, a party moved a quantity of a lot from a place to a place, by freight.

Each item that moves by itself is a transfer; what is packed into something moves with it. Inputs and outputs of a
transformation are each one.
"""

from __future__ import annotations

import sqlite3
from typing import Any

import pyarrow as pa

from waybill.epcis.store import to_time
from waybill.model.custody import DocumentKind, Role
from waybill.model.transfers import COLLECTED, SEPARATOR
from waybill.model.words import Action, AssetKind, Channel, Outcome, PartyKind

SOURCE = "epcis"
"""Name of the source of such transfers."""

_ACTIONS = {
    Action.SHIP: ("shipping", "departing", "consigning", "retail_selling", "dispensing"),
    Action.RECEIVE: ("receiving", "arriving", "accepting"),
    Action.MOVE: (
        "transporting",
        "loading",
        "unloading",
        "staging_outbound",
        "stocking",
        "storing",
        "entering_exiting",
    ),
    Action.CREATE: ("commissioning", "creating_class_instance", "encoding", "assembling"),
    Action.DELETE: ("decommissioning", "destroying", "killing"),
}
_ACTION_OF = {step: action for action, steps in _ACTIONS.items() for step in steps}
_OF_ROLE = {Role.OUTPUT: Action.CREATE, Role.INPUT: Action.OTHER}
_FIELDS = {
    "eventID": "id", "type": "kind", "action": "action", "bizStep": "biz_step", "disposition": "disposition",
    "readPoint": "read_point", "bizLocation": "biz_location", "transformationID": "transformation",
}  # fmt: skip

_ROWS = """
    SELECT event.*, role, item.item AS item, quantity, unit, event_item.transfer AS own
    FROM event
    JOIN event_item ON event_item.event = event.number
    JOIN item ON item.number = event_item.item
    WHERE event.capture = ? AND NOT event.declares ORDER BY event.number, event_item.rowid
"""


def transfers(database: sqlite3.Connection, capture: int) -> pa.Table:
    """Return the transfers that the events of a capture are."""
    database.row_factory = sqlite3.Row
    papers = _grouped(database, "SELECT event, kind, type, document FROM paper WHERE event IN ({})", capture)
    stated = _grouped(database, "SELECT event, name, value FROM attribute WHERE event IN ({})", capture)
    seen: set[bytes] = set()
    rows = []
    for row in database.execute(_ROWS, (capture,)):
        if row["own"] not in seen:
            seen.add(row["own"])
            rows.append(_transfer(row, papers.get(row["number"], []), stated.get(row["number"], [])))
    database.row_factory = None
    return pa.Table.from_pylist(rows, schema=COLLECTED)


def _grouped(database: sqlite3.Connection, query: str, capture: int) -> dict[int, list[sqlite3.Row]]:
    found: dict[int, list[sqlite3.Row]] = {}
    for row in database.execute(query.format("SELECT number FROM event WHERE capture = ?"), (capture,)):
        found.setdefault(row["event"], []).append(row)
    return found


def _transfer(row: sqlite3.Row, papers: list[sqlite3.Row], stated: list[sqlite3.Row]) -> dict[str, Any]:
    role = Role(row["role"])
    action = _ACTION_OF.get(row["biz_step"] or "") or _OF_ROLE.get(role, Action.OTHER)
    licences = [paper["document"] for paper in papers if paper["kind"] == DocumentKind.LICENCE]
    actor = row["source_possessor"] or row["source_owner"] or row["submitter"]
    to_party = row["destination_possessor"] or row["destination_owner"]
    return {
        "time": to_time(row["time"]),
        "id": row["own"],
        "source": SOURCE,
        "logsource": "epcis//",
        "action": action.value,
        "outcome": Outcome.SUCCESS.value,
        "channel": Channel.FREIGHT.value,
        "actor": actor,
        "actor_kind": PartyKind.ORGANISATION.value,
        "actor_org": row["source_owner"],
        "application": row["submitter"],
        "asset": row["item"],
        "asset_kind": AssetKind.MATERIAL.value,
        "from_place": row["source_location"] or row["read_point"],
        "to_place": row["destination_location"] or row["biz_location"],
        "to_party": to_party,
        "quantity": row["quantity"],
        "unit": row["unit"],
        "permit": licences[0] if licences else None,
        "origin": f"capture/{row['capture']}",
        "position": row["number"],
        "fields": list(_fields(row, papers, stated).items()),
        "raw": row["body"],
    }


def _fields(row: sqlite3.Row, papers: list[sqlite3.Row], stated: list[sqlite3.Row]) -> dict[str, str]:
    """Return the event's own fields for rules, by the names of the standard."""
    fields = {name: row[column] for name, column in _FIELDS.items() if row[column]}
    fields["role"] = row["role"]
    for name, values in (("bizTransaction", papers), ("", stated)):
        for one in values:
            key, value = (name, one["document"]) if name else (one["name"], one["value"])
            fields[key] = f"{fields[key]}{SEPARATOR}{value}" if key in fields else value
    return fields
