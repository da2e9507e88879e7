"""Buckets asked over S3 with the credentials of the environment (extra ``s3``). Reads only.

Each part is asked for on its own, since rights are given one by one: what is refused is a part that could not be
read, not a bucket without it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import msgspec

from waybill.exposure.fixes import BLOCK
from waybill.exposure.snapshots import NotInspected, Unread
from waybill.exposure.storage.bucket import Block, Bucket, Grant
from waybill.model.errors import InputError, UsageError
from waybill.model.findings import Position

MOST_BUCKETS, MOST_PAGES = 10_000, 1_000
"""A listing that goes on for ever ends here, and says so; one of empty pages too."""

TIMEOUT = 10
"""Seconds to wait for an answer."""

_NONE = {
    "NoSuchBucketPolicy", "NoSuchPublicAccessBlockConfiguration", "NoSuchCORSConfiguration",
    "ServerSideEncryptionConfigurationNotFoundError", "OwnershipControlsNotFoundError",
}  # fmt: skip
"""Errors that mean that there is none."""


def read(target: str) -> Iterator[Bucket | NotInspected]:
    """Yield the bucket ``s3://NAME``, or all buckets of the account for ``s3:``."""
    if importlib.util.find_spec("boto3") is None:
        raise UsageError("asking an S3 service needs boto3", advice="pip install 'waybill-security[s3]'")
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    settings = Config(connect_timeout=TIMEOUT, read_timeout=TIMEOUT, retries={"max_attempts": 2})
    name = target.removeprefix("s3:").strip("/")
    try:
        client = boto3.client("s3", config=settings)
        names, ended = ([name], True) if name else _names(client)
        account, block = _account(boto3, settings)
        if isinstance(block, Unread):
            yield NotInspected(target, f"the account's public-access block: {block.why}")
        for number, one in enumerate(islice(names, MOST_BUCKETS), 1):
            yield _bucket(client, one, number, {"account": account, "account block": block})
        if not ended:
            why = f"the listing does not end after {len(names):,} buckets; name those that are left"
            yield NotInspected(target, why)
    except ClientError as error:
        yield NotInspected(target, f"the service refuses: {_code(error)}; check the credentials")
    except BotoCoreError as error:
        raise InputError(f"the service cannot be asked: {error}", where=target) from None


def _names(client: Any) -> tuple[list[str], bool]:
    """Return the names of the account's buckets, and whether these are all."""
    found: list[str] = []
    pages = client.get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": 1_000})
    for number, page in enumerate(pages, 1):
        found += [str(bucket["Name"]) for bucket in page.get("Buckets", [])]
        if len(found) > MOST_BUCKETS or number >= MOST_PAGES:
            return found, False
    return found, True


def _account(boto3: Any, settings: Any) -> tuple[str, Block | Unread]:
    """Return the account's number and its public-access block, as far as they can be had."""
    from botocore.exceptions import BotoCoreError, ClientError

    account = ""
    try:
        account = str(boto3.client("sts", config=settings).get_caller_identity()["Account"])
        control = boto3.client("s3control", config=settings)
        found = control.get_public_access_block(AccountId=account)["PublicAccessBlockConfiguration"]
    except ClientError as error:
        code = _code(error)
        return account, Block() if code in _NONE else Unread(code)
    except BotoCoreError as error:
        return account, Unread(type(error).__name__)
    return account, _block(found)


def _bucket(client: Any, name: str, number: int, known: dict[str, Any]) -> Bucket:
    def ask(operation: str, read: Callable[[dict[str, Any]], Any], without: Any) -> Any:
        """Return a part of the bucket, what stands for none, or why it cannot be read."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return read(getattr(client, operation)(Bucket=name))
        except ClientError as error:
            code = _code(error)
            return without if code in _NONE else Unread(f"{operation}: {code}")
        except (BotoCoreError, msgspec.DecodeError) as error:
            return Unread(f"{operation}: {type(error).__name__}")

    parts = {
        **known,
        "policy": ask("get_bucket_policy", lambda answer: msgspec.json.decode(answer["Policy"]), {}),
        "grants": ask("get_bucket_acl", _grants, ()),
        "acls disabled": ask("get_bucket_ownership_controls", _has_no_acls, False),
        "block": ask(
            "get_public_access_block", lambda answer: _block(answer["PublicAccessBlockConfiguration"]), Block()
        ),
        "encryption": ask("get_bucket_encryption", _algorithm, ""),
        "versioned": ask("get_bucket_versioning", lambda answer: answer.get("Status") == "Enabled", False),
        "log target": ask(
            "get_bucket_logging", lambda answer: answer.get("LoggingEnabled", {}).get("TargetBucket", ""), ""
        ),
        "origins": ask("get_bucket_cors", _origins, ()),
    }
    return Bucket(f"s3://{name}", Position("s3", name, number), (name, f"arn:aws:s3:::{name}"), parts)


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", "error"))


def _block(found: dict[str, Any]) -> Block:
    return Block(*(found.get(name) is True for name in BLOCK))


def _grants(answer: dict[str, Any]) -> tuple[Grant, ...]:
    return tuple(
        Grant(str(one["Grantee"].get("URI") or one["Grantee"].get("ID", "")), str(one["Permission"]))
        for one in answer.get("Grants", [])
    )


def _has_no_acls(answer: dict[str, Any]) -> bool:
    rules = answer.get("OwnershipControls", {}).get("Rules", [])
    return any(rule.get("ObjectOwnership") == "BucketOwnerEnforced" for rule in rules)


def _algorithm(answer: dict[str, Any]) -> str:
    rules = answer["ServerSideEncryptionConfiguration"]["Rules"]
    return str(rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]) if rules else ""


def _origins(answer: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(origin) for rule in answer.get("CORSRules", []) for origin in rule.get("AllowedOrigins", []))
