"""Duty: what falls due in a shift, what is in force and must be undone, what was done; and who is told of deadlines.

The report of a shift is made anew whenever it is asked for; what whoever hands over says of it is kept beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from waybill.cases import clocks, duty, journal, queries
from waybill.cases.clocks import Clock
from waybill.cases.duty import Shift
from waybill.cases.journal import SYSTEM, Entry
from waybill.cases.queries import Case, Task
from waybill.flow import people
from waybill.flow.cases.clocks import OnCall
from waybill.flow.cases.view import NOTHING_LEFT, titles
from waybill.flow.installation import Installation
from waybill.flow.response import responding, shelf
from waybill.model.errors import WaybillError
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot
from waybill.respond.performing import MANUAL
from waybill.respond.standing import Done, Standing, runs
from waybill.respond.words import MAYBE_IN_FORCE

AHEAD = timedelta(days=14)
"""How far the rota is looked at for gaps."""

FALLBACK = "duty"
"""The receiver in ``[notify]`` that is told where whoever is on call has none of their own."""


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that is in force, or may be."""

    run: Standing
    act: Done
    ends_at: datetime | None
    """When it ends by itself."""

    @property
    def until(self) -> datetime | None:
        """By when it ends or is to be undone, whichever comes first; None where nobody has said."""
        return min((one for one in (self.ends_at, self.run.undo_by) if one is not None), default=None)


@dataclass(frozen=True, slots=True)
class Open:
    """A case on which something is to be done."""

    case: Case
    title: Text
    clock: Clock | None
    """The one that runs out next."""
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A shift as it is handed over."""

    begins_at: datetime
    ends_at: datetime
    shift: Shift | None
    follows: Shift | None
    due: tuple[Clock, ...]
    """Clocks that certainly run and run out within the shift, or have before."""
    perhaps: tuple[tuple[Clock, int], ...]
    """Of each case whose clocks may run: the next of those due by then, and how many there are."""
    measures: tuple[Measure, ...]
    waiting: tuple[tuple[Standing, Done], ...]
    """Acts that wait for a person."""
    open: tuple[Open, ...]
    done: tuple[tuple[int, tuple[Entry, ...]], ...]
    """What people and playbooks did within the shift, by case."""
    gaps: tuple[tuple[datetime, datetime], ...]
    """When nobody is on call in the days to come."""


def report(
    installation: Installation,
    register: RegisterSnapshot,
    cases: Iterable[Case],
    now: datetime,
    shift: Shift | None = None,
) -> Report:
    """Return what there is to know of a shift, of these cases alone; without a shift, of the one that runs now.

    Closed cases belong to it, since something may be in force for them. Where nobody is on call it is the last and next
    twelve hours.
    """
    shift = shift or duty.on_duty(now)
    begins, ends = (shift.begins_at, shift.ends_at) if shift else (now - timedelta(hours=12), now + timedelta(hours=12))
    found = {one.number: one for one in cases}
    running = clocks.clocks(found, running=True)
    near = [one for one in running if one.due_at < ends]
    mine = [shelf.discreet(one, found[one.case]) for one in runs() if one.case in found]
    return Report(
        begins_at=begins,
        ends_at=ends,
        shift=shift,
        follows=next((one for one in duty.shifts(ends, ends + AHEAD) if one.begins_at >= ends), None),
        due=tuple(one for one in near if one.certain),
        perhaps=tuple(_perhaps(one for one in near if not one.certain)),
        measures=tuple(sorted(_measures(mine), key=lambda one: (one.until is None, one.until, one.act.number))),
        waiting=tuple(shelf.waiting(mine)),
        open=tuple(_open(installation, register, found.values(), running)),
        done=tuple(_done(found, begins, min(ends, now))),
        gaps=tuple(duty.gaps(now, now + AHEAD)),
    )


def on_call(installation: Installation, now: datetime) -> OnCall:
    """Return who is told of deadlines now, and where: the receiver in ``respond.toml`` that is called as they are.

    Where they have none, or nobody is on call, it is the receiver ``duty``.
    """
    try:
        known = responding.receivers(installation)
    except WaybillError:
        known = {}  # what is wrong with the file is told where playbooks are run
    shift = duty.on_duty(now)
    person = shift.person if shift else ""
    names = [people.login_of(installation, person), person] if person and known else []
    receiver = next((name for name in (*names, FALLBACK) if name in known), "")
    return OnCall(person, receiver, installation.settings.alert_language == "zh")


def _perhaps(found: Iterable[Clock]) -> Iterable[tuple[Clock, int]]:
    """Return clocks that may run, by case: they stand for questions that are open, so one of them is enough."""
    by_case: dict[int, list[Clock]] = {}
    for one in found:
        by_case.setdefault(one.case, []).append(one)
    return ((several[0], len(several)) for several in by_case.values())


def _measures(found: Iterable[Standing]) -> Iterable[Measure]:
    for run in found:
        for act in run.acts:
            if act.state in MAYBE_IN_FORCE and act.command != MANUAL:
                minutes = act.arguments.get("minutes", "")
                begun = act.begun_at or run.begun_at
                yield Measure(run, act, begun + timedelta(minutes=int(minutes)) if minutes.isdecimal() else None)


def _open(
    installation: Installation, register: RegisterSnapshot, found: Iterable[Case], running: list[Clock]
) -> Iterable[Open]:
    still = [one for one in found if one.is_open]
    rows = titles(installation, register, still)
    tasks = queries.open_tasks({one.number for one in still})
    next_clock = {one.case: one for one in reversed(running)}
    for case in still:
        title = rows[case.number].finding.title if case.number in rows else NOTHING_LEFT
        yield Open(case, title, next_clock.get(case.number), tuple(tasks.get(case.number, ())))


def _done(numbers: Collection[int], since: datetime, until: datetime) -> Iterable[tuple[int, tuple[Entry, ...]]]:
    """Return what was done, without what grouping and clocks write by themselves."""
    for number, entries in journal.between(numbers, since, until).items():
        told = tuple(one for one in entries if one.who != SYSTEM or one.what.get("run"))
        if told:
            yield number, told


def as_plain(found: Report) -> dict[str, object]:
    """Return a report as JSON has it, without what belongs to other places: findings of cases, steps of runs."""
    told: dict[str, object] = msgspec.to_builtins(
        {
            "begins_at": found.begins_at,
            "ends_at": found.ends_at,
            "shift": found.shift,
            "follows": found.follows,
            "due": [
                {"case": one.case, "clock": one.id, "due_at": one.due_at, "certain": one.certain} for one in found.due
            ],
            "in_force": [
                {"run": one.run.run, "case": one.run.case, "act": one.act, "until": one.until} for one in found.measures
            ],
            "waiting": [{"run": run.run, "case": run.case, "act": act} for run, act in found.waiting],
            "open": [
                {
                    "case": one.case.number,
                    "severity": one.case.severity,
                    "state": one.case.state,
                    "assignee": one.case.assignee,
                    "title": one.title,
                    "next_clock": one.clock.due_at if one.clock else None,
                    "tasks": one.tasks,
                }
                for one in found.open
            ],
            "done": [{"case": number, "acts": entries} for number, entries in found.done],
            "gaps": found.gaps,
        }
    )
    return told
