"""Goes through the steps of a playbook. What is done at each is said by whoever walks, so a dry run walks the same way.

A walk is deterministic: the same playbook, values and outcomes take the same way. So a run that was broken off is
walked again from its beginning, and what was done already is looked up under the key of its place, and not done again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from waybill.model.errors import RuleError
from waybill.respond.conditions import holds
from waybill.respond.playbook import Command, Playbook, Step, StepType, filled

MOST_ROUNDS = 100
"""How often a while step goes round at most: then it has failed."""

DEEPEST = 8
"""How deep playbooks may call playbooks."""


class Outcome(Enum):
    """What came of a command or a step."""

    DONE = "done"
    FAILED = "failed"
    WAITS = "waits"
    """For a person: to approve it, or to do it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk is: a key that the same walk gives again, and the step there."""

    key: str
    id: str
    step: Step
    command: Command
    seconds: float | None
    """How long it may take; None where the step does not say."""


Perform = Callable[[Place, Mapping[str, str | None]], Outcome]
"""Does a command, or looks up what came of it."""


class _WaitingError(Exception):
    """The way goes on when a person has done something."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where in which playbook a walk is: values are shared by a playbook's branches, the path tells branches apart."""

    playbook: Playbook
    values: dict[str, str | None]
    path: str
    deep: int = 0

    def inside(self, path: str) -> _Frame:
        return _Frame(self.playbook, self.values, path, self.deep)


@dataclass(slots=True)
class Walk:
    """One way through a playbook and those that it calls."""

    perform: Perform
    playbooks: Mapping[str, Playbook]
    once: bool = False
    """Whether loops are gone through once, whatever their condition says: nothing changes in a dry run."""
    failed: list[str] = field(default_factory=list)
    """Steps that failed while the playbook neither leads elsewhere then nor asks how it went."""
    _visits: Counter[str] = field(default_factory=Counter)

    def through(self, playbook: Playbook, values: Mapping[str, str | None]) -> Outcome:
        """Walk from the start to the end, or as far as one can now. Raises RuleError for a playbook that is wrong."""
        mine = {**{name: one.value for name, one in playbook.variables.items()}, **values}
        try:
            self._branch(_Frame(playbook, mine, playbook.id), playbook.start)
        except _WaitingError:
            return Outcome.WAITS
        return Outcome.FAILED if self.failed else Outcome.DONE

    def _branch(self, frame: _Frame, id: str) -> None:
        """Walk from a step to the end of its branch."""
        while True:
            step = frame.playbook.steps.get(id)
            if step is None:
                raise RuleError("a step leads to one that is not there", where=id)
            if step.type is StepType.END:
                return
            place = f"{frame.path}/{id}"
            self._visits[place] += 1
            good = self._step(frame.inside(f"{place}#{self._visits[place]}"), id, step)
            after = step.on_completion or (step.on_success if good else step.on_failure)
            if not good and not step.on_failure and not step.out_args:  # nobody looks at how it went
                self.failed.append(id)
            if not after:
                return
            id = after

    def _step(self, frame: _Frame, id: str, step: Step) -> bool:
        """Do what a step says; returns whether it succeeded."""
        values = {**frame.values, **{name: one.value for name, one in step.step_variables.items()}}
        match step.type:
            case StepType.ACTION:
                return self._action(frame, id, step, values)
            case StepType.PARALLEL:
                self._parallel(frame, step)
            case StepType.IF:
                self._maybe(frame, step.on_true if holds(step.condition, values) else step.on_false)
            case StepType.WHILE:
                return self._while(frame, step)
            case StepType.SWITCH:
                self._maybe(frame, step.cases.get(filled(step.switch, values)) or step.cases.get("default", ""))
            case StepType.PLAYBOOK:
                return self._playbook(frame, step, values)
        return True

    def _action(self, frame: _Frame, id: str, step: Step, values: Mapping[str, str | None]) -> bool:
        """Do the commands of a step; variables in its ``out_args`` then say whether it succeeded."""
        seconds = step.timeout / 1000 if step.timeout else None
        good = True
        for number, command in enumerate(step.commands):
            outcome = self.perform(Place(f"{frame.path}.{number}", id, step, command, seconds), values)
            if outcome is Outcome.WAITS:
                raise _WaitingError
            good = outcome is Outcome.DONE
            if not good:
                break
        frame.values.update(dict.fromkeys(step.out_args, "true" if good else "false"))
        return good

    def _maybe(self, frame: _Frame, branch: str) -> None:
        if branch:
            self._branch(frame, branch)

    def _parallel(self, frame: _Frame, step: Step) -> None:
        """Go through every branch, one after the other, as CACAO 2.0 allows; none waits for another one's person."""
        waits = False
        for number, branch in enumerate(step.next_steps):
            try:
                self._branch(frame.inside(f"{frame.path}|{number}"), branch)
            except _WaitingError:
                waits = True
        if waits:
            raise _WaitingError

    def _while(self, frame: _Frame, step: Step) -> bool:
        """Go round as long as the condition holds; returns False if it still does after ``MOST_ROUNDS``."""
        for number in range(1 if self.once else MOST_ROUNDS):
            if not self.once and not holds(step.condition, frame.values):
                return True
            self._branch(frame.inside(f"{frame.path}~{number}"), step.on_true)
        return self.once or not holds(step.condition, frame.values)

    def _playbook(self, frame: _Frame, step: Step, values: Mapping[str, str | None]) -> bool:
        other = self.playbooks.get(step.playbook_id)
        if other is None or frame.deep >= DEEPEST:
            return False
        given = {name: values.get(name) for name in step.in_args}
        mine = {**{name: one.value for name, one in other.variables.items()}, **given}
        before = len(self.failed)
        self._branch(_Frame(other, mine, f"{frame.path}>{other.id}", frame.deep + 1), other.start)
        frame.values.update({name: mine.get(name) for name in step.out_args})
        return len(self.failed) == before
