"""A thing as it stood when it was read: a bucket, a disk, an app; where it is, and what of it could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from waybill.model.findings import Position


class NotInspected(Exception):  # noqa: N818  it is no fault: it says what nobody could look at
    """Something could not be looked at: what, and why."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what = what
        self.why = why


@dataclass(frozen=True, slots=True)
class Unread:
    """Stands for a part that could not be read, and says why."""

    why: str


@dataclass(frozen=True)
class Snapshot:
    """What a reader hands to checks. A family adds its own words for ``parts``."""

    channel: ClassVar[str] = "other"
    """The channel by which things would leave."""

    place: str
    """Where it is, as logs name it."""
    source: Position
    """What it was read from."""
    holds: tuple[str, ...] = ()
    """Names by which the register may know what lies there, beside the place."""
    parts: Mapping[str, Any] = field(default_factory=dict)
    """What is known of it by name; ``Unread`` where reading failed."""

    def part(self, name: str) -> Any:
        """Return a part; raise ``NotInspected`` where it could not be read or the source does not say."""
        value = self.parts.get(name, Unread("what was read does not say"))
        if isinstance(value, Unread):
            raise NotInspected(name, value.why)
        return value

    @property
    def names(self) -> tuple[str, ...]:
        """Every name by which transfers and the register may know it."""
        return (self.place, *self.holds)
