"""Closing an exposure: planned as a dry run, done by one person, or by two where others use what is changed; undone.

Every act goes into the ledger with who did it, who agreed and what it said it would do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

import msgspec
from django.db import transaction

from waybill.control import storage_faults
from waybill.exposure import FAMILIES, NotInspected
from waybill.exposure.fixes import Fix
from waybill.exposure.survey import DETECTOR, place_of, same
from waybill.findings import queries
from waybill.findings.queries import StoredFinding
from waybill.findings.store import DatabaseFindingStore
from waybill.flow.installation import Installation
from waybill.model.errors import UsageError
from waybill.outbox import adding as outbox
from waybill.outbox.adding import Record
from waybill.outbox.kinds import Kind

_MEMORY = f"{DETECTOR}-fixes"
Done = TypeVar("Done")


class Standing(StrEnum):
    """How a fix stands."""

    WAITING = "waiting"
    """Somebody asked; a second person must agree."""
    DONE = "done"
    UNDONE = "undone"


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A fix that somebody asked for."""

    fix: Fix
    standing: Standing
    asked_by: str
    at: datetime
    agreed_by: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """What closing an exposure would do."""

    stored: StoredFinding
    fix: Fix


def plan(installation: Installation, finding_id: str) -> Planned:
    """Look again and return what would close an exposure; nothing is changed.

    Raises UsageError where there is nothing to close, or nothing closes it safely.
    """
    stored = queries.get(finding_id)
    finding, register = stored.finding, installation.register()
    if finding.detector != DETECTOR:
        raise UsageError("this finding is no exposure", where=finding.id)
    family = FAMILIES[finding.rule_id.partition("-")[0]]
    check = next((one for one in family.checks() if one.id == finding.rule_id), None)
    if check is None or check.fix is None:
        raise UsageError("nothing closes this safely", where=finding.rule_id, advice=finding.advice.en)
    where = place_of(finding)
    for thing in family.read(where):
        if isinstance(thing, NotInspected) or not isinstance(thing, check.subject):
            continue
        for sighting in check.look(thing, register):
            if same(check.id, thing.place, sighting.object) in finding.tags:
                fix = check.fix(thing, sighting)
                if fix is None:
                    raise UsageError("nothing closes this safely", where=where, advice=finding.advice.en)
                return Planned(stored, fix)
    raise UsageError("it does not stand open any more", where=where, advice="survey it again")


def fixable() -> frozenset[str]:
    """Return the checks whose exposures can be closed so, as far as it is safe where each is."""
    return frozenset(check.id for family in FAMILIES.values() for check in family.checks() if check.fix is not None)


def kept(finding_id: str) -> Kept | None:
    """Return the fix that somebody asked for, if any."""
    known = DatabaseFindingStore().state(_MEMORY).get(finding_id)
    return None if known is None else msgspec.convert(known, Kept)


def ask(installation: Installation, finding_id: str, *, who: str) -> Kept:
    """Do what closes an exposure, or keep it until a second person agrees. Raises UsageError as ``plan`` does."""
    planned = plan(installation, finding_id)
    waiting = Kept(fix=planned.fix, standing=Standing.WAITING, asked_by=who, at=datetime.now(UTC))
    if planned.fix.shared:
        return _keep(finding_id, waiting, lambda: None)
    return _keep(finding_id, msgspec.structs.replace(waiting, standing=Standing.DONE), planned.fix.do)


def agree(installation: Installation, finding_id: str, *, who: str) -> Kept:
    """Do what somebody else asked for. Raises UsageError if nobody did, it was the same person, or things moved."""
    waiting = kept(finding_id)
    if waiting is None or waiting.standing is not Standing.WAITING:
        raise UsageError("nobody asked for this", where=finding_id)
    if waiting.asked_by == who:
        raise UsageError("somebody else must agree to what you asked for", where=finding_id)
    if plan(installation, finding_id).fix != waiting.fix:
        raise UsageError("it is no longer as it was when this was planned", where=finding_id, advice="ask again")
    done = msgspec.structs.replace(waiting, standing=Standing.DONE, agreed_by=who, at=datetime.now(UTC))
    return _keep(finding_id, done, waiting.fix.do)


def undo(finding_id: str, *, who: str) -> Kept:
    """Put back what was there. Raises UsageError if nothing was done, or things moved since."""
    known = kept(finding_id)
    if known is None or known.standing is not Standing.DONE:
        raise UsageError("nothing was done here", where=finding_id)
    undone = msgspec.structs.replace(known, standing=Standing.UNDONE, asked_by=who, agreed_by="", at=datetime.now(UTC))
    return _keep(finding_id, undone, known.fix.undo)


def _keep(finding_id: str, fix: Kept, act: Callable[[], Done]) -> Kept:
    """Note an act and do it: what cannot be noted is not done, and what fails is not noted."""
    store = DatabaseFindingStore()
    with storage_faults(), transaction.atomic():
        store.commit(_MEMORY, (), {**store.state(_MEMORY), finding_id: msgspec.to_builtins(fix)}, 0)
        outbox.add(_record(finding_id, fix))
        act()
    return fix


def _record(finding_id: str, fix: Kept) -> Record:
    groups = {
        "what": {"finding": finding_id, "fix": fix.fix.says().en, "standing": fix.standing},
        "who": {"by": fix.asked_by, **({"agreed": fix.agreed_by} if fix.agreed_by else {})},
        "when": {"time": fix.at},
    }
    return Record(Kind.DECISION, finding_id, groups)
