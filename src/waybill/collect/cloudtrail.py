"""What a CloudTrail record grants to whom, which no path alone tells.

A policy is a list of statements; some allow and some deny, and to everyone may mean to everyone on certain conditions.
`read` adds to records that change who may do what ``waybill.granted_to``: the accounts outside the own one, and ``all``
for the public. It also names in ``waybill.person`` a person that the record holds where roles stand otherwise.

Formats: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference.html and, for policies,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

Record = dict[str, Any]

PUBLIC = "all"
"""What a grant to everyone is called, as EC2 does."""

_POLICIES = ("bucketPolicy", "policy", "policyText", "resourcePolicy", "Policy", "resourcePolicyDocument")
"""Request parameters that hold a resource policy, as an object or as JSON text."""

_ACCESS_LISTS = (
    "x-amz-acl",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-write",
    "AccessControlPolicy",
)
"""Request parameters of S3 that hold an access control list, canned or in full."""

_GRANTING = frozenset((*_POLICIES, *_ACCESS_LISTS, "principal", "attributes"))

_PUBLIC_MARKS = ("AllUsers", "AuthenticatedUsers", "public-read", "authenticated-read")
"""Groups and canned lists of S3 that mean everyone (any AWS account is everyone)."""

_NARROWING = (
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorg",
    "aws:source",
    "aws:userid",
    "kms:calleraccount",
    "kms:viaservice",
    "s3:dataaccesspointaccount",
)
"""Beginnings of condition keys that make a grant to everyone one to somebody known (S3 counts alike)."""


def read(record: Record) -> Record:
    """Return the record with what it grants and whom it names added; the same object."""
    parameters = record.get("requestParameters")
    if type(parameters) is dict and not _GRANTING.isdisjoint(parameters):
        granted = sorted(set(_grants(parameters)) - _own(record))
        if granted:
            record["waybill"] = {"granted_to": granted}
    person = _person(record, parameters)
    if person:
        record.setdefault("waybill", {})["person"] = person
    return record


def _person(record: Record, parameters: Any) -> str | None:
    """Return the name of a person that stands where other records have a role or a parameter has its name."""
    if record.get("eventName") == "GetFederationToken" and type(parameters) is dict:
        return _text(parameters.get("name"))
    identity = record.get("userIdentity")
    if type(identity) is not dict or identity.get("type") != "FederatedUser":
        return None
    issuer = _at(identity, "sessionContext", "sessionIssuer")
    return _text(issuer.get("userName")) if issuer.get("type") == "IAMUser" else None


def _own(record: Record) -> set[str]:
    account = record.get("recipientAccountId") or _at(record, "userIdentity").get("accountId")
    return {account} if isinstance(account, str) else set()


def _grants(parameters: Record) -> Iterator[str]:
    """Yield the accounts that a request grants something to, and ``all``."""
    attributes = parameters.get("attributes")
    policies = [parameters.get(name) for name in _POLICIES]
    if type(attributes) is dict:
        policies.append(attributes.get("Policy"))
    for policy in policies:
        yield from _policy_grants(policy)
    if "principal" in parameters:
        yield from _accounts(parameters["principal"])
    for name in _ACCESS_LISTS:
        if name in parameters and any(mark in str(parameters[name]) for mark in _PUBLIC_MARKS):
            yield PUBLIC


def _policy_grants(policy: Any) -> Iterator[str]:
    if isinstance(policy, str) and policy.lstrip().startswith("{"):
        try:
            policy = orjson.loads(policy)
        except ValueError:
            return
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    for statement in statements if isinstance(statements, list) else [statements]:
        if not isinstance(statement, dict) or statement.get("Effect") != "Allow":
            continue
        principal = statement.get("Principal")
        granted = _accounts(principal.get("AWS") if isinstance(principal, dict) else principal)
        yield from (account for account in granted if account != PUBLIC or not _is_narrowed(statement))


def _is_narrowed(statement: Record) -> bool:
    """Return whether a statement's conditions keep a grant to everyone from being one."""
    conditions = statement.get("Condition")
    if not isinstance(conditions, dict):
        return False
    keys = (key for tests in conditions.values() if isinstance(tests, dict) for key in tests)
    return any(str(key).lower().startswith(_NARROWING) for key in keys)


def _accounts(principals: Any) -> Iterable[str]:
    """Yield the account of each principal; services of AWS itself are none."""
    for principal in principals if isinstance(principals, list) else [principals]:
        name = _text(principal)
        if name == "*":
            yield PUBLIC
        elif name and name.startswith("arn:"):
            yield (name.split(":", 5) + [""] * 5)[4] or name
        elif name and not name.endswith(".amazonaws.com"):
            yield name


def _at(record: Record, *names: str) -> Record:
    """Return the object at a path, or an empty one."""
    inner: Any = record
    for name in names:
        inner = inner.get(name) if isinstance(inner, dict) else None
    return inner if isinstance(inner, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
