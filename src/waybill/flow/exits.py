"""What leaves the service, held to the same permits as anything else that moves.

An export is a transfer: of the asset ``waybill:transfers``, by whoever is signed in, to the place that he or she names.
A report, a share or an alert is one as well. An organisation that lists such an asset in its register (``waybill:*``)
asks permits for it. The attempt is kept in the lake whatever becomes of it, so that detectors see it too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
import pyarrow as pa

from waybill.detect.unauthorised import UnauthorisedDetector
from waybill.findings.store import DatabaseFindingStore
from waybill.flow.installation import Installation
from waybill.flow.intake.enrichment import enrich
from waybill.flow.intake.reception import ForbiddenError
from waybill.model.findings import Finding
from waybill.model.ids import record_hasher
from waybill.model.protocols import Tables
from waybill.model.register import RegisterSnapshot
from waybill.model.transfers import COLLECTED, SCHEMA
from waybill.model.words import Action, AssetKind, Channel, Grade, Outcome, PartyKind
from waybill.outbox.subjects import people

SOURCE = "waybill-console"

RECORDS = "waybill:records"
"""The asset that a record of the ledger is, shown with its proof."""


@dataclass(frozen=True, slots=True)
class Exit:
    """Something that is about to leave."""

    asset: str
    """``waybill:`` and what it is."""
    who: str
    """The pseudonym of the account, or the name of the service that sends by itself."""
    to_place: str
    purpose: str
    records: int
    bytes: int
    grade: Grade | None = None
    """The highest among what leaves, where the register says nothing of the asset itself."""
    action: Action = Action.EXPORT
    channel: Channel = Channel.WEB


def leave(installation: Installation, register: RegisterSnapshot, exit: Exit) -> None:
    """Keep that it leaves, or was stopped. Raises ForbiddenError where no permit covers it."""
    check(installation, register, exit)
    left(installation, register, exit)


def check(installation: Installation, register: RegisterSnapshot, exit: Exit) -> None:
    """Raise ForbiddenError where no permit covers it, and keep that it was stopped."""
    refused = _refusal(register, exit)
    if refused is not None:
        _keep(installation, register, exit, Outcome.BLOCKED)
        raise ForbiddenError(
            "No permit covers this export.",
            where=refused.sentence.en,
            advice="Ask for a permit, or name another place; the attempt was kept.",
        )


def left(installation: Installation, register: RegisterSnapshot, exit: Exit) -> None:
    """Keep that it left."""
    _keep(installation, register, exit, Outcome.SUCCESS)


def _keep(installation: Installation, register: RegisterSnapshot, exit: Exit, outcome: Outcome) -> None:
    installation.lake.append(enrich(_transfer(installation.folder.key("id"), exit, outcome), register))


def _refusal(register: RegisterSnapshot, exit: Exit) -> Finding | None:
    """Return what the detector of unauthorised transfers says of it, None where it is allowed."""
    planned = enrich(_transfer(b"\0" * 32, exit, Outcome.SUCCESS), register)
    now = datetime.now(UTC)
    transfers = planned.add_column(1, SCHEMA.field("recorded_at"), pa.array([now], SCHEMA.field("recorded_at").type))
    transfers = transfers.add_column(2, SCHEMA.field("sequence"), pa.array([0], pa.int64()))
    state = DatabaseFindingStore().state(UnauthorisedDetector.name)
    result = UnauthorisedDetector().run(Tables(transfers=transfers, register=register), state)
    return result.findings[0] if result.findings else None


def _transfer(key: bytes, exit: Exit, outcome: Outcome) -> pa.Table:
    now = datetime.now(UTC)
    said = {"purpose": exit.purpose, "records": exit.records, "bytes": exit.bytes, "to": exit.to_place}
    raw = msgspec.json.encode({**said, "who": exit.who, "asset": exit.asset, "time": now})
    row = {
        "time": now,
        "id": record_hasher(key, SOURCE)(raw),
        "source": SOURCE,
        "logsource": "waybill/export/",
        "action": str(exit.action),
        "outcome": str(outcome),
        "channel": str(exit.channel),
        "actor": exit.who,
        "actor_kind": str(PartyKind.PERSON if people(exit.who) else PartyKind.SERVICE),
        "application": "waybill",
        "asset": exit.asset,
        "asset_kind": str(AssetKind.DATA),
        "grade": str(exit.grade) if exit.grade else None,
        "from_place": "waybill",
        "to_place": exit.to_place,
        "bytes": exit.bytes,
        "records": exit.records,
        "fields": [("purpose", exit.purpose)],
        "raw": raw,
    }
    return pa.Table.from_pylist([row], schema=COLLECTED)
