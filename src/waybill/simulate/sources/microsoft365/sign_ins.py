"""Sign-ins: what the directory, Entra ID, records."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Any

from waybill.simulate.sources.microsoft365.records import domain_of, record_of
from waybill.simulate.sources.values import BROWSER, uuid, uuid_of

LOGON = 15
"""Record type AzureActiveDirectoryStsLogon."""


def user_logged_in(
    random: Random, time: datetime, *, user: str, address: str, application: str = "Office 365", agent: str = BROWSER
) -> bytes:
    """Write that somebody signed in to an application."""
    organisation = uuid_of(domain_of(user))
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
    return record_of(random, time, "UserLoggedIn", more, record_type=LOGON, result="Success", **who)
