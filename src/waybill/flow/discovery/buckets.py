"""Objects of a bucket as items, read over S3 with the credentials of the environment (extra ``s3``)."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Iterator
from functools import partial
from typing import Any

from waybill.content.parsing import Caveat, End, Piece, Place, Readers, Reason
from waybill.flow.discovery.targets import Item, Target
from waybill.model.errors import InputError, UsageError

_TIMEOUT = 20
_BLOCK = 1 << 20
_LARGEST = 1 << 30
"""Bytes of an object that are fetched; what lies behind is said to be unread."""


def bucket(named: str) -> Target:
    """Return the objects of ``s3://BUCKET`` or below ``s3://BUCKET/PREFIX``."""
    if importlib.util.find_spec("boto3") is None:
        raise UsageError("asking an S3 service needs boto3", advice="pip install 'waybill-security[s3]'")
    import boto3
    from botocore.config import Config

    name, _, prefix = named.removeprefix("s3://").partition("/")
    if not name:
        raise UsageError("no bucket is named", where=named, expected="s3://BUCKET or s3://BUCKET/PREFIX")
    client = boto3.client(
        "s3", config=Config(connect_timeout=_TIMEOUT, read_timeout=_TIMEOUT, retries={"max_attempts": 3})
    )
    return Target(f"s3://{name}", _objects(client, name, prefix), whole=not prefix)


def _objects(client: Any, name: str, prefix: str) -> Iterator[Item]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=name, Prefix=prefix):
            for found in page.get("Contents", []):
                version = f"{found['ETag']}-{found['Size']}"
                read = partial(_read, client, name, str(found["Key"]))
                yield Item(str(found["Key"]), read, int(found["Size"]), version)
    except (BotoCoreError, ClientError) as error:
        raise InputError("the bucket cannot be listed", where=f"s3://{name}", advice=type(error).__name__) from None


def _read(client: Any, name: str, key: str, readers: Readers) -> Iterator[Piece]:
    """Fetch an object into a file without a name, and read it there."""
    from botocore.exceptions import BotoCoreError, ClientError

    with tempfile.TemporaryFile() as file:
        try:
            body = client.get_object(Bucket=name, Key=key)["Body"]
            while file.tell() <= _LARGEST and (block := body.read(_BLOCK)):
                file.write(block)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            reason = Reason.VANISHED if code in ("NoSuchKey", "404") else Reason.DENIED
            yield from (Caveat(Place(), reason, code), End("none", 0))
            return
        except (BotoCoreError, OSError) as error:
            yield from (Caveat(Place(), Reason.DAMAGED, type(error).__name__), End("none", 0))
            return
        file.flush()
        if file.tell() > _LARGEST:
            yield Caveat(Place(), Reason.SIZE, f"more than {_LARGEST} bytes")
        yield from readers.read_open(file.fileno())
