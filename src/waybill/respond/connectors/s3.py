"""Takes an object out of a bucket into quarantine, and shuts a bucket to the public (Amazon S3 and what speaks it)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar

import msgspec

from waybill.model.errors import UsageError
from waybill.respond.acting import Arguments, Before, Connector, ConnectorError

SECONDS = 5.0
_SHUT = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}


@dataclass(frozen=True, slots=True)
class Storage:
    """Which service, as whom, and the bucket that quarantined objects go into."""

    quarantine: str
    endpoint: str = ""
    region: str = "us-east-1"
    access_key: str = ""
    secret_key: str = field(default="", repr=False)
    """Both empty: as the environment says."""

    @contextmanager
    def client(self, seconds: float) -> Iterator[Any]:
        """Yield a client; what it raises is a ConnectorError. Raises UsageError where boto3 is not installed."""
        try:
            from botocore.exceptions import BotoCoreError, ClientError
        except ImportError:
            raise UsageError("boto3 is not installed", advice="pip install 'waybill-security[s3]'") from None
        try:
            yield _client(self, math.ceil(seconds))
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "?")
            raise ConnectorError(f"the storage refuses: {code}", where=self.endpoint) from None
        except BotoCoreError as error:
            raise ConnectorError(f"the storage does not answer: {type(error).__name__}", where=self.endpoint) from None


@cache
def _client(storage: Storage, seconds: int) -> Any:
    """Return a client, made once for each whole number of seconds: that takes longer than most calls.

    Threads may share it.
    """
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=storage.endpoint or None,
        region_name=storage.region,
        aws_access_key_id=storage.access_key or None,
        aws_secret_access_key=storage.secret_key or None,
        config=Config(connect_timeout=seconds, read_timeout=seconds, retries={"max_attempts": 1}),
    )


@dataclass(frozen=True, slots=True)
class QuarantineObject(Connector):
    """``s3.quarantine``: the object ``key`` of ``bucket`` is in the quarantine's bucket and no longer where it was."""

    storage: Storage
    name: ClassVar[str] = "s3.quarantine"
    arguments: ClassVar[tuple[str, ...]] = ("bucket", "key")
    needs_two: ClassVar[bool] = False

    def says(self, arguments: Arguments) -> str:
        """Return the calls that it would make."""
        source = f"s3://{arguments['bucket']}/{arguments['key']}"
        return f"copy {source} to s3://{self.storage.quarantine}/{self._kept(arguments)}; delete {source}"

    def before(self, arguments: Arguments) -> Before:
        """Return that it is there."""
        with self.storage.client(SECONDS) as client:
            return {"there": "yes" if _is_there(client, arguments["bucket"], arguments["key"]) else "no"}

    def act(self, arguments: Arguments, seconds: float) -> None:
        """Copy it, and delete it once the copy is seen."""
        with self.storage.client(seconds) as client:
            if _is_there(client, arguments["bucket"], arguments["key"]):
                self._move(
                    client, (arguments["bucket"], arguments["key"]), (self.storage.quarantine, self._kept(arguments))
                )

    def in_force(self, arguments: Arguments) -> bool:
        """Return whether it is in quarantine and nowhere else."""
        with self.storage.client(SECONDS) as client:
            kept = _is_there(client, self.storage.quarantine, self._kept(arguments))
            return kept and not _is_there(client, arguments["bucket"], arguments["key"])

    def undo(self, arguments: Arguments, before: Before, seconds: float) -> None:
        """Put it back where it was; nothing that was put there meanwhile is written over."""
        with self.storage.client(seconds) as client:
            if _is_there(client, arguments["bucket"], arguments["key"]):
                raise ConnectorError("another object stands in its place", where=arguments["key"])
            self._move(
                client, (self.storage.quarantine, self._kept(arguments)), (arguments["bucket"], arguments["key"])
            )

    def _kept(self, arguments: Arguments) -> str:
        return f"{arguments['bucket']}/{arguments['key']}"

    def _move(self, client: Any, source: tuple[str, str], target: tuple[str, str]) -> None:
        client.copy_object(Bucket=target[0], Key=target[1], CopySource={"Bucket": source[0], "Key": source[1]})
        if not _is_there(client, *target):
            raise ConnectorError("the copy is not there, so nothing is deleted", where=target[1])
        client.delete_object(Bucket=source[0], Key=source[1])


@dataclass(frozen=True, slots=True)
class ShutBucket(Connector):
    """``s3.shut``: nobody from outside reads ``bucket``, whatever its policy and its objects say."""

    storage: Storage
    name: ClassVar[str] = "s3.shut"
    arguments: ClassVar[tuple[str, ...]] = ("bucket",)
    needs_two: ClassVar[bool] = False

    def says(self, arguments: Arguments) -> str:
        """Return the call that it would make."""
        return f"put public access block on s3://{arguments['bucket']}: all four"

    def before(self, arguments: Arguments) -> Before:
        """Return the block that is there now; nothing where none is."""
        now = self._now(arguments, SECONDS)
        return {"block": msgspec.json.encode(now).decode()} if now is not None else {}

    def act(self, arguments: Arguments, seconds: float) -> None:
        """Put the block."""
        with self.storage.client(seconds) as client:
            client.put_public_access_block(Bucket=arguments["bucket"], PublicAccessBlockConfiguration=_SHUT)

    def in_force(self, arguments: Arguments) -> bool:
        """Return whether all four of its parts are on."""
        return self._now(arguments, SECONDS) == _SHUT

    def undo(self, arguments: Arguments, before: Before, seconds: float) -> None:
        """Restore the block that was there before."""
        with self.storage.client(seconds) as client:
            if "block" in before:
                known = msgspec.json.decode(before["block"])
                client.put_public_access_block(Bucket=arguments["bucket"], PublicAccessBlockConfiguration=known)
            else:
                client.delete_public_access_block(Bucket=arguments["bucket"])

    def _now(self, arguments: Arguments, seconds: float) -> dict[str, bool] | None:
        with self.storage.client(seconds) as client:
            try:
                answer = client.get_public_access_block(Bucket=arguments["bucket"])
            except client.exceptions.ClientError as error:
                if error.response["Error"]["Code"] == "NoSuchPublicAccessBlockConfiguration":
                    return None
                raise
        found: dict[str, bool] = answer["PublicAccessBlockConfiguration"]
        return found


def _is_there(client: Any, bucket: str, key: str) -> bool:
    try:
        client.head_object(Bucket=bucket, Key=key)
    except client.exceptions.ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return False
        raise
    return True
