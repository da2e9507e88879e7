"""Turns Windows events as JSON into transfers, for tests of the Sigma detector alone (the collector has its own)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import pyarrow as pa
from sigma.pipelines.common import windows_logsource_mapping
from tests.detect.sigma_tables import table, transfer

from waybill.model.transfers import SEPARATOR

_SERVICES = {
    channel.casefold(): service
    for service, channels in windows_logsource_mapping.items()
    for channel in ([channels] if isinstance(channels, str) else channels)
}

_SYSMON = {
    "1": "process_creation",
    "2": "file_change",
    "3": "network_connection",
    "4": "sysmon_status",
    "5": "process_termination",
    "6": "driver_load",
    "7": "image_load",
    "8": "create_remote_thread",
    "9": "raw_access_thread",
    "10": "process_access",
    "11": "file_event",
    "12": "registry_event",
    "13": "registry_set",
    "14": "registry_rename",
    "15": "create_stream_hash",
    "16": "sysmon_status",
    "17": "pipe_created",
    "18": "pipe_created",
    "19": "wmi_event",
    "20": "wmi_event",
    "21": "wmi_event",
    "22": "dns_query",
    "23": "file_delete",
    "24": "clipboard_capture",
    "25": "process_tampering",
    "26": "file_delete",
    "27": "file_block_executable",
    "28": "file_block_shredding",
    "29": "file_executable_detected",
    "255": "sysmon_error",
}

_OTHERS = {
    ("security", "4688"): "process_creation",
    ("powershell", "4103"): "ps_module",
    ("powershell", "4104"): "ps_script",
    ("powershell-classic", "400"): "ps_classic_start",
    ("powershell-classic", "600"): "ps_classic_provider_start",
    ("powershell-classic", "800"): "ps_classic_script",
}

_REGISTRY_KEYS = {"CreateKey": "registry_add", "DeleteKey": "registry_delete", "DeleteValue": "registry_delete"}


def windows_events(records: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Return events, nested as in the event log's XML or already flat, as transfers."""
    rows = []
    for number, record in enumerate(records, start=1):
        fields = _texts(_flat(record) if "Event" in record else record)
        rows.append(
            transfer(number, fields, logsource=_logsource(fields), raw=orjson.dumps(record), actor=fields.get("User"))
        )
    return table(rows)


def _logsource(fields: Mapping[str, str]) -> str:
    service = _SERVICES.get(fields.get("Channel", "").casefold(), "")
    event = fields.get("EventID", "")
    category = _SYSMON.get(event, "") if service == "sysmon" else _OTHERS.get((service, event), "")
    if category == "registry_event":
        category = _REGISTRY_KEYS.get(fields.get("EventType", ""), category)
    return f"windows/{category}/{service}"


def _flat(record: Mapping[str, Any]) -> dict[str, Any]:
    event = record["Event"]
    flat: dict[str, Any] = {}
    for name, value in event["System"].items():
        attributes = value.get("#attributes", {}) if isinstance(value, dict) else {}
        flat |= {f"{name}_{attribute}": content for attribute, content in attributes.items()}
        flat[name] = value.get("#text") if isinstance(value, dict) else value
    for part in (event.get("EventData"), event.get("UserData")):
        inner = part or {}
        if len(inner) == 1 and isinstance(next(iter(inner.values())), dict):
            inner = next(iter(inner.values()))
        flat |= {name.replace(" ", ""): value for name, value in inner.items()}
        if isinstance(inner.get("Data"), dict):
            flat["Data"] = inner["Data"].get("#text")
    return flat


def _texts(fields: Mapping[str, Any]) -> dict[str, str]:
    return {name: _text(value) for name, value in fields.items() if value is not None and not isinstance(value, dict)}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return SEPARATOR.join(_text(member) for member in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
