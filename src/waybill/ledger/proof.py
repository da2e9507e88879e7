"""That an entry is in a log, in one text that needs nothing but a policy to check: c2sp.org/tlog-proof."""

from __future__ import annotations

from dataclasses import dataclass

from waybill.ledger import merkle
from waybill.ledger.encoding import from_base64, to_base64, to_number
from waybill.ledger.errors import ProofError
from waybill.ledger.note import MOST_BYTES, Note
from waybill.ledger.policy import Policy, Witnessed

HEADER = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class Proof:
    """An entry's index, its path to the root, and the signed checkpoint with that root.

    ``extra`` is whatever the application adds; nothing vouches for it.
    """

    index: int
    path: tuple[bytes, ...]
    note: Note
    extra: bytes = b""

    def __str__(self) -> str:
        lines = [HEADER]
        if self.extra:
            lines.append(f"extra {to_base64(self.extra)}")
        lines += [f"index {self.index}", *map(to_base64, self.path), ""]
        return "\n".join(lines) + f"\n{self.note}"

    @classmethod
    def parse(cls, content: bytes) -> Proof:
        """Read a proof; nothing in it is to be believed before ``verify`` has looked at it."""
        if len(content) > MOST_BYTES:
            raise ProofError("this is too long for a proof", expected=f"at most {MOST_BYTES} bytes")
        head, gap, note = content.partition(b"\n\n")
        lines = head.decode("utf-8", "replace").split("\n")
        if not gap or lines.pop(0) != HEADER:
            raise ProofError("this is no proof of a transparency log", expected=f"a text that begins with {HEADER}")
        extra = from_base64(lines.pop(0).removeprefix("extra ")) if lines[:1] and lines[0].startswith("extra ") else b""
        if not lines or not lines[0].startswith("index "):
            raise ProofError("the proof names no entry", expected="a line such as: index 42")
        index = to_number(lines.pop(0).removeprefix("index "))
        path = tuple(from_base64(line, merkle.HASH_BYTES) for line in lines)
        return cls(index, path, Note.parse(note), extra)

    def verify(self, entry: bytes, policy: Policy) -> Witnessed:
        """Check that ``entry`` is in a log that ``policy`` believes; returns the checkpoint and who cosigned it."""
        witnessed = policy.check(self.note)
        checkpoint = witnessed.checkpoint
        merkle.verify_inclusion(merkle.leaf_hash(entry), self.index, checkpoint.size, self.path, checkpoint.root)
        return witnessed
