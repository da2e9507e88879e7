"""Does one act of a run, looks at it, and undoes it: what a connector answers does not count, what is in force does."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec
from django.db import transaction

from waybill.cases import journal
from waybill.cases.models import NAME_LENGTH
from waybill.cases.words import Act
from waybill.control import storage_faults
from waybill.findings.erasing import ERASED
from waybill.model.errors import UsageError, WaybillError
from waybill.respond import models
from waybill.respond.acting import Before, Connector, ConnectorError
from waybill.respond.bounded import LateError, within
from waybill.respond.playbook import filled
from waybill.respond.resting import Disguise, Names, Tools, told_arguments
from waybill.respond.walking import Outcome, Place
from waybill.respond.words import ActState

SECONDS = 30.0
"""How long a command may take where its step does not say."""

LOOK_SECONDS = 5.0
"""How long looking at an act may take: longer, and it is not known whether it is in force."""

HOLD = timedelta(minutes=10)
"""After which a process that has a run in hand, and should have done with an act, is taken for dead."""

MANUAL = "manual"
Result = TypeVar("Result")
_OVER = frozenset({ActState.NOT_IN_FORCE, ActState.REFUSED, ActState.UNDONE, ActState.UNKNOWN})


class Performing:
    """Does the commands of one run."""

    def __init__(self, run: models.Run, tools: Tools, hidden: Disguise) -> None:
        self._run = run
        self._tools = tools
        self._hidden = hidden

    def perform(self, place: Place, values: Mapping[str, str | None]) -> Outcome:
        """Do a command unless it is done, or waits for a person."""
        row = self._row(place, values)
        state = ActState(row.state)
        if state is ActState.IN_FORCE:
            return Outcome.DONE
        if state in _OVER:
            return Outcome.FAILED
        connector = self._tools.connectors.get(row.command)
        if state is ActState.WAITS and (row.command == MANUAL or (connector is not None and connector.needs_two)):
            return Outcome.WAITS
        if connector is None:
            _note(row, ActState.NOT_IN_FORCE, "no such connector is set up here")
            return Outcome.FAILED
        seconds = place.seconds or SECONDS
        hold(self._run, seconds)
        if state is ActState.ACTING and _is_seen(row, connector, self._tools.names):
            _note(row, ActState.IN_FORCE, "")  # a process died after it was done
        else:
            _act(row, connector, self._tools.names, seconds)
        return Outcome.DONE if row.state == ActState.IN_FORCE else Outcome.FAILED

    def _row(self, place: Place, values: Mapping[str, str | None]) -> models.RunAct:
        row = models.RunAct.objects.filter(run=self._run, key=place.key).first()
        if row is not None:
            return row
        command = MANUAL if place.command.type == MANUAL else place.command.command
        exact = {name: filled(value, values) for name, value in place.command.arguments.items()}
        if command == MANUAL:
            exact["what"] = filled(place.command.command or place.command.description, values)
        names, connector = self._tools.names, self._tools.connectors.get(command)
        told = told_arguments(names, connector, exact, self._hidden)
        row = models.RunAct(run=self._run, key=place.key, command=command)
        row.step = self._hidden(place.step.name or place.id)[:NAME_LENGTH]
        row.arguments = msgspec.json.encode(told).decode()
        row.sealed = names.seal(row.place, exact)
        row.save()
        return row


def hold(run: models.Run, seconds: float = SECONDS) -> None:
    """Keep a run in hand for an act of so many seconds."""
    until = datetime.now(UTC) + HOLD + timedelta(seconds=seconds)
    with storage_faults():
        models.Run.objects.filter(pk=run.pk).update(held_until=until)


def settle(row: models.RunAct, connector: Connector, names: Names, remark: str = "", *, late: bool = False) -> None:
    """Look whether an act is in force, and note what was seen.

    ``late``: it was left to itself, so that one that is not in force may yet come to be.
    """
    before = row.state
    try:
        arguments = _arguments(row, connector, names)
        if _called(LOOK_SECONDS, lambda: connector.in_force(arguments)):
            state = ActState.IN_FORCE
        else:
            state = ActState.UNKNOWN if late else ActState.NOT_IN_FORCE
    except WaybillError as error:
        state, remark = ActState.UNKNOWN, remark or error.what
    if state is ActState.NOT_IN_FORCE and not remark:
        remark = "it answered yes, and nothing happened" if before == ActState.ACTING else "it is no longer in force"
    _note(row, state, remark)


def undo_act(row: models.RunAct, connector: Connector | None, names: Names, who: str, reason: str) -> None:
    """Restore what was before an act, and look whether all is as it was."""
    if row.begun_at is None:  # what was before is not known, and need not be
        _note(row, ActState.NOT_IN_FORCE, "it was never begun", who=who, reason=reason)
        return
    if connector is None:
        _note(row, ActState.UNKNOWN, "no such connector is set up here")
        return
    if connector.lasting:
        _note(row, ActState(row.state), "nothing brings back what was before")
        return
    before, remark = msgspec.json.decode(row.before, type=dict[str, str]), ""
    try:
        arguments = _arguments(row, connector, names)
        _called(SECONDS, lambda: connector.undo(arguments, before, SECONDS))
        gone = _called(LOOK_SECONDS, lambda: connector.before(arguments)) == before
    except WaybillError as error:
        gone, remark = False, error.what
    if gone:
        _note(row, ActState.UNDONE, "", who=who, reason=reason)
    else:
        _note(row, ActState.UNKNOWN if remark else ActState.IN_FORCE, remark or "undoing it changed nothing")


def tell(row: models.RunAct, step: str, who: str, reason: str) -> None:
    """Write into the journal of the case what became of an act."""
    what = {"run": row.run_id, "act": row.pk, "name": f"{row.step}: {row.command}", "step": step}
    journal.write(row.run.case, Act.PLAYBOOK, who=who, at=datetime.now(UTC), what=what, reason=reason)


def _act(row: models.RunAct, connector: Connector, names: Names, seconds: float) -> None:
    """Note what is, act within so many seconds in all, and look."""
    until, remark, late = time.monotonic() + seconds, "", False

    def left() -> float:
        return max(until - time.monotonic(), 0.001)

    try:
        arguments = _arguments(row, connector, names)
        if row.state != ActState.ACTING:  # else what was before is known, and must not be taken from what is now
            before: Before = _called(left(), lambda: connector.before(arguments))
            row.before = msgspec.json.encode(before).decode()
        row.state, row.begun_at = ActState.ACTING.value, row.begun_at or datetime.now(UTC)
        row.save()
        _called(left(), lambda: connector.act(arguments, left()))
    except WaybillError as error:
        remark, late = error.what, isinstance(error, LateError)
    settle(row, connector, names, remark, late=late)


def _called(seconds: float, call: Callable[[], Result]) -> Result:
    """Return what a connector says in time. Whatever it dies of is a ConnectorError: the run goes on, and tells it."""
    try:
        return within(seconds, call)
    except WaybillError:
        raise
    except Exception as error:
        raise ConnectorError(f"the connector failed: {type(error).__name__}") from error


def _is_seen(row: models.RunAct, connector: Connector, names: Names) -> bool:
    """Return whether an act is seen to be in force; what cannot be seen is done again, which does no harm."""
    try:
        arguments = _arguments(row, connector, names)
        return _called(LOOK_SECONDS, lambda: connector.in_force(arguments))
    except WaybillError:
        return False


def _note(row: models.RunAct, state: ActState, remark: str, *, who: str = journal.SYSTEM, reason: str = "") -> None:
    """Note how an act stands, in the journal of the case too if that is new."""
    with storage_faults(), transaction.atomic():
        new = row.state != state
        row.state, row.remark, row.verified_at = state.value, remark, datetime.now(UTC)
        row.save()
        if new:
            tell(row, str(state), who, reason or remark)


def _arguments(row: models.RunAct, connector: Connector, names: Names) -> dict[str, str]:
    """Return what a connector is told, exactly. Raises UsageError where somebody in it was forgotten, or is unknown."""
    told = msgspec.json.decode(row.arguments, type=dict[str, str])
    if row.sealed:
        exact = names.unseal(row.place, bytes(row.sealed), dict[str, str])
    elif ERASED in row.arguments:
        raise UsageError("somebody whom it is about was forgotten")
    else:
        exact = told
    people = {name: names.login(exact[name]) for name in connector.persons & exact.keys()}
    return {**exact, **people, **{name: told[name] for name in connector.texts & told.keys()}}
