"""What closes an exposure where that is safe: said before it is done, refused if anything moved since, undone if asked.

Each is a record of what stood there and what shall, so that it can be kept until somebody agrees, and undone later.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from waybill.model.errors import UsageError
from waybill.model.findings import Text

BLOCK = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
"""The public-access blocks of a bucket, as S3 names them."""


class Mode(msgspec.Struct, frozen=True, tag="mode"):
    """Rights of a file are taken away."""

    shared: ClassVar[bool] = False
    """Whether others use what is changed, so that a second person must agree."""
    path: str
    before: int
    after: int

    def says(self) -> Text:
        """Return what it would do, and how it is undone."""
        now, then, path = f"{self.after:o}", f"{self.before:o}", self.path
        return Text(
            f"chmod {now} {path}; undone by chmod {then} {path}", f"chmod {now} {path}；撤销：chmod {then} {path}"
        )

    def do(self) -> None:
        """Change the rights. Raises UsageError if they are not as they were."""
        self._change(self.before, self.after)

    def undo(self) -> None:
        """Give them back."""
        self._change(self.after, self.before)

    def _change(self, before: int, after: int) -> None:
        try:
            handle = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise UsageError(f"the file cannot be opened: {error.strerror}", where=self.path) from None
        try:
            if stat.S_IMODE(os.fstat(handle).st_mode) != before:
                raise _moved(self.path)
            os.fchmod(handle, after)
        except OSError as error:
            raise UsageError(f"its rights cannot be changed: {error.strerror}", where=self.path) from None
        finally:
            os.close(handle)


class Line(msgspec.Struct, frozen=True, tag="line"):
    """A line of a configuration is written anew; the program that reads it must be told by whoever runs it."""

    shared: ClassVar[bool] = True
    path: str
    number: int
    before: str
    after: str

    def says(self) -> Text:
        """Return what it would do, and how it is undone."""
        change = f"{self.path}:{self.number}: - {self.before.strip()} + {self.after.strip()}"
        return Text(
            f"{change}; undone by writing the old line; reload the program that reads it",
            f"{change}；撤销：写回原行；需重新加载读取它的程序",
        )

    def do(self) -> None:
        """Write the line. Raises UsageError if it is not as it was."""
        self._write(self.before, self.after)

    def undo(self) -> None:
        """Write the old line back."""
        self._write(self.after, self.before)

    def _write(self, before: str, after: str) -> None:
        path = Path(self.path)
        try:
            lines = path.read_text("utf-8", "surrogateescape").splitlines(keepends=True)
            if path.is_symlink() or len(lines) < self.number or lines[self.number - 1] != before:
                raise _moved(self.path)
            lines[self.number - 1] = after
            _replace(path, "".join(lines).encode("utf-8", "surrogateescape"))
        except OSError as error:
            raise UsageError(f"the file cannot be written: {error.strerror}", where=self.path) from None


class PublicBlock(msgspec.Struct, frozen=True, tag="public-block"):
    """All four public-access blocks of a bucket are switched on."""

    shared: ClassVar[bool] = True
    bucket: str
    before: tuple[bool, ...]

    def says(self) -> Text:
        """Return what it would do, and how it is undone."""
        was = ", ".join(name for name, on in zip(BLOCK, self.before, strict=True) if on) or "none"
        return Text(
            f"put-public-access-block s3://{self.bucket}: all four on; undone by putting what was on: {was}",
            f"put-public-access-block s3://{self.bucket}：四项全部启用；撤销：恢复原有设置：{was}",
        )

    def do(self) -> None:
        """Switch them on. Raises UsageError if they are not as they were, or the service refuses."""
        self._put(self.before, (True,) * len(BLOCK))

    def undo(self) -> None:
        """Put back what was on."""
        self._put((True,) * len(BLOCK), self.before)

    def _put(self, before: tuple[bool, ...], after: tuple[bool, ...]) -> None:
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            client = boto3.client("s3")
            if _block_of(client, self.bucket) != before:
                raise _moved(f"s3://{self.bucket}")
            wanted = dict(zip(BLOCK, after, strict=True))
            client.put_public_access_block(Bucket=self.bucket, PublicAccessBlockConfiguration=wanted)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "?")
            raise UsageError(f"the service refuses: {code}", where=f"s3://{self.bucket}") from None
        except BotoCoreError as error:
            raise UsageError(f"the service cannot be asked: {type(error).__name__}", where=self.bucket) from None


Fix = Mode | Line | PublicBlock
"""Something that closes an exposure."""


def mode_without(path: str, rights: int) -> Mode | None:
    """Return what takes these rights from a file; None where it has none of them or is no file."""
    try:
        status = os.lstat(path)
    except OSError:
        return None
    before = stat.S_IMODE(status.st_mode)
    return Mode(path, before, before & ~rights) if stat.S_ISREG(status.st_mode) and before & rights else None


def line_without(path: str, number: int, values: set[str], *, least: int = 1) -> Line | None:
    """Return what takes values out of a line of settings; None where fewer than ``least`` would be left."""
    try:
        before = Path(path).read_text("utf-8", "surrogateescape").splitlines(keepends=True)[number - 1]
    except (OSError, IndexError):
        return None
    body, mark, remark = before.partition("#")
    ending = body[len(body.rstrip(" \t\r\n;")) :]
    words = body.rstrip(" \t\r\n;").split()
    kept = [word for word in words[1:] if word not in values]
    if len(kept) < least or len(kept) == len(words) - 1:
        return None
    indent = body[: len(body) - len(body.lstrip())]
    return Line(path, number, before, f"{indent}{words[0]} {' '.join(kept)}{ending}{mark}{remark}")


def _replace(path: Path, content: bytes) -> None:
    """Write a file anew beside itself and put it in its place, with its owner and rights."""
    status = path.stat()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            os.fchmod(stream.fileno(), stat.S_IMODE(status.st_mode))
            if os.getuid() == 0:
                shutil.chown(draft, status.st_uid, status.st_gid)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _block_of(client: Any, bucket: str) -> tuple[bool, ...]:
    from botocore.exceptions import ClientError

    try:
        found = client.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "NoSuchPublicAccessBlockConfiguration":
            raise
        return (False,) * len(BLOCK)
    return tuple(found.get(name) is True for name in BLOCK)


def _moved(where: str) -> UsageError:
    return UsageError("it is no longer as it was when this was planned", where=where, advice="plan it again")
