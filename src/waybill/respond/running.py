"""Runs playbooks durably: each act is a row before it is done, and its effect is looked at before it counts.

``advance`` may be called at any time and by anybody, after a crash too: it walks the playbook again, does not do again
what is in force, looks first at what was begun, and goes on. One process has a run in hand at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec
from django.db import transaction
from django.db.models import Q

from waybill.cases import journal
from waybill.cases.acting import acting
from waybill.cases.words import Act
from waybill.control import storage_faults
from waybill.findings.erasing import ERASED
from waybill.model.errors import BusyError, UsageError
from waybill.respond import models
from waybill.respond.performing import HOLD, MANUAL, Performing, hold, settle, tell, undo_act
from waybill.respond.playbook import Playbook, read
from waybill.respond.resting import Tools, disguise, exact_values, told_values
from waybill.respond.standing import Standing, standing
from waybill.respond.walking import Outcome, Walk
from waybill.respond.words import GOES_ON, MAYBE_IN_FORCE, ActState, RunState

_ENDS = {Outcome.DONE: RunState.DONE, Outcome.FAILED: RunState.FAILED, Outcome.WAITS: RunState.WAITS}
_MAYBE = [str(state) for state in MAYBE_IN_FORCE]


class _Exact(msgspec.Struct):
    """What a run is made of, as it was given."""

    playbooks: list[str]
    values: dict[str, str]


def begin(
    case: int,
    playbooks: Sequence[Playbook],
    values: Mapping[str, str],
    tools: Tools,
    *,
    who: str,
    reason: str,
    undo_by: datetime | None = None,
) -> int:
    """Begin a run of the first of these playbooks, which may call the others; returns its number. Nothing is done yet.

    ``undo_by``: when at the latest somebody is to undo it; the hand-over of duty tells so. Who is named in values and
    playbooks rests under a pseudonym. Raises UsageError where a value is missing, or given for what is no variable or a
    constant, or nobody is known by a pseudonym that was given.
    """
    first = playbooks[0]
    for name in values:
        known = first.variables.get(name)
        if known is None or known.constant:
            raise UsageError("this is no variable that can be given", where=name, expected=", ".join(first.variables))
    missing = [name for name, one in first.variables.items() if one.external and not (values.get(name) or one.value)]
    if missing:
        raise UsageError("a variable has no value", where=", ".join(missing), advice="give it with --set")
    contents = [one.content.decode() for one in playbooks]
    exact = _Exact(contents, exact_values(tools, playbooks, values))
    told = told_values(tools, playbooks, values)
    with acting(case, who=who, reason=reason) as row:
        now = datetime.now(UTC)
        run = models.Run.objects.create(
            case=row,
            playbook=first.id,
            content=msgspec.json.encode([tools.names.hide(one) for one in contents]).decode(),
            values=msgspec.json.encode(told).decode(),
            begun_at=now,
            begun_by=who,
            undo_by=undo_by,
        )
        run.sealed = tools.names.seal(run.place, exact)
        run.save(update_fields=["sealed"])
        until = {"undo_by": undo_by} if undo_by else {}
        name = tools.names.hide(first.name)
        what = {"run": run.pk, "playbook": first.id, "name": name, "step": "begun", **until}
        journal.write(row, Act.PLAYBOOK, who=who, at=now, what=what, reason=reason)
    return run.pk


def advance(number: int, tools: Tools) -> Standing:
    """Go on with a run as far as one can now. Raises BusyError while another process has it in hand.

    Raises UsageError where somebody whom it names was forgotten.
    """
    run = _take(number)
    try:
        exact = _exact(run, tools)
        books = [read(one.encode()) for one in exact.playbooks]
        hidden = disguise(tools.names, exact.values, msgspec.json.decode(run.values, type=dict[str, str]))
        walk = Walk(Performing(run, tools, hidden).perform, {one.id: one for one in books})
        _end(run, _ENDS[walk.through(books[0], exact.values)])
    finally:
        _let_go(run)
    return standing(number)


def approve(act: int, granted: bool, *, who: str, reason: str) -> int:
    """Approve an act, or say that one that a person does was done; returns the run, which ``advance`` goes on with.

    Raises UsageError for whoever has begun the run: four eyes are two people's; and where nothing waits, as in a run
    that was undone.
    """
    with storage_faults(), transaction.atomic():
        row = models.RunAct.objects.select_for_update(of=("self",)).select_related("run__case").filter(pk=act).first()
        if row is None or row.state != ActState.WAITS or row.run.state not in GOES_ON:
            raise UsageError("no act of this number waits", where=str(act))
        if who == row.run.begun_by and row.command != MANUAL:
            raise UsageError("nobody approves what they have begun", advice="another person approves it")
        if not reason.strip():
            raise UsageError("no reason is given", expected="why it is approved or refused")
        granted_state = ActState.IN_FORCE if row.command == MANUAL else ActState.APPROVED
        row.state, row.approved_by, row.remark = (granted_state if granted else ActState.REFUSED).value, who, reason
        row.save()
        tell(row, "approved" if granted else "refused", who, reason)
        return row.run_id


def undo(number: int, tools: Tools, *, who: str, reason: str) -> Standing:
    """Undo all that may be in force, the last first, and look whether all is as it was before. What is not is told."""
    run = _take(number)
    try:
        with acting(run.case_id, who=who, reason=reason):
            pass
        left = False
        rows = run.acts.filter(state__in=_MAYBE).exclude(command=MANUAL).select_related("run__case")
        for row in rows.order_by("-begun_at", "-pk"):
            connector = tools.connectors.get(row.command)
            hold(run)
            undo_act(row, connector, tools.names, who, reason)
            left = left or (row.state in MAYBE_IN_FORCE and not (connector is not None and connector.lasting))
        _end(run, RunState.FAILED if left else RunState.UNDONE)
    finally:
        _let_go(run)
    return standing(number)


def look(number: int, tools: Tools) -> Standing:
    """Look at every act that may be in force, and return how the run stands now."""
    with storage_faults():
        rows = list(models.RunAct.objects.filter(run_id=number, state__in=_MAYBE).select_related("run__case"))
    for row in rows:
        if (connector := tools.connectors.get(row.command)) is not None:
            settle(row, connector, tools.names)
    return standing(number)


def _exact(run: models.Run, tools: Tools) -> _Exact:
    if run.sealed:
        return tools.names.unseal(run.place, bytes(run.sealed), _Exact)
    if ERASED in run.values + run.content:
        raise UsageError("somebody whom this run names was forgotten", where=str(run.pk), advice="undo it, begin anew")
    values = msgspec.json.decode(run.values, type=dict[str, str])
    return _Exact(msgspec.json.decode(run.content, type=list[str]), values)


def _take(number: int) -> models.Run:
    now = datetime.now(UTC)
    with storage_faults():
        free = Q(held_until__isnull=True) | Q(held_until__lt=now)
        if not models.Run.objects.filter(free, pk=number).update(held_until=now + HOLD):
            standing(number)  # tells where there is none
            raise BusyError("another process has this run in hand", where=str(number), advice="try again in a moment")
        return models.Run.objects.select_related("case").get(pk=number)


def _let_go(run: models.Run) -> None:
    with storage_faults():
        models.Run.objects.filter(pk=run.pk).update(held_until=None)


def _end(run: models.Run, state: RunState) -> None:
    ended = None if state is RunState.WAITS else datetime.now(UTC)
    with storage_faults():
        models.Run.objects.filter(pk=run.pk).update(state=state.value, ended_at=ended)
