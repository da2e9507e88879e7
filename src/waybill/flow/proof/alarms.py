"""What is wrong with the ledger, as findings: records without their proof, and logs of others that show two trees.

A record that waits too long is told once; the finding is closed when nothing waits too long any more. Evidence that a
log showed different trees is told once for good: only a person can close it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from waybill.flow.installation import Installation
from waybill.flow.proof.witnessing import witness_of
from waybill.ledger import Checkpoint
from waybill.ledger.encoding import to_base64
from waybill.ledger.witness import SPLIT, Evidence
from waybill.model.findings import Finding, Part, Position, Text
from waybill.model.ids import finding_id
from waybill.model.words import Channel, Outcome, Severity
from waybill.outbox import queue

DETECTOR = "ledger"
"""What stands for a detector in these findings."""

WAITS = "ledger-waits"
SPLIT_VIEW = "ledger-split-view"
UNPROVEN = "ledger-unproven"

TITLES = {
    WAITS: Text("Records wait too long for their proof", "记录等待入账超时"),
    SPLIT_VIEW: Text("A log shows two different trees", "账本出现分裂视图"),
    UNPROVEN: Text("A log may show different trees", "账本疑似出现分裂视图"),
}


def tell_alarms(installation: Installation) -> bool:
    """Store what is wrong and was not told yet, and close what has passed; returns whether there was anything."""
    from waybill.findings.store import DatabaseFindingStore

    store = DatabaseFindingStore()
    told = dict(store.state(DETECTOR))
    findings, over = [], []
    waits = waits_too_long(installation)
    if waits is not None and WAITS not in told:
        findings.append(waits)
        told[WAITS] = waits.id
    elif waits is None and WAITS in told:
        over.append(told.pop(WAITS))
    for name, finding in _split_views(installation, told):
        findings.append(finding)
        told[name] = finding.id
    if findings or over:
        store.commit(DETECTOR, findings, told, 0, over)
    return bool(findings or over)


def alarms(installation: Installation) -> list[Finding]:
    """Return everything that is wrong, whether it was told before or not."""
    waits = waits_too_long(installation)
    return [*([waits] if waits else []), *(finding for _, finding in _split_views(installation, {}))]


def waits_too_long(installation: Installation) -> Finding | None:
    """Return an alarm if a record has waited for its proof longer than the settings allow."""
    ledger, limit = installation.ledger, installation.settings.ledger_wait
    size = Checkpoint.parse(ledger.source(ledger.origin).checkpoint().text).size if ledger.began else 0
    count, oldest = queue.unproved(ledger.origin, size)
    now = datetime.now(UTC)
    if oldest is None or (waited := (now - oldest).total_seconds()) <= limit:
        return None
    moment = f"{oldest:%Y-%m-%d %H:%M} UTC"
    return Finding(
        id=finding_id(DETECTOR, WAITS, ledger.origin, oldest.isoformat()),
        detector=DETECTOR,
        rule_id=WAITS,
        title=TITLES[WAITS],
        severity=Severity.MEDIUM,
        score=50.0,
        time=oldest,
        last_time=oldest,
        subject="",
        asset="",
        channel=Channel.OTHER,
        outcome=Outcome.UNKNOWN,
        source=Position("ledger", ledger.origin, size),
        transfers=(),
        sentence=Text(
            f"{count:,} records wait for the ledger, the oldest since {moment}: until it is under a checkpoint that "
            "is shown, nobody could prove that it was not changed.",
            f"{count:,} 条记录等待入账，最早的自 {moment} 起；在已公开的检查点覆盖它们之前，无法证明其未被改动。",
        ),
        advice=Text(
            "`waybill ledger sequence` says what is in the way: the disk, a witness that does not answer, or a folder "
            "that was restored from an older copy.",
            "运行 `waybill ledger sequence` 查看原因：磁盘、无响应的见证方，或由旧备份恢复的账本目录。",
        ),
        parts=(
            Part("waiting", f"{waited:,.0f} s", usual=f"at most {limit:,.0f} s", share=1.0),
            Part("records", f"{count:,}"),
        ),
    )


def _split_views(installation: Installation, known: dict[str, str]) -> Iterator[tuple[str, Finding]]:
    """Yield, by name, what this installation has seen as a witness that speaks against logs of others."""
    witness = witness_of(installation)
    for evidence in witness.evidence(known):
        kept = datetime.fromtimestamp((witness.folder / evidence.name / "shown").stat().st_mtime, UTC)
        yield evidence.name, _split_view(evidence, kept)


def _split_view(evidence: Evidence, kept: datetime) -> Finding:
    seen, shown = Checkpoint.parse(evidence.seen.text), Checkpoint.parse(evidence.shown.text)
    proved = evidence.kind == SPLIT
    rule = SPLIT_VIEW if proved else UNPROVEN
    return Finding(
        id=finding_id(DETECTOR, rule, shown.origin, str(shown.size), shown.root.hex()),
        detector=DETECTOR,
        rule_id=rule,
        title=TITLES[rule],
        severity=Severity.CRITICAL if proved else Severity.MEDIUM,
        score=100.0 if proved else 50.0,
        time=kept,
        last_time=kept,
        subject=shown.origin,
        asset="",
        channel=Channel.OTHER,
        outcome=Outcome.UNKNOWN,
        source=Position("witness", f"ledger/witness/{evidence.name}", shown.size),
        transfers=(),
        sentence=_proved(shown) if proved else _suspected(seen, shown),
        advice=Text(
            "Keep both signed checkpoints, show them to who runs the log and to its other witnesses, and compare which "
            "of the two they have; until that is cleared up, believe no proof from this log.",
            "保留两个已签名的检查点，出示给账本运营方及其他见证方，核对他们各持哪一个；查清之前不要采信该账本的任何证明。",
        ),
        parts=(
            Part("root seen", to_base64(seen.root), usual=f"{seen.size:,} entries"),
            Part("root shown", to_base64(shown.root), usual=f"{shown.size:,} entries", share=1.0),
        ),
    )


def _proved(shown: Checkpoint) -> Text:
    return Text(
        f"The log {shown.origin} signed two different trees of {shown.size:,} entries: it shows different people "
        "different things, or was forked. Both signed checkpoints are kept.",
        f"账本 {shown.origin} 对同样的 {shown.size:,} 个条目签署了两棵不同的树："
        "它向不同的人展示了不同的内容，或已被分叉。两个已签名的检查点均已留存。",
    )


def _suspected(seen: Checkpoint, shown: Checkpoint) -> Text:
    return Text(
        f"The log {shown.origin} signed a tree of {shown.size:,} entries, and what came with it does not prove that it "
        f"extends the {seen.size:,} entries seen here before. Both signed checkpoints are kept.",
        f"账本 {shown.origin} 签署了 {shown.size:,} 个条目的树，"
        f"但随附的证明不能说明它延续了此前见证的 {seen.size:,} 个条目。两个已签名的检查点均已留存。",
    )
