"""Transfers: what moved, by whatever one asks for; one of them with everything that its source said."""

from __future__ import annotations

from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST

from waybill.access import kept_views
from waybill.access.models import User
from waybill.access.roles import Permission
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages import asking
from waybill.console.pages.attachments import attachment
from waybill.console.process import process
from waybill.flow import exporting, inquiry, movements
from waybill.flow.exits import Exit, leave
from waybill.flow.exporting import Form
from waybill.flow.questions import Wanted
from waybill.model.transfers import COLUMNS
from waybill.model.words import Action, Channel, Grade, Outcome

PAGE = 50
"""Transfers of a page."""

FILTERS = ("since", "until", "actor", "asset", "channel", "action", "outcome", "grade", "to_place", "source")
"""Parameters of the address."""

_SHOWN_ABOVE = ("id", "fields", "raw")
"""Columns that the page of one transfer shows elsewhere than in its table of columns."""


_TYPES = {Form.CSV: "text/csv; charset=utf-8", Form.PARQUET: "application/vnd.apache.parquet"}


@needs(Permission.TRANSFERS_READ)
def transfers(request: HttpRequest) -> HttpResponse:
    """Show a page of transfers, newest first."""
    here, asked = process(), wanted(request, request.GET)
    page = movements.page(
        here.installation, here.answers.register.get(), asked, limit=PAGE, after=asking.text(request.GET, "after")
    )
    context = {
        "page": page,
        "asked": {name: asking.text(request.GET, name) for name in FILTERS},
        "kept": asking.kept(request, FILTERS),
        "views": kept_views.of(cast(User, request.user), "transfers"),
        "words": {"channel": list(Channel), "action": list(Action), "outcome": list(Outcome), "grade": list(Grade)},
        "sources": [source.name for source in here.answers.overview.get().report.scope.sources],
        "is_first": "after" not in request.GET,
        "may_export": account(request).may(Permission.RECORDS_EXPORT),
        "most": exporting.MOST,
    }
    return render(request, "console/transfers.html", context)


@needs(Permission.TRANSFERS_READ)
def count(request: HttpRequest) -> HttpResponse:
    """Say how many transfers fit; asked by the page once it is there."""
    here = process()
    number = movements.count(here.installation, here.answers.register.get(), wanted(request, request.GET))
    return render(request, "console/transfers_count.html", {"number": number})


@needs(Permission.TRANSFERS_READ)
def transfer(request: HttpRequest, id: str) -> HttpResponse:
    """Show one transfer whole, and the findings that rest on it."""
    here = process()
    register = here.answers.register.get()
    found = movements.one(here.installation, register, account(request).reach(Permission.TRANSFERS_READ), id)
    if found is None:
        raise Http404
    fits = inquiry.within(account(request).reach(Permission.FINDINGS_READ), register)
    context = {
        "transfer": found,
        "columns": _columns(found),
        "findings": movements.findings_of(id, fits),
    }
    return render(request, "console/transfer.html", context)


@needs(Permission.RECORDS_EXPORT)
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """Send the transfers asked for as a file, if a permit covers that; it is kept that they left."""
    here, register = process(), process().answers.register.get()
    asked = wanted(request, request.GET, Permission.RECORDS_EXPORT)
    form = asking.word(request.POST, "form", Form) or Form.CSV
    purpose, to_place = asking.written(request, "purpose"), asking.written(request, "to_place")
    made = exporting.export(here.installation, register, asked, purpose=purpose, form=form)
    leaving = Exit(
        asset="waybill:transfers",
        who=account(request).pseudonym,
        to_place=to_place,
        purpose=purpose,
        records=made.transfers,
        bytes=len(made.content),
    )
    leave(here.installation, register, leaving)
    return attachment(made.content, f"transfers.{form}", _TYPES[form])


def wanted(request: HttpRequest, values: QueryDict, permission: Permission = Permission.TRANSFERS_READ) -> Wanted:
    """Return what is asked for, within what the reader may see or take. Raises UsageError for what cannot be read."""
    reach = account(request).reach(permission)
    return Wanted(
        since=asking.moment(values, "since"),
        until=asking.moment(values, "until"),
        actor=asking.text(values, "actor") or None,
        asset=asking.text(values, "asset") or None,
        channel=asking.word(values, "channel", Channel),
        action=asking.word(values, "action", Action),
        outcome=asking.word(values, "outcome", Outcome),
        grade=asking.word(values, "grade", Grade),
        to_place=asking.text(values, "to_place") or None,
        source=asking.text(values, "source") or None,
        within=movements.within(reach),
    )


def _columns(found: movements.Movement) -> list[tuple[str, Any, str]]:
    """Return the columns that hold something, each with its name, value and meaning."""
    shown = (column for column in COLUMNS if column.name not in _SHOWN_ABOVE)
    values = ((column.name, found.columns[column.name], column.meaning) for column in shown)
    return [(name, value, meaning) for name, value, meaning in values if value not in (None, "")]
