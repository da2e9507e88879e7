"""Makes findings of sequences: what was done in which order, on which evidence."""

from __future__ import annotations

from datetime import UTC, datetime

from waybill.detect.behaviour.sequences import Deed, Sequence, Step
from waybill.detect.behaviour.telling import MOST_EVIDENCE, NAME
from waybill.detect.behaviour.wording import SEQUENCE_ADVICE, SEQUENCES, STEPS
from waybill.model.findings import GRADES, Finding, Part, Position, Text
from waybill.model.ids import finding_id
from waybill.model.register import Asset, RegisterSnapshot
from waybill.model.words import Channel, Grade, Outcome, Severity

_GRAVE = Grade.IMPORTANT.rank


def finding(sequence: Sequence, day: int, register: RegisterSnapshot) -> Finding:
    """Return the finding on a sequence that ended on a day."""
    deeds = [deed for step in sequence.steps for deed in step.deeds]
    asset = _gravest(deeds, register)
    rank = asset.grade.rank if asset else 0
    times = sorted(deed.time for deed in deeds)
    rule = f"{NAME}.{sequence.rule}"
    return Finding(
        id=finding_id(NAME, rule, sequence.actor, "", str(day)),
        detector=NAME,
        rule_id=rule,
        title=SEQUENCES[sequence.rule],
        severity=Severity.HIGH if rank >= _GRAVE else Severity.MEDIUM,
        score=60.0 + 10 * rank,
        time=_moment(times[0]),
        last_time=_moment(times[-1]),
        subject=sequence.actor,
        asset=asset.id if asset else "",
        channel=Channel.OTHER,
        outcome=Outcome.UNKNOWN,
        source=Position(NAME, "", 0),
        transfers=tuple(sorted(_evidence(sequence.steps))),
        sentence=_sentence(sequence, asset),
        advice=SEQUENCE_ADVICE,
        parts=tuple(
            Part(STEPS[step.name].en, f"{_count(step)}, {_clock(step)}", share=1 / len(sequence.steps))
            for step in sequence.steps
        ),
    )


def _evidence(steps: list[Step]) -> set[str]:
    """Return ids of transfers of every step; of one with many, the first ones."""
    most = MOST_EVIDENCE // len(steps)
    return {deed.id.hex() for step in steps for deed in step.deeds[:most]}


def _gravest(deeds: list[Deed], register: RegisterSnapshot) -> Asset | None:
    assets = [asset for deed in deeds if (asset := register.asset_of(deed.asset)) is not None]
    return max(assets, key=lambda asset: (asset.grade.rank, asset.id), default=None)


def _sentence(sequence: Sequence, asset: Asset | None) -> Text:
    en = ", then ".join(f"{STEPS[step.name].en} {_count(step)} ({_clock(step)})" for step in sequence.steps)
    zh = "，随后".join(f"{STEPS[step.name].zh} {_count(step)} 项（{_clock(step)}）" for step in sequence.steps)
    if asset is not None:
        en += f"; {GRADES[asset.grade].en} “{asset.name}”"
        zh += f"；涉及{GRADES[asset.grade].zh}“{asset.name}”"
    return Text(f"{sequence.actor}: {en}.", f"{sequence.actor}：{zh}。")


def _count(step: Step) -> int:
    return sum(deed.count for deed in step.deeds)


def _clock(step: Step) -> str:
    return f"{_moment(step.deeds[0].time):%m-%d %H:%M}"


def _moment(time: int) -> datetime:
    return datetime.fromtimestamp(time / 1_000_000, UTC)
