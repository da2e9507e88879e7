"""Plays one leak of a simulated world to its end: from the finding to a containment that is seen to hold.

Nothing in it is staged: it is what two people do on the page of the case. The lot that is purer than its papers say is
held by its custody events and by its permit, both systems of this installation.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from waybill.cases import clocks, duty, judging, queries
from waybill.cases.words import CaseState
from waybill.findings.queries import ALL_STATES, Filter, every
from waybill.flow import people
from waybill.flow.cases.clocks import following
from waybill.flow.installation import Installation
from waybill.flow.passages import stored_passages
from waybill.flow.proof.sequencing import sequence
from waybill.flow.response import playbooks, shelf
from waybill.model.errors import UsageError
from waybill.model.findings import Finding, Text
from waybill.respond.playbook import library
from waybill.respond.wording import halves
from waybill.respond.words import ActState

RULE = "materials.grade-purer"
"""The finding that is played."""
PLAYBOOK = "hold-lot"

Tell = Callable[[Text], None]
"""Told what happens."""


@dataclass(frozen=True, slots=True)
class Played:
    """What came of it."""

    case: int
    run: int
    in_force: bool
    """Whether the containment was seen to hold."""
    seconds: float
    """From the second person's decision until that was seen."""


def play(installation: Installation, tell: Tell) -> Played:
    """Play it, and leave the containment in force. Raises UsageError where the leak was not found."""
    first, second = (people.introduce(installation, login) for login in ("duty.officer", "second.officer"))
    finding, number = _found(installation)
    tell(Text(f"finding: {finding.sentence.en}", f"发现：{finding.sentence.zh}"))
    _tell_case(number, tell)
    with following(installation, number):
        judging.set_state(number, CaseState.CONTAINMENT, who=first, reason="the lot is about to leave")
    now = datetime.now(UTC)
    if duty.on_duty(now) is None:
        duty.plan([first, second], now.replace(minute=0, second=0, microsecond=0), timedelta(hours=12), 4, who=first)
    values = {"__item__": _part(finding, "item"), "__permit__": _permit(installation, finding)}
    book = library()[PLAYBOOK]
    for step in shelf.shelf(installation).plan(book.id, values):
        call = halves(step.call)
        tell(Text(f"dry run: {call.en}", f"试运行：{call.zh}"))
    until = now + timedelta(days=3)
    reason = "purer than its papers: wait for the laboratory"
    run = playbooks.begin(installation, number, book, values, who=first, reason=reason, undo_by=until)
    (act,) = playbooks.advance(installation, run).acts
    tell(Text(f"run {run}: the duty officer asks, a second person must agree", f"运行 {run}：值班员发起，须第二人批准"))
    begun = time.perf_counter()
    standing = playbooks.approve(installation, act.number, True, who=second, reason="seen the assay")
    seconds = time.perf_counter() - begun
    in_force = standing.acts[0].state is ActState.IN_FORCE
    tell(
        Text(
            f"{'held and seen to be' if in_force else 'NOT in force'}, {seconds * 1000:.0f} ms after the decision; "
            f"to be undone by {until:%Y-%m-%d %H:%M} UTC",
            f"{'已扣留并核实' if in_force else '未生效'}，距决定 {seconds * 1000:.0f} 毫秒；"
            f"撤销期限 {until:%Y-%m-%d %H:%M} UTC",
        )
    )
    sequence(installation)
    return Played(number, run, in_force, seconds)


def _found(installation: Installation) -> tuple[Finding, int]:
    """Return the finding, and the case that it opened."""
    for stored in every(Filter(states=ALL_STATES)):
        number = queries.case_of(stored.finding.id) if stored.finding.rule_id == RULE else None
        if number is not None:
            return stored.finding, number
    raise UsageError("the lot that is purer than its papers was not found", advice="play the world with all detectors")


def _tell_case(number: int, tell: Tell) -> None:
    case, running = queries.get(number), clocks.clocks([number], running=True)
    sure = sum(one.certain for one in running)
    due = min((one.due_at for one in running), default=case.opened_at)
    tell(
        Text(
            f"case {number}: {case.severity}, {len(running)} clocks of the law ({sure} certainly), "
            f"the next due {due:%Y-%m-%d %H:%M} UTC",
            f"案件 {number}：{len(running)} 个法定时限（{sure} 个确定适用），最近一项 {due:%Y-%m-%d %H:%M} UTC",
        )
    )


def _permit(installation: Installation, finding: Finding) -> str:
    """Return the permit that lets the asset go where the finding's transfer went, else any of the asset."""
    register = installation.register()
    with installation.lake.snapshot() as snapshot:
        ways = stored_passages(snapshot, set(finding.transfers)).values()
    places = {way.to_place for way in ways}
    permits = [one for one in register.permits if one.asset == finding.asset]
    if not permits:
        raise UsageError("no permit lets this asset go", where=finding.asset)
    return next((one.id for one in permits if one.place in places), permits[0].id)


def _part(finding: Finding, name: str) -> str:
    return next(part.value for part in finding.parts if part.name == name)
