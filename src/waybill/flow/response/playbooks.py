"""Playbooks run for cases, whoever asks: checked before they begin, with people under pseudonyms from the first row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from waybill.flow import people
from waybill.flow.installation import Installation
from waybill.flow.response import responding
from waybill.model.errors import UsageError
from waybill.model.words import PartyKind
from waybill.register.pseudonyms import PREFIX, KeyedPseudonymiser
from waybill.respond import running
from waybill.respond.checking import check
from waybill.respond.playbook import Playbook
from waybill.respond.resting import Names, Tools

if TYPE_CHECKING:
    from waybill.respond.standing import Standing


def tools(installation: Installation) -> Tools:
    """Return what runs act with here. Raises UsageError for connectors that cannot be set up."""
    return Tools(responding.connectors(installation), names(installation))


def names(installation: Installation) -> Names:
    """Return how people are named in runs; who is met there first is sealed like everybody."""
    known = people.pseudonymiser(installation)

    def pseudonym(login: str) -> str:
        found = known.pseudonym(login, PartyKind.PERSON)
        if found != login and found.startswith(PREFIX):
            installation.seal({found: (login, PartyKind.PERSON)})
        return found

    def login(name: str) -> str:
        from waybill.register import identities

        if not KeyedPseudonymiser.is_pseudonym(name):
            return name
        return identities.identity_of(name, installation.folder.key("identity"))[0].rpartition("\\")[2]

    return Names(installation.folder.key("identity"), people.hiding(known), pseudonym, login)


def begin(
    installation: Installation,
    case: int,
    playbook: Playbook,
    values: Mapping[str, str],
    *,
    who: str,
    reason: str,
    undo_by: datetime | None = None,
) -> int:
    """Begin a run for a case, which ``advance`` goes on with; returns its number.

    Raises UsageError where something is wrong with the playbook, or a value is.
    """
    known, here = responding.playbooks(installation), tools(installation)
    if found := check(playbook, here.connectors, known):
        advice = "`waybill playbook check` tells all of it"
        raise UsageError(found[0].what.en, where=found[0].step, advice=advice)
    books = responding.with_called(playbook, known.values())
    return running.begin(case, books, values, here, who=who, reason=reason, undo_by=undo_by)


def advance(installation: Installation, run: int) -> Standing:
    """Go on with a run as far as one can now. Raises BusyError while another process has it in hand."""
    return running.advance(run, tools(installation))


def approve(installation: Installation, act: int, granted: bool, *, who: str, reason: str) -> Standing:
    """Approve or refuse an act that waits, or say that a person did it; the run goes on."""
    return advance(installation, running.approve(act, granted, who=who, reason=reason))


def undo(installation: Installation, run: int, *, who: str, reason: str) -> Standing:
    """Undo all that a run has put in force, and look whether all is as it was before."""
    return running.undo(run, tools(installation), who=who, reason=reason)


def look(installation: Installation, run: int) -> Standing:
    """Look at every act of a run that may be in force."""
    return running.look(run, tools(installation))
