"""What all audit logs of services have in common: recognised by content, broken records told, nobody named at rest."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.collect.format_samples import batches, rejected_of, rows_of

from waybill.collect.readers import READERS

PEOPLE = ("li.na", "li na", "lina", "李娜", "00u1lina", "100320019a8b", "4242424242", "e10234")
"""Every way in which the samples write one person; compared in lower case."""

TIME = "2026-03-04T05:06:07Z"

MICROSOFT = {
    "CreationTime": "2026-03-04T05:06:07",
    "Id": "5f1c",
    "RecordType": 6,
    "Operation": "FileDownloaded",
    "OrganizationId": "org-1",
    "UserType": 0,
    "UserId": "li.na@corp.example",
    "UserKey": "i:0h.f|membership|100320019a8b@live.com",
    "Workload": "OneDrive",
    "ClientIP": "198.51.100.7",
    "SiteUrl": "https://corp-my.sharepoint.example/personal/li_na_corp_example/",
    "ObjectId": "https://corp-my.sharepoint.example/personal/li_na_corp_example/Documents/recipe.xlsx",
    "Actor": [{"ID": "li.na@corp.example", "Type": 5}, {"ID": "User", "Type": 2}, {"ID": "4242424242", "Type": 3}],
    "FileSizeBytes": 2048,
}
OWNER = {"name": "owner", "value": "li.na@corp.example"}
GOOGLE = {
    "kind": "admin#reports#activity",
    "id": {"time": TIME, "uniqueQualifier": "-7", "applicationName": "drive", "customerId": "C01"},
    "actor": {"email": "li.na@corp.example", "profileId": "4242424242", "callerType": "USER"},
    "ipAddress": "198.51.100.7",
    "events": [
        {"type": "access", "name": "download", "parameters": [{"name": "doc_title", "value": "recipe of li.na"}]},
        {"type": "access", "name": "view", "parameters": [{"name": "doc_title", "value": "plan"}, OWNER]},
    ],
}
GITHUB = {
    "@timestamp": 1772600767089,
    "_document_id": "d1",
    "action": "git.clone",
    "actor": "lina",
    "actor_id": 4242424242,
    "actor_ip": "198.51.100.7",
    "external_identity_nameid": "li.na@corp.example",
    "org": "corp",
    "repo": "corp/etch-control",
    "user": "lina",
    "note": "cloned by lina",
}
OKTA = {
    "uuid": "u1",
    "published": "2026-03-04T05:06:07.089Z",
    "eventType": "user.authentication.sso",
    "version": "0",
    "displayMessage": "User single sign on to app",
    "severity": "INFO",
    "actor": {"id": "00u1lina", "type": "User", "alternateId": "li.na@corp.example", "displayName": "Li Na"},
    "client": {"ipAddress": "198.51.100.7", "userAgent": {"rawUserAgent": "Firefox"}},
    "outcome": {"result": "SUCCESS"},
    "target": [
        {"id": "00u1lina", "type": "User", "alternateId": "li.na@corp.example", "displayName": "Li Na"},
        {"id": "0oa1", "type": "AppInstance", "alternateId": "Wiki", "displayName": "Wiki"},
    ],
    "debugContext": {"debugData": {"requestUri": "/api/v1/users/00u1lina/factors"}},
}
OSQUERY = {
    "name": "pack_leaks_usb_devices",
    "hostIdentifier": "lt-7",
    "unixTime": 1772600767,
    "action": "added",
    "columns": {"serial": "A1", "model": "Stick", "path": "/home/li.na/x"},
    "decorations": {"username": "li.na"},
}
OPC_UA = {
    "EventId": "e1",
    "EventType": "AuditUpdateMethodEventType",
    "ActionTimeStamp": TIME,
    "SourceName": "Method/Read",
    "SourceNode": "ns=2;s=Recipes/Sinter-9",
    "MethodId": "Read",
    "ServerId": "urn:furnace-1",
    "ClientAuditEntryId": "eng-4",
    "ClientUserId": "li.na",
    "Status": True,
}
SECS = {
    "time": TIME,
    "equipment": "ETCH-07",
    "host": "mes-1",
    "operator": "li.na",
    "stream": 7,
    "function": 6,
    "PPID": "POLY-7",
    "LENGTH": 18211,
    "comment": "asked for by li.na",
}
HR = {
    "date": "2026-03-04",
    "employee": "李娜",
    "event": "notice",
    "organisation": "corp",
    "unit": "etch",
    "role": "engineer",
    "until": "2026-04-04",
}
USB = {
    "time": TIME,
    "user": "CORP\\li.na",
    "computer": "lt-7",
    "device": "Stick",
    "operation": "Copy",
    "file": r"C:\Users\li.na\recipe.csv",
    "bytes": 42,
}
PRINT = {"time": TIME, "user": "li.na", "computer": "lt-7", "printer": "P3", "document": "plan of li.na", "pages": 3}

SAMPLES: dict[str, dict[str, Any]] = {
    "microsoft-365": MICROSOFT,
    "google-workspace": GOOGLE,
    "github-audit": GITHUB,
    "okta": OKTA,
    "osquery": OSQUERY,
    "opc-ua": OPC_UA,
    "secs-gem": SECS,
    "hr-feed": HR,
    "usb-audit": USB,
    "print-audit": PRINT,
}
TIMES = {
    "microsoft-365": ("CreationTime",),
    "google-workspace": ("id", "time"),
    "github-audit": ("@timestamp",),
    "okta": ("published",),
    "osquery": ("unixTime",),
    "opc-ua": ("ActionTimeStamp",),
    "hr-feed": ("date",),
}
"""Where each source says when; elsewhere it is ``time``."""

CSV = ("hr-feed", "usb-audit", "print-audit")


def at(path: tuple[str, ...], value: Any, record: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of a record with another value at a path."""
    name, *rest = path
    return {**record, name: at(tuple(rest), value, record[name]) if rest else value}


def lines(*records: Any) -> bytes:
    """Return records as lines; bytes stand for themselves."""
    return b"\n".join(one if isinstance(one, bytes) else orjson.dumps(one) for one in records)


def shapes(name: str) -> Iterator[bytes]:
    """Yield the files in which a source's records may come."""
    record = SAMPLES[name]
    yield lines(record)
    yield lines(record, record)
    if name not in CSV:
        yield orjson.dumps([record], option=orjson.OPT_INDENT_2)
    else:
        text = io.StringIO()
        writer = csv.DictWriter(text, list(record))
        writer.writeheader()
        writer.writerow(record)
        yield text.getvalue().encode()


@pytest.mark.parametrize("name", SAMPLES)
def test_a_source_is_recognised_in_every_shape(tmp_path: Path, name: str) -> None:
    for number, content in enumerate(shapes(name)):
        path = tmp_path / f"{number}"
        path.write_bytes(content)
        found = batches(path)
        assert rejected_of(found) == []
        rows = rows_of(found)
        assert {row["source"] for row in rows} == {name}
        for row in rows:
            assert row["time"].date().isoformat() == "2026-03-04"
            assert row["actor"].startswith("p-")
            assert row["actor_kind"] == "person"
            assert row["asset"]
            assert row["action"] != "other" or name == "hr-feed"
            assert row["channel"] != "other"


@pytest.mark.parametrize("name", SAMPLES)
def test_nobody_is_named_at_rest(tmp_path: Path, name: str) -> None:
    for content in shapes(name):
        (tmp_path / "log").write_bytes(content)
        for batch in batches(tmp_path / "log"):
            for row in batch.transfers.to_pylist():
                told = repr(row).lower().replace("_", ".") + row["raw"].decode().lower()
                assert [person for person in PEOPLE if person in told] == []
            assert batch.identities


@pytest.mark.parametrize("name", SAMPLES)
def test_broken_records_are_told_and_the_others_read(tmp_path: Path, name: str) -> None:
    record, when = SAMPLES[name], TIMES.get(name, ("time",))
    broken = [
        b'{"half": ',
        b"[]",
        b"\xff\xfe",
        b"null",
        {},
        at(when, "noon", record),
        at(when, None, record),
        at(when, "1970-01-01T00:00:00Z", record),
        at(when, {"a": []}, record),
    ]
    (tmp_path / "log").write_bytes(lines(record, *broken, record))
    found = batches(tmp_path / "log")
    told = rejected_of(found)
    parts = len(record["events"]) if "events" in record else 1
    assert {one.position for one in told} == set(range(2, len(broken) + 2))
    assert all(one.reason and one.expected for one in told)
    assert len(rows_of(found)) == 2 * parts


NAMED = ([{"name": 5}], [{"Name": "a"}], [{"name": "a", "value": [{"parameter": 1}]}])
"""Lists that look like named values and are none, or strange ones."""
HOSTILE: tuple[Any, ...] = (None, 5, "", [], {}, [None], [[]], *NAMED, {"a": {"b": [1]}}, "\0", True)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_field_of_any_kind_stops_nothing(tmp_path: Path, name: str) -> None:
    record = SAMPLES[name]
    odd = [{**record, field: value} for field in record for value in HOSTILE]
    (tmp_path / "log").write_bytes(lines(record, *odd, record))
    found = batches(tmp_path / "log")
    read = {row["position"] for row in rows_of(found)} | {one.position for one in rejected_of(found)}
    assert read == set(range(1, len(odd) + 3))
    assert not [one for one in rejected_of(found) if not one.position]


KEYS = (
    "auditData", "Parameters", "ModifiedProperties", "OperationProperties", "RuleActions", "ForwardTo", "DisplayName",
    "Actor", "Target", "ID", "Workload", "Operation", "TargetUserOrGroupName", "UserKey", "ObjectId", "events", "id",
    "applicationName", "name", "value", "parameters", "parameter", "messageValue", "target", "type", "actor", "Name",
    "displayName", "alternateId",
)  # fmt: skip
"""Names that the readers look at."""

WORDS = ("User", "admin", "login", "Exchange", "Update user.", "CHANGE_FIRST_NAME", "li.na@corp.example", "")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(WORDS) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(KEYS), JSON), st.sampled_from(["google-workspace", "microsoft-365", "okta"]))
def test_readers_take_any_record(record: dict[str, Any], name: str) -> None:
    assert isinstance(READERS[name](record), dict)
