"""The sequencer: takes rows from the outbox into the log, in order, each exactly once whatever crashes.

The same row always gives the same leaf. So after a crash between putting leaves into the log and noting where they
stand, they are recognised there by their bytes.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from waybill.flow.custody.proving import has_unproved, record_captures
from waybill.flow.installation import Installation
from waybill.flow.proof.alarms import tell_alarms
from waybill.flow.proof.batches import has_unrecorded, record_batches
from waybill.flow.proof.stamping import stamp_if_due
from waybill.ledger import Checkpoint, Log, Note
from waybill.ledger.quorum import cosign
from waybill.model.errors import BusyError, DamagedError, WaybillError
from waybill.outbox import queue
from waybill.outbox.leaves import leaf_of, subjects_of

GROUP = 10_000
"""Rows that go into the log together: enough that waiting for the disk costs little."""

_PAUSE = 0.1

PATIENCE = 60.0
"""Seconds to wait for another sequencer where the work must be done now."""


@dataclass(frozen=True, slots=True)
class Sequenced:
    """What came of one run."""

    rows: int = 0
    """Rows that got their place in the log."""
    size: int = 0
    """Entries under the checkpoint that is shown."""
    witnesses: tuple[str, ...] = ()
    """Who cosigned it now."""
    remarks: tuple[str, ...] = ()
    """What did not work and will be tried again."""


def sequence(installation: Installation, *, patience: float = PATIENCE) -> Sequenced:
    """Put all that waits into the log, make a checkpoint and have it cosigned.

    That includes transfers that are safe in the lake's log and not yet in its table, such as a crash leaves behind.
    Raises BusyError if another process is at it for longer than ``patience``, and what is wrong with the log.
    """
    installation.lake.commit()
    return _sequence(installation, patience)


def _sequence(installation: Installation, patience: float) -> Sequenced:
    with installation.ledger.lock.exclusive(patience):
        record_batches(installation)
        record_captures(installation)
        with installation.ledger.open() as log:
            done = conclude(installation, log, drain(installation, log))
            if tell_alarms(installation):  # which are records too
                done = conclude(installation, log, done.rows + drain(installation, log))
            return done


def sequence_soon(installation: Installation) -> tuple[str, ...]:
    """Sequence after other work, whose answer must not depend on it; returns what is to be told.

    Where another process sequences, the rows are left to it or to the next run; what is not yet in the lake's table
    is left to the next commit.
    """
    try:
        if _is_due(installation):
            return _sequence(installation, 0.0).remarks
        tell_alarms(installation)
    except BusyError:
        tell_alarms(installation)
    except WaybillError as error:
        tell_alarms(installation)
        return (f"the ledger waits: {error}",)
    return ()


def drain(installation: Installation, log: Log) -> int:
    """Put the rows that wait into the log and note where; returns how many. Hold the ledger's lock."""
    placed = _not_noted(log)
    count = 0
    while rows := queue.waiting(GROUP):
        keys = installation.ledger.keys.ensure(subjects_of(rows))
        leaves = [bytes(leaf_of(row, keys)) for row in rows]
        fresh = list(dict.fromkeys(leaf for leaf in leaves if leaf not in placed))
        placed.update(zip(fresh, log.append(fresh), strict=True))
        queue.place(log.origin, [(row.id, placed.pop(leaf)) for row, leaf in zip(rows, leaves, strict=True)])
        count += len(rows)
    return count


def conclude(installation: Installation, log: Log, rows: int) -> Sequenced:
    """Make a checkpoint of what is in the log, have it cosigned and stamped; what fails there is told, not raised."""
    while Checkpoint.parse(log.checkpoint().text).size < log.size:
        time.sleep(_PAUSE)  # one was made within the last second, since much waited
    witnesses: set[str] = set()
    remarks: list[str] = []
    if log.policy.witnesses and log.published.text != log.signed.text:
        cosigned = cosign(log)
        witnesses = cosigned.witnesses
        for name, (remembers, before) in sorted(cosigned.forgetful.items()):
            remarks.append(f"witness {name} cosigned {before} entries and remembered {remembers}: ask who runs it why")
        if not cosigned.published:
            remarks += [f"witness {name}: {why}" for name, why in sorted(cosigned.refusals.items())]
            remarks.append("too few witnesses cosigned the ledger's checkpoint; the next run asks again")
    remarks += stamp_if_due(installation, log)
    return Sequenced(rows, Checkpoint.parse(log.published.text).size, tuple(sorted(witnesses)), tuple(remarks))


def _not_noted(log: Log) -> dict[bytes, int]:
    """Return leaves that are in the log although no row says so, by their bytes."""
    end = queue.end(log.origin)
    if end > log.size:
        raise DamagedError(
            f"the database knows {end} entries of the ledger, and here are only {log.size}",
            where=str(log.folder),
            advice="the folder is older than the database: `waybill ledger recover` tells the ways out",
        )
    return {leaf: index for index, leaf in enumerate(log.entries(end), end)}


def _is_due(installation: Installation) -> bool:
    """Return whether there is anything to do: rows, transfers without a batch, or a checkpoint not yet shown."""
    ledger = installation.ledger
    signed, shown = ledger.log / "state" / "signed", ledger.log / "checkpoint"
    if not ledger.began or not shown.exists() or _text(signed) != _text(shown):
        return True
    return queue.standing().waiting > 0 or has_unrecorded(installation) or has_unproved(installation)


def _text(note: Path) -> str:
    return Note.parse(note.read_bytes()).text
