"""What all records of Microsoft 365 have in common."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Any

import orjson

from waybill.simulate.sources.log import Layout
from waybill.simulate.sources.values import number_of, seconds, uuid, uuid_of

LAYOUT = Layout("{owner}/microsoft365/audit-{month}.ndjson.gz")


def record_of(
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
    """Return a record: the common schema, then ``more``, which is particular to it."""
    return orjson.dumps(
        {
            "CreationTime": seconds(time),
            "Id": uuid(random),
            "Operation": operation,
            "OrganizationId": uuid_of(domain_of(user)),
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


def domain_of(user: str) -> str:
    """Return the domain of a mail address."""
    return user.partition("@")[2]


def puid_of(user: str) -> str:
    """Return the passport unique id that always stands for an account."""
    return f"1003{number_of(user, 12):012d}"
