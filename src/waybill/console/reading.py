"""What programs may read: transfers, findings, and how the agents stand that send."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Query

from waybill.access.agents import Standing
from waybill.console.bearer import token_of
from waybill.console.problems import Refusal
from waybill.console.process import process
from waybill.findings import queries
from waybill.findings.states import FindingState
from waybill.flow import inquiry, movements, questions
from waybill.flow.sources import SourceStanding
from waybill.model.errors import UsageError
from waybill.model.findings import Finding
from waybill.model.words import Action, Channel, Grade, Outcome, Severity

Limit = Annotated[int, Query(ge=1, le=1000, description="Rows a page.")]
After = Annotated[str, Query(max_length=100, description="`next` of the page before.")]
Since = Annotated[datetime | None, Query(description="From this time (UTC unless it says otherwise).")]
Until = Annotated[datetime | None, Query(description="Before this time.")]
Text = Annotated[str | None, Query(max_length=400)]


class Handled(msgspec.Struct, frozen=True):
    """A finding and how it is handled."""

    finding: Finding
    state: FindingState
    first_seen: datetime
    updated_at: datetime


class FindingPage(msgspec.Struct, frozen=True):
    """Some findings, newest first; ``next`` is empty after the last."""

    findings: list[Handled]
    next: str


class TransferPage(msgspec.Struct, frozen=True):
    """Some transfers, newest first, by columns (docs/reference/columns.md); ``next`` is empty after the last."""

    transfers: list[dict[str, Any]]
    next: str


class Standings(msgspec.Struct, frozen=True):
    """How every agent stands that ever sent anything, and every source that ever told anything."""

    agents: list[Standing]
    sources: list[SourceStanding]


def sources(request: HttpRequest) -> HttpResponse:
    """Tell when each agent last sent, how much, how fast, and which batches are missing; and what each source told."""
    here = process()
    return _json(Standings(here.reception.senders.standings(), here.answers.sources.get()))


def transfers(
    request: HttpRequest,
    since: Since = None,
    until: Until = None,
    actor: Text = None,
    asset: Text = None,
    channel: Channel | None = None,
    action: Action | None = None,
    outcome: Outcome | None = None,
    grade: Grade | None = None,
    to_place: Text = None,
    source: Text = None,
    limit: Limit = 100,
    after: After = "",
) -> HttpResponse:
    """Tell transfers that fit all conditions, newest first; ``asset`` is the beginning of a name.

    They are told as pages tell them: within the token's reach, and without who acted where that is withheld.
    """
    here = process()
    wanted = questions.Wanted(
        since=_utc(since),
        until=_utc(until),
        actor=actor,
        asset=asset,
        channel=channel,
        action=action,
        outcome=outcome,
        grade=grade,
        to_place=to_place,
        source=source,
        within=movements.within(token_of(request).reach),
    )
    page = movements.page(here.installation, here.answers.register.get(), wanted, limit=limit, after=after)
    return _json(TransferPage([one.columns for one in page.items], page.next))


def findings(
    request: HttpRequest,
    since: Since = None,
    until: Until = None,
    severity: Severity | None = None,
    detector: Text = None,
    rule: Text = None,
    subject: Text = None,
    asset: Text = None,
    limit: Limit = 100,
    after: After = "",
) -> HttpResponse:
    """Tell findings that fit all conditions, newest first; ``severity`` is the least.

    They are told as pages tell them, see ``transfers``.
    """
    here = process()
    wanted = queries.Filter(
        since=_utc(since),
        until=_utc(until),
        severity=severity,
        detector=detector or "",
        rule_id=rule or "",
        subject=subject or "",
        asset=asset or "",
    )
    register, reach = here.answers.register.get(), token_of(request).reach
    fits = inquiry.within(reach, register)
    items, mark = inquiry.handled(here.installation, register, wanted, fits=fits, limit=limit, after=after)
    return _json(FindingPage([_handled(one) for one in items], mark))


def finding(request: HttpRequest, id: Annotated[str, "32 hex digits"]) -> HttpResponse:
    """Tell one finding, see ``findings``."""
    here, reach = process(), token_of(request).reach
    register = here.answers.register.get()
    try:
        if len(id) != 32:  # the beginning of an id is for people
            raise UsageError("There is no such finding.")
        return _json(_handled(inquiry.handled_one(here.installation, register, id, inquiry.within(reach, register))))
    except UsageError:
        raise Refusal(HTTPStatus.NOT_FOUND, "there is no such finding", where=id[:32]) from None


def _handled(stored: queries.StoredFinding) -> Handled:
    return Handled(stored.finding, stored.state, stored.first_seen, stored.updated_at)


def _utc(time: datetime | None) -> datetime | None:
    return time if time is None or time.tzinfo else time.replace(tzinfo=UTC)


def _json(value: msgspec.Struct) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(value), content_type="application/json")
