"""How the ledger stands: what is shown and cosigned, what waits, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass

from waybill.flow.installation import Installation
from waybill.flow.proof import alarms as ledger_alarms
from waybill.ledger import Checkpoint
from waybill.ledger.errors import ProofError
from waybill.model.findings import Text
from waybill.outbox import queue


@dataclass(frozen=True, slots=True)
class LedgerStanding:
    """Figures of the ledger."""

    origin: str
    key: str
    """The verifier key, which others put into their policies."""
    size: int
    """Entries under the checkpoint that is shown."""
    witnesses: dict[str, int]
    """Who cosigned it, and when (seconds since 1970)."""
    logged: int
    waiting: int
    stamps: int
    """Time stamps there are."""
    former: int
    """Logs that this one continues."""
    alarms: tuple[Text, ...]


def standing(installation: Installation) -> LedgerStanding:
    """Return how the ledger stands."""
    ledger, rows = installation.ledger, queue.standing()
    size, witnesses, alarms = 0, {}, [alarm.sentence for alarm in ledger_alarms.alarms(installation)]
    if ledger.began:
        note, policy = ledger.source(ledger.origin).checkpoint(), ledger.policy()
        size = Checkpoint.parse(note.text).size
        try:
            witnesses = policy.check(note).witnesses
        except ProofError as error:
            alarms.append(Text(str(error), str(error)))
    return LedgerStanding(
        origin=ledger.origin,
        key=str(ledger.signer.verifier),
        size=size,
        witnesses=witnesses,
        logged=rows.logged,
        waiting=rows.waiting,
        stamps=len(list((ledger.log / "timestamps").glob("*.tsr"))),
        former=len(list((ledger.home / "former").glob("*"))),
        alarms=tuple(alarms),
    )
