"""AWS CloudTrail: documents of records, as the service delivers them to a bucket.

Format: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from random import Random
from typing import Any

import orjson

from waybill.simulate.sources.log import Layout
from waybill.simulate.sources.values import letters_of, number_of, seconds, uuid

REGION = "cn-north-1"

LAYOUT = Layout(
    f"{{owner}}/cloudtrail/{{owner}}_CloudTrail_{REGION}_{{stamp}}_{{part}}.json.gz",
    opening=lambda _first: b'{"Records":[',
    between=b",",
    closing=b"]}",
    records=1500,
)

_READS = ("Get", "List", "Describe", "Lookup", "Head")
_DATA_EVENTS = frozenset({"GetObject", "PutObject", "DeleteObject", "CopyObject", "HeadObject"})


def account(owner: str) -> str:
    """Return the number of the account that always belongs to ``owner``."""
    return str(number_of(owner, 12))


@lru_cache(1 << 12)
def user(owner: str, name: str) -> Mapping[str, Any]:
    """Return the identity of a person with long-lived keys, for ``call``."""
    return {
        "type": "IAMUser",
        "principalId": "AIDA" + letters_of(f"{owner}/{name}", 17).upper(),
        "arn": f"arn:aws-cn:iam::{account(owner)}:user/{name}",
        "accountId": account(owner),
        "accessKeyId": "AKIA" + letters_of(f"{owner}/{name}/key", 16).upper(),
        "userName": name,
    }


@lru_cache(1 << 12)
def role(owner: str, name: str, session: str) -> Mapping[str, Any]:
    """Return the identity of somebody in a role, or of a machine if ``session`` is its id, like ``i-0a1b2c3d4e5f``."""
    principal = "AROA" + letters_of(f"{owner}/{name}", 17).upper()
    issuer = {
        "type": "Role",
        "principalId": principal,
        "arn": f"arn:aws-cn:iam::{account(owner)}:role/{name}",
        "accountId": account(owner),
        "userName": name,
    }
    return {
        "type": "AssumedRole",
        "principalId": f"{principal}:{session}",
        "arn": f"arn:aws-cn:sts::{account(owner)}:assumed-role/{name}/{session}",
        "accountId": account(owner),
        "accessKeyId": "ASIA" + letters_of(f"{owner}/{name}/{session}", 16).upper(),
        "sessionContext": {"sessionIssuer": issuer},
    }


def call(
    random: Random,
    time: datetime,
    service: str,
    name: str,
    *,
    identity: Mapping[str, Any],
    address: str,
    parameters: Mapping[str, Any],
    answer: Mapping[str, Any] | None = None,
    agent: str = "aws-cli/2.31.0",
    error: str = "",
    added: Mapping[str, Any] | None = None,
) -> bytes:
    """Write a call of ``name`` of ``service``, like ``s3``; ``error`` is the code of one that was refused."""
    owner, data = identity["accountId"], name in _DATA_EVENTS
    more: dict[str, Any] = {"errorCode": error, "errorMessage": "Access Denied"} if error else {}
    if added:
        more["additionalEventData"] = added
    return orjson.dumps(
        {
            "eventVersion": "1.11",
            "userIdentity": identity,
            "eventTime": seconds(time) + "Z",
            "eventSource": f"{service}.amazonaws.com",
            "eventName": name,
            "awsRegion": REGION,
            "sourceIPAddress": address,
            "userAgent": agent,
            **more,
            "requestParameters": parameters,
            "responseElements": answer,
            "requestID": uuid(random),
            "eventID": uuid(random),
            "readOnly": name.startswith(_READS),
            "eventType": "AwsApiCall",
            "managementEvent": not data,
            "recipientAccountId": owner,
            "eventCategory": "Data" if data else "Management",
        }
    )


def get_object(
    random: Random, time: datetime, *, identity: Mapping[str, Any], address: str, bucket: str, key: str, size: int
) -> bytes:
    """Write that an object was fetched from a bucket."""
    what, added = {"bucketName": bucket, "key": key}, {"bytesTransferredOut": size}
    return call(random, time, "s3", "GetObject", identity=identity, address=address, parameters=what, added=added)


def put_object(
    random: Random, time: datetime, *, identity: Mapping[str, Any], address: str, bucket: str, key: str, size: int
) -> bytes:
    """Write that an object was put into a bucket."""
    what, added = {"bucketName": bucket, "key": key}, {"bytesTransferredIn": size}
    return call(random, time, "s3", "PutObject", identity=identity, address=address, parameters=what, added=added)
