"""Trends: what share is known and what is not, incidents by kind, trade and week, calendars, accounts of publication.

All of it is told of all organisations together, so only to those whose roles reach everywhere; tables are those for
inside the organisation, small cells hidden.
"""

from __future__ import annotations

from functools import partial

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from waybill.access.roles import Permission
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages import asking
from waybill.console.pages.attachments import attachment
from waybill.console.pages.trends_pictures import EFFECTS, Picture, effects, pictures
from waybill.flow.trends import pages as flow
from waybill.flow.trends.pages import Tested
from waybill.model.errors import UsageError
from waybill.trends import account as accounts_of
from waybill.trends.calendars import built_in, calendar
from waybill.trends.plots import as_file
from waybill.trends.remarks import remarks
from waybill.trends.slices import Slice
from waybill.trends.store import sources
from waybill.trends.suppression import Suppressed
from waybill.trends.tables import TRADES
from waybill.trends.vocabulary import vocabulary
from waybill.trends.wording import VERDICTS, table_title, word

FILTERS = ("source", "country", "trade", "action", "since", "until")
"""Parameters of the address."""


@needs(Permission.TRENDS_READ)
def trends(request: HttpRequest) -> HttpResponse:
    """Show the figures of a slice of the incident register."""
    if not account(request).reach(Permission.TRENDS_READ).is_whole:
        return render(request, "console/trends.html", {"may_see": False})
    error = None
    try:
        found = flow.trends(_wanted(request))
    except UsageError as refused:
        error, found = refused, flow.trends(Slice())
    good = found.quality
    context = {
        "may_see": True,
        "found": found,
        "unknown_discovery": f"{good.unknown_discovery / good.records:.1%}" if good.records else "",
        "pictures": pictures(found),
        "tables": [_table(one) for one in found.tables.values()],
        "asked": {name: asking.text(request.GET, name) for name in FILTERS},
        "kept": asking.kept(request, FILTERS),
        "trades": [(one, word(one)) for one in TRADES],
        "actions": [(one, word(one)) for one in sorted(vocabulary().words("action"))],
        "error": error,
    }
    return render(request, "console/trends.html", context, status=400 if error else 200)


@needs(Permission.TRENDS_READ)
def calendars(request: HttpRequest) -> HttpResponse:
    """Hold calendars against a slice, judged together; the lunar new year can be held constant."""
    _check_reach(request)
    found, error = None, None
    try:
        found = _held(request)
    except UsageError as refused:
        error = refused
    context = {
        "found": found,
        "picture": effects(found) if found and found.effects else None,
        "rows": [(one, VERDICTS[one.verdict], 1 / one.found.smallest) for one in found.effects] if found else [],
        "remarks": list(dict.fromkeys(text for one in found.effects for text in remarks(one))) if found else [],
        "refused": found.refused if found else (),
        "calendars": [calendar(name) for name in built_in()],
        "chosen": request.GET.getlist("calendar"),
        "beside": request.GET.getlist("beside"),
        "kept": request.GET.urlencode(),
        "asked": {name: asking.text(request.GET, name) for name in FILTERS},
        "sources": sources(),
        "error": error,
    }
    return render(request, "console/trends_calendars.html", context, status=400 if error else 200)


@needs(Permission.TRENDS_READ)
def accounts(request: HttpRequest) -> HttpResponse:
    """Show the accounts of privacy with their releases."""
    return _accounts(request)


@needs(Permission.TRENDS_SIGN)
@require_POST
def sign(request: HttpRequest, number: int) -> HttpResponse:
    """Consent to a release."""
    _check_reach(request)
    try:
        accounts_of.sign(number, who=account(request).pseudonym)
    except UsageError as error:
        return _accounts(request, error)
    return redirect("trends-account")


@needs(Permission.TRENDS_READ)
def picture(request: HttpRequest, name: str) -> HttpResponse:
    """Send a picture as a file."""
    return attachment(as_file(_picture(request, name).picture), f"{name}.svg", "image/svg+xml")


@needs(Permission.TRENDS_READ)
def table(request: HttpRequest, name: str) -> HttpResponse:
    """Send the figures of a picture as a file; a hidden cell is empty."""
    return attachment(_picture(request, name).csv, f"{name}.csv", "text/csv; charset=utf-8")


def _picture(request: HttpRequest, name: str) -> Picture:
    """Return a picture by its name. Raises Http404 where there is none."""
    _check_reach(request)
    if name == EFFECTS:
        held = _held(request)
        found = [effects(held)] if held and held.effects else []
    else:
        found = [one for one in pictures(flow.trends(_wanted(request))) if one.name == name]
    if not found:
        raise Http404
    return found[0]


def _held(request: HttpRequest) -> Tested | None:
    """Hold the calendars that are asked for against the slice; None where none is."""
    names, beside = ([one for one in request.GET.getlist(name) if one in built_in()] for name in ("calendar", "beside"))
    return flow.held(_wanted(request), names, beside=beside) if names else None


def _accounts(request: HttpRequest, error: UsageError | None = None) -> HttpResponse:
    _check_reach(request)
    reader = account(request)
    context = {
        "standings": accounts_of.standings(),
        "may_sign": reader.may(Permission.TRENDS_SIGN),
        "me": reader.pseudonym,
        "error": error,
    }
    return render(request, "console/trends_account.html", context, status=400 if error else 200)


def _check_reach(request: HttpRequest) -> None:
    """Raise PermissionDenied unless the reader may see what is told of all organisations together."""
    if not account(request).reach(Permission.TRENDS_READ).is_whole:
        raise PermissionDenied


def _wanted(request: HttpRequest) -> Slice:
    text = partial(asking.text, request.GET)
    since, until = (asking.moment(request.GET, name) for name in ("since", "until"))
    action, trade = text("action"), text("trade")
    if action and action not in vocabulary().words("action"):
        raise UsageError(_("This is no word known here."), where=action[:40])
    if trade and trade not in TRADES:
        raise UsageError(_("This is no word known here."), where=trade[:40])
    return Slice(
        source=text("source"),
        country=text("country").upper()[:2],
        trade=trade,
        action=action,
        since=since.date() if since else None,
        until=until.date() if until else None,
    )


def _table(found: Suppressed) -> dict[str, object]:
    """Return a table as the page shows it."""
    rows = zip(found.table.rows, flow.shown(found), strict=True)
    return {
        "title": table_title(found.table.name),
        "columns": [word(one) for one in found.table.columns],
        "rows": [(word(row), cells) for row, cells in rows],
        "hidden": int(found.hidden.sum()),
        "share": found.share_hidden,
    }
