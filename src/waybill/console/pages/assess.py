"""May I? A planned transfer, asked about until the rules on file decide: only what is still needed is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from waybill.access.roles import Permission
from waybill.console.assessing import FIRST, LAST
from waybill.console.entrance.permitting import account, needs
from waybill.console.pages import asking
from waybill.console.process import process
from waybill.flow.law import assessments
from waybill.model.errors import UsageError
from waybill.model.findings import Text
from waybill.rulebook import assess as made_of
from waybill.rulebook.facts import Fact, Value, read_facts, vocabulary
from waybill.rulebook.telling import OUTCOMES, REGIMES, ToldAnswer, told

BEGINNING = ("from_country", "to_country", "personal_data", "important_data", "cn_listed", "us_person",
             "eu_personal_data", "secrecy_class")  # fmt: skip
"""Facts that are asked for first: by them most regimes have nothing to say, or something."""

ASKED = 2
"""Questions of one regime that are asked together: each answer may make others needless."""


@dataclass(frozen=True, slots=True)
class Known:
    """A fact as it was given, and the address of the same question without it."""

    fact: Fact
    value: Value
    without: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One regime's answer, with its name and its outcomes in words."""

    answer: ToldAnswer
    regime: Text
    outcomes: tuple[Text, ...]
    """One if it is decided, else all that are possible."""


@needs(Permission.TRANSFERS_ASSESS)
def assess(request: HttpRequest) -> HttpResponse:
    """Show what the rules say of what is known, and ask for what is not."""
    given = _given(request.GET)
    facts: dict[str, Value] = {}
    error, status, day = None, 200, datetime.now(UTC).date()
    try:
        day = _day(request.GET) or day
        facts = read_facts(given)
    except UsageError as fault:
        error, status = fault, 400
    book = process().answers.law.get()
    answers: tuple[ToldAnswer, ...] = ()
    if facts:
        answers = told(book, made_of(book, facts, day, datetime.now(UTC).date())).answers
    context = {
        "answers": [_shown(answer) for answer in answers],
        "known": _known(request, given, facts),
        "questions": _questions(answers, facts) if not error else [],
        "given": given,
        "day": day,
        "address": urlencode({**given, "day": str(day)}),
        "record": asking.text(request.GET, "record"),
        "error": error,
    }
    return render(request, "console/assess.html", context, status=status)


@needs(Permission.TRANSFERS_ASSESS)
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the answer in the ledger."""
    here, today = process(), datetime.now(UTC).date()
    given, day = _given(request.POST), _day(request.POST) or today
    facts = read_facts(given)
    made = made_of(here.answers.law.get(), facts, day, today)
    (record,) = assessments.keep(here.installation, [(facts, made)], who=account(request).pseudonym)
    return redirect(f"{reverse('assess')}?{urlencode({**given, 'day': str(day), 'record': record})}")


def _given(values: QueryDict) -> dict[str, str]:
    return {name: said for name in vocabulary() if (said := asking.text(values, name))}


def _day(values: QueryDict) -> date | None:
    said = asking.text(values, "day")
    if not said:
        return None
    try:
        day = date.fromisoformat(said)
    except ValueError:
        day = date.min
    if not FIRST <= day <= LAST:
        raise UsageError(_("This is no day."), where=f"day={said[:40]}", expected="2026-11-11")
    return day


def _known(request: HttpRequest, given: dict[str, str], facts: dict[str, Value]) -> list[Known]:
    """Return what was given, as far as it could be read."""
    rest = {name: said for name in ("day",) if (said := asking.text(request.GET, name))}
    return [
        Known(vocabulary()[name], facts[name], urlencode({**{one: given[one] for one in given if one != name}, **rest}))
        for name in given
        if name in facts
    ]


def _questions(answers: tuple[ToldAnswer, ...], facts: dict[str, Value]) -> list[Fact]:
    """Return what to ask for next: at first what most depends on, then the first that each open regime needs."""
    first = [name for name in BEGINNING if name not in facts] if not answers else []
    needed = [name for answer in answers for name in list(answer.questions)[:ASKED]]
    return [vocabulary()[name] for name in dict.fromkeys(first or needed)]


def _shown(answer: ToldAnswer) -> Shown:
    regime = REGIMES.get(answer.regime) or Text(answer.regime, answer.regime)
    outcomes = (answer.outcome,) if answer.outcome else answer.possible
    return Shown(answer, regime, tuple(OUTCOMES[outcome] for outcome in outcomes))
