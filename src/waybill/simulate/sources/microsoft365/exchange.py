"""Mailboxes: what Exchange Online records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Any

from waybill.simulate.sources.microsoft365.records import domain_of, puid_of, record_of
from waybill.simulate.sources.values import base64, letters_of, number_of, seconds, sid_of, token, uuid, uuid_of

ADMIN, ITEM, DLP, ACCESSED = 1, 2, 13, 50
"""Record types ExchangeAdmin, ExchangeItem, ComplianceDLPExchange, ExchangeItemAggregated."""

OUTLOOK = "Client=MSExchangeRPC"


def send(
    random: Random,
    time: datetime,
    *,
    user: str,
    address: str,
    subject: str,
    size: int,
    attachments: Sequence[tuple[str, int]] = (),
    client: str = OUTLOOK,
) -> bytes:
    """Write that somebody sent a message. Exchange does not say to whom; only ``dlp_rule_match`` does."""
    item = {
        "Id": base64(random, 51),
        "InternetMessageId": message_id(random, user),
        "ParentFolder": {"Id": _folder(user, "Sent Items"), "Path": "\\Sent Items"},
        "SizeInBytes": size,
        "Subject": subject,
    }
    if attachments:
        item["Attachments"] = "; ".join(f"{name} ({length}b)" for name, length in attachments)
    more = {**_mailbox(random, user, address, client), "Item": item, "SaveToSentItems": True}
    return _exchange(random, time, "Send", more, record_type=ITEM, user=user, key=puid_of(user))


def dlp_rule_match(
    random: Random,
    time: datetime,
    *,
    user: str,
    subject: str,
    to: Sequence[str],
    policy: str,
    rule: str,
    blocked: bool = False,
) -> bytes:
    """Write that a message matched a rule against data loss; the one Exchange record that names the recipients."""
    sent = {
        "From": user,
        "To": list(to),
        "CC": [],
        "BCC": [],
        "MessageID": message_id(random, user),
        "RecipientCount": len(to),
        "Sent": seconds(time),
        "Subject": subject,
        "UniqueID": uuid(random),
    }
    matched = {
        "RuleId": uuid_of(rule),
        "RuleName": rule,
        "RuleMode": "Enable",
        "Severity": "High",
        "Actions": ["NotifyUser", "GenerateAlert", *(["BlockAccess"] if blocked else [])],
        "ConditionsMatched": {"OtherConditions": [{"Name": "AccessScope", "Value": "NotInOrganization"}]},
    }
    more = {
        "ExchangeMetaData": sent,
        "IncidentId": uuid(random),
        "PolicyDetails": [{"PolicyId": uuid_of(policy), "PolicyName": policy, "Rules": [matched]}],
        "SensitiveInfoDetectionIsIncluded": False,
    }
    return _exchange(random, time, "DlpRuleMatch", more, record_type=DLP, user=user, key="DlpAgent", user_type=4)


def mail_items_accessed(
    random: Random,
    time: datetime,
    *,
    user: str,
    address: str,
    messages: Sequence[tuple[str, int]],
    folder: str = "Inbox",
    client: str = OUTLOOK,
) -> bytes:
    """Write that messages (internet message id, bytes) were opened, within two minutes (a bind)."""
    items = [{"InternetMessageId": name, "SizeInBytes": size} for name, size in messages]
    more = {
        **_mailbox(random, user, address, client),
        "OperationProperties": [
            {"Name": "MailAccessType", "Value": "Bind"},
            {"Name": "IsThrottled", "Value": "False"},
        ],
        "Folders": [{"FolderItems": items, "Id": _folder(user, folder), "Path": f"\\{folder}"}],
        "OperationCount": len(items),
    }
    return _exchange(random, time, "MailItemsAccessed", more, record_type=ACCESSED, user=user, key=puid_of(user))


def new_inbox_rule(random: Random, time: datetime, *, user: str, address: str, rule: str, forward_to: str) -> bytes:
    """Write that somebody made a rule that forwards what arrives."""
    parameters = {
        "AlwaysDeleteOutlookRulesBlob": "False",
        "Force": "False",
        "ForwardTo": forward_to,
        "Name": rule,
        "StopProcessingRules": "False",
    }
    more = {
        "ClientIP": f"{address}:{random.randrange(1024, 65535)}",
        "ObjectId": f"{letters_of(domain_of(user), 12)}\\{user.partition('@')[0]}\\{rule}",
        "ExternalAccess": False,
        "OrganizationName": domain_of(user),
        "OriginatingServer": f"{_server(user)} (15.20.9100.011)",
        "SessionId": uuid(random),
        "Parameters": [{"Name": name, "Value": value} for name, value in parameters.items()],
    }
    who = {"user": user, "key": user, "user_type": 2, "result": "True"}
    return _exchange(random, time, "New-InboxRule", more, record_type=ADMIN, **who)


def message_id(random: Random, sender: str) -> str:
    """Draw the internet message id of a message (RFC 5322)."""
    return f"<{token(random, 32)}@{domain_of(sender)}>"


def _exchange(random: Random, time: datetime, operation: str, more: dict[str, Any], **what: Any) -> bytes:
    return record_of(random, time, operation, more, workload="Exchange", **what)


def _mailbox(random: Random, user: str, address: str, client: str) -> dict[str, Any]:
    domain, sid = domain_of(user), sid_of(domain_of(user), user)
    return {
        "ClientIPAddress": address,
        "ClientInfoString": client,
        "ExternalAccess": False,
        "InternalLogonType": 0,
        "LogonType": 0,
        "LogonUserSid": sid,
        "MailboxGuid": uuid_of(user + "/mailbox"),
        "MailboxOwnerSid": sid,
        "MailboxOwnerUPN": user,
        "OrganizationName": domain,
        "OriginatingServer": f"{_server(user)} (15.20.9100.011)\r\n",
        "SessionId": uuid(random),
    }


def _folder(user: str, folder: str) -> str:
    return letters_of(f"{user}/{folder}", 64)


def _server(user: str) -> str:
    return f"SH0PR01MB{number_of(user, 4)}"
