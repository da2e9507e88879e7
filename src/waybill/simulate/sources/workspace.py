"""Activities of Google Workspace, as the Reports API lists them, one a line.

Format: https://developers.google.com/workspace/admin/reports/v1/appendix/activity/drive and …/login
"""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Any, Literal

import orjson

from waybill.simulate.sources.log import Layout
from waybill.simulate.sources.values import base64, letters_of, milliseconds, number_of

LAYOUT = Layout("{owner}/workspace/activities-{month}.ndjson.gz")

PRIVATE, INSIDE, OUTSIDE, LINK, PUBLIC = (
    "private",
    "people_within_domain_with_link",
    "shared_externally",
    "people_with_link",
    "public_on_the_web",
)
"""Visibilities of a document."""


def access(
    random: Random,
    time: datetime,
    action: Literal["view", "download", "edit", "create", "upload"],
    *,
    user: str,
    address: str,
    title: str,
    owner: str,
    visibility: str = PRIVATE,
    kind: str = "document",
) -> bytes:
    """Write what somebody did with a document, whose id follows from owner and title."""
    event = {"type": "access", "name": action, "parameters": _document(title, owner, visibility, kind)}
    return _activity(random, time, "drive", event, user=user, address=address)


def change_user_access(
    random: Random,
    time: datetime,
    *,
    user: str,
    address: str,
    title: str,
    owner: str,
    target: str,
    visibility: str = OUTSIDE,
    previous: str = PRIVATE,
    kind: str = "document",
) -> bytes:
    """Write that somebody, who had no access before, may now see a document."""
    external = visibility in (OUTSIDE, LINK, PUBLIC) and previous not in (OUTSIDE, LINK, PUBLIC)
    parameters = [
        *_document(title, owner, visibility, kind),
        _text("old_visibility", previous),
        _text("visibility_change", "external" if external else "none"),
        _text("target_user", target),
        {"name": "old_value", "multiValue": ["none"]},
        {"name": "new_value", "multiValue": ["can_view"]},
    ]
    event = {"type": "acl_change", "name": "change_user_access", "parameters": parameters}
    return _activity(random, time, "drive", event, user=user, address=address)


def login(random: Random, time: datetime, *, user: str, address: str, succeeded: bool = True) -> bytes:
    """Write that somebody signed in, or failed to."""
    parameters = [
        _text("login_type", "google_password"),
        {"name": "login_challenge_method", "multiValue": ["password"]},
        *([{"name": "is_suspicious", "boolValue": False}] if succeeded else []),
    ]
    event = {"type": "login", "name": "login_success" if succeeded else "login_failure", "parameters": parameters}
    return _activity(random, time, "login", event, user=user, address=address)


def _activity(
    random: Random, time: datetime, application: str, event: dict[str, Any], *, user: str, address: str
) -> bytes:
    domain = user.partition("@")[2]
    return orjson.dumps(
        {
            "kind": "admin#reports#activity",
            "id": {
                "time": milliseconds(time),
                "uniqueQualifier": str(random.getrandbits(63) - 2**62),
                "applicationName": application,
                "customerId": "C0" + letters_of(domain, 7).lower(),
            },
            "etag": f'"{base64(random, 32)}"',
            "actor": {"callerType": "USER", "email": user, "profileId": str(number_of(user, 21))},
            "ownerDomain": domain,
            "ipAddress": address,
            "events": [event],
        }
    )


def _document(title: str, owner: str, visibility: str, kind: str) -> list[dict[str, Any]]:
    return [
        {"name": "primary_event", "boolValue": True},
        {"name": "billable", "boolValue": True},
        {"name": "owner_is_shared_drive", "boolValue": False},
        _text("owner", owner),
        _text("doc_id", letters_of(f"{owner}/{title}", 44)),
        _text("doc_type", kind),
        {"name": "is_encrypted", "boolValue": False},
        _text("doc_title", title),
        _text("visibility", visibility),
    ]


def _text(name: str, value: str) -> dict[str, Any]:
    return {"name": name, "value": value}
