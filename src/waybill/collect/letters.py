"""Messages as records: for each receiver one of the message itself and one of each thing attached."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import orjson

from waybill.collect.carried import Entry
from waybill.collect.known import Known
from waybill.content.inspecting import Look
from waybill.content.parsing import Attachment, Caveat, End, Letter, Piece, Place, Segment
from waybill.model.carried import Carried
from waybill.model.protocols import ChannelFilter

MOST_RECORDS = 20_000
"""Records of one message at most: things attached, times receivers."""


class Message:
    """One message while its pieces come."""

    def __init__(self, letter: Letter, look: Look) -> None:
        self.letter = letter
        self.headers = [letter.headers]
        """All headers, also those of messages within it."""
        self._parties = letter.place.at(part="header")
        """Where its headers lie: addresses of who writes to whom are no content."""
        self.body = look
        self.size = 0
        """Bytes of its own text."""
        self.attached: list[tuple[Attachment, Look]] = []

    def holds(self, place: Place) -> bool:
        """Return whether what lies there is in this message."""
        members = self.letter.place.members
        return place.members[: len(members)] == members

    def add(self, piece: Piece, new: Callable[[], Look]) -> None:
        """Take a piece that lies in it."""
        if isinstance(piece, Letter):
            self.headers.append(piece.headers)
        elif isinstance(piece, Attachment) and len(piece.place.members) == len(self.letter.place.members) + 1:
            self.attached.append((piece, new()))
        elif not isinstance(piece, End) and piece.place != self._parties:
            look = self._look(piece.place)
            look.add(piece)
            self.size += len(piece.data) if look is self.body and isinstance(piece, Segment) else 0

    def is_protected(self, channels: ChannelFilter) -> bool:
        """Return whether it is of a protected channel, by who writes to whom, over what, and about what."""
        return any(map(channels.protects, self.headers))

    def entries(self, known: Known, position: int) -> tuple[list[Entry], list[Carried]]:
        """Return its records, and what was found in the message and in each thing attached."""
        told = {
            "date": self.letter.time,
            "message": self.letter.id,
            "from": self.letter.sender,
            "names": list(self.letter.names),
            "subject": self.letter.subject,
        }
        self.body.add(Segment(self.letter.place, self.letter.subject.encode()))
        body = known.carried(self.body.told(), size=self.size)
        things: list[tuple[dict[str, Any], Carried]] = [({"part": 0, "size": self.size}, body)]
        for number, (one, look) in enumerate(self.attached, 1):
            carried = known.carried(look.told(), digest=one.digest, size=one.size)
            name = one.place.members[-1]
            thing = {"part": number, "attachment": name, "type": one.media, "sha256": one.digest, "size": one.size}
            things.append((thing, carried))
        receivers = self.letter.receivers[: MOST_RECORDS // len(things)] or ("",)
        entries = [
            _entry(position, {**told, "receiver": receiver, **thing}, carried)
            for receiver in receivers
            for thing, carried in things
        ]
        return entries, [carried for _, carried in things]

    @property
    def is_cut(self) -> bool:
        """Whether it has more receivers than are told."""
        return len(self.letter.receivers) * (1 + len(self.attached)) > MOST_RECORDS

    def _look(self, place: Place) -> Look:
        """Return the look at what lies somewhere: in what was attached last, or in the message itself."""
        if self.attached:
            attachment, look = self.attached[-1]
            members = attachment.place.members
            if place.members[: len(members)] == members:
                return look
        return self.body


def _entry(position: int, record: dict[str, Any], carried: Carried) -> Entry:
    record = {name: value for name, value in record.items() if value or value == 0}
    return Entry(position, orjson.dumps(record, option=orjson.OPT_SORT_KEYS), record, carried)


def messages(pieces: Iterable[Piece], new: Callable[[], Look]) -> Iterator[Message | Caveat]:
    """Yield the messages among pieces, and in their place caveats that concern none; ``new`` makes looks."""
    message: Message | None = None
    for piece in pieces:
        if message is not None and not isinstance(piece, End) and message.holds(piece.place):
            message.add(piece, new)
            continue
        if isinstance(piece, Letter):
            if message is not None:
                yield message
            message = Message(piece, new())
        elif isinstance(piece, Caveat):
            yield piece
    if message is not None:
        yield message
