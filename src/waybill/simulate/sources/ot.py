"""Audit events of a plant's machines as gateways write them, one JSON object a line: OPC UA, and SECS/GEM.

OPC UA: properties of AuditUpdateMethodEventType and AuditWriteUpdateEventType (OPC 10000-5, 6.4), to which gateways
add the address of the session's client. SECS/GEM: stream, function and data items of SEMI E5; process programs, which
are recipes, move in stream 7.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Any, Literal

import orjson

from waybill.simulate.sources.log import Layout
from waybill.simulate.sources.values import base64, milliseconds, token

OPCUA = Layout("{owner}/ot/opcua-audit-{month}.ndjson.gz")
GEM = Layout("{owner}/ot/secsgem-{month}.ndjson.gz")


def opcua_method(
    random: Random,
    time: datetime,
    *,
    server: str,
    client: str,
    user: str,
    node: str,
    method: str,
    arguments: Sequence[str | float] = (),
    allowed: bool = True,
) -> bytes:
    """Write that a machine, ``client``, called a method of an object of ``server``, as to read a file with a recipe.

    ``method`` is its node id, which is ``i=11585`` for reading a file (OPC 10000-20), or its name.
    """
    what = {"SourceNode": node, "SourceName": f"Method/{method}", "MethodId": method, "InputArguments": list(arguments)}
    who = {"ServerId": server, "ClientAddress": client, "ClientUserId": user, "Status": allowed}
    return _opcua(random, time, "AuditUpdateMethodEventType", who, what)


def opcua_write(
    random: Random,
    time: datetime,
    *,
    server: str,
    client: str,
    user: str,
    node: str,
    old: str | float,
    new: str | float,
    allowed: bool = True,
) -> bytes:
    """Write that a machine, ``client``, changed the value of a node of ``server``."""
    what = {"SourceNode": node, "SourceName": "Attribute/Write", "AttributeId": 13, "OldValue": old, "NewValue": new}
    who = {"ServerId": server, "ClientAddress": client, "ClientUserId": user, "Status": allowed}
    return _opcua(random, time, "AuditWriteUpdateEventType", who, what)


def recipe_transfer(
    time: datetime,
    *,
    equipment: str,
    host: str,
    user: str,
    recipe: str,
    size: int,
    direction: Literal["upload", "download"],
    accepted: bool = True,
) -> bytes:
    """Write that a recipe went from the equipment to a host (upload: S7F6), or from a host to it (download: S7F3)."""
    up = direction == "upload"
    return orjson.dumps(
        {
            "time": milliseconds(time),
            "equipment": equipment,
            "host": host,
            "operator": user,
            "stream": 7,
            "function": 6 if up else 3,
            "message": "Process Program Data" if up else "Process Program Send",
            "direction": "equipment-to-host" if up else "host-to-equipment",
            "PPID": recipe,
            "LENGTH": size,
            "ACKC7": 0 if accepted else 1,
        }
    )


def _opcua(random: Random, time: datetime, kind: str, who: dict[str, Any], what: dict[str, Any]) -> bytes:
    moment = milliseconds(time)
    return orjson.dumps(
        {
            "EventId": base64(random, 16),
            "ClientAuditEntryId": token(random, 8),
            "EventType": kind,
            "Time": moment,
            "ReceiveTime": moment,
            "ActionTimeStamp": moment,
            "Severity": 100 if who["Status"] else 500,
            **who,
            **what,
        }
    )
