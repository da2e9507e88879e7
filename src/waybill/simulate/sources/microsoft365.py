"""Unified audit records of Microsoft 365, as the Management Activity API returns them, one a line.

Format: https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Any, Literal
from urllib.parse import urlsplit

import orjson

from waybill.simulate.sources.log import Layout
from waybill.simulate.sources.values import (
    BROWSER,
    base64,
    letters_of,
    number_of,
    seconds,
    sid_of,
    token,
    uuid,
    uuid_of,
)

LAYOUT = Layout("{owner}/microsoft365/audit-{month}.ndjson.gz")

ADMIN, ITEM, FILE, SHARING, LOGON = 1, 2, 6, 14, 15
"""Record types ExchangeAdmin, ExchangeItem, SharePointFileOperation, SharePointSharingOperation, AzureActiveDirectory
StsLogon."""
DLP, ACCESSED = 13, 50
"""Record types ComplianceDLPExchange, ExchangeItemAggregated."""

OUTLOOK = "Client=MSExchangeRPC"
REST = "Client=REST;Client=RESTSystem;;"

_OFFICE = "00000003-0000-0ff1-ce00-000000000000"
"""The application id of SharePoint Online."""


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
    return _exchange(random, time, "Send", more, record_type=ITEM, user=user, key=_puid(user))


def dlp_rule_match(
    random: Random, time: datetime, *, user: str, subject: str, to: Sequence[str], policy: str, rule: str
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
        "Actions": ["NotifyUser", "GenerateAlert"],
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
    return _exchange(random, time, "MailItemsAccessed", more, record_type=ACCESSED, user=user, key=_puid(user))


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
        "ObjectId": f"{letters_of(_domain(user), 12)}\\{user.partition('@')[0]}\\{rule}",
        "ExternalAccess": False,
        "OrganizationName": _domain(user),
        "OriginatingServer": f"{_server(user)} (15.20.9100.011)",
        "SessionId": uuid(random),
        "Parameters": [{"Name": name, "Value": value} for name, value in parameters.items()],
    }
    who = {"user": user, "key": user, "user_type": 2, "result": "True"}
    return _exchange(random, time, "New-InboxRule", more, record_type=ADMIN, **who)


def file(
    random: Random,
    time: datetime,
    operation: Literal["FileAccessed", "FileDownloaded", "FileUploaded"],
    *,
    user: str,
    address: str,
    site: str,
    path: str,
    size: int,
    agent: str = BROWSER,
) -> bytes:
    """Write what somebody did with a file; ``site`` is the site's address and ``path`` is below it.

    A site is in OneDrive if its host has ``-my`` before the first point, as the product names them.
    """
    more = {"FileSizeBytes": size}
    return _file(random, time, operation, more, user=user, address=address, site=site, path=path, agent=agent)


def sharing_set(
    random: Random,
    time: datetime,
    *,
    user: str,
    address: str,
    site: str,
    path: str,
    target: str,
    guest: bool = True,
    agent: str = BROWSER,
) -> bytes:
    """Write that a file was shared with somebody; a guest is named with ``#ext#``, as the directory names guests."""
    if guest:
        name, kind = f"{target.replace('@', '_')}#ext#@{_domain(user)}", "Guest"
    else:
        name, kind = target, "Member"
    more = {
        "EventData": "<Permissions granted>Read</Permissions granted>",
        "TargetUserOrGroupName": name,
        "TargetUserOrGroupType": kind,
        "SharingLinkScope": "Uninitialized",
    }
    where = {"address": address, "site": site, "path": path, "agent": agent}
    return _file(random, time, "SharingSet", more, user=user, record_type=SHARING, **where)


def anonymous_link_created(
    random: Random, time: datetime, *, user: str, address: str, site: str, path: str, agent: str = BROWSER
) -> bytes:
    """Write that a link to a file was made which opens it for everybody."""
    more = {"EventData": "<Type>View</Type>", "UniqueSharingId": uuid(random), "SharingLinkScope": "Anyone"}
    where = {"address": address, "site": site, "path": path, "agent": agent}
    return _file(random, time, "AnonymousLinkCreated", more, user=user, record_type=SHARING, **where)


def user_logged_in(
    random: Random, time: datetime, *, user: str, address: str, application: str = "Office 365", agent: str = BROWSER
) -> bytes:
    """Write that somebody signed in to an application."""
    organisation = uuid_of(_domain(user))
    more = {
        "ClientIP": address,
        "ObjectId": uuid_of(application),
        "AzureActiveDirectoryEventType": 1,
        "ExtendedProperties": [
            {"Name": "ResultStatusDetail", "Value": "Success"},
            {"Name": "UserAgent", "Value": agent},
            {"Name": "RequestType", "Value": "OAuth2:Authorize"},
        ],
        "ModifiedProperties": [],
        "Actor": [{"ID": uuid_of(user), "Type": 0}, {"ID": user, "Type": 5}],
        "ActorContextId": organisation,
        "ActorIpAddress": address,
        "InterSystemsId": uuid(random),
        "IntraSystemId": uuid(random),
        "SupportTicketId": "",
        "Target": [{"ID": uuid_of(application), "Type": 0}],
        "TargetContextId": organisation,
        "ApplicationId": uuid_of(application),
        "DeviceProperties": [{"Name": "OS", "Value": "Windows10"}, {"Name": "BrowserType", "Value": "Chrome"}],
        "ErrorNumber": "0",
    }
    who: dict[str, Any] = {"user": user, "key": uuid_of(user), "workload": "AzureActiveDirectory"}
    return _record(random, time, "UserLoggedIn", more, record_type=LOGON, result="Success", **who)


def message_id(random: Random, sender: str) -> str:
    """Draw the internet message id of a message (RFC 5322)."""
    return f"<{token(random, 32)}@{_domain(sender)}>"


def _record(
    random: Random,
    time: datetime,
    operation: str,
    more: dict[str, Any],
    *,
    record_type: int,
    workload: str,
    user: str,
    key: str,
    user_type: int = 0,
    result: str = "Succeeded",
) -> bytes:
    """Return a record: the common schema, then what is particular to it."""
    return orjson.dumps(
        {
            "CreationTime": seconds(time),
            "Id": uuid(random),
            "Operation": operation,
            "OrganizationId": uuid_of(_domain(user)),
            "RecordType": record_type,
            "ResultStatus": result,
            "UserKey": key,
            "UserType": user_type,
            "Version": 1,
            "Workload": workload,
            "UserId": user,
            **more,
        }
    )


def _file(
    random: Random,
    time: datetime,
    operation: str,
    more: dict[str, Any],
    *,
    user: str,
    address: str,
    site: str,
    path: str,
    agent: str,
    record_type: int = FILE,
) -> bytes:
    folder, _, name = path.rpartition("/")
    workload = "OneDrive" if "-my." in urlsplit(site).netloc else "SharePoint"
    base = {
        "ClientIP": address,
        "ObjectId": f"{site}/{path}",
        "ApplicationId": _OFFICE,
        "CorrelationId": uuid(random),
        "EventSource": "SharePoint",
        "ItemType": "File",
        "ListId": uuid_of(site + "/list"),
        "ListItemUniqueId": uuid_of(f"{site}/{path}"),
        "Site": uuid_of(site),
        "SiteUrl": f"{site}/",
        "SourceFileExtension": name.rpartition(".")[2],
        "SourceFileName": name,
        "SourceRelativeUrl": folder,
        "UserAgent": agent,
        "WebId": uuid_of(site + "/web"),
        **more,
    }
    key = f"i:0h.f|membership|{_puid(user).lower()}@live.com"
    who: dict[str, Any] = {"user": user, "key": key, "workload": workload}
    return _record(random, time, operation, base, record_type=record_type, **who)


def _exchange(random: Random, time: datetime, operation: str, more: dict[str, Any], **what: Any) -> bytes:
    return _record(random, time, operation, more, workload="Exchange", **what)


def _mailbox(random: Random, user: str, address: str, client: str) -> dict[str, Any]:
    domain, sid = _domain(user), sid_of(_domain(user), user)
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


def _domain(user: str) -> str:
    return user.partition("@")[2]


def _puid(user: str) -> str:
    """Return the passport unique id that always stands for an account."""
    return f"1003{number_of(user, 12):012d}"


def _folder(user: str, folder: str) -> str:
    return letters_of(f"{user}/{folder}", 64)


def _server(user: str) -> str:
    return f"SH0PR01MB{number_of(user, 4)}"
