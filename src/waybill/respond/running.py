"""Runs playbooks durably: each act is a row before it is done, and its effect is looked at before it counts.

``advance`` may be called at any time and by anybody, after a crash too: it walks the playbook again, does not do again
what is in force, looks first at what was begun, and goes on. One process has a run in hand at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
from django.db import transaction
from django.db.models import Q

from waybill.cases import journal
from waybill.cases.acting import acting
from waybill.cases.words import Act
from waybill.control import storage_faults
from waybill.model.errors import BusyError, UsageError, WaybillError
from waybill.respond import models
from waybill.respond.acting import Connector, Connectors
from waybill.respond.playbook import Playbook, filled, read
from waybill.respond.walking import Outcome, Place, Walk
from waybill.respond.words import MAYBE_IN_FORCE, ActState, RunState

SECONDS = 30.0
"""How long a command may take where its step does not say."""

HOLD = timedelta(minutes=10)
"""After which a process that has a run in hand is taken for dead."""

MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Done:
    """An act of a run."""

    number: int
    step: str
    command: str
    arguments: Mapping[str, str]
    state: ActState
    approved_by: str
    remark: str
    begun_at: datetime | None
    verified_at: datetime | None
    """When its effect was last seen, or seen to be gone."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a run stands: what is and what is not in force."""

    run: int
    case: int
    playbook: str
    state: RunState
    begun_at: datetime
    begun_by: str
    undo_by: datetime | None
    """By when whoever began it wants it undone."""
    acts: tuple[Done, ...]


def begin(
    case: int,
    playbooks: Sequence[Playbook],
    values: Mapping[str, str],
    *,
    who: str,
    reason: str,
    undo_by: datetime | None = None,
) -> int:
    """Begin a run of the first of these playbooks, which may call the others; returns its number. Nothing is done yet.

    ``undo_by``: when at the latest somebody is to undo it; the hand-over of duty tells so. Raises UsageError where a
    value is missing, or given for what is no variable or a constant.
    """
    first = playbooks[0]
    for name in values:
        known = first.variables.get(name)
        if known is None or known.constant:
            raise UsageError("this is no variable that can be given", where=name, expected=", ".join(first.variables))
    missing = [name for name, one in first.variables.items() if one.external and not (values.get(name) or one.value)]
    if missing:
        raise UsageError("a variable has no value", where=", ".join(missing), advice="give it with --set")
    with acting(case, who=who, reason=reason) as row:
        now = datetime.now(UTC)
        run = models.Run.objects.create(
            case=row,
            playbook=first.id,
            content=msgspec.json.encode([one.content.decode() for one in playbooks]).decode(),
            values=msgspec.json.encode(dict(values)).decode(),
            begun_at=now,
            begun_by=who,
            undo_by=undo_by,
        )
        until = {"undo_by": undo_by} if undo_by else {}
        what = {"run": run.pk, "playbook": first.id, "name": first.name, "step": "begun", **until}
        journal.write(row, Act.PLAYBOOK, who=who, at=now, what=what, reason=reason)
    return run.pk


def advance(number: int, connectors: Connectors) -> Standing:
    """Go on with a run as far as one can now. Raises BusyError while another process has it in hand."""
    run = _take(number)
    try:
        books = [read(one.encode()) for one in msgspec.json.decode(run.content, type=list[str])]
        walk = Walk(_Performing(run, connectors).perform, {one.id: one for one in books})
        outcome = walk.through(books[0], msgspec.json.decode(run.values, type=dict[str, str]))
        _end(
            run, {Outcome.DONE: RunState.DONE, Outcome.FAILED: RunState.FAILED, Outcome.WAITS: RunState.WAITS}[outcome]
        )
    finally:
        _let_go(run)
    return standing(number)


def approve(act: int, granted: bool, *, who: str, reason: str) -> int:
    """Approve an act, or say that one that a person does was done; returns the run, which ``advance`` goes on with.

    Raises UsageError for whoever has begun the run: four eyes are two people's; and where nothing waits.
    """
    with storage_faults(), transaction.atomic():
        row = models.RunAct.objects.select_for_update().select_related("run__case").filter(pk=act).first()
        if row is None or row.state != ActState.WAITS:
            raise UsageError("no act of this number waits", where=str(act))
        if who == row.run.begun_by and row.command != MANUAL:
            raise UsageError("nobody approves what they have begun", advice="another person approves it")
        if not reason.strip():
            raise UsageError("no reason is given", expected="why it is approved or refused")
        granted_state = ActState.IN_FORCE if row.command == MANUAL else ActState.APPROVED
        row.state, row.approved_by, row.remark = (granted_state if granted else ActState.REFUSED).value, who, reason
        row.save()
        _tell(row, "approved" if granted else "refused", who, reason)
        return row.run_id


def undo(number: int, connectors: Connectors, *, who: str, reason: str) -> Standing:
    """Undo all that may be in force, the last first, and look whether all is as it was before. What is not is told."""
    run = _take(number)
    try:
        with acting(run.case_id, who=who, reason=reason):
            pass
        for row in run.acts.filter(state__in=[str(state) for state in MAYBE_IN_FORCE]).order_by("-begun_at", "-pk"):
            if row.command != MANUAL:
                _undo(row, connectors.get(row.command), who, reason)
        left = run.acts.filter(state__in=[str(state) for state in MAYBE_IN_FORCE]).exclude(command=MANUAL).exists()
        _end(run, RunState.FAILED if left else RunState.UNDONE)
    finally:
        _let_go(run)
    return standing(number)


def look(number: int, connectors: Connectors) -> Standing:
    """Look at every act that may be in force, and return how the run stands now."""
    with storage_faults():
        rows = list(models.RunAct.objects.filter(run_id=number, state__in=[str(state) for state in MAYBE_IN_FORCE]))
    for row in rows:
        if (connector := connectors.get(row.command)) is not None:
            _settle(row, connector, "")
    return standing(number)


def standing(number: int) -> Standing:
    """Return how a run stands. Raises UsageError if there is none."""
    with storage_faults():
        run = models.Run.objects.filter(pk=number).first()
        if run is None:
            raise UsageError("there is no such run", where=str(number), advice="`waybill playbook runs` lists them")
        acts = tuple(map(_done, run.acts.order_by("pk")))
    name = read(msgspec.json.decode(run.content, type=list[str])[0].encode()).name
    return Standing(run.pk, run.case_id, name, RunState(run.state), run.begun_at, run.begun_by, run.undo_by, acts)


def runs(case: int | None = None) -> list[Standing]:
    """Return all runs, or those of a case, the newest first."""
    with storage_faults():
        rows = models.Run.objects.order_by("-pk")
        numbers = list((rows if case is None else rows.filter(case_id=case)).values_list("pk", flat=True))
    return [standing(number) for number in numbers]


class _Performing:
    """Does the commands of one run."""

    def __init__(self, run: models.Run, connectors: Connectors) -> None:
        self._run = run
        self._connectors = connectors

    def perform(self, place: Place, values: Mapping[str, str | None]) -> Outcome:
        """Do a command unless it is done, or waits for a person."""
        row = self._row(place, values)
        state = ActState(row.state)
        if state is ActState.IN_FORCE:
            return Outcome.DONE
        if state in {ActState.NOT_IN_FORCE, ActState.REFUSED, ActState.UNDONE, ActState.UNKNOWN}:
            return Outcome.FAILED
        connector = self._connectors.get(row.command)
        if state is ActState.WAITS and (row.command == MANUAL or (connector is not None and connector.needs_two)):
            return Outcome.WAITS
        if connector is None:
            _note(row, ActState.NOT_IN_FORCE, "no such connector is set up here")
            return Outcome.FAILED
        if state is ActState.ACTING and _is_seen(row, connector):
            _note(row, ActState.IN_FORCE, "")  # a process died after it was done
        else:
            _act(row, connector, place.seconds or SECONDS)
        return Outcome.DONE if row.state == ActState.IN_FORCE else Outcome.FAILED

    def _row(self, place: Place, values: Mapping[str, str | None]) -> models.RunAct:
        row = models.RunAct.objects.filter(run=self._run, key=place.key).first()
        if row is not None:
            return row
        told = {name: filled(value, values) for name, value in place.command.arguments.items()}
        manual = place.command.type == MANUAL
        if manual:
            told["what"] = filled(place.command.command or place.command.description, values)
        return models.RunAct.objects.create(
            run=self._run,
            key=place.key,
            step=place.step.name or place.id,
            command=MANUAL if manual else place.command.command,
            arguments=msgspec.json.encode(told).decode(),
        )


def _act(row: models.RunAct, connector: Connector, seconds: float) -> None:
    """Note what is, act, and look: what a connector answers does not count, what is in force does."""
    arguments = _arguments(row)
    try:
        if row.state != ActState.ACTING:  # else what was before is known, and must not be taken from what is now
            row.before = msgspec.json.encode(connector.before(arguments)).decode()
        row.state, row.begun_at = ActState.ACTING.value, row.begun_at or datetime.now(UTC)
        row.save()
        connector.act(arguments, seconds)
        remark = ""
    except WaybillError as error:
        remark = error.what
    _settle(row, connector, remark)


def _is_seen(row: models.RunAct, connector: Connector) -> bool:
    """Return whether an act is seen to be in force; what cannot be seen is done again, which does no harm."""
    try:
        return connector.in_force(_arguments(row))
    except WaybillError:
        return False


def _settle(row: models.RunAct, connector: Connector, remark: str) -> None:
    """Look whether an act is in force, and note what was seen."""
    before = row.state
    try:
        state = ActState.IN_FORCE if connector.in_force(_arguments(row)) else ActState.NOT_IN_FORCE
    except WaybillError as error:
        state, remark = ActState.UNKNOWN, remark or error.what
    if state is ActState.NOT_IN_FORCE and not remark:
        remark = "it answered yes, and nothing happened" if before == ActState.ACTING else "it is no longer in force"
    _note(row, state, remark)


def _undo(row: models.RunAct, connector: Connector | None, who: str, reason: str) -> None:
    if connector is None:
        _note(row, ActState.UNKNOWN, "no such connector is set up here")
        return
    arguments, before = _arguments(row), msgspec.json.decode(row.before, type=dict[str, str])
    try:
        connector.undo(arguments, before, SECONDS)
        gone, remark = connector.before(arguments) == before, ""
    except WaybillError as error:
        gone, remark = False, error.what
    if gone:
        _note(row, ActState.UNDONE, remark, who=who, reason=reason)
    else:
        _note(row, ActState.UNKNOWN if remark else ActState.IN_FORCE, remark or "undoing it changed nothing")


def _note(row: models.RunAct, state: ActState, remark: str, *, who: str = journal.SYSTEM, reason: str = "") -> None:
    """Note how an act stands, in the journal of the case too if that is new."""
    with storage_faults(), transaction.atomic():
        new = row.state != state
        row.state, row.remark, row.verified_at = state.value, remark, datetime.now(UTC)
        row.save()
        if new:
            _tell(row, str(state), who, reason or remark)


def _tell(row: models.RunAct, step: str, who: str, reason: str) -> None:
    what = {"run": row.run_id, "act": row.pk, "name": f"{row.step}: {row.command}", "step": step}
    journal.write(row.run.case, Act.PLAYBOOK, who=who, at=datetime.now(UTC), what=what, reason=reason)


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


def _arguments(row: models.RunAct) -> dict[str, str]:
    return msgspec.json.decode(row.arguments, type=dict[str, str])


def _done(row: models.RunAct) -> Done:
    state, moments = ActState(row.state), (row.begun_at, row.verified_at)
    return Done(row.pk, row.step, row.command, _arguments(row), state, row.approved_by, row.remark, *moments)
