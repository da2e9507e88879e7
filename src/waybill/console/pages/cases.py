"""Cases: the queue with its clocks, and one case with all that belongs to it and all that can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from itertools import groupby

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from waybill.access.roles import Permission
from waybill.cases import clocks, joining, judging, queries, working
from waybill.cases.journal import SYSTEM, Entry
from waybill.cases.words import SET_BY_PEOPLE, Act, CaseState, Origin
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages import asking, case_reach
from waybill.console.pages.attachments import attachment
from waybill.console.pages.picturing import sankey
from waybill.console.pages.playbooks import runs_of
from waybill.console.process import process
from waybill.flow import people
from waybill.flow.cases import clocks as case_clocks
from waybill.flow.cases import export as case_export
from waybill.flow.cases import opening as flow
from waybill.flow.cases import protection
from waybill.flow.cases import view as case_view
from waybill.flow.trends import register as trends
from waybill.model.errors import UsageError
from waybill.model.words import Intent, Severity

FILTERS = ("state", "severity", "assignee")
"""Parameters of the address."""

MOST_STEPS, MOST_WAYS = 100, 40
"""Steps of the timeline and ways of the picture that one page shows."""


@needs(Permission.CASES_READ)
def cases(request: HttpRequest) -> HttpResponse:
    """Show the cases within the reader's reach, the gravest first, each with the clock that runs out next."""
    here, reader = process(), account(request)
    register = here.answers.register.get()
    found = flow.visible(reader.reach(Permission.CASES_READ), register, _wanted(request))
    running: dict[int, clocks.Clock] = {}
    for one in clocks.clocks([case.number for case in found], running=True):
        running.setdefault(one.case, one)
    rows = case_view.titles(here.installation, register, found)
    context = {
        "cases": [(case, rows.get(case.number), running.get(case.number)) for case in found],
        "asked": {name: asking.text(request.GET, name) for name in FILTERS},
        "kept": asking.kept(request, FILTERS),
        "states": [state for state in CaseState if state in SET_BY_PEOPLE],
        "severities": list(reversed(Severity)),
        "now": datetime.now(UTC),
    }
    return render(request, "console/cases.html", context)


@needs(Permission.CASES_READ)
def case(request: HttpRequest, number: int) -> HttpResponse:
    """Show one case: the figures first, then its clocks, what happened, why its findings belong together, the work."""
    return _shown(request, number)


@needs(Permission.CASES_HANDLE)
@require_POST
def do(request: HttpRequest, number: int) -> HttpResponse:
    """Do one thing to a case; its clocks follow in the same transaction."""
    here = process()
    act = _ACTS.get(asking.text(request.POST, "act"))
    try:
        case_reach.check(request, number, Permission.CASES_HANDLE)
        if act is None:
            raise UsageError(_("This cannot be done with a case."), where=asking.text(request.POST, "act"))
        with case_clocks.following(here.installation, number) as changed:
            changed.extend(act(request, number) or ())
    except UsageError as error:
        return _shown(request, number, error)
    return redirect("cases-one", number)


@needs(Permission.RECORDS_EXPORT)
@require_POST
def bundle(request: HttpRequest, number: int) -> HttpResponse:
    """Hand out the signed evidence bundle of a case; the journal keeps that it was made, by whom and what for."""
    here = process().installation
    try:
        case_reach.check(request, number, Permission.RECORDS_EXPORT)
        chinese = (get_language() or "").startswith("zh")
        content = case_export.export(
            here, number, who=_who(request), reason=asking.written(request, "reason"), chinese=chinese
        )
    except UsageError as error:
        return _shown(request, number, error)
    return attachment(content, f"case-{number}.zip", "application/zip")


def _shown(request: HttpRequest, number: int, error: UsageError | None = None) -> HttpResponse:
    here, reader = process(), account(request)
    register = here.answers.register.get()
    case_reach.check(request, number, Permission.CASES_READ)
    whole = case_view.whole(here.installation, register, number)
    ways = list(case_view.ways(whole.steps).items())[:MOST_WAYS]
    hidden = _("withheld") if whole.case.withheld else ""
    context = {
        "whole": whole,
        "case": whole.case,
        **_clocks(number),
        "groups": [list(same) for _what, same in groupby(reversed(whole.entries), key=_alike)],
        "asked": case_clocks.asked(here.installation, number),
        "runs": runs_of(whole.case) if reader.may(Permission.PLAYBOOKS_READ) else [],
        "ways": ways,
        "chart": sankey(((way.who or hidden, way.what, way.where or hidden), sums[0]) for way, sums in ways),
        "steps": whole.steps[:MOST_STEPS],
        "more_steps": max(0, len(whole.steps) - MOST_STEPS),
        "others": [one for one in flow.visible(reader.reach(Permission.CASES_READ), register) if one.number != number],
        "states": [state for state in CaseState if state in SET_BY_PEOPLE],
        "severities": list(reversed(Severity)),
        "intents": list(Intent),
        "origins": list(Origin),
        "now": datetime.now(UTC),
        "may_handle": reader.may(Permission.CASES_HANDLE),
        "error": error,
        "said": request.POST if error else {},
    }
    return render(request, "console/case.html", context, status=400 if error else 200)


def _clocks(number: int) -> dict[str, list[clocks.Clock]]:
    """Return the clocks of a case: those that certainly run, those that may, those that are over."""
    found = clocks.clocks([number])
    return {
        "sure": [one for one in found if one.runs and one.certain],
        "perhaps": [one for one in found if one.runs and not one.certain],
        "over": [one for one in found if not one.runs],
    }


def _alike(entry: Entry) -> tuple[str, str, object]:
    """Return by what entries of the journal are shown together: those that clocks write by themselves."""
    by_itself = entry.act is Act.CLOCK and entry.who == SYSTEM
    return (entry.act, entry.who, None if by_itself else entry.number)


def _wanted(request: HttpRequest) -> queries.Wanted:
    state = asking.text(request.GET, "state")
    chosen = asking.word(request.GET, "state", CaseState) if state not in {"", "all"} else None
    return queries.Wanted(
        states=frozenset({chosen}) if chosen else frozenset(CaseState) if state == "all" else queries.OPEN,
        severity=asking.word(request.GET, "severity", Severity),
        assignee=asking.text(request.GET, "assignee"),
    )


def _who(request: HttpRequest) -> str:
    return account(request).pseudonym


def _judge(request: HttpRequest, number: int) -> None:
    """Give a case each of the judgements that differ from what holds, all with one reason."""
    case, acts = queries.get(number), {"who": _who(request), "reason": asking.written(request, "reason")}
    state, severity = asking.word(request.POST, "state", CaseState), asking.word(request.POST, "severity", Severity)
    intent, origin = asking.word(request.POST, "intent", Intent), asking.word(request.POST, "origin", Origin)
    if severity is not None and severity != case.severity:
        judging.set_severity(number, severity, **acts)
    if intent is not None and intent != case.intent:
        judging.set_intent(number, intent, **acts)
    if origin is not None and origin != case.origin:
        judging.set_origin(number, origin, **acts)
    if state is not None and state != case.state:
        judging.set_state(number, state, **acts)


def _harm(request: HttpRequest, number: int) -> None:
    persons, amount = asking.text(request.POST, "persons"), asking.text(request.POST, "amount")
    try:
        harm = judging.Harm(
            persons=int(persons) if persons else None,
            amount=Decimal(amount) if amount else None,
            currency=asking.text(request.POST, "currency").upper(),
            also=asking.written(request, "also"),
        )
    except (ValueError, InvalidOperation):
        raise UsageError(_("This is no number."), where=f"{persons} {amount}"[:80], expected="1200; 50000.00") from None
    judging.set_harm(number, harm, who=_who(request), reason=asking.written(request, "reason"))


def _assign(request: HttpRequest, number: int) -> None:
    mine = "mine" in request.POST
    working.assign(number, _who(request) if mine else asking.written(request, "assignee"), who=_who(request))


def _note(request: HttpRequest, number: int) -> None:
    working.note(number, asking.written(request, "text"), who=_who(request))


def _task(request: HttpRequest, number: int) -> None:
    due = asking.moment(request.POST, "due")
    working.add_task(
        number, asking.written(request, "title"), who=_who(request), assignee=asking.written(request, "for"), due_at=due
    )


def _evidence(request: HttpRequest, number: int) -> None:
    """Note a file by its hash: it is read and not kept."""
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise UsageError(_("No file was chosen."))
    name = people.without_names(process().installation, file.name or "")
    working.add_evidence(number, name, file.chunks(), who=_who(request), reason=asking.written(request, "reason"))


def _done(request: HttpRequest, number: int) -> None:
    working.finish_task(number, asking.number(request.POST, "task"), who=_who(request))


def _clock(request: HttpRequest, number: int) -> None:
    """Note that a report was made, or that a clock does not apply."""
    id, reason = asking.text(request.POST, "clock"), asking.written(request, "reason")
    if "met" in request.POST:
        at = asking.moment(request.POST, "at") or datetime.now(UTC)
        clocks.meet(number, id, at=at, who=_who(request), reason=reason)
    else:
        clocks.drop(number, id, who=_who(request), reason=reason)


def _facts(request: HttpRequest, number: int) -> None:
    """Take the facts that were answered, as far as the law asks for them."""
    names = [one.name for one in case_clocks.asked(process().installation, number)] + ["aware", "classified", "fixed"]
    said = [f"{name}={value}" for name in names if (value := asking.text(request.POST, f"fact-{name}"))]
    facts, moments = case_clocks.read_said(said)
    judging.set_facts(number, facts, moments, who=_who(request), reason=asking.written(request, "reason"))


def _merge(request: HttpRequest, number: int) -> list[int]:
    into = asking.number(request.POST, "into")
    case_reach.check(request, into, Permission.CASES_HANDLE)
    joining.merge(number, into, who=_who(request), reason=asking.written(request, "reason"))
    return [into]


def _split(request: HttpRequest, number: int) -> list[int]:
    findings = request.POST.getlist("finding")
    return [joining.split(number, findings, who=_who(request), reason=asking.written(request, "reason"))]


def _protect(request: HttpRequest, number: int) -> None:
    protection.protect(process().installation, number, who=_who(request), reason=asking.written(request, "reason"))


def _register(request: HttpRequest, number: int) -> None:
    """Close the case into the register of incidents, or enter it anew as it stands."""
    trends.close_case(process().installation, number, who=_who(request), reason=asking.written(request, "reason"))


_ACTS: dict[str, Callable[[HttpRequest, int], list[int] | None]] = {
    "judge": _judge,
    "harm": _harm,
    "assign": _assign,
    "note": _note,
    "task": _task,
    "done": _done,
    "evidence": _evidence,
    "clock": _clock,
    "facts": _facts,
    "merge": _merge,
    "split": _split,
    "protect": _protect,
    "register": _register,
}
