"""One activity of the Google Workspace Admin SDK Reports API, with its event's parameters by name.

An activity holds several events, which are divided before (``each`` of the mapping), and parameters are lists of named
values, some of them messages of further ones. Exporters that flatten an activity write name, type and parameters of its
event at the top. `read` gives both the same shape, ``events.name`` and ``events.parameters.NAME``, and adds the names
that Sigma's rules use, as well as ``waybill.people``: first and last names that an administrator changed.

Schema: https://developers.google.com/workspace/admin/reports/reference/rest/v1/activities/list
"""

from __future__ import annotations

from typing import Any

from waybill.collect.pairs import named

Record = dict[str, Any]

_NAMES_CHANGED = ("CHANGE_FIRST_NAME", "CHANGE_LAST_NAME")
_VALUES = ("OLD_VALUE", "NEW_VALUE")


def read(record: Record) -> Record:
    """Return the activity in one shape; the record may be changed and returned itself."""
    event = record.get("events")
    if isinstance(event, list):
        event = next((one for one in event if isinstance(one, dict)), None)
    if event is None and isinstance(record.get("id"), dict):
        event = {name: record.pop(name) for name in ("name", "type", "parameters") if name in record}
    if not isinstance(event, dict):
        return record
    record["events"] = event
    parameters = event["parameters"] = named(event.get("parameters"))
    _name_as_rules_do(record, event.get("name"), parameters)
    if event.get("name") in _NAMES_CHANGED and isinstance(parameters, dict):
        record["waybill"] = {"people": [parameters[name] for name in _VALUES if name in parameters]}
    return record


def _name_as_rules_do(record: Record, name: Any, parameters: Any) -> None:
    identity = record.get("id")
    application = identity.get("applicationName") if isinstance(identity, dict) else None
    service = f"{application}.googleapis.com"
    if application == "admin":
        record["eventService"], record["eventName"] = service, name
        for parameter, value in parameters.items() if isinstance(parameters, dict) else ():
            record.setdefault(parameter.lower(), value)
    elif application == "login":
        record["protoPayload"] = {"serviceName": service, "metadata": {"event": {"eventName": name}}}
