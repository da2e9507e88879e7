"""Who may do what in a bucket, once policy, access list and public-access blocks have had their say.

What S3 calls public is decided here as its manual says ("The meaning of 'public'"), since the status that services
report tells of the policy alone and not of what the blocks leave of it.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from waybill.exposure.storage.bucket import Bucket

ANYBODY = "*"
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
ANY_ACCOUNT = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"

_NARROWING = {
    "aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn", "aws:sourcearn",
    "aws:sourceaccount", "aws:sourceowner", "aws:sourcevpc", "aws:sourcevpce", "aws:userid", "aws:username",
    "s3:dataaccesspointaccount", "s3:dataaccesspointarn", "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "aws:sourceip", "aws:vpcsourceip",
}  # fmt: skip
"""Keys of conditions that, held to fixed values, make a statement not public."""

_EVERY_ADDRESS = {"0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1"}


class Deed(StrEnum):
    """What may be done."""

    READ = "read"
    LIST = "list"
    WRITE = "write"
    CONTROL = "control"


_ACTIONS = {
    Deed.READ: ("s3:getobject", "s3:getobjectversion"),
    Deed.LIST: ("s3:listbucket", "s3:listbucketversions"),
    Deed.WRITE: ("s3:putobject", "s3:deleteobject"),
    Deed.CONTROL: ("s3:putbucketpolicy", "s3:putbucketacl", "s3:putobjectacl"),
}
_PERMISSIONS = {
    "FULL_CONTROL": tuple(Deed),
    "READ": (Deed.LIST,),
    "WRITE": (Deed.WRITE,),
    "WRITE_ACP": (Deed.CONTROL,),
}
"""What permissions of a bucket's access list mean: its READ is the right to list."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Somebody may do something."""

    who: str
    """``*`` for anybody, else the number of an account or the name of a principal."""
    deed: Deed
    by: str
    """What says so."""
    any_account: bool = False
    """Anybody, as long as they have an account of any customer of the service."""


def to_anybody(bucket: Bucket, *deeds: Deed) -> Iterator[Opening]:
    """Yield what anybody may do without an account, of these deeds."""
    for opening in openings(bucket):
        if opening.who == ANYBODY and not opening.any_account and opening.deed in deeds:
            yield opening


def openings(bucket: Bucket) -> Iterator[Opening]:
    """Yield what others than the bucket's own account may do."""
    block = bucket.block
    if not block.acls:
        for grant in bucket.grants:
            if grant.grantee in {ALL_USERS, ANY_ACCOUNT}:
                for deed in _PERMISSIONS.get(grant.permission, ()):
                    yield Opening(ANYBODY, deed, f"access list: {grant.permission}", grant.grantee == ANY_ACCOUNT)
    yield from _by_policy(bucket, block.restricted)


def _by_policy(bucket: Bucket, restricted: bool) -> Iterator[Opening]:
    statements = _statements(bucket.policy)
    public = any(_is_public(statement) for statement in statements)
    for number, statement in enumerate(statements, 1):
        if statement.get("Effect") != "Allow":
            continue
        by = f"policy: {statement.get('Sid') or f'statement {number}'}"
        for deed in Deed:
            if not _covers(statement, deed) or _denied(statements, deed):
                continue
            if _is_public(statement) and not restricted:
                yield Opening(ANYBODY, deed, by)
            # A bucket with a public policy whose public access is restricted serves its own account alone.
            elif not (public and restricted):
                for account in _accounts(statement) - {bucket.account, ""}:
                    yield Opening(account, deed, by)


def _statements(policy: dict[str, Any]) -> list[dict[str, Any]]:
    found = policy.get("Statement", [])
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]


def _is_public(statement: dict[str, Any]) -> bool:
    if statement.get("Effect") != "Allow":
        return False
    everybody = ANYBODY in _principals(statement) or "NotPrincipal" in statement
    return everybody and not _is_narrowed(statement.get("Condition", {}))


def _is_narrowed(conditions: Any) -> bool:
    for operator, keys in (conditions if isinstance(conditions, dict) else {}).items():
        name = str(operator).lower().removeprefix("foranyvalue:").removeprefix("forallvalues:")
        if "not" in name or name in {"null", "bool"} or not isinstance(keys, dict):
            continue
        for key, values in keys.items():
            fixed = [str(value) for value in (values if isinstance(values, list) else [values])]
            if str(key).lower() in _NARROWING and fixed and not any(_is_open(value) for value in fixed):
                return True
    return False


def _is_open(value: str) -> bool:
    """Return whether a value of a condition leaves it to anybody: a lone wildcard, or every address."""
    return value in _EVERY_ADDRESS or not value.strip("*?") or value.startswith("arn:aws:*")


def _principals(statement: dict[str, Any]) -> set[str]:
    principal = statement.get("Principal", {})
    if isinstance(principal, str):
        return {principal}
    found: set[str] = set()
    for kind, values in (principal if isinstance(principal, dict) else {}).items():
        if kind in {"AWS", "*"}:
            found.update(str(value) for value in (values if isinstance(values, list) else [values]))
    return found


def _accounts(statement: dict[str, Any]) -> set[str]:
    """Return the numbers of the accounts that a statement names, or other names of principals as they stand."""
    found = set()
    for principal in _principals(statement) - {ANYBODY}:
        number = re.fullmatch(r"(?:arn:[\w-]+:(?:iam|sts)::)?(\d{12})(?::.*)?", principal)
        found.add(number[1] if number else principal)
    return found


def _covers(statement: dict[str, Any], deed: Deed) -> bool:
    wanted = _ACTIONS[deed]
    if "NotAction" in statement:
        left_out = _lower(statement["NotAction"])
        return any(not _matches(action, left_out) for action in wanted)
    return any(_matches(action, _lower(statement.get("Action", []))) for action in wanted)


def _denied(statements: list[dict[str, Any]], deed: Deed) -> bool:
    """Return whether somebody denies it to everybody, without conditions and for the whole bucket."""
    return any(
        statement.get("Effect") == "Deny"
        and ANYBODY in _principals(statement)
        and not statement.get("Condition")
        and all(_matches(action, _lower(statement.get("Action", []))) for action in _ACTIONS[deed])
        and any(str(name).endswith((":::*", "/*", "*")) for name in _listed(statement.get("Resource", [])))
        for statement in statements
    )


def _lower(values: Any) -> list[str]:
    return [str(value).lower() for value in _listed(values)]


def _listed(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]


def _matches(action: str, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatchcase(action, pattern) for pattern in patterns)
