"""Keeps the clocks of cases running, and tells before they run out: as findings, so that alerts carry them.

A finding of the detector ``clocks`` is told like any other, to every receiver and until it takes it; it is closed when
the clock is met, moved or does not apply.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from waybill.cases import clocks, queries
from waybill.cases.clocks import STEPS, Clock, Law
from waybill.control import storage_faults
from waybill.findings.store import DatabaseFindingStore
from waybill.flow.installation import Installation
from waybill.flow.law.assessments import rulebook_of
from waybill.flow.law.rule_set import facts_everywhere
from waybill.model.errors import UsageError
from waybill.model.findings import Finding, Part, Position, Text
from waybill.model.ids import finding_id
from waybill.model.words import Channel, Outcome, Severity
from waybill.respond import notices
from waybill.rulebook.facts import Fact, Value, read_facts, vocabulary
from waybill.rulebook.words import Moment

DETECTOR = "clocks"
"""What stands for a detector in these findings."""

NEAR, LATE = "clock-near", "clock-late"

TITLES = {
    NEAR: Text("A report is due soon", "报告期限临近"),
    LATE: Text("A report is overdue", "报告已逾期"),
}


def law_of(installation: Installation) -> Law:
    """Return the rules that clocks come of, with what the settings say of the organisation."""
    zoned = zones(installation.settings.incident_zones)
    return Law(rulebook_of(installation), facts_everywhere(installation), zoned)


def zones(said: tuple[str, ...]) -> Mapping[str, str]:
    """Return where days end, by law, of the setting ``incident_zones``."""
    return _pairs(said, "incident_zones")


@contextmanager
def following(installation: Installation, *numbers: int) -> Iterator[list[int]]:
    """Change cases inside the block; their clocks follow in the same transaction. More cases may be put on the list."""
    rules, changed = law_of(installation), list(numbers)
    with storage_faults(), transaction.atomic():
        yield changed
        for number in changed:
            clocks.run(number, rules, now=datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Asked:
    """A fact that decides which clocks run, and what is known of it."""

    name: str
    ask: Text
    known: Value | None
    fact: Fact
    decides: int = 0
    """How many clocks that may run rest on it."""
    next_due: datetime | None = None
    """When the first of those would be due."""


def asked(installation: Installation, number: int) -> list[Asked]:
    """Return what the law asks about a case: what is open, as the next due clock needs it, then what was said."""
    rules, now = law_of(installation), datetime.now(UTC)
    case, words = queries.get(number), vocabulary()
    known = clocks.facts_of(case, rules)
    resting: dict[str, list[datetime | None]] = {}
    for one in clocks.due(number, rules, now=now):
        for name in one.questions:
            resting.setdefault(name, []).append(one.due_at)
    return [
        Asked(
            name,
            words[name].ask,
            known.get(name),
            words[name],
            len(dues := resting.get(name, [])),
            next(iter(dues), None),
        )
        for name in dict.fromkeys([*resting, *known])
        if name in words
    ]


def read_said(said: Iterable[str]) -> tuple[dict[str, Value], dict[str, datetime]]:
    """Return facts and moments that were said as ``name=value``. Raises UsageError for what cannot be read."""
    pairs = _pairs(tuple(said), "name=value")
    moments = {name: _moment(name, pairs.pop(name)) for name in list(pairs) if name in set(Moment)}
    return read_facts(pairs), moments


def _moment(name: str, said: str) -> datetime:
    """Return a moment; one without a time zone is UTC."""
    try:
        moment = datetime.fromisoformat(said)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        raise UsageError("this is no time", where=name, expected="2026-03-02T09:00:00+08:00") from None


def follow_law(installation: Installation, now: datetime | None = None) -> int:
    """Bring the clocks of all cases that are open, or that a clock runs for, to what the rulebook says today."""
    now, rules = now or datetime.now(UTC), law_of(installation)
    numbers = {one.case for one in clocks.clocks(running=True)} | {case.number for case in queries.cases()}
    for number in sorted(numbers):
        clocks.run(number, rules, now=now)
    return len(numbers)


@dataclass(frozen=True, slots=True)
class OnCall:
    """Who is told of deadlines first."""

    person: str = ""
    """By pseudonym; empty: nobody is on call."""
    receiver: str = ""
    """Name of a receiver in ``respond.toml``; empty: findings and alerts tell it alone."""
    chinese: bool = False


def tell(now: datetime, on_call: OnCall = OnCall()) -> int:
    """Tell what has come to a step, in one transaction with the note that it was told; returns how many.

    Whoever is on call is told beside that, as soon as their receiver takes it. What may be due at once, as long as
    nobody has decided, is told to them and in the case alone: as a finding it would double each one that opens a case.
    """
    store = DatabaseFindingStore()
    with storage_faults(), transaction.atomic():
        known = dict(store.state(DETECTOR))
        running = {_key(one) for one in clocks.clocks(running=True)}
        over = [known.pop(key) for key in list(known) if key not in running]
        findings, told = [], 0
        for clock, step in clocks.to_tell(now):
            finding = _finding(clock, step, now)
            if clock.certain or not clock.is_at_once:
                before = known.get(_key(clock))
                if before is not None and before != finding.id:
                    over.append(before)
                known[_key(clock)] = finding.id
                findings.append(finding)
            clocks.tell(clock, step, now=now, to=on_call.person)
            told += 1
            if on_call.receiver:
                notices.keep(on_call.receiver, finding.sentence.zh if on_call.chinese else finding.sentence.en, now)
        if findings or over:
            store.commit(DETECTOR, findings, known, store.cursor(DETECTOR), over)
    return told


def _key(clock: Clock) -> str:
    return f"{clock.case}/{clock.id}"


def _finding(clock: Clock, step: int, now: datetime) -> Finding:
    rule = LATE if step == len(STEPS) else NEAR
    return Finding(
        id=finding_id(DETECTOR, rule, _key(clock), clock.due_at.isoformat(), str(step)),
        detector=DETECTOR,
        rule_id=rule,
        title=TITLES[rule],
        severity=Severity.CRITICAL if rule == LATE and clock.certain else Severity.HIGH,
        score=100.0 if clock.certain else 50.0,
        time=now,
        last_time=now,
        subject="",
        asset="",
        channel=Channel.OTHER.value,
        outcome=Outcome.UNKNOWN.value,
        source=Position("waybill", f"case-{clock.case}", 0),
        transfers=(),
        sentence=_sentence(clock),
        advice=_advice(clock),
        parts=(Part("clock", clock.id, share=1.0),),
    )


def _sentence(clock: Clock) -> Text:
    told, due = clock.told, f"by {clock.due_at:%Y-%m-%d %H:%M} UTC"
    due_zh = f"在 {clock.due_at:%Y-%m-%d %H:%M} UTC 前"
    if clock.is_at_once:
        due, due_zh = "at once", "立即"
    may = Text("is", "须") if clock.certain else Text("may be", "可能须")
    return Text(
        f"Case {clock.case}: {told.to.en} {may.en} to be told {due} ({told.instrument.en}, {told.article}).",
        f"案件 {clock.case}：{may.zh}{due_zh}向{told.to.zh}报告（{told.instrument.zh}，{told.article}）。",
    )


def _advice(clock: Clock) -> Text:
    if clock.certain:
        return Text(
            f"Make the report, then: waybill case clock {clock.case} {clock.id} --met",
            f"完成报告后：waybill case clock {clock.case} {clock.id} --met",
        )
    asked = ", ".join(clock.told.questions)
    return Text(f"Say what decides whether it applies: {asked}", f"请确认是否适用：{asked}")


def _pairs(said: tuple[str, ...], setting: str) -> dict[str, str]:
    pairs = [one.partition("=") for one in said]
    if not all(name and mark and value for name, mark, value in pairs):
        raise UsageError("this setting holds something that is no pair", where=setting, expected="name=value")
    return {name.strip(): value.strip() for name, _, value in pairs}
