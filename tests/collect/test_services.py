"""What single events of services mean: who, what, from where, to where, how much, and how it ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.collect.format_samples import pseudonym, read_record, read_records
from tests.collect.samples import plan
from tests.collect.test_saas_sources import GITHUB, GOOGLE, HR, MICROSOFT, OKTA, OPC_UA, SECS

from waybill.collect import collect

Record = dict[str, Any]

SITE = "https://corp.sharepoint.example/sites/etch/"
SHARED = {
    "Workload": "SharePoint",
    "SiteUrl": SITE,
    "ObjectId": f"{SITE}recipe.xlsx",
    "RecordType": 14,
    "Operation": "SharingSet",
}
EXCHANGE = {"Workload": "Exchange", "SiteUrl": None, "ObjectId": None, "FileSizeBytes": None}
DLP = {
    "Operation": "DlpRuleMatch",
    "UserId": "DlpAgent",
    "UserType": 4,
    "ExchangeMetaData": {"From": "li.na@corp.example", "To": ["x@a.example", "y@b.example"], "Subject": "plan"},
    "PolicyDetails": [{"Rules": [{"Actions": ["BlockAccess"]}]}],
}
ENDPOINT = {"Workload": "Endpoint", "DeviceName": "lt-7", "ObjectId": r"C:\work\a.dwg", "SiteUrl": None}


def drive(name: str, **parameters: Any) -> Record:
    """Return an activity of Drive with one event."""
    kinds = {bool: "boolValue", list: "multiValue", int: "intValue"}
    named = [{"name": key, kinds.get(type(value), "value"): value} for key, value in parameters.items()]
    return GOOGLE | {"events": [{"type": "x", "name": name, "parameters": named}]}


def app(application: str, record: Record) -> Record:
    """Return the activity as one of another application."""
    return record | {"id": record["id"] | {"applicationName": application}}


MESSAGE = {
    "source": "ann@a.example",
    "destination": "bob@b.example",
}
DELIVERY = {
    "name": "message_info",
    "messageValue": {
        "parameter": [
            {"name": "subject", "value": "offer"},
            {"name": "payload_size", "intValue": "5120"},
            {"name": "source", "messageValue": {"parameter": [{"name": "address", "value": MESSAGE["source"]}]}},
            {
                "name": "destination",
                "multiMessageValue": [{"parameter": [{"name": "address", "value": MESSAGE["destination"]}]}],
            },
        ]
    },
}

MEANINGS: list[tuple[str, Record, Record]] = [
    (
        "a file goes from its site to where the person sits",
        MICROSOFT | {"SiteUrl": SITE, "ObjectId": f"{SITE}a.docx"},
        {
            "action": "download",
            "channel": "cloud-storage",
            "asset": f"{SITE}a.docx",
            "asset_kind": "document",
            "from_place": SITE,
            "to_place": "198.51.100.7",
            "bytes": 2048,
            "actor_org": "corp.example",
        },
    ),
    (
        "a file goes from where the person sits to its site",
        MICROSOFT | {"Operation": "FileUploaded", "SiteUrl": SITE},
        {"action": "upload", "from_place": "198.51.100.7", "to_place": SITE},
    ),
    (
        "a guest is known by the address inside the name",
        MICROSOFT
        | SHARED
        | {"TargetUserOrGroupName": "wu_bing_rival.example#EXT#@corp.example", "TargetUserOrGroupType": "Guest"},
        {
            "action": "share",
            "to_place": "rival.example",
            "to_party": f"{pseudonym('wu_bing@rival.example')}@rival.example",
        },
    ),
    (
        "a link for anyone is for anyone",
        MICROSOFT | SHARED | {"Operation": "SharingLinkCreated", "SharingLinkScope": "Anyone"},
        {"action": "share", "to_party": "anyone"},
    ),
    (
        "the rule against data loss names recipients and blocks",
        MICROSOFT | EXCHANGE | DLP,
        {
            "action": "send",
            "channel": "email",
            "outcome": "blocked",
            "actor": pseudonym("li.na@corp.example"),
            "asset": "plan",
            "from_place": "corp.example",
            "to_place": "a.example",
        },
    ),
    (
        "messages that were opened are counted",
        MICROSOFT | EXCHANGE | {"Operation": "MailItemsAccessed", "OperationCount": 57},
        {"action": "read", "channel": "email", "records": 57, "from_place": "Exchange", "to_place": "198.51.100.7"},
    ),
    (
        "the rule of a mailbox forwards",
        MICROSOFT
        | EXCHANGE
        | {
            "Operation": "UpdateInboxRules",
            "OperationProperties": [
                {"Name": "RuleActions", "Value": '[{"ActionType":"Forward","Recipients":["x@a.example"]}]'}
            ],
        },
        {"action": "configure", "channel": "email", "from_place": "corp.example", "to_place": "a.example"},
    ),
    (
        "a service principal is no person",
        MICROSOFT | {"UserType": 4, "UserId": "ServicePrincipal_1"},
        {"actor": "ServicePrincipal_1", "actor_kind": "service"},
    ),
    (
        "endpoint protection tells of sticks",
        MICROSOFT
        | ENDPOINT
        | {
            "Operation": "FileCopiedToRemovableMedia",
            "EnforcementMode": 4,
            "RemovableMediaDeviceAttributes": {"SerialNumber": "A1"},
        },
        {"action": "copy", "channel": "usb", "from_place": "lt-7", "to_place": "A1", "outcome": "blocked"},
    ),
    (
        "endpoint protection tells of prints",
        MICROSOFT | ENDPOINT | {"Operation": "FilePrinted", "TargetPrinterName": "P3"},
        {"action": "print", "channel": "print", "to_place": "P3", "outcome": "success"},
    ),
    ("a failed sign-in", MICROSOFT | {"Operation": "UserLoginFailed"}, {"action": "login", "outcome": "failure"}),
    (
        "a share that ends is none",
        drive("change_user_access", doc_title="a", new_value=["none"]),
        {"action": "configure"},
    ),
    (
        "shared with somebody elsewhere",
        drive("change_user_access", doc_title="a", target_user="wu@rival.example", new_value=["can_edit"]),
        {"action": "share", "asset": "a", "from_place": "drive", "to_place": "rival.example"},
    ),
    (
        "shared with a domain",
        drive("change_document_visibility", target_domain="rival.example", visibility="shared_externally"),
        {"to_place": "rival.example"},
    ),
    ("a print of a file", drive("print", doc_title="a"), {"action": "print", "channel": "print"}),
    (
        "mail goes from its sender to its receiver",
        app("gmail", GOOGLE | {"events": [{"name": "delivery", "parameters": [DELIVERY]}]}),
        {
            "action": "send",
            "channel": "email",
            "actor": pseudonym("ann@a.example"),
            "from_place": "a.example",
            "to_place": "b.example",
            "asset": "offer",
            "bytes": 5120,
        },
    ),
    (
        "a key is a service",
        app("drive", drive("view")) | {"actor": {"callerType": "KEY", "key": "ROBOT", "email": "ROBOT"}},
        {"actor_kind": "service"},
    ),
    (
        "code goes to the address of the actor",
        GITHUB | {"actor_location": {"country_code": "SG"}},
        {
            "action": "download",
            "channel": "code",
            "asset_kind": "code",
            "from_place": "corp/etch-control",
            "to_place": "198.51.100.7",
            "to_jurisdiction": "SG",
        },
    ),
    (
        "a push comes from there",
        GITHUB | {"action": "git.push"},
        {"action": "upload", "from_place": "198.51.100.7", "to_place": "corp/etch-control"},
    ),
    (
        "a bot is a service",
        GITHUB | {"actor": "github-actions[bot]", "user": None},
        {"actor": "github-actions[bot]", "actor_kind": "service"},
    ),
    (
        "a transfer moves a repository",
        GITHUB | {"action": "repo.transfer_outgoing", "new_nwo": "x/y"},
        {"action": "move", "to_place": "x/y"},
    ),
    (
        "signing in to an application goes there",
        OKTA,
        {"action": "login", "asset": "Wiki", "to_place": "Wiki", "outcome": "success"},
    ),
    ("a refusal blocks", OKTA | {"outcome": {"result": "DENY"}}, {"outcome": "blocked"}),
    (
        "an application acts",
        OKTA | {"actor": {"id": "0oa9", "type": "PublicClientApp", "alternateId": "0oa9", "displayName": "Sync"}},
        {"actor": "0oa9", "actor_kind": "service"},
    ),
    (
        "notice given",
        HR,
        {
            "channel": "employment",
            "asset_kind": "know-how",
            "logsource": "hr/employment/notice",
            "from_place": "etch",
            "to_place": None,
            "actor_org": "corp",
        },
    ),
    (
        "a move to other work",
        HR | {"event": "moved"},
        {"logsource": "hr/employment/moved", "from_place": None, "to_place": "etch"},
    ),
    (
        "what is read from a machine leaves it",
        OPC_UA,
        {"action": "download", "from_place": "urn:furnace-1", "to_place": "eng-4", "asset_kind": "know-how"},
    ),
    (
        "what is written to a machine goes there",
        OPC_UA | {"EventType": "AuditWriteUpdateEventType", "Status": False},
        {"action": "write", "from_place": "eng-4", "to_place": "urn:furnace-1", "outcome": "failure"},
    ),
    (
        "a recipe asked for leaves the machine",
        SECS,
        {"action": "upload", "from_place": "ETCH-07", "to_place": "mes-1", "bytes": 18211},
    ),
    (
        "a recipe sent comes to the machine",
        SECS | {"function": 3},
        {"action": "download", "from_place": "mes-1", "to_place": "ETCH-07"},
    ),
    ("a recipe refused", SECS | {"function": 3, "ACKC7": 4}, {"outcome": "failure"}),
    ("a recipe that is only asked for moves nothing", SECS | {"function": 5}, {"action": "other"}),
]


@pytest.mark.parametrize(("record", "expected"), [pytest.param(*rest, id=name) for name, *rest in MEANINGS])
def test_an_event_means(tmp_path: Path, record: Record, expected: Record) -> None:
    row = read_record(tmp_path, record)
    assert {name: row[name] for name in expected} == expected


def test_events_of_personnel_have_one_log_source_in_both_languages(tmp_path: Path) -> None:
    pairs = {"joined": "入职", "moved": "调岗", "notice": "离职申请", "left": "离职"}
    for english, chinese in pairs.items():
        written = {"日期": "2026-03-04", "员工": "李娜", "事件": chinese, "单位": "corp", "部门": "etch", "职务": "x"}
        one, two = read_records(tmp_path, HR | {"event": english}, written)
        for column in ("logsource", "actor", "actor_org", "channel", "from_place", "to_place"):
            assert one[column] == two[column]
        assert (two["time"].hour, two["time"].day) == (16, 3), "a Chinese day begins at 16:00 of the day before"


def test_one_person_is_one_actor_in_all_sources(tmp_path: Path) -> None:
    names = ("li.na", "li.na@corp.example", "lina", "李娜")
    known = dict.fromkeys(names, "p-aaaaaaaaaaaaaaaa")
    for number, record in enumerate((MICROSOFT, GOOGLE, GITHUB, OKTA, OPC_UA, SECS, HR)):
        (tmp_path / f"{number}").write_bytes(orjson.dumps(record))
    rows = [row for batch in collect([tmp_path], plan(known=known), workers=0) for row in batch.transfers.to_pylist()]
    assert {row["source"] for row in rows} >= {"okta", "hr-feed", "github-audit", "secs-gem"}
    assert {row["actor"] for row in rows} == {"p-aaaaaaaaaaaaaaaa"}
