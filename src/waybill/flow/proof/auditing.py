"""An audit of everything: each byte of the lake, the ledger's tree, each record against its leaf, the database.

What it found is itself recorded, so that it can be shown later that somebody looked, when, and what he saw; and what is
wrong becomes a finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from waybill.control import damage, storage_faults
from waybill.flow.installation import Installation
from waybill.ledger import verify
from waybill.model.findings import Finding, Position, Text, group_id
from waybill.model.words import Severity

DETECTOR = "audit"
MOST = 20
"""Faults of each part that are told; the others are counted."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What was looked at and what is wrong with it."""

    transfers: int
    """In the lake's table."""
    entries: int
    """In the ledger's logs."""
    records: int
    """Held against their leaves."""
    faults: dict[str, int]
    """How many faults each part has: ``lake``, ``ledger``, ``records``, ``database``, ``custody``."""
    examples: dict[str, tuple[str, ...]]
    """The first of them, by part."""

    @property
    def sound(self) -> bool:
        """Whether all is as it was written."""
        return not any(self.faults.values())


def audit(installation: Installation, *, processes: int | None = 1) -> Audit:
    """Look at everything, record that, and make a finding of what is wrong."""
    from waybill.flow.proof.comparing import compare
    from waybill.outbox.adding import Record, add
    from waybill.outbox.kinds import Kind

    begun = datetime.now(UTC)
    ledger, lake = installation.ledger, installation.lake
    faults = {"lake": [f"{one.file}: {one.what}" for one in [*lake.found, *lake.verify()]], "database": damage()}
    if installation.custody_store.exists:
        faults["custody"] = installation.custody_store.verify()
    entries = records = 0
    if ledger.began:
        found = verify(ledger.source(ledger.origin), ledger.policy(), processes=processes)
        compared = compare(installation)
        faults["ledger"] = [str(one) for one in found.faults]
        faults["records"] = [str(one) for one in compared.faults]
        entries, records = found.checkpoint.size if found.checkpoint else 0, compared.records
    done = Audit(
        lake.status().rows,
        entries,
        records,
        {part: len(told) for part, told in faults.items()},
        {part: tuple(told[:MOST]) for part, told in faults.items() if told},
    )
    groups = {
        "what": {"transfers": done.transfers, "entries": entries, "records": records, "faults": done.faults},
        "when": {"begun": begun, "ended": datetime.now(UTC)},
    }
    with storage_faults(), transaction.atomic():
        add(Record(Kind.AUDIT, "", groups))
    if not done.sound:
        _tell(done, begun)
    return done


def _tell(done: Audit, at: datetime) -> None:
    """Store a finding, one for each day and set of parts."""
    from waybill.findings.store import DatabaseFindingStore

    parts = ", ".join(f"{part} ({count})" for part, count in sorted(done.faults.items()) if count)
    rule = "audit.not-as-written"
    finding = Finding(
        id=group_id(DETECTOR, rule, "", parts, at),
        detector=DETECTOR,
        rule_id=rule,
        title=Text("What is kept is not as it was written", "保存的数据与写入时不一致"),
        severity=Severity.CRITICAL,
        score=100.0,
        time=at,
        last_time=at,
        subject="",
        asset="",
        channel="",
        outcome="",
        transfers=(),
        source=Position("waybill", "audit", 1),
        sentence=Text(
            f"An audit found faults in: {parts}. Either storage failed or somebody changed it behind Waybill's back.",
            f"审计发现以下部分有异常：{parts}。可能是存储故障，也可能有人绕过 Waybill 修改了数据。",
        ),
        advice=Text(
            "Run `waybill lake verify` and `waybill ledger verify`, keep copies of the files they name, "
            "and restore them from a back-up.",
            "运行 `waybill lake verify` 与 `waybill ledger verify`，保存其指出的文件副本，并从备份中恢复。",
        ),
    )
    store = DatabaseFindingStore()
    store.commit(DETECTOR, [finding], store.state(DETECTOR), store.cursor(DETECTOR))
