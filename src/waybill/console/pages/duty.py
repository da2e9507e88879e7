"""Duty: who is on call, swaps and gaps, what falls due, and the report by which a shift is handed over.

Colleagues who are on call appear by their login, since somebody must be able to ring them; the ledger keeps pseudonyms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from waybill.access import accounts
from waybill.access.roles import Permission
from waybill.cases import duty as rota
from waybill.cases.queries import EVERY
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages import asking
from waybill.console.pages.duty_picture import picture
from waybill.console.process import process
from waybill.flow import people
from waybill.flow.cases import opening as cases
from waybill.flow.cases.duty import AHEAD, Report, report
from waybill.model.errors import UsageError

MOST_DONE = 12
"""Acts that the report shows of one case; the case shows all of them."""


@needs(Permission.DUTY_READ)
def duty(request: HttpRequest) -> HttpResponse:
    """Show who is on call, what is asked of the reader, and what falls due."""
    return _shown(request)


@needs(Permission.DUTY_READ)
def handover(request: HttpRequest) -> HttpResponse:
    """Show a shift as it is handed over, to be read and printed: the one asked for, else the one that runs."""
    shift = rota.get(asking.number(request.GET, "shift")) if "shift" in request.GET else None
    now = datetime.now(UTC)
    told = _report(request, now, shift)
    told_of = [one for one in (told.shift, told.follows) if one is not None]
    said = [one for one in rota.handovers() if told.shift is not None and one.shift == told.shift.number]
    context = {
        "report": told,
        "names": _names([one.person for one in told_of] + [name for one in said for name in (one.by, one.to)]),
        "done": [(number, entries[-MOST_DONE:], len(entries)) for number, entries in told.done],
        "said_of_it": said,
        "now": now,
    }
    return render(request, "console/duty_handover.html", context)


@needs(Permission.DUTY_MANAGE)
@require_POST
def do(request: HttpRequest) -> HttpResponse:
    """Do one thing to the rota."""
    act = _ACTS.get(asking.text(request.POST, "act"))
    try:
        if act is None:
            raise UsageError(_("This cannot be done with duty."), where=asking.text(request.POST, "act"))
        act(request, account(request).pseudonym)
    except UsageError as error:
        return _shown(request, error)
    return redirect("duty")


def _shown(request: HttpRequest, error: UsageError | None = None) -> HttpResponse:
    now, reader = datetime.now(UTC), account(request)
    told, until = _report(request, now, None), now + AHEAD
    shifts, swaps, handed = rota.shifts(now, until), rota.swaps(), rota.handovers()
    named = [one.person for one in shifts] + [name for one in swaps for name in (one.asked_by, one.to)]
    colleagues = _colleagues() if reader.may(Permission.DUTY_MANAGE) else []
    names = _names([*named, *(name for one in handed for name in (one.by, one.to)), *colleagues])
    context = {
        "report": told,
        "shifts": shifts,
        "picture": picture(shifts, told.gaps, names, now, until, labelled_by="rota"),
        "swaps": swaps,
        "handed": handed,
        "names": names,
        "me": reader.pseudonym,
        "colleagues": colleagues,
        "may_manage": reader.may(Permission.DUTY_MANAGE),
        "now": now,
        "error": error,
        "said": request.POST if error else {},
    }
    return render(request, "console/duty.html", context, status=400 if error else 200)


def _report(request: HttpRequest, now: datetime, shift: rota.Shift | None) -> Report:
    """Return the report of a shift, of cases within the reader's reach; nothing of cases for who may see none."""
    here, reader = process(), account(request)
    register, reach = here.answers.register.get(), reader.reach(Permission.CASES_READ)
    seen = cases.visible(reach, register, EVERY) if reach else []
    return report(here.installation, register, seen, now, shift)


def _names(pseudonyms: Iterable[str]) -> dict[str, str]:
    """Return the logins of colleagues who are on call."""
    return {one: people.login_of(process().installation, one) for one in set(pseudonyms)}


def _colleagues() -> list[str]:
    """Return who may be put on call: whoever may stop a transfer."""
    return [one.pseudonym for one in accounts.every() if one.may(Permission.PLAYBOOKS_RUN)]


def _plan(request: HttpRequest, who: str) -> None:
    begins, hours, count = (asking.text(request.POST, name) for name in ("begins", "hours", "count"))
    moment = asking.moment(request.POST, "begins")
    chosen = [one for one in request.POST.getlist("person") if one in _colleagues()]
    if moment is None or not hours.isdecimal() or not count.isdecimal():
        raise UsageError(_("This is no number."), where=f"{begins} {hours} {count}"[:80], expected="24; 14")
    length = timedelta(hours=min(int(hours), 10_000))
    rota.plan(chosen, moment, length, min(int(count), rota.MOST_SHIFTS + 1), who=who)


def _remove(request: HttpRequest, who: str) -> None:
    rota.remove(asking.number(request.POST, "shift"), who=who, reason=asking.written(request, "reason"))


def _ask(request: HttpRequest, who: str) -> None:
    to = asking.text(request.POST, "to")
    if to not in _colleagues():
        raise UsageError(_("This is nobody who may be on call."), where=to)
    rota.ask_swap(asking.number(request.POST, "shift"), to, who=who, reason=asking.written(request, "reason"))


def _answer(request: HttpRequest, who: str) -> None:
    rota.answer_swap(asking.number(request.POST, "swap"), request.POST.get("taken") == "yes", who=who)


def _hand_over(request: HttpRequest, who: str) -> None:
    rota.hand_over(asking.written(request, "note"), who=who)


def _take_over(request: HttpRequest, who: str) -> None:
    rota.take_over(asking.number(request.POST, "handover"), who=who)


_ACTS: dict[str, Callable[[HttpRequest, str], None]] = {
    "plan": _plan,
    "remove": _remove,
    "ask": _ask,
    "answer": _answer,
    "hand-over": _hand_over,
    "take-over": _take_over,
}
