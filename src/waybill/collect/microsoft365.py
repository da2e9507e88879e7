"""What a record of the Microsoft 365 unified audit log says between the lines.

`read` turns its lists of named values into objects, takes a record out of the envelope of Microsoft Graph, and adds

- ``waybill.shared_with``: the address of a guest, which the log writes as ``name_domain#ext#@tenant``;
- ``waybill.forward_to``: the addresses that a rule or mailbox forwards to, out of the texts around them;
- ``waybill.people``: who stands in addresses of files, or in lists among words that name nobody;
- ``eventSource``, ``eventName``, ``status``: the names that Sigma's rules use for alerts and for Exchange.

Schema: https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from waybill.collect.pairs import named

Record = dict[str, Any]

_PAIRS = ("Parameters", "ExtendedProperties", "ModifiedProperties", "OperationProperties")
"""Lists of named values."""

_OWN_FOLDER = re.compile(r"/personal/([^/]+)")
"""The folder of somebody's own files, called like the log-in with ``_`` for dots and the ``@``."""

_ADDRESS = re.compile(r"[^\s:;,<>\"\[\]]+@[^\s;,<>\"\[\]]+")

_FORWARDING = {
    "Parameters": (
        "ForwardTo", "ForwardAsAttachmentTo", "RedirectTo", "ForwardingSmtpAddress", "ForwardingAddress",
        "BlindCopyTo", "RedirectMessageTo", "CopyTo",
    ),
    "OperationProperties": ("RuleActions",),
}  # fmt: skip
"""Named values that say where mail goes on."""

_GUEST = re.compile(r"(?P<name>.+)_(?P<domain>[^_]+\.[^_]+)#ext#(?:@.*)?", re.IGNORECASE)
_QUOTED = re.compile(r'[^\[\]"]+')
_DONE = frozenset({"success", "succeeded", "true", "partiallysucceeded", ""})
_ALERTS = ("SecurityComplianceCenter", "Exchange")
_NAME_PROPERTIES = ("DisplayName", "GivenName", "Surname")
_NOBODY = frozenset({"user", "not available", "unknown", ""})


def read(record: Record) -> Record:
    """Return the record in the shape that the mapping's paths speak of; it may be changed and returned itself."""
    inner = record.get("auditData")
    if isinstance(inner, dict):
        record = {name: value for name, value in record.items() if name != "auditData"} | inner
    for name in _PAIRS:
        if name in record:
            record[name] = named(record[name])
    if record.get("UserKey") == "Not Available":
        del record["UserKey"]
    added: Record = {}
    guest = _guest(record.get("TargetUserOrGroupName"))
    if guest:
        added["shared_with"] = guest
    forward_to = list(dict.fromkeys(_forward_to(record)))
    if forward_to:
        added["forward_to"] = forward_to
    people = sorted({*_people(record)})
    if people:
        added["people"] = people
    if added:
        record["waybill"] = added
    if record.get("Workload") in _ALERTS:
        _name_as_rules_do(record)
    return record


def _guest(target: Any) -> str | None:
    found = _GUEST.fullmatch(target) if isinstance(target, str) else None
    return f"{found['name']}@{found['domain']}" if found else None


def _forward_to(record: Record) -> Iterator[str]:
    for group, names in _FORWARDING.items():
        values = record.get(group)
        if isinstance(values, dict):
            for name in names:
                yield from _ADDRESS.findall(str(values.get(name, "")))


def _people(record: Record) -> Iterator[str]:
    """Yield ids and names of people from addresses of files, and from lists that hold other words too."""
    for name in ("SiteUrl", "ObjectId"):
        yield from _OWN_FOLDER.findall(str(record.get(name, "")))
    for name in ("Actor", "Target"):
        entries = record.get(name)
        ids = [_id(entry) for entry in entries] if isinstance(entries, list) else []
        if "User" in ids:
            yield from (one for one in ids if one.casefold() not in _NOBODY)
    changed = record.get("ModifiedProperties")
    if isinstance(changed, dict) and " user" in str(record.get("Operation")).casefold():
        for name in _NAME_PROPERTIES:
            values = changed.get(name)
            for value in values.values() if isinstance(values, dict) else ():
                yield from (part.strip() for part in _QUOTED.findall(str(value)) if part.strip(" ,"))


def _id(entry: Any) -> str:
    value = entry.get("ID") if isinstance(entry, dict) else None
    return value if isinstance(value, str) else ""


def _name_as_rules_do(record: Record) -> None:
    done = str(record.get("ResultStatus", "")).casefold() in _DONE
    record.setdefault("eventSource", record["Workload"])
    record.setdefault("eventName", record.get("Name") or record.get("Operation"))
    record.setdefault("status", "success" if done else "failure")
