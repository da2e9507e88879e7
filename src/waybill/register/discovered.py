"""One thing that discovery found: what lies in it, what grade is suggested, and what a person made of that."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b

import msgspec

from waybill.model.findings import Text
from waybill.model.words import Grade


class Contained(msgspec.Struct, frozen=True):
    """A registered document, or records of a registered table, that something holds."""

    id: str
    name: str
    share: float
    """Of the document or the table, 0 to 1."""
    asset: str = ""
    """Asset of the register that it belongs to."""
    delivery: str = ""
    """Of a marked copy or of decoys: the delivery whose marks they are."""
    members: tuple[str, ...] = ()
    """Names of the attachments or members that hold it; logs may name these rather than what they lie in."""
    passages: tuple[tuple[str, int, int], ...] = ()
    """Where: the place in the file, and from which byte of its text to which."""
    records: int = 0
    """Of a table: how many different records of it."""

    def text(self) -> Text:
        """Return it as a sentence."""
        if self.delivery:
            return Text(
                f"it holds the marks of {self.delivery} of {self.name}", f"含有《{self.name}》{self.delivery} 的标记"
            )
        if self.records:
            return Text(
                f"it holds {self.records:,} of the records of {self.name} ({self.share:.1%})",
                f"含有《{self.name}》的 {self.records:,} 条记录（{self.share:.1%}）",
            )
        return Text(f"{self.share:.0%} of {self.name} is in it", f"含有《{self.name}》的 {self.share:.0%}")


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was inspected."""

    place: str
    name: str
    version: str = ""
    basis: str = ""
    """With which engine and which registered documents it was inspected."""
    format: str = ""
    size: int = 0
    digest: str = ""
    """SHA-256 of a file, in hex."""
    grade: Grade
    """Suggested."""
    reason: Text
    rule: str = ""
    values: dict[str, int] = {}
    distinct: dict[str, int] = {}
    persons: int = 0
    documents: tuple[Contained, ...] = ()
    names_sought: bool = False
    """Whether names that only a sentence gives away were looked for."""
    hints: tuple[Text, ...] = ()
    """Which registered pictures it looks like; no grade and no finding rests on it."""
    caveats: tuple[Text, ...] = ()
    partial: bool = False
    owner: str = ""
    """Suggested: a pseudonym, or the name of a service."""
    inspected_at: datetime
    gone_at: datetime | None = None
    asset: str = ""
    """Id of the asset that a person made of it by confirming a grade; empty before."""
    confirmed: Grade | None = None
    confirmed_by: str = ""

    @property
    def id(self) -> str:
        """What it is told apart by: its place and its name."""
        return id_of(self.place, self.name)

    @property
    def further(self) -> tuple[Contained, ...]:
        """What it holds beside what its reason begins with."""
        return tuple(held for held in self.documents if not self.reason.en.startswith(held.text().en))


def id_of(place: str, name: str) -> str:
    """Return the id of what is called so in a place."""
    return blake2b(f"{place}\0{name}".encode(), digest_size=12).hexdigest()
