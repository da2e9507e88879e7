"""The detector: rows that move a graded asset, judged one by one in the order of time, and told once a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

import pyarrow as pa

from waybill.detect.unauthorised.judge import Judge
from waybill.detect.unauthorised.moves import Move, home_jurisdiction
from waybill.detect.unauthorised.permits import Refusal, Used
from waybill.detect.unauthorised.rows import COLUMNS, Row, graded, rows_to_judge
from waybill.detect.unauthorised.scoring import severity, weigh
from waybill.detect.unauthorised.wording import ADVICE, TITLES, sentence, why
from waybill.model.findings import Finding, Part, Position, group_id
from waybill.model.protocols import Result, State, Tables
from waybill.model.words import Scope

Refused = tuple[Row, Refusal]


class UnauthorisedDetector:
    """Tells transfers that take a graded asset out of its home without a permit that covers them.

    Findings are one for each rule, actor, asset and day. What an asset's limited permits have already let through
    is the state, by asset. Rows that arrive late are counted when they arrive.
    """

    name: ClassVar[str] = "unauthorised"
    columns: tuple[str, ...] = COLUMNS
    scope: ClassVar[Scope] = Scope.KEY
    history: ClassVar[timedelta] = timedelta(0)

    def keys(self, tables: Tables) -> pa.Array:
        """Return the id of the registered asset of each row; null where it is not registered or cannot matter."""
        assets, numbers = graded(tables)
        ids = pa.array([asset.id if asset else None for asset in assets], pa.string())
        return ids.take(pa.array(numbers, mask=numbers < 0))

    def run(self, tables: Tables, state: State) -> Result:
        """Return the findings among these rows, and for each asset what its limited permits have let through."""
        used: dict[str, Used] = {
            asset: {permit: list(amounts) for permit, amounts in kept.items()} for asset, kept in state.items()
        }
        judge = Judge(tables.register, used)
        groups: dict[str, list[Refused]] = {}
        for row in rows_to_judge(tables, judge.leaves):
            refusal = judge.refusal(row)
            if refusal is not None:
                groups.setdefault(_finding_id(row, refusal, judge), []).append((row, refusal))
        findings = [_finding(found, group, judge) for found, group in groups.items()]
        findings.sort(key=lambda finding: (finding.time, finding.id))
        return Result(findings, {asset: amounts for asset, amounts in used.items() if amounts}, judge.remarks())


def _finding_id(row: Row, refusal: Refusal, judge: Judge) -> str:
    subject = _subject(row, judge)
    return group_id(UnauthorisedDetector.name, refusal.rule_id, subject, row.move.asset, row.time)


def _subject(row: Row, judge: Judge) -> str:
    """Return the actor; withheld where the public has an interest in the asset, so as not to point at a source."""
    return "" if judge.exit(row.move).asset.public_interest else row.move.actor


def _finding(found: str, group: Sequence[Refused], judge: Judge) -> Finding:
    """Return what ``model.findings.merge`` would make of a finding for each row of the group."""
    row, refusal = group[0]  # rows come in the order of time
    left = judge.exit(row.move)
    kinds = {(one.move, one.outcome) for one, _ in group}  # all that severity and score depend on within a rule
    return Finding(
        id=found,
        detector=UnauthorisedDetector.name,
        rule_id=refusal.rule_id,
        title=TITLES[refusal.rule_id],
        severity=max((severity(left.asset.grade, outcome) for _, outcome in kinds), key=lambda s: s.number),
        score=max(_weigh(move, refusal, outcome, judge)[0] for move, outcome in kinds),
        time=row.time,
        last_time=group[-1][0].time,
        subject=_subject(row, judge),
        asset=left.asset.id,
        channel=row.move.channel,
        outcome=row.outcome,
        source=Position(row.source, row.origin, row.position),
        transfers=tuple(sorted({one.id for one, _ in group})),
        sentence=sentence(
            asset=left.asset.name,
            grade=left.asset.grade,
            origin="" if left.asset.public_interest else row.move.from_place,  # may be the machine of the actor
            destination=left.end.name,
            over=row.move.channel,
            result=row.outcome,
            actor=_subject(row, judge),
            why=why(refusal),
        ),
        advice=ADVICE[refusal.rule_id],
        parts=_weigh(row.move, refusal, row.outcome, judge)[1],
    )


def _weigh(move: Move, refusal: Refusal, outcome: str, judge: Judge) -> tuple[float, tuple[Part, ...]]:
    left = judge.exit(move)
    return weigh(left.asset, home_jurisdiction(move, left.asset, judge.register), left.end, refusal, outcome)
