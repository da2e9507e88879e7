"""Assessments over HTTP: what the rules on file say of a planned transfer."""

from __future__ import annotations

from datetime import UTC, date, datetime
from http import HTTPStatus

import msgspec
from django.http import HttpRequest, HttpResponse

from waybill.access.scopes import Scope
from waybill.collect.plan import MEBIBYTE
from waybill.console.bearer import token_of
from waybill.console.body import read_body
from waybill.console.problems import Refusal
from waybill.console.process import process
from waybill.flow.law import assessments
from waybill.rulebook import assess
from waybill.rulebook.facts import Value, read_facts
from waybill.rulebook.telling import told

MOST_BYTES = MEBIBYTE
FIRST, LAST = date(1990, 1, 1), date(2100, 12, 31)


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A planned transfer: its facts by name, and the day; without one, today."""

    facts: dict[str, Value | None]
    name: str = ""
    day: date | None = None
    known: date | None = None
    """Only what was public on this day counts; without one, today."""
    keep: bool = False
    """Whether the answer becomes a record of the ledger; the token needs the scope ``record`` for that."""


def assessing(request: HttpRequest) -> HttpResponse:
    """Tell what each regime says: its outcome, or what is possible and what to ask; why; what would change it."""
    here, today = process(), datetime.now(UTC).date()
    plan = _plan(read_body(request, here.reception.limits, MOST_BYTES, lambda size: None))
    token = token_of(request)
    if plan.keep and Scope.RECORD not in token.scopes:
        expected = f"a token with scope {Scope.RECORD}"
        raise Refusal(HTTPStatus.FORBIDDEN, "the token does not allow to keep this", where=token.id, expected=expected)
    facts, book = read_facts(plan.facts), here.answers.law.get()
    made = assess(book, facts, plan.day or today, plan.known or today)
    (record,) = assessments.keep(here.installation, [(facts, made)], who=token.id) if plan.keep else ("",)
    return HttpResponse(msgspec.json.encode(told(book, made, plan.name, record)), content_type="application/json")


def _plan(content: bytes) -> Plan:
    try:
        plan = msgspec.json.decode(content, type=Plan)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal(HTTPStatus.BAD_REQUEST, f"the body is no plan: {error}", expected='{"facts": {…}}') from None
    for day in (plan.day, plan.known):
        if day is not None and not FIRST <= day <= LAST:
            raise Refusal(HTTPStatus.BAD_REQUEST, "a day is out of range", where=f"{day}", expected="1990 to 2100")
    return plan
