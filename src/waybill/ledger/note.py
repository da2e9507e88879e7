"""Signed notes: a text, an empty line, and a line for each signature (c2sp.org/signed-note)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from waybill.ledger.encoding import from_base64, to_base64
from waybill.ledger.errors import ProofError
from waybill.ledger.keys import SigningKey, VerifierKey

MOST_BYTES = 1 << 20
"""A note longer than this is not read."""

MOST_SIGNATURES = 100

_LINE = re.compile(r"— ([^\s+]+) (\S+)")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as it stands in a note, believed by nobody yet."""

    name: str
    key_id: bytes
    content: bytes

    @classmethod
    def parse(cls, line: str) -> Signature:
        """Read a signature line without its line end."""
        match = _LINE.fullmatch(line)
        content = from_base64(match[2]) if match else b""
        if match is None or len(content) < 5:
            raise ProofError("this is no signature line", where=line[:80], expected="— name base64")
        return cls(match[1], content[:4], content[4:])

    def __str__(self) -> str:
        return f"— {self.name} {to_base64(self.key_id + self.content)}\n"

    def is_by(self, key: VerifierKey) -> bool:
        """Tell whether this claims to be a signature by ``key``."""
        return self.name == key.name and self.key_id == key.id


@dataclass(frozen=True, slots=True)
class Note:
    """A text with its signatures, whoever made them."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(map(str, self.signatures))

    @classmethod
    def parse(cls, content: bytes) -> Note:
        """Read a note. Nothing in it is to be believed before ``verified`` has looked at it."""
        if len(content) > MOST_BYTES:
            raise ProofError("this is too long for a signed note", expected=f"at most {MOST_BYTES} bytes")
        try:
            note = content.decode("utf-8")
        except UnicodeDecodeError:
            raise ProofError("a signed note is UTF-8, and this is not") from None
        text, gap, lines = note.rpartition("\n\n")
        if not gap or not lines.endswith("\n") or _CONTROL.search(note):
            raise ProofError("this is no signed note", expected="a text, an empty line, and lines of signatures")
        signatures = lines[:-1].split("\n")
        if len(signatures) > MOST_SIGNATURES:
            raise ProofError("this note has too many signatures", expected=f"at most {MOST_SIGNATURES}")
        return cls(text + "\n", tuple(map(Signature.parse, signatures)))

    def verified(self, keys: Iterable[VerifierKey]) -> dict[VerifierKey, int | None]:
        """Return which of ``keys`` signed the text, and when (seconds since 1970) if the signature tells.

        Signatures by other keys are passed over; one that claims to be by one of ``keys`` and is not is an error.
        """
        return {
            key: key.verify(self.text, signature.content)
            for key in keys
            for signature in self.signatures
            if signature.is_by(key)
        }

    def signed(self, key: SigningKey, *, at: int | None = None) -> Note:
        """Return the note with one more signature."""
        signature = Signature(key.verifier.name, key.verifier.id, key.sign(self.text, at=at))
        return Note(self.text, (*self.signatures, signature))
