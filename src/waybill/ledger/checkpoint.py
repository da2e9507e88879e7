"""What a log says of itself at a size: c2sp.org/tlog-checkpoint, the text below its signatures."""

from __future__ import annotations

import re
from dataclasses import dataclass

from waybill.ledger.encoding import from_base64, to_base64, to_number
from waybill.ledger.errors import ProofError
from waybill.ledger.merkle import HASH_BYTES
from waybill.model.errors import UsageError

_NAME = re.compile(r"[^\s+\x00-\x1f]{1,255}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log (``origin``), how many entries it has (``size``) and the root of the tree over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the text that is signed. It has no extension lines: ML-DSA cosignatures do not cover any."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read the text of a checkpoint; extension lines are allowed and mean nothing here."""
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() or not all(lines):
            raise ProofError("this is no checkpoint", expected="origin, size and root on a line each")
        return cls(lines[0], to_number(lines[1]), from_base64(lines[2], HASH_BYTES))


def check_name(name: str) -> str:
    """Return ``name`` if it can name a log or a key: not empty, no spaces, no plus sign (c2sp.org/signed-note)."""
    if not _NAME.fullmatch(name) or len(name.encode()) > 255:
        raise UsageError(
            "the name of a log or key cannot be used",
            where=repr(name),
            expected="1 to 255 bytes without spaces and plus signs",
            advice="use an address without its scheme, such as example.com/ledger",
        )
    return name
