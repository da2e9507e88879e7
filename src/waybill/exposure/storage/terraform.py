"""Buckets from `terraform show -json` of a plan or a state: what will stand open, before it does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from waybill.exposure.documents import entries
from waybill.exposure.snapshots import Unread
from waybill.exposure.storage.bucket import Block, Bucket, Grant
from waybill.exposure.storage.reach import ALL_USERS, ANY_ACCOUNT
from waybill.model.findings import Position

_CANNED = {
    "public-read": ((ALL_USERS, "READ"),),
    "public-read-write": ((ALL_USERS, "READ"), (ALL_USERS, "WRITE")),
    "authenticated-read": ((ANY_ACCOUNT, "READ"),),
}


def recognises(document: Any) -> bool:
    """Return whether this is a plan or a state."""
    return isinstance(document, dict) and "terraform_version" in document and _root(document) is not None


def read(document: Any, file: str) -> Iterator[Bucket]:
    """Yield the buckets that there will be."""
    resources = list(_resources(_root(document) or {}))
    meant = dict(_references(document.get("configuration", {}).get("root_module", {}), ""))
    of_bucket: dict[str, dict[str, Mapping[str, Any]]] = {}
    for resource in resources:
        if resource.get("type") != "aws_s3_bucket":
            bucket = resource["values"].get("bucket") or meant.get(_plain(resource))
            of_bucket.setdefault(str(bucket), {})[str(resource.get("type"))] = resource["values"]
    blocks = [one["values"] for one in resources if one.get("type") == "aws_s3_account_public_access_block"]
    for number, resource in enumerate(resources, 1):
        if resource.get("type") == "aws_s3_bucket":
            address = str(resource.get("address"))
            name = str(resource["values"].get("bucket") or address)
            others = of_bucket.get(_plain(resource), {}) | of_bucket.get(name, {})
            parts = {"account block": next(map(_block, blocks), None), **_parts(resource["values"], others)}
            yield Bucket(f"s3://{name}", Position("terraform", file, number), (name, address), parts)


def _root(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    for values in (document.get("planned_values"), document.get("values")):
        if isinstance(values, dict) and isinstance(values.get("root_module"), dict):
            root: Mapping[str, Any] = values["root_module"]
            return root
    return None


def _resources(module: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (one for one in entries(module.get("resources", [])) if isinstance(one.get("values"), dict))
    for child in entries(module.get("child_modules", [])):
        yield from _resources(child)


def _references(module: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    """Yield addresses of resources and that of the bucket each refers to: a new bucket has no name in the plan yet."""
    for resource in entries(module.get("resources", [])):
        bucket = resource.get("expressions", {}).get("bucket", {})
        for reference in bucket.get("references", []) if isinstance(bucket, dict) else []:
            if str(reference).startswith("aws_s3_bucket.") and str(reference).count(".") == 1:
                yield f"{prefix}{resource.get('address')}", f"{prefix}{reference}"
    for name, call in module.get("module_calls", {}).items():
        yield from _references(call.get("module", {}), f"{prefix}module.{name}.")


def _plain(resource: Mapping[str, Any]) -> str:
    """Return a resource's address without the numbers of its copies, as the configuration has it."""
    return re.sub(r"\[[^\]]*\]", "", str(resource.get("address")))


def _parts(bucket: Mapping[str, Any], others: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    versioning = entries(others.get("aws_s3_bucket_versioning", {}).get("versioning_configuration", []))
    encryption = entries(others.get("aws_s3_bucket_server_side_encryption_configuration", {}).get("rule", []))
    applied = [one for rule in encryption for one in entries(rule.get("apply_server_side_encryption_by_default", []))]
    ownership = entries(others.get("aws_s3_bucket_ownership_controls", {}).get("rule", []))
    cors = entries(others.get("aws_s3_bucket_cors_configuration", {}).get("cors_rule", []))
    acl = others.get("aws_s3_bucket_acl", bucket).get("acl")
    return {
        "policy": _policy(bucket, others.get("aws_s3_bucket_policy")),
        "grants": tuple(Grant(*grant) for grant in _CANNED.get(str(acl), ())),
        "acls disabled": any(rule.get("object_ownership") == "BucketOwnerEnforced" for rule in ownership),
        "block": _block(others.get("aws_s3_bucket_public_access_block", {})),
        "encryption": next((str(one.get("sse_algorithm")) for one in applied), "AES256"),
        "versioned": any(one.get("status") == "Enabled" for one in versioning),
        "log target": str(others.get("aws_s3_bucket_logging", {}).get("target_bucket") or ""),
        "origins": tuple(str(origin) for rule in cors for origin in rule.get("allowed_origins", [])),
    }


def _policy(bucket: Mapping[str, Any], own: Mapping[str, Any] | None) -> dict[str, Any] | Unread:
    """Return the policy; what is only known once it is applied, a plan leaves out."""
    text = bucket.get("policy") if own is None else own.get("policy")
    if text is None:
        return {} if own is None else Unread("the plan knows it only once it is applied")
    try:
        found = msgspec.json.decode(str(text)) if text else {}
    except msgspec.DecodeError:
        return Unread("the policy is no JSON")
    return found if isinstance(found, dict) else {}


def _block(values: Mapping[str, Any]) -> Block:
    names = ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets")
    return Block(*(values.get(name) is True for name in names))
