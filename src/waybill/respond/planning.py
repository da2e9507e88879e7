"""A dry run: the calls that a playbook would make, in their order, who must approve, and what would undo them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from waybill.model.errors import RuleError
from waybill.respond.acting import Connectors
from waybill.respond.performing import MANUAL
from waybill.respond.playbook import Playbook, filled
from waybill.respond.walking import Outcome, Place, Walk


@dataclass(frozen=True, slots=True)
class Planned:
    """One act as it would be."""

    step: str
    command: str
    call: str
    """In the terms of the system; of what a person does, what it is."""
    needs_two: bool
    exists: bool
    """Whether a connector for it is set up here."""
    lasting: bool = False
    """Whether nothing brings back what was before."""


def dry_run(playbooks: Sequence[Playbook], values: Mapping[str, str], connectors: Connectors) -> list[Planned]:
    """Return what a run would do if everything succeeded; loops are gone through once, and nothing is called."""
    planned: list[Planned] = []

    def perform(place: Place, known: Mapping[str, str | None]) -> Outcome:
        planned.append(_planned(place, known, connectors))
        return Outcome.DONE

    Walk(perform, {one.id: one for one in playbooks}, once=True).through(playbooks[0], values)
    return planned


def _planned(place: Place, values: Mapping[str, str | None], connectors: Connectors) -> Planned:
    command, step = place.command, place.step.name or place.id
    if command.type == MANUAL:
        return Planned(step, MANUAL, filled(command.command or command.description, values), True, True)
    connector = connectors.get(command.command)
    if connector is None:
        return Planned(step, command.command, "", False, False)
    try:
        call = connector.says({name: filled(value, values) for name, value in command.arguments.items()})
    except KeyError as error:
        raise RuleError("an argument is missing", where=f"{step}: {error.args[0]}") from None
    return Planned(step, command.command, call, connector.needs_two, True, connector.lasting)
