"""The playbooks at hand: those that come with Waybill and those of the data folder, each with what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from waybill.cases import journal
from waybill.cases.journal import Entry
from waybill.cases.queries import Case
from waybill.cases.words import Act
from waybill.flow.installation import Installation
from waybill.flow.response import responding
from waybill.model.errors import UsageError, WaybillError
from waybill.outbox.subjects import people
from waybill.respond.acting import Connectors
from waybill.respond.checking import Problem, check
from waybill.respond.planning import Planned, dry_run
from waybill.respond.playbook import Playbook, library
from waybill.respond.standing import Done, Standing
from waybill.respond.words import GOES_ON, ActState


@dataclass(frozen=True, slots=True)
class Shelved:
    """A playbook as it stands here."""

    playbook: Playbook
    file: str
    """Where it was read from; empty for one that comes with Waybill."""
    problems: tuple[Problem, ...]
    """Also what is not set up here: a connector that it needs."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """All of them."""

    playbooks: tuple[Shelved, ...]
    unreadable: tuple[WaybillError, ...]
    """Files that hold no playbook, each with what is wrong and where."""
    connectors: Connectors

    def one(self, id: str) -> Shelved:
        """Return the playbook of an id. Raises UsageError if there is none."""
        found = next((one for one in self.playbooks if one.playbook.id == id), None)
        if found is None:
            raise UsageError("There is no such playbook.", where=id)
        return found

    def plan(self, id: str, values: Mapping[str, str]) -> list[Planned]:
        """Return what a run would do; nothing is called. Raises UsageError for values, RuleError for the playbook."""
        first = self.one(id).playbook
        books = responding.with_called(first, [one.playbook for one in self.playbooks])
        return dry_run(books, values, self.connectors)


def shelf(installation: Installation) -> Shelf:
    """Return the playbooks at hand. Raises UsageError for connectors that cannot be set up."""
    connectors = responding.connectors(installation)
    found: dict[str, tuple[Playbook, str]] = {one.id: (one, "") for one in library().values()}
    unreadable = []
    for file in responding.files(installation):
        try:
            playbook = responding.read_file(file)
        except WaybillError as error:
            unreadable.append(error)
            continue
        found[playbook.id] = (playbook, file.name)
    shelved = (Shelved(one, file, tuple(check(one, connectors, found))) for one, file in found.values())
    return Shelf(tuple(shelved), tuple(unreadable), connectors)


@dataclass(frozen=True, slots=True)
class Course:
    """An act of a run with all that happened to it: who approved or refused, when it was seen in force, or gone."""

    act: Done
    entries: tuple[Entry, ...]


def courses(standing: Standing) -> list[Course]:
    """Return the acts of a run, each with what the journal of the case says of it."""
    known: dict[int, list[Entry]] = {}
    for entry in journal.entries(standing.case, Act.PLAYBOOK):
        known.setdefault(entry.what.get("act", 0), []).append(entry)
    return [Course(act, tuple(known.get(act.number, ()))) for act in standing.acts]


def discreet(run: Standing, case: Case, hidden: str = "") -> Standing:
    """Return a run without the people whom its acts concern, where the case withholds who acted."""
    if not case.withheld:
        return run

    def told(act: Done) -> Done:
        shown = {name: hidden if people(value) else value for name, value in act.arguments.items()}
        return replace(act, arguments=shown)

    return replace(run, acts=tuple(map(told, run.acts)))


def reason_of(standing: Standing) -> str:
    """Return why a run was begun."""
    begun = (
        entry.reason
        for entry in journal.entries(standing.case, Act.PLAYBOOK)
        if entry.what.get("run") == standing.run and entry.what.get("step") == "begun"
    )
    return next(begun, "")


def waiting(runs: Iterable[Standing]) -> list[tuple[Standing, Done]]:
    """Return the acts that wait for a person, the oldest first; of runs that were undone none does any more."""
    asked = ((run, act) for run in runs if run.state in GOES_ON for act in run.acts if act.state is ActState.WAITS)
    return sorted(asked, key=lambda pair: pair[1].number)
