"""A day of AWS CloudTrail: documents of records, as the service delivers them to a bucket.

Format: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference.html
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from waybill.simulate.cast import Cast
from waybill.simulate.feeds import Feed, Marks, Record, Role, Tag, write_documents

ACCOUNT = "111122223333"
OUTSIDE = "444455556666"
REGION = "cn-north-1"

_RECORDS_A_DOCUMENT = 1500
_Call = tuple[str, str, dict[str, Any]]
"""Service, name and parameters."""


def feed(cast: Cast, count: int) -> Feed:
    """Return ``count`` ordinary calls and the marked ones."""
    feed = Feed()
    for _ in range(count):
        moment = cast.moment()
        make = cast.random.choices(_ORDINARY, weights=_WEIGHTS)[0]
        feed.add(moment, _record(cast, moment, make(cast)))
    _share_snapshot(cast, feed)
    _open_bucket(cast, feed)
    _stop_trail(cast, feed)
    return feed


def write(folder: Path, feed: Feed) -> Marks:
    """Write the day as gzipped JSON documents below the account's folder."""

    def name(first: datetime) -> str:
        stamp = f"{first:%Y%m%dT%H%M%SZ}"
        return f"cloudtrail/{ACCOUNT}_CloudTrail_{REGION}_{stamp}.json.gz"

    return write_documents(folder, name, feed, size=_RECORDS_A_DOCUMENT)


def _share_snapshot(cast: Cast, feed: Feed) -> None:
    """Share a database snapshot with an outside account; the twin is copied inside the account."""
    person, snapshot = cast.person(cast.clinic), f"his-{cast.day:%Y-%m-%d}-{cast.token(6)}"
    share: _Call = (
        "rds.amazonaws.com",
        "ModifyDBSnapshotAttribute",
        {"dBSnapshotIdentifier": snapshot, "attributeName": "restore", "valuesToAdd": [OUTSIDE]},
    )
    copy: _Call = (
        "rds.amazonaws.com",
        "CopyDBSnapshot",
        {"sourceDBSnapshotIdentifier": snapshot, "targetDBSnapshotIdentifier": f"{snapshot}-second"},
    )
    _case(cast, feed, "snapshot-shared", person, leak=share, twin=copy)


def _open_bucket(cast: Cast, feed: Feed) -> None:
    """Open a bucket to everyone; in the twin a condition narrows everyone to the organisation."""
    person, bucket = cast.person(cast.shop), f"shop-exports-{cast.token(6)}"
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    narrowed = statement | {"Condition": {"StringEquals": {"aws:PrincipalOrgID": f"o-{cast.token(10)}"}}}

    def put(statement: dict[str, Any]) -> _Call:
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        return "s3.amazonaws.com", "PutBucketPolicy", {"bucketName": bucket, "policy": "", "bucketPolicy": policy}

    _case(cast, feed, "bucket-opened", person, leak=put(statement), twin=put(narrowed))


def _stop_trail(cast: Cast, feed: Feed) -> None:
    """Stop the audit trail; the twin starts it."""
    person, trail = cast.person(cast.shop), {"name": f"trail-{cast.token(6)}"}
    stop, start = (("cloudtrail.amazonaws.com", name, trail) for name in ("StopLogging", "StartLogging"))
    _case(cast, feed, "trail-switched-off", person, leak=stop, twin=start)


def _case(cast: Cast, feed: Feed, case: str, person: str, *, leak: _Call, twin: _Call) -> None:
    for role, call in ((Role.LEAK, leak), (Role.TWIN, twin)):
        moment = cast.moment()
        record = _record(cast, moment, call, person=person)
        feed.add(moment, record, Tag(role, record["eventID"], case))


def _record(cast: Cast, moment: datetime, call: _Call, *, person: str = "") -> Record:
    service, name, parameters = call
    organisation = cast.random.choice((cast.shop, cast.clinic))
    by_person = bool(person) or cast.random.random() < 0.3
    return {
        "eventVersion": "1.11",
        "userIdentity": _user(person or cast.person(organisation)) if by_person else _role(cast),
        "eventTime": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": service,
        "eventName": name,
        "awsRegion": REGION,
        "sourceIPAddress": cast.address(organisation),
        "userAgent": "aws-cli/2.27.1" if by_person else "aws-sdk-java/2.31.0",
        "requestParameters": parameters,
        "responseElements": None,
        "requestID": cast.uuid(),
        "eventID": cast.uuid(),
        "readOnly": name.startswith(("Get", "List", "Describe", "Lookup")),
        "eventType": "AwsApiCall",
        "managementEvent": name not in ("GetObject", "PutObject"),
        "recipientAccountId": ACCOUNT,
    }


def _user(person: str) -> Record:
    return {
        "type": "IAMUser",
        "principalId": "AIDA" + person.upper().replace(".", ""),
        "arn": f"arn:aws:iam::{ACCOUNT}:user/{person}",
        "accountId": ACCOUNT,
        "userName": person,
    }


def _role(cast: Cast) -> Record:
    role = cast.random.choice(("web", "orders", "reports", "backup", "build"))
    return {
        "type": "AssumedRole",
        "principalId": f"AROA{role.upper()}:i-{cast.token(17)}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/i-{cast.token(17)}",
        "accountId": ACCOUNT,
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "arn": f"arn:aws:iam::{ACCOUNT}:role/{role}", "userName": role}
        },
    }


def _get_object(cast: Cast) -> _Call:
    key = f"{cast.random.choice(('images', 'invoices', 'labels'))}/2026/{cast.token(8)}.json"
    return "s3.amazonaws.com", "GetObject", {"bucketName": "shop-assets", "key": key}


def _put_object(cast: Cast) -> _Call:
    return "s3.amazonaws.com", "PutObject", {"bucketName": "shop-assets", "key": f"labels/2026/{cast.token(8)}.pdf"}


def _describe(cast: Cast) -> _Call:
    name = cast.random.choice(("DescribeInstances", "DescribeSnapshots", "DescribeImages", "DescribeSecurityGroups"))
    return "ec2.amazonaws.com", name, {"maxResults": 100}


def _decrypt(cast: Cast) -> _Call:
    return (
        "kms.amazonaws.com",
        "Decrypt",
        {"encryptionContext": {"aws:s3:arn": f"arn:aws:s3:::shop-assets/{cast.token(8)}"}},
    )


def _secret(cast: Cast) -> _Call:
    return "secretsmanager.amazonaws.com", "GetSecretValue", {"secretId": f"shop/{cast.random.choice(('db', 'mail'))}"}


def _look_up(_cast: Cast) -> _Call:
    return "cloudtrail.amazonaws.com", "LookupEvents", {"maxResults": 50}


def _open_web_port(cast: Cast) -> _Call:
    """Open port 443 to everyone, as web servers need."""
    address = {"items": [{"cidrIp": "0.0.0.0/0"}]}
    rule = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "ipRanges": address}
    parameters = {"groupId": f"sg-{cast.token(17)}", "ipPermissions": {"items": [rule]}}
    return "ec2.amazonaws.com", "AuthorizeSecurityGroupIngress", parameters


def _make_snapshot(cast: Cast) -> _Call:
    return "ec2.amazonaws.com", "CreateSnapshot", {"volumeId": f"vol-{cast.token(17)}"}


_ORDINARY: tuple[Callable[[Cast], _Call], ...] = (
    _get_object,
    _put_object,
    _describe,
    _decrypt,
    _secret,
    _look_up,
    _open_web_port,
    _make_snapshot,
)
_WEIGHTS = (40, 12, 20, 15, 6, 4, 1, 2)
