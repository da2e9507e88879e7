"""The rulebook: what of the law is on file, how each part stands, what changes soon; a person verifies it here."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from waybill.access.roles import Permission
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages import asking
from waybill.console.process import process
from waybill.flow.law import verifying
from waybill.flow.law.rule_set import facts_fault
from waybill.model.errors import RuleError
from waybill.rulebook import Rulebook
from waybill.rulebook.standing import Status
from waybill.rulebook.telling import told_rule

SOON = timedelta(days=90)
"""How far ahead changes are shown."""
REVIEW = timedelta(days=365)
"""After how long what was verified here is to be looked at again."""
LONGEST = 20_000
"""Characters of the text of an article."""


@needs(Permission.RULEBOOK_READ)
def law(request: HttpRequest) -> HttpResponse:
    """Show instruments with their rules, deadlines and gradings, and what changes soon."""
    return _shown(request)


@needs(Permission.RULEBOOK_VERIFY, recently="rulebook")
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Keep that somebody held a rule against the text of its source."""
    rule, source = asking.text(request.POST, "rule"), asking.text(request.POST, "source")
    quote = request.POST.get("quote", "").replace("\0", "").strip()[:LONGEST]
    try:
        verifying.verify(process().installation, rule, quote, source, REVIEW, who=account(request).pseudonym)
    except RuleError as error:
        return _shown(request, error)
    return redirect("rulebook")


def _shown(request: HttpRequest, error: RuleError | None = None) -> HttpResponse:
    here, today = process(), datetime.now(UTC).date()
    book = here.installation.law.current()
    standings = book.standings(today, today)
    words, only = asking.text(request.GET, "text").casefold(), asking.text(request.GET, "standing")
    found = [
        (instrument, said, told_rule(book, said, standings[said.id]))
        for instrument, said in book.provisions.values()
        if words in f"{said.id} {said.says.en} {said.says.zh} {instrument.name.en} {instrument.name.zh}".casefold()
        and (only == "" or standings[said.id].verified is (only == "verified"))
    ]
    context = {
        "instruments": [(one, list(rows)) for one, rows in groupby(found, key=lambda row: row[0])],
        "soon": [
            (said, standings[said.id])
            for _, said in book.provisions.values()
            if (until := standings[said.id].until) is not None and today <= until <= today + SOON
        ],
        "lapsed": [
            told_rule(book, said, standings[said.id])
            for _, said in book.provisions.values()
            if standings[said.id].status is Status.LAPSED
        ],
        **_counted(book, today),
        "digest": book.digest,
        "fault": here.installation.law.fault or facts_fault(here.installation),
        "may_verify": account(request).may(Permission.RULEBOOK_VERIFY),
        "asked": {name: asking.text(request.GET, name) for name in ("text", "standing")},
        "error": error,
    }
    return render(request, "console/law.html", context, status=400 if error else 200)


def _counted(book: Rulebook, today: date) -> dict[str, int]:
    """Return how many rules, deadlines and gradings there are, and how many of each nobody has verified."""
    standings = book.standings(today, today)
    kinds: dict[str, Collection[str]] = {"rules": book.rules, "deadlines": book.deadlines, "gradings": book.gradings}
    counted = {kind: len(among) for kind, among in kinds.items()}
    return counted | {
        f"unverified_{kind}": sum(not standings[id].verified for id in among) for kind, among in kinds.items()
    }
