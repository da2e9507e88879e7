"""How runs stand: what is and what is not in force, as it may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from waybill.control import storage_faults
from waybill.model.errors import UsageError
from waybill.respond import models
from waybill.respond.words import ActState, RunState


@dataclass(frozen=True, slots=True)
class Done:
    """An act of a run."""

    number: int
    step: str
    command: str
    arguments: Mapping[str, str]
    """With people by pseudonym, and without secrets."""
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


class _Named(msgspec.Struct):
    """A playbook, as far as it is listed."""

    name: str


def standing(number: int) -> Standing:
    """Return how a run stands. Raises UsageError if there is none."""
    with storage_faults():
        row = models.Run.objects.filter(pk=number).defer("sealed").prefetch_related("acts").first()
    if row is None:
        raise UsageError("there is no such run", where=str(number), advice="`waybill playbook runs` lists them")
    return _standing(row)


def runs(case: int | None = None) -> list[Standing]:
    """Return all runs, or those of a case, the newest first."""
    with storage_faults():
        rows = models.Run.objects.order_by("-pk").defer("sealed").prefetch_related("acts")
        return [_standing(row) for row in (rows if case is None else rows.filter(case_id=case))]


def _standing(row: models.Run) -> Standing:
    first = msgspec.json.decode(row.content, type=list[str])[0]
    return Standing(
        run=row.pk,
        case=row.case_id,
        playbook=msgspec.json.decode(first, type=_Named).name,
        state=RunState(row.state),
        begun_at=row.begun_at,
        begun_by=row.begun_by,
        undo_by=row.undo_by,
        acts=tuple(_done(act) for act in sorted(row.acts.all(), key=lambda one: one.pk)),
    )


def _done(row: models.RunAct) -> Done:
    return Done(
        number=row.pk,
        step=row.step,
        command=row.command,
        arguments=msgspec.json.decode(row.arguments, type=dict[str, str]),
        state=ActState(row.state),
        approved_by=row.approved_by,
        remark=row.remark,
        begun_at=row.begun_at,
        verified_at=row.verified_at,
    )
