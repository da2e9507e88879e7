"""How much reading one file may cost, and what is left of that while it is read."""

from __future__ import annotations

import msgspec

from waybill.content.parsing.pieces import Reason

MEBIBYTE = 1024 * 1024


class Limits(msgspec.Struct, frozen=True):
    """What one file may cost, however it is packed. Sizes are in bytes."""

    text: int = 256 * MEBIBYTE
    """Text that is read of one file; what lies behind is said to be unread."""
    unpacked: int = 1024 * MEBIBYTE
    """Bytes that all members of one file may unpack to together."""
    ratio: int = 250
    """How many times its packed size a member may unpack to."""
    free: int = 16 * MEBIBYTE
    """What any member may unpack to, whatever its ratio: equal lines pack very well."""
    member: int = 64 * MEBIBYTE
    """Largest member, and largest file of a format that is read whole, that is held in memory."""
    members: int = 10_000
    """Members of one file, those of inner archives included."""
    depth: int = 5
    """How many archives may lie in each other."""
    memory: int = 1024 * MEBIBYTE
    """Address space of a worker beyond what it starts with."""
    cpu_seconds: float = 60.0
    """How long a worker may compute over one file."""
    seconds: float = 120.0
    """How long a worker may take over one file, without the time in which nobody asks for the next piece."""


class Refused(Exception):  # noqa: N818 -- an outcome, told as a caveat
    """A part is not read any further."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class Exhausted(Refused):
    """Nothing more of the whole file is read."""


class Budget:
    """What is left of the limits of one file."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.text = 0
        """Bytes of text found so far."""
        self._unpacked = 0
        self._members = 0

    def add_text(self, size: int) -> None:
        """Count text that was found. Raises Exhausted behind the limit."""
        self.text += size
        if self.text > self.limits.text:
            raise Exhausted(Reason.SIZE, f"more than {self.limits.text} bytes of text")

    def check_text(self, size: int) -> None:
        """Refuse to hold more text at once than may be read of a file. Raises Exhausted."""
        if size > self.limits.text:
            raise Exhausted(Reason.MEMORY, f"more than {self.limits.text} bytes of text at once")

    def add_unpacked(self, size: int, so_far: int, packed: int) -> None:
        """Count bytes that a member, ``so_far`` of ``packed``, unpacked to. Raises Refused for a bomb, Exhausted."""
        self._unpacked += size
        if so_far > self.limits.free and so_far > self.limits.ratio * packed:
            raise Refused(Reason.BOMB, f"more than {self.limits.ratio} times its packed size")
        if self._unpacked > self.limits.unpacked:
            raise Exhausted(Reason.BOMB, f"more than {self.limits.unpacked} bytes unpacked")

    def add_member(self) -> None:
        """Count a member. Raises Exhausted behind the limit."""
        self._members += 1
        if self._members > self.limits.members:
            raise Exhausted(Reason.MEMBERS, f"more than {self.limits.members} members")
