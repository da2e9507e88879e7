"""The many shapes of one Windows event, flattened to the field names that Sigma rules use.

The same event reaches a log pipeline as the XML of the event log turned into JSON (by ``evtx_dump`` and its kin), as
Winlogbeat or Elastic Agent documents (nested below ``winlog``, older ones below ``event_data``), or already flat (NXLog
and most forwarders). `flatten` tells them apart by one key each and gives ``EventID``, ``Channel``, ``Provider_Name``,
``Computer`` and the event's own data at the top, whatever the shape. Anything it does not know stays where it was.

Names follow the Sigma taxonomy (https://sigmahq.io/docs/basics/log-sources.html); attributes of an element of the
event's ``System`` part become ``Element_Attribute``, as in ``Provider_Name``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

Record = dict[str, Any]

ALIASES: dict[str, dict[str, str]] = {
    "4688": {"NewProcessName": "Image", "ParentProcessName": "ParentImage", "SubjectLogonId": "LogonId"},
    "4657": {"ProcessName": "Image", "ObjectName": "TargetObject", "NewValue": "Details"},
}
"""Security events that Sigma's generic categories cover, and the generic name of their fields, by event number."""

_FLAT = {"Hostname": "Computer", "SourceName": "Provider_Name", "RecordNumber": "EventRecordID"}
"""Names that NXLog gives to parts of ``System``."""

_BEATS = {
    "channel": "Channel",
    "log_name": "Channel",
    "event_id": "EventID",
    "computer_name": "Computer",
    "provider_name": "Provider_Name",
    "source_name": "Provider_Name",
    "provider_guid": "Provider_Guid",
    "record_id": "EventRecordID",
    "record_number": "EventRecordID",
    "keywords": "Keywords",
    "opcode": "Opcode",
    "task": "Task",
}
"""Names that Winlogbeat gives to parts of ``System``: below ``winlog`` since version 7, at the top before."""

_BEATS_USER = {"name": "AccountName", "domain": "Domain", "identifier": "UserID", "type": "AccountType"}
"""Who ran the process that wrote the event, with the names that NXLog gives to it."""

_ECS = {
    "event.code": "EventID",
    "event.provider": "Provider_Name",
    "host.name": "Computer",
    "message": "Message",
    "process.executable": "Image",
    "process.command_line": "CommandLine",
    "process.working_directory": "CurrentDirectory",
    "process.entity_id": "ProcessGuid",
    "process.pid": "ProcessId",
    "process.parent.executable": "ParentImage",
    "process.parent.command_line": "ParentCommandLine",
    "process.pe.original_file_name": "OriginalFileName",
    "process.pe.company": "Company",
    "process.pe.description": "Description",
    "process.pe.product": "Product",
    "file.path": "TargetFilename",
    "registry.path": "TargetObject",
    "registry.data.strings": "Details",
    "dns.question.name": "QueryName",
    "source.ip": "SourceIp",
    "source.port": "SourcePort",
    "source.domain": "SourceHostname",
    "destination.ip": "DestinationIp",
    "destination.port": "DestinationPort",
    "destination.domain": "DestinationHostname",
}
"""Where newer Winlogbeat moves event data to (Elastic Common Schema); used where ``event_data`` lacks the name."""

_WRITTEN_DATE = re.compile(r"/Date\((-?\d+)\)/")
"""Milliseconds since 1970 as .NET writes a date into JSON."""


def flatten(record: Record) -> Record:
    """Return the event with Sigma's flat field names at the top; ``record`` may be changed and returned itself.

    A record of no known shape comes back as it is; whether it is an event at all is for the mapping to say.
    """
    if "EventID" in record and "EventData" not in record:
        return _finish(_from_flat(record))
    for key, read in _SHAPES:
        inner = record.get(key)
        if isinstance(inner, dict):
            return _finish(read(record, inner))
    return _finish(_from_flat(record)) if "EventID" in record else record


def _finish(fields: Record) -> Record:
    """Add the generic names of Security events and settle how the time is written."""
    time = fields.get("TimeCreated")
    if time is not None and (type(time) is not str or time[:1] == "/"):
        fields["TimeCreated"] = _time(time)
    if fields.get("UtcTime") == "-":
        fields["UtcTime"] = None
    event = fields.get("EventID")
    if isinstance(event, dict):
        event = fields["EventID"] = _text(event)
    aliases = ALIASES.get(str(event)) if event else None
    if aliases and str(fields.get("Channel")).casefold() == "security":
        for name, generic in aliases.items():
            if name in fields:
                fields.setdefault(generic, fields[name])
    return fields


def _from_flat(record: Record) -> Record:
    for name, sigma in _FLAT.items():
        if name in record and sigma not in record:
            record[sigma] = record[name]
    # Only Defender names its event data in several words, and looking for blanks in each name of each event is dear.
    channel = record.get("Channel")
    if type(channel) is str and "Defender" in channel:
        record |= {name.replace(" ", ""): value for name, value in record.items() if " " in name}
    if "EventData" in record:
        record |= _data(record.pop("EventData"))
    return record


def _from_xml(record: Record, event: Record) -> Record:
    """Read ``{"Event": {"System": …, "EventData": …, "UserData": …}}``."""
    rest = {name: value for name, value in record.items() if value is not event}
    return rest | _event(event)


def _from_parts(record: Record, _system: Record) -> Record:
    """Read ``{"System": …, "EventData": …}``, an event without the element around it."""
    return _event(record)


def _event(event: Record) -> Record:
    system = event.get("System")
    fields = dict(_system(system)) if isinstance(system, dict) else {}
    data = _data(event.get("EventData")) | _user_data(event.get("UserData"))
    rest = {
        name: value
        for name, value in event.items()
        if name not in ("System", "EventData", "UserData", "#attributes") and not name.startswith(("@", "xmlns"))
    }
    rendering = rest.get("RenderingInfo")
    if isinstance(rendering, dict) and "Message" in rendering:
        rest["Message"] = rendering["Message"]
    # What names the event must not be hidden by event data that happens to be called the same.
    return rest | fields | data | {name: fields[name] for name in ("EventID", "Channel", "Computer") if name in fields}


def _system(system: Record) -> Iterator[tuple[str, Any]]:
    """Yield the parts of ``System``, each attribute as ``Element_Attribute``."""
    for name, value in system.items():
        element = name.removesuffix("_attributes")
        if not isinstance(value, dict):
            if value is not None:
                yield name, value
            continue
        text = _text(value)
        if text is not None:
            yield element, text
        for attribute, content in _attributes(value).items():
            yield ("TimeCreated" if attribute == "SystemTime" else f"{element}_{attribute}"), content


def _data(data: Any) -> Record:
    """Return event data by name; data without a name is ``Data``, several of them a list."""
    if not isinstance(data, dict):
        data = {} if data is None else {"Data": data}
    fields: Record = {}
    for name, value in data.items():
        if name == "Data":
            fields |= _unnamed(value)
        elif name == "#attributes" or name.startswith("@"):
            fields |= {f"EventData_{key}": content for key, content in _attributes({name: value}).items()}
        else:
            fields[name] = _text(value) if isinstance(value, dict) else value
            if " " in name:
                fields[name.replace(" ", "")] = fields[name]
    return fields


def _unnamed(value: Any) -> Record:
    """Read ``Data`` elements: with a name as ``{"@Name": …, "#text": …}``, or as bare texts."""
    fields: Record = {}
    texts: list[Any] = []
    for element in value if isinstance(value, list) else [value]:
        name = _attributes(element).get("Name") if isinstance(element, dict) else None
        text = _text(element) if isinstance(element, dict) else element
        if name is not None:
            fields |= {name: text, name.replace(" ", ""): text}
        elif isinstance(text, list):
            texts += text
        elif text is not None:
            texts.append(text)
    if texts:
        fields["Data"] = texts[0] if len(texts) == 1 else texts
    return fields


def _user_data(data: Any) -> Record:
    """Return what lies in ``UserData``, below one element whose name depends on the provider."""
    fields: Record = {}
    for name, value in data.items() if isinstance(data, dict) else ():
        inner = value if isinstance(value, dict) else {name: value}
        fields |= {key: content for key, content in inner.items() if not key.startswith(("#", "@", "xmlns"))}
    return fields


def _text(element: Record) -> Any:
    """Return the text of an element that has attributes, or None."""
    return element.get("#text", element.get("Value"))


def _attributes(element: Record) -> Record:
    """Return the attributes of an element: below ``#attributes``, or marked ``@``, or bare beside ``#text``."""
    inner = element.get("#attributes")
    if isinstance(inner, dict):
        return inner
    return {name.removeprefix("@"): value for name, value in element.items() if name not in ("#text", "Value")}


def _from_winlog(record: Record, winlog: Record) -> Record:
    """Read a document of Winlogbeat 7 and later or of Elastic Agent."""
    fields = {sigma: value for name, sigma in _ECS.items() if (value := _at(record, name)) is not None}
    return _from_beats({name: value for name, value in record.items() if name != "winlog"}, winlog, fields)


def _from_event_data(record: Record, _data: Record) -> Record:
    """Read a document of Winlogbeat up to version 6."""
    fields = {"Message": record["message"]} if "message" in record else {}
    return _from_beats({}, record, fields)


def _from_beats(rest: Record, winlog: Record, fields: Record) -> Record:
    for name, value in winlog.items():
        if name in _BEATS:
            fields[_BEATS[name]] = value
        elif name == "user" and isinstance(value, dict):
            fields |= {_BEATS_USER[key]: content for key, content in value.items() if key in _BEATS_USER}
        elif name not in ("event_data", "user_data"):
            rest[name] = value
    data = _data(winlog.get("event_data")) | _data(winlog.get("user_data"))
    parameters = [data[name] for name in sorted(data, key=_number) if name.startswith("param")]
    if parameters and "Data" not in data:
        data["Data"] = parameters
    named = {name: fields[name] for name in ("EventID", "Channel", "Computer") if name in fields}
    return rest | fields | data | named


def _number(name: str) -> int:
    digits = name.removeprefix("param")
    return int(digits) if digits.isdecimal() else 0


def _at(record: Record, path: str) -> Any:
    """Return what lies at a dotted path, which documents may also use as one name."""
    if path in record:
        return record[path]
    value: Any = record
    for name in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _time(value: Any) -> Any:
    """Return a time that JSON writers of Windows wrap or count in milliseconds as ISO 8601, else the value itself."""
    if isinstance(value, dict):
        value = next(
            (value[name] for name in ("SystemTime", "@SystemTime", "value", "DateTime") if name in value), None
        )
    written = _WRITTEN_DATE.match(value) if isinstance(value, str) else None
    if written is None:
        return value
    try:
        return datetime.fromtimestamp(int(written[1]) / 1000, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        return value


_SHAPES = (
    ("Event", _from_xml),
    ("winlog", _from_winlog),
    ("event_data", _from_event_data),
    ("user_data", _from_event_data),
    ("System", _from_parts),
)
"""The key that gives each nested shape away, and its reader."""
