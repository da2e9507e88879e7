"""The two ways out when a folder turns out to be an older copy of its log, and witnesses have seen more of it.

Going on would fork the log. Either the missing tail is fetched from a mirror, after which the log goes on as if
nothing had been; or, if it is lost, a new log begins whose first entry is the old log's last checkpoint, so that what
the old log proved stays provable and the gap is said in the open.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from waybill.ledger import tiles
from waybill.ledger.checkpoint import Checkpoint
from waybill.ledger.errors import ProofError
from waybill.ledger.hashing import PLAIN
from waybill.ledger.keys import SigningKey
from waybill.ledger.log import Log
from waybill.ledger.note import Note
from waybill.ledger.source import Source
from waybill.ledger.tiles import WIDTH, Bundle
from waybill.model.errors import UsageError

CONTINUES = b"waybill ledger: continues\n"
"""What the first entry of a log begins with that follows another; the other's last checkpoint follows."""


def fetch_tail(folder: Path, origin: str, signer: SigningKey, mirror: Source) -> range:
    """Fetch the entries that the log in ``folder`` lacks from a mirror of it; returns their indexes.

    Nothing is added before it is certain that the mirror's entries follow those here and lead to a root that this
    log signed. Open the log as usual afterwards: its witnesses then find that it has all they have seen.
    """
    note = mirror.checkpoint()
    with Log.open(folder, origin, signer, interval=0, witnesses=()) as log:
        goal, start = log.check_own(note), log.size
        if goal.size <= start:
            raise UsageError(
                f"the mirror has {goal.size} entries and here are {start}", where=str(mirror), advice="ask another"
            )
        leaves = [_leaves(entries) for entries in _tail(mirror, start, goal.size)]
        if log.root_with(leaves) != goal.root:
            raise ProofError(
                "the mirror's entries do not follow those here: one of the two was changed",
                where=str(mirror),
                advice="run `waybill ledger verify` on both",
            )
        for entries, before in zip(_tail(mirror, start, goal.size), leaves, strict=True):
            if _leaves(entries) != before:
                raise ProofError("the mirror answers differently each time", where=str(mirror))
            log.append(entries)
        log.adopt(note)
        return range(start, goal.size)


def begin_anew(old: Note, folder: Path, origin: str, signer: SigningKey) -> None:
    """Begin a log in the empty ``folder`` under a new origin; its first entry is the old log's checkpoint ``old``.

    Take the latest checkpoint anybody has: a witness shows it to monitors under ``/ID/checkpoint``.
    """
    before = Checkpoint.parse(old.text)
    if before.origin == origin:
        raise UsageError("the new log needs an origin of its own", where=origin, advice="add a year, say")
    if folder.exists() and any(folder.iterdir()):
        raise UsageError("the folder for the new log is not empty", where=str(folder))
    with Log.open(folder, origin, signer, interval=0, witnesses=()) as log:
        log.append([CONTINUES + str(old).encode()])
        log.checkpoint()


def continued(entry: bytes) -> Note | None:
    """Return the last checkpoint of the log that this one continues, if ``entry`` says so."""
    return Note.parse(entry.removeprefix(CONTINUES)) if entry.startswith(CONTINUES) else None


def _leaves(entries: list[bytes]) -> bytes:
    return PLAIN.leaves(Bundle(entries=entries))


def _tail(mirror: Source, start: int, end: int) -> Iterator[list[bytes]]:
    for index in range(start // WIDTH, -(-end // WIDTH)):
        yield mirror.bundle(index, tiles.width_at(0, index, end))[max(0, start - index * WIDTH) :]
