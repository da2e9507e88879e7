"""Adds to an entry of Google Cloud's audit log the names by which Sigma's public rules call its fields.

Some rules go by the names that Elastic gives (``gcp.audit.method_name``), others by those of a message of Pub/Sub
around the entry (``data.protoPayload``). Both name the same few fields, so only these are there twice.
"""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]

_NAMED = ("serviceName", "methodName", "authorizationInfo")
"""Fields of the payload that rules ask for, none of which names a person."""


def read(record: Record) -> Record:
    """Return the entry with its further names; the same object."""
    payload = record.get("protoPayload")
    if not isinstance(payload, dict) or "gcp" in record or "data" in record:
        return record
    named: Record = {name: payload[name] for name in _NAMED if name in payload}
    resource = record.get("resource")
    if isinstance(resource, dict):
        named["resource"] = {"type": resource.get("type")}
    if isinstance(name := record.get("logName"), str):
        named["logName"] = name.rpartition("/logs/")[2]
    record["gcp"] = {"audit": {"method_name": payload.get("methodName")}}
    record["data"] = {"protoPayload": named}
    return record
