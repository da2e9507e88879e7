"""Buckets from a snapshot of AWS Config: what the account looked like, read without any access to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from waybill.exposure.documents import entries
from waybill.exposure.snapshots import Unread
from waybill.exposure.storage.bucket import Block, Bucket, Grant
from waybill.model.findings import Position

_ITEMS = "configurationItems"


def recognises(document: Any) -> bool:
    """Return whether this is such a file."""
    return isinstance(document, dict) and isinstance(document.get(_ITEMS), list)


def read(document: Any, file: str) -> Iterator[Bucket]:
    """Yield its buckets."""
    items = entries(document[_ITEMS])
    account_blocks = {
        str(item.get("awsAccountId")): _block(_more(item, "configuration") or item.get("configuration"))
        for item in items
        if item.get("resourceType") == "AWS::S3::AccountPublicAccessBlock"
    }
    for number, item in enumerate(items, 1):
        if item.get("resourceType") == "AWS::S3::Bucket":
            account = str(item.get("awsAccountId") or "")
            parts = {"account": account, "account block": account_blocks.get(account), **_parts(item)}
            name = str(item.get("resourceName") or item.get("resourceId"))
            source = Position("aws-config", file, number)
            yield Bucket(f"s3://{name}", source, (name, str(item.get("ARN", name))), parts)


def _parts(item: Mapping[str, Any]) -> dict[str, Any]:
    policy = _object(_object(_more(item, "BucketPolicy")).get("policyText"))
    rules = entries(_object(_more(item, "ServerSideEncryptionConfiguration")).get("rules", []))
    log = _object(_more(item, "BucketLoggingConfiguration"))
    versioning = _more(item, "BucketVersioningConfiguration")
    ownership = entries(_object(_more(item, "OwnershipControls")).get("rules", []))
    acl = _more(item, "AccessControlList")
    return {
        "policy": policy,
        "grants": Unread("the export has no access list") if acl is None else tuple(_grants(_object(acl))),
        "acls disabled": any(rule.get("objectOwnership") == "BucketOwnerEnforced" for rule in ownership),
        "block": _block(_more(item, "PublicAccessBlockConfiguration")),
        "encryption": next((_algorithm(rule) for rule in rules), ""),
        "versioned": _object(versioning).get("status") == "Enabled",
        "log target": str(log.get("destinationBucketName") or ""),
        "origins": tuple(
            str(origin)
            for rule in entries(_object(_more(item, "BucketCorsConfiguration")).get("rules", []))
            for origin in rule.get("allowedOrigins", [])
        ),
    }


def _more(item: Mapping[str, Any], name: str) -> Any:
    found = item.get("supplementaryConfiguration")
    return found.get(name) if isinstance(found, dict) else None


def _object(value: Any) -> dict[str, Any]:
    """Return an object that may stand as text: AWS Config writes objects within objects as JSON texts."""
    if isinstance(value, str) and value:
        try:
            value = msgspec.json.decode(value)
        except msgspec.DecodeError:
            return {}
        return _object(value)
    return value if isinstance(value, dict) else {}


def _block(value: Any) -> Block:
    found = _object(value)
    names = ("blockPublicAcls", "ignorePublicAcls", "blockPublicPolicy", "restrictPublicBuckets")
    return Block(*(found.get(name) is True for name in names))


def _grants(acl: Mapping[str, Any]) -> Iterator[Grant]:
    groups = {"AllUsers": "http://acs.amazonaws.com/groups/global/AllUsers"}
    groups["AuthenticatedUsers"] = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
    permissions = {"FullControl": "FULL_CONTROL", "Read": "READ", "Write": "WRITE", "WriteAcp": "WRITE_ACP"}
    for grant in entries(acl.get("grantList", [])):
        grantee = grant.get("grantee")
        name = str(grantee.get("id", "")) if isinstance(grantee, dict) else str(grantee)
        permission = str(grant.get("permission"))
        yield Grant(groups.get(name, name), permissions.get(permission, permission))


def _algorithm(rule: Mapping[str, Any]) -> str:
    applied = rule.get("applyServerSideEncryptionByDefault")
    return str(applied.get("sseAlgorithm") or "") if isinstance(applied, dict) else ""
