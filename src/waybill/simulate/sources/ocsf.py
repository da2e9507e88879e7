"""Events of a directory and its data stores in the Open Cybersecurity Schema Framework 1.8 (https://schema.ocsf.io/1.8.0)."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Any

import orjson

from waybill.simulate.sources.log import Layout
from waybill.simulate.sources.values import uuid, uuid_of

LAYOUT = Layout("{owner}/ocsf/events-{month}.ndjson.gz")

_APPLICATION = {"category_uid": 6, "category_name": "Application Activity"}


def sign_in(random: Random, time: datetime, *, user: str, address: str, service: str) -> bytes:
    """Write that somebody, known by a mail address, signed in to a service (Authentication, 3002)."""
    what = {
        "class_uid": 3002,
        "class_name": "Authentication",
        "category_uid": 3,
        "category_name": "Identity & Access Management",
        "activity_id": 1,
        "activity_name": "Logon",
        "is_mfa": True,
        "user": _user(user),
        "service": {"name": service},
        "dst_endpoint": {"hostname": f"{service}.{user.partition('@')[2]}"},
    }
    return _event(random, time, what, address)


def api_call(
    random: Random,
    time: datetime,
    *,
    user: str,
    address: str,
    operation: str,
    resource: str,
    resource_type: str = "Group",
    activity: tuple[int, str] = (2, "Read"),
) -> bytes:
    """Write that somebody called a service (API Activity, 6003): 1 Create, 2 Read, 3 Update, 4 Delete."""
    what = {
        "class_uid": 6003,
        "class_name": "API Activity",
        **_APPLICATION,
        "activity_id": activity[0],
        "activity_name": activity[1],
        "actor": {"user": _user(user)},
        "api": {"operation": operation, "service": {"name": "directory"}, "request": {"uid": uuid(random)}},
        "resources": [{"name": resource, "type": resource_type}],
    }
    return _event(random, time, what, address)


def query(random: Random, time: datetime, *, user: str, address: str, database: str, table: str) -> bytes:
    """Write that somebody read a table (Datastore Activity, 6005)."""
    what = {
        "class_uid": 6005,
        "class_name": "Datastore Activity",
        **_APPLICATION,
        "activity_id": 1,
        "activity_name": "Read",
        "actor": {"user": _user(user)},
        "type_id": 1,
        "database": {"name": database, "type_id": 1},
        "table": {"name": table},
    }
    return _event(random, time, what, address)


def _event(random: Random, time: datetime, what: dict[str, Any], address: str) -> bytes:
    return orjson.dumps(
        {
            **what,
            "type_uid": what["class_uid"] * 100 + what["activity_id"],
            "severity_id": 1,
            "status_id": 1,
            "status": "Success",
            "time": int(time.timestamp() * 1000),
            "metadata": {
                "version": "1.8.0",
                "uid": uuid(random),
                "product": {"name": "Directory", "vendor_name": "Tenant"},
            },
            "src_endpoint": {"ip": address},
        }
    )


def _user(user: str) -> dict[str, Any]:
    return {"name": user.partition("@")[0], "uid": uuid_of(user), "type_id": 1, "email_addr": user}
