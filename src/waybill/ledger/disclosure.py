"""Some groups of a record shown with their proof, in one file that needs nothing but a policy to check.

::

    {"disclosure": 1,
     "leaf":   "…"                                  the entry of the log, as it stands there
     "groups": {"what": {"salt": "…", "value": …}}  what is shown
     "member": {"id": "…", "index": 3, "size": 9, "path": ["…"]}   a transfer in a batch, if one is meant
     "proof":  "c2sp.org/tlog-proof@v1\\n…"}

Of the groups that are not shown the file holds the commitments alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from waybill.ledger import merkle
from waybill.ledger.canonical import canonical, parse
from waybill.ledger.commitments import Leaf, commit
from waybill.ledger.encoding import from_base64, to_base64
from waybill.ledger.errors import ProofError
from waybill.ledger.policy import Policy, Witnessed
from waybill.ledger.proof import Proof

VERSION = 1
MOST_BYTES = 64 << 20
"""A file longer than this is not read."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The value of a group and its salt."""

    value: Any
    salt: bytes


@dataclass(frozen=True, slots=True)
class Member:
    """That a transfer is in a batch: its path to the root in the batch's group ``what``."""

    id: bytes
    index: int
    size: int
    path: tuple[bytes, ...]

    def check(self, batch: Any) -> None:
        """Check the path against what the batch says of itself."""
        try:
            size, root = batch["transfers"], from_base64(batch["root"], merkle.HASH_BYTES)
        except (KeyError, TypeError, AttributeError):
            raise ProofError("the group shown is not that of a batch of transfers") from None
        if size != self.size:
            raise ProofError("the batch has another number of transfers", expected=str(size))
        merkle.verify_inclusion(merkle.leaf_hash(self.id), self.index, self.size, self.path, root)


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What is shown of a record, and why to believe it."""

    leaf: bytes
    groups: Mapping[str, Shown]
    proof: Proof
    member: Member | None = field(default=None)

    @property
    def kind(self) -> str:
        """The kind of the record."""
        return Leaf.parse(self.leaf).kind

    @property
    def hidden(self) -> set[str]:
        """The groups that were recorded and are not shown."""
        return Leaf.parse(self.leaf).commitments.keys() - self.groups.keys()

    def check(self, policy: Policy) -> Witnessed:
        """Check that everything shown is what was recorded; returns the checkpoint and who cosigned it."""
        leaf = Leaf.parse(self.leaf)
        for group, shown in self.groups.items():
            if leaf.commitments.get(group) != commit(shown.salt, canonical(shown.value)):
                raise ProofError(f"the group {group!r} is not what was recorded", expected="its value and its salt")
        if self.member is not None:
            if leaf.kind != "batch" or "what" not in self.groups:
                raise ProofError("a transfer is proved by the group 'what' of a batch", where=leaf.kind)
            self.member.check(self.groups["what"].value)
        return self.proof.verify(self.leaf, policy)

    def __bytes__(self) -> bytes:
        groups = {name: {"salt": to_base64(one.salt), "value": one.value} for name, one in self.groups.items()}
        whole: dict[str, Any] = {"disclosure": VERSION, "leaf": self.leaf.decode(), "groups": groups}
        if (member := self.member) is not None:
            path = [to_base64(step) for step in member.path]
            whole["member"] = {"id": member.id.hex(), "index": member.index, "size": member.size, "path": path}
        whole["proof"] = str(self.proof)
        return json.dumps(whole, ensure_ascii=False, indent=2).encode() + b"\n"

    @classmethod
    def parse(cls, content: bytes) -> Disclosure:
        """Read a disclosure; nothing in it is to be believed before ``check`` has looked at it."""
        if len(content) > MOST_BYTES:
            raise ProofError("this is too long for a disclosure", expected=f"at most {MOST_BYTES} bytes")
        whole = parse(content)
        try:
            if whole.pop("disclosure") != VERSION:
                raise ProofError("this disclosure is of another version", expected=str(VERSION))
            groups = {
                name: Shown(one.pop("value"), from_base64(one.pop("salt"))) for name, one in whole["groups"].items()
            }
            if any(whole.pop("groups").values()):
                raise ProofError("a group shows more than a value and a salt")
            member = _member(whole.pop("member")) if "member" in whole else None
            found = cls(whole.pop("leaf").encode(), groups, Proof.parse(whole.pop("proof").encode()), member)
        except (KeyError, TypeError, AttributeError, ValueError):
            raise ProofError("this is no disclosure of a record", expected="disclosure, leaf, groups, proof") from None
        if whole:
            raise ProofError("the disclosure holds what nothing vouches for", where=", ".join(sorted(whole))[:80])
        return found


def _member(found: Mapping[str, Any]) -> Member:
    id, index, size, path = (found[name] for name in ("id", "index", "size", "path"))
    if len(found) != 4 or type(index) is not int or type(size) is not int:
        raise ValueError("a member has an id, an index, a size and a path")
    return Member(bytes.fromhex(id), index, size, tuple(from_base64(step, merkle.HASH_BYTES) for step in path))
