"""A bucket as checks see it, whatever it was read from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from waybill.exposure.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class Block:
    """S3's public-access block: what of policies and access lists counts (all False where there is none)."""

    new_acls: bool = False
    acls: bool = False
    new_policies: bool = False
    restricted: bool = False

    def __or__(self, other: Block) -> Block:
        """Return what both together block: that of the account and that of the bucket."""
        return Block(
            self.new_acls or other.new_acls,
            self.acls or other.acls,
            self.new_policies or other.new_policies,
            self.restricted or other.restricted,
        )

    @property
    def whole(self) -> bool:
        """Whether nothing can become public."""
        return self.new_acls and self.acls and self.new_policies and self.restricted


@dataclass(frozen=True)
class Grant:
    """An entry of an access list."""

    grantee: str
    """Address of a group, or the id of an account."""
    permission: str


class Bucket(Snapshot):
    """Parts by their names in ``parts``; each raises ``NotInspected`` where it could not be read."""

    channel: ClassVar[str] = "cloud-storage"

    @property
    def name(self) -> str:
        """The bucket's name."""
        return self.place.removeprefix("s3://")

    @property
    def account(self) -> str:
        """The account it belongs to; empty where the source does not say."""
        return str(self.parts.get("account") or "")

    @property
    def policy(self) -> dict[str, Any]:
        """The bucket policy; empty where there is none."""
        return dict(self.part("policy"))

    @property
    def grants(self) -> tuple[Grant, ...]:
        """The access list; empty where access lists are switched off."""
        return () if self.parts.get("acls disabled") is True else tuple(self.part("grants"))

    @property
    def block(self) -> Block:
        """The public-access block in force. That of the account counts too where it is known."""
        block: Block = self.part("block")
        account = self.parts.get("account block")
        return block | account if isinstance(account, Block) else block

    @property
    def encryption(self) -> str:
        """How new objects are encrypted by default; empty where they are not."""
        return str(self.part("encryption"))

    @property
    def versioned(self) -> bool:
        """Whether overwritten and deleted objects are kept."""
        return bool(self.part("versioned"))

    @property
    def log_target(self) -> str:
        """Where accesses are logged; empty where they are not."""
        return str(self.part("log target"))

    @property
    def origins(self) -> tuple[str, ...]:
        """Web origins whose scripts may read (CORS)."""
        return tuple(self.part("origins"))
