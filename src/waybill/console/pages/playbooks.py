"""Playbooks: those at hand, drawn and checked; what one would do; runs with their acts, to which two people agree.

Whoever begins a run approves nothing of it; both must have the role for it, within whose reach the case lies, and have
shown just now who they are. Every step goes into the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from waybill.access.roles import Permission
from waybill.cases.queries import EVERY, Case, get
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages import asking, case_reach
from waybill.console.pages.playbook_picture import picture, steps_of
from waybill.console.process import process
from waybill.flow.cases import opening as flow
from waybill.flow.response import playbooks as running
from waybill.flow.response.shelf import Shelf, courses, discreet, reason_of, shelf, waiting
from waybill.model.errors import RuleError, UsageError
from waybill.respond.performing import MANUAL
from waybill.respond.playbook import Playbook
from waybill.respond.standing import Done, Standing, runs, standing
from waybill.respond.words import ActState

MOST_RUNS = 50
"""Runs that are listed, the newest first."""


@needs(Permission.PLAYBOOKS_READ)
def playbooks(request: HttpRequest) -> HttpResponse:
    """List what waits for a second person, the playbooks at hand, and the runs of cases within reach."""
    return _listed(request)


@needs(Permission.PLAYBOOKS_READ)
def playbook(request: HttpRequest, id: str) -> HttpResponse:
    """Show one playbook: drawn, with its steps as a table, what is wrong with it, and the form to begin it."""
    return _shown(request, id)


@needs(Permission.PLAYBOOKS_READ)
@require_POST
def plan(request: HttpRequest, id: str) -> HttpResponse:
    """Show what a run with these values would do. They come in the body, since an address may be kept somewhere."""
    at_hand = shelf(process().installation)
    try:
        planned = at_hand.plan(id, _values(request, at_hand.one(id).playbook))
    except (UsageError, RuleError) as error:
        return _shown(request, id, error)
    return _shown(request, id, planned=planned)


@needs(Permission.PLAYBOOKS_RUN, recently="playbooks")
@require_POST
def begin(request: HttpRequest, id: str) -> HttpResponse:
    """Begin a run for a case, as far as it goes without a second person."""
    here = process().installation
    try:
        found = shelf(here).one(id).playbook
        case = asking.number(request.POST, "case")
        case_reach.check(request, case, Permission.PLAYBOOKS_RUN)
        number = running.begin(
            here,
            case,
            found,
            _values(request, found),
            who=account(request).pseudonym,
            reason=asking.written(request, "reason"),
            undo_by=asking.moment(request.POST, "undo_by"),
        )
        running.advance(here, number)
    except (UsageError, RuleError) as error:
        return _shown(request, id, error)
    return redirect("playbooks-run", number)


@needs(Permission.PLAYBOOKS_READ)
def run(request: HttpRequest, number: int) -> HttpResponse:
    """Show a run: who asked for each act, who approved it, when it was done, seen, undone."""
    return _run_shown(request, number)


@needs(Permission.PLAYBOOKS_APPROVE, recently="playbooks")
@require_POST
def decide(request: HttpRequest, number: int) -> HttpResponse:
    """Approve or refuse an act that somebody else has begun, or say that a person did what was to be done."""
    here = process().installation
    try:
        run_of = _run_of(request, number)
        reason = asking.written(request, "reason")
        granted = request.POST.get("granted") == "yes"
        running.approve(here, number, granted, who=account(request).pseudonym, reason=reason)
    except UsageError as error:
        return _listed(request, error)
    return redirect("playbooks-run", run_of)


@needs(Permission.PLAYBOOKS_RUN, recently="playbooks")
@require_POST
def do(request: HttpRequest, number: int) -> HttpResponse:
    """Look again at what is in force, go on with a run that was broken off, or undo it."""
    here, act = process().installation, asking.text(request.POST, "act")
    acts: dict[str, Callable[[], Standing]] = {
        "look": lambda: running.look(here, number),
        "resume": lambda: running.advance(here, number),
        "undo": lambda: running.undo(
            here,
            number,
            who=account(request).pseudonym,
            reason=asking.written(request, "reason"),
        ),
    }
    try:
        case_reach.check(request, standing(number).case, Permission.PLAYBOOKS_RUN)
        if act not in acts:
            raise UsageError(_("This cannot be done with a run."), where=act)
        acts[act]()
    except UsageError as error:
        return _run_shown(request, number, error)
    return redirect("playbooks-run", number)


def runs_of(case: Case) -> list[tuple[Standing, int]]:
    """Return the runs of a case as they may be shown, each with how many of its acts are in force."""
    return [(_discreet(one, case), _in_force(one)) for one in runs(case.number)]


def _listed(request: HttpRequest, error: UsageError | None = None) -> HttpResponse:
    seen = _within_reach(request, runs())
    reader, at_hand = account(request), shelf(process().installation)
    context = {
        "shelf": [(one, steps_of(one.playbook, at_hand.connectors)) for one in at_hand.playbooks],
        "unreadable": at_hand.unreadable,
        "connectors": sorted(at_hand.connectors),
        "waiting": [(run, act, _may_decide(request, run, act)) for run, act in waiting(seen)],
        "runs": [(run, _in_force(run)) for run in seen[:MOST_RUNS]],
        "case": asking.text(request.GET, "case"),
        "may_approve": reader.may(Permission.PLAYBOOKS_APPROVE),
        "error": error,
    }
    return render(request, "console/playbooks.html", context, status=400 if error else 200)


def _shown(
    request: HttpRequest, id: str, error: UsageError | RuleError | None = None, planned: object = None
) -> HttpResponse:
    at_hand: Shelf = shelf(process().installation)
    found, register = at_hand.one(id), process().answers.register.get()
    steps = steps_of(found.playbook, at_hand.connectors)
    reach = account(request).reach(Permission.PLAYBOOKS_RUN)
    context = {
        "found": found,
        "playbook": found.playbook,
        "steps": steps,
        "problems": [(_name(found.playbook, one.step), one.what) for one in found.problems],
        "picture": picture(found.playbook, steps, labelled_by="steps"),
        "asked_for": [
            (name, one, asking.text(request.POST, name))
            for name, one in found.playbook.variables.items()
            if one.external and not one.constant
        ],
        "planned": planned,
        "cases": flow.visible(reach, register) if account(request).may(Permission.PLAYBOOKS_RUN) else [],
        "case": asking.text(request.POST, "case") or asking.text(request.GET, "case"),
        "error": error,
        "said": request.POST,
    }
    return render(request, "console/playbook.html", context, status=400 if error else 200)


def _name(playbook: Playbook, step: str) -> str:
    """Return what a step is called; its id where it has no name, or is not there."""
    known = playbook.steps.get(step)
    return known.name if known is not None and known.name else step


def _run_shown(request: HttpRequest, number: int, error: UsageError | None = None) -> HttpResponse:
    found = standing(number)
    case_reach.check(request, found.case, Permission.PLAYBOOKS_READ)
    case = get(found.case)
    told = _discreet(found, case)
    context = {
        "run": told,
        "reason": reason_of(found),
        "courses": courses(told),
        "waiting": [(act, _may_decide(request, told, act)) for _run, act in waiting([told])],
        "in_force": _in_force(told),
        "may_run": case_reach.covers(request, case.number, Permission.PLAYBOOKS_RUN),
        "now": datetime.now(UTC),
        "error": error,
    }
    return render(request, "console/playbook_run.html", context, status=400 if error else 200)


def _within_reach(request: HttpRequest, found: Iterable[Standing]) -> list[Standing]:
    """Return the runs whose cases the reader may see, each as it may be shown."""
    reach, register = account(request).reach(Permission.PLAYBOOKS_READ), process().answers.register.get()
    cases = {one.number: one for one in flow.visible(reach, register, EVERY)}
    return [_discreet(one, cases[one.case]) for one in found if one.case in cases]


def _discreet(run: Standing, case: Case) -> Standing:
    return discreet(run, case, _("withheld"))


def _in_force(run: Standing) -> int:
    """Return how many acts of connectors are in force."""
    return sum(act.state is ActState.IN_FORCE and act.command != MANUAL for act in run.acts)


def _may_decide(request: HttpRequest, run: Standing, act: Done) -> bool:
    """Return whether the reader may approve an act: another person than the one who asked, the role, the reach."""
    mine = account(request).pseudonym == run.begun_by and act.command != MANUAL
    return not mine and case_reach.covers(request, run.case, Permission.PLAYBOOKS_APPROVE)


def _run_of(request: HttpRequest, act: int) -> int:
    """Return the run of an act that waits. Raises UsageError, as if there were none, where its case is out of reach."""
    for run, one in waiting(runs()):
        if one.number == act and case_reach.covers(request, run.case, Permission.PLAYBOOKS_APPROVE):
            return run.run
    raise UsageError(_("No such act waits."), where=str(act))


def _values(request: HttpRequest, playbook: Playbook) -> dict[str, str]:
    """Return the values that were typed for the variables of a playbook."""
    typed = ((name, asking.text(request.POST, name)) for name in playbook.variables)
    return {name: value for name, value in typed if value}
