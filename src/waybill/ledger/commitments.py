"""What a leaf of the log says: for each group of a record's fields a salted commitment, and nothing in the clear.

::

    commitment = SHA-256(salt || canonical JSON of the group)
    salt       = HMAC-SHA-256(key, record || 0x00 || group)
    leaf       = {"commitments": {group: base64, …}, "kind": "finding", "v": 1}

``key`` is the key of the one the group is about, or made from the keys of all it names; ``record`` is a random name
that stands nowhere else in the log. Who is shown one group with its salt learns nothing of the others; once a key is
destroyed nobody can even test a guess at what was in the group, and every proof still holds.

The kind of a record stands in the clear, so that anybody who has the log can count unmaskings and erasures; when it
was made does not: the checkpoints around it bound that well enough.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from waybill.ledger.canonical import canonical, parse
from waybill.ledger.encoding import from_base64, to_base64
from waybill.ledger.errors import ProofError

VERSION = 1
"""Version of the leaf."""

SALT_BYTES = 32
KEY_BYTES = 32

_WORD = re.compile(r"[a-z][a-z_]{0,31}")
_MIX = b"waybill ledger 1: a group that names several\0"


def joint_key(keys: Sequence[bytes]) -> bytes:
    """Return the key of a group about several, which is gone as soon as one of their keys is; of one, its own."""
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise ValueError(f"keys of {KEY_BYTES} bytes, at least one")
    return keys[0] if len(keys) == 1 else hashlib.sha256(_MIX + b"".join(sorted(keys))).digest()


def salt(key: bytes, record: str, group: str) -> bytes:
    """Return the salt of one group of one record."""
    return hmac.digest(key, f"{record}\0{group}".encode(), "sha256")


def commit(salt: bytes, content: bytes) -> bytes:
    """Return the commitment to a group's canonical JSON."""
    if len(salt) != SALT_BYTES:  # else a byte could move between salt and content
        raise ProofError("a salt has the wrong length", expected=f"{SALT_BYTES} bytes")
    return hashlib.sha256(salt + content).digest()


@dataclass(frozen=True, slots=True)
class Leaf:
    """An entry of the log: a kind of record and its commitments by group."""

    kind: str
    commitments: Mapping[str, bytes]

    def __post_init__(self) -> None:
        if not self.commitments or not all(map(_is_word, (self.kind, *self.commitments))):
            raise ProofError("this is no leaf", expected="a kind and groups, in small letters")

    def __bytes__(self) -> bytes:
        # Small letters in order, and base64: this is canonical JSON, made quicker than by ``canonical``.
        pairs = ",".join(f'"{group}":"{to_base64(self.commitments[group])}"' for group in sorted(self.commitments))
        return f'{{"commitments":{{{pairs}}},"kind":"{self.kind}","v":{VERSION}}}'.encode()

    @classmethod
    def parse(cls, entry: bytes) -> Leaf:
        """Read a leaf; one that is not written in its one spelling is refused."""
        found = parse(entry)
        try:
            commitments = {group: from_base64(text, 32) for group, text in found["commitments"].items()}
            leaf = cls(found["kind"], commitments)
        except (KeyError, TypeError, AttributeError):
            raise ProofError("this is no leaf of a record") from None
        if bytes(leaf) != entry or canonical(found) != entry:
            raise ProofError("this leaf is of another version, or not in canonical form", expected=f"version {VERSION}")
        return leaf


@lru_cache
def _is_word(text: str) -> bool:
    return _WORD.fullmatch(text) is not None
