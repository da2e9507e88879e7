"""GS1's interface for custody events (EPCIS 2.0, section 12), below ``/api/v1/epcis/v2``."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import msgspec
from django.http import HttpRequest, HttpResponse

from waybill.access.tokens import Token
from waybill.collect.plan import MEBIBYTE
from waybill.console.body import read_body
from waybill.console.custody_answers import (
    BASE,
    PAGING,
    failed,
    gone,
    in_json,
    linked,
    paging,
    problem_of,
    store,
    there,
    told,
)
from waybill.console.problems import Refusal
from waybill.console.process import process
from waybill.epcis import kept
from waybill.epcis.answering import CONTEXT, NAMES, answer, event_of, names, query_document
from waybill.epcis.query import Query, QueryParameterError
from waybill.epcis.transfers import SOURCE
from waybill.flow.custody.capturing import capture_document
from waybill.flow.custody.subscribing import check_destination
from waybill.model.errors import InputError

TYPES = ("application/json", "application/ld+json", "application/xml", "text/xml")
"""Formats that documents come in."""


@told
def capture(request: HttpRequest) -> HttpResponse:
    """Capture a document of events, all of them or none; 202 means that they are durable."""
    token = _may_capture(request)
    behaviour = request.headers.get("GS1-Capture-Error-Behaviour", "rollback")
    if behaviour != "rollback":
        raise InputError("only all or nothing is done", where="GS1-Capture-Error-Behaviour", expected="rollback")
    began = datetime.now(UTC)
    job: dict[str, Any] = {"running": False, "success": True, "captureErrorBehaviour": behaviour}
    refused: InputError | None = None
    try:
        done = _captured(request, token)
        job |= {"eventIDs": done, "errors": []}
    except InputError as error:
        refused = error
        job |= {"success": False, "errors": [problem_of(error)]}
    times = {"createdAt": began.isoformat(), "finishedAt": datetime.now(UTC).isoformat()}
    with store().writing() as database:
        id = kept.add_job(database, job | times, began)
    response = failed(refused) if refused is not None else HttpResponse(status=HTTPStatus.ACCEPTED)
    response["Location"] = f"{BASE}/capture/{id}"
    return response


@told
def capture_jobs(request: HttpRequest) -> HttpResponse:
    """Tell the capture jobs, the newest first."""
    most, after = paging(request)
    with store().reading() as database:
        found = kept.jobs(database, most + 1, int(after) if after.isdecimal() and len(after) < 19 else 0)
    token = str(found[most - 1][0]) if len(found) > most else ""
    return linked(request, in_json([job for _, job in found[:most]]), token)


@told
def capture_job(request: HttpRequest, capture_id: str) -> HttpResponse:
    """Tell how one capture went."""
    with store().reading() as database:
        found = kept.job(database, capture_id)
    return in_json(there(found, capture_id))


@told
def add_event(request: HttpRequest) -> HttpResponse:
    """Capture one event, and answer with where it is."""
    token = _may_capture(request)
    ids = _captured(request, token)
    if len(ids) != 1:
        raise InputError("this is not one event", expected="one event; documents go to /capture")
    response = HttpResponse(status=HTTPStatus.CREATED)
    response["Location"] = f"{BASE}/events/{quote(ids[0], safe='')}"
    return response


@told
def events(request: HttpRequest) -> HttpResponse:
    """Answer a query given as parameters (SimpleEventQuery)."""
    return _answer(request, {})


@told
def event(request: HttpRequest, event_id: str) -> HttpResponse:
    """Tell one event."""
    with store().reading() as database:
        found = event_of(database, event_id)
    body = there(found, event_id)
    context = body.pop("@context", [])
    return in_json({"@context": [CONTEXT, *context], **body}, "application/ld+json")


@told
def resources(request: HttpRequest, resource: str) -> HttpResponse:
    """Tell the names of event types, EPCs, business steps, locations, read points or dispositions."""
    most, after = paging(request)
    if resource not in NAMES:
        raise Refusal(HTTPStatus.NOT_FOUND, "there is nothing here", where=resource[:60])
    with store().reading() as database:
        found, token = names(database, resource, most=most, after=after)
    body = {"@context": [CONTEXT], "type": "Collection", "member": found}
    return linked(request, in_json(body, "application/ld+json"), token)


@told
def events_of(request: HttpRequest, resource: str, name: str) -> HttpResponse:
    """Answer a query among the events of one name."""
    parameter = _PARAMETERS.get(resource)
    if parameter is None:
        raise Refusal(HTTPStatus.NOT_FOUND, "there is nothing here", where=resource[:60])
    return _answer(request, {parameter: [name]})


_PARAMETERS = {
    "eventTypes": "eventType", "epcs": "MATCH_anyEPC", "bizSteps": "EQ_bizStep", "bizLocations": "EQ_bizLocation",
    "readPoints": "EQ_readPoint", "dispositions": "EQ_disposition",
}  # fmt: skip


@told
def queries(request: HttpRequest) -> HttpResponse:
    """Tell the named queries."""
    most, after = paging(request)
    with store().reading() as database:
        found = kept.queries(database, most + 1, after)
    token = str(found[most - 1]["name"]) if len(found) > most else ""
    return linked(request, in_json(found[:most]), token)


@told
def add_query(request: HttpRequest) -> HttpResponse:
    """Keep a query under a name."""
    body = _object(request)
    name, parameters = body.get("name"), body.get("query")
    if not isinstance(name, str) or not isinstance(parameters, dict):
        raise QueryParameterError("name", "the body is no named query", '{"name": …, "query": {…}}')
    with store().writing() as database:
        kept.add_query(database, name, parameters, datetime.now(UTC))
    response = HttpResponse(status=HTTPStatus.CREATED)
    response["Location"] = f"{BASE}/queries/{quote(name, safe='')}"
    return response


@told
def query(request: HttpRequest, query_name: str) -> HttpResponse:
    """Tell a named query."""
    with store().reading() as database:
        found = kept.query_of(database, query_name)
    return in_json({"name": query_name, "query": there(found, query_name)})


@told
def remove_query(request: HttpRequest, query_name: str) -> HttpResponse:
    """Remove a named query and its subscriptions."""
    with store().writing() as database:
        found = kept.remove_query(database, query_name)
    return gone(found, query_name)


@told
def query_events(request: HttpRequest, query_name: str) -> HttpResponse:
    """Answer a named query."""
    with store().reading() as database:
        found = kept.query_of(database, query_name)
    return _answer(request, there(found, query_name), query_name)


@told
def subscriptions(request: HttpRequest, query_name: str) -> HttpResponse:
    """Tell who subscribed to a named query."""
    with store().reading() as database:
        there(kept.query_of(database, query_name), query_name)
        found = [wanted for _, wanted, _ in kept.subscriptions(database, query_name)]
    return in_json(found)


@told
def subscribe(request: HttpRequest, query_name: str) -> HttpResponse:
    """Subscribe to a named query: what is captured from now on and fits is sent to ``dest``."""
    body = _object(request)
    destination = body.get("dest")
    if not isinstance(destination, str):
        raise QueryParameterError("dest", "the subscription says not where to send", '{"dest": "https://…"}')
    check_destination(process().installation, destination)
    wanted = {"dest": destination, "stream": True, "reportIfEmpty": body.get("reportIfEmpty") is True}
    with store().writing() as database:
        there(kept.query_of(database, query_name), query_name)
        id = kept.subscribe(database, query_name, wanted, datetime.now(UTC))
    response = in_json({"subscriptionID": id}, status=HTTPStatus.CREATED)
    response["Location"] = f"{BASE}/queries/{quote(query_name, safe='')}/subscriptions/{id}"
    return response


@told
def subscription(request: HttpRequest, query_name: str, subscription_id: str) -> HttpResponse:
    """Tell one subscription."""
    with store().reading() as database:
        found = [one for _, one, _ in kept.subscriptions(database, query_name)]
    wanted = next((one for one in found if one["subscriptionID"] == subscription_id), None)
    return in_json(there(wanted, subscription_id))


@told
def unsubscribe(request: HttpRequest, query_name: str, subscription_id: str) -> HttpResponse:
    """End a subscription."""
    with store().writing() as database:
        found = kept.unsubscribe(database, query_name, subscription_id)
    return gone(found, subscription_id)


def _captured(request: HttpRequest, token: Token) -> list[str]:
    here = process()
    most = here.installation.settings.max_batch_mb * MEBIBYTE
    with here.reception.admission.admit(token.id) as claim:
        content = read_body(request, here.reception.limits, most, claim)
        done, _ = capture_document(here.installation, content, submitter=token.name)
    return list(done.ids)


def _may_capture(request: HttpRequest) -> Token:
    """Return the token of a request. Raises Refusal if it is for other sources, or the body of another type."""
    token: Token = request.auth  # type: ignore[attr-defined]  # ninja sets it
    if token.sources and SOURCE not in token.sources:
        raise Refusal(HTTPStatus.FORBIDDEN, "the token is for other sources", where=token.id, expected=SOURCE)
    if (request.content_type or "").casefold() not in TYPES:
        what, expected = "this is no format of events", ", ".join(TYPES)
        said = (request.content_type or "")[:100]
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, what, where=said, expected=expected)
    return token


def _answer(request: HttpRequest, given: dict[str, Any], name: str = "SimpleEventQuery") -> HttpResponse:
    """Answer a query of what is given beside the parameters of the request."""
    most, after = paging(request)
    asked = {key: _values(request.GET.getlist(key)) for key in request.GET if key not in PAGING}
    both = asked.keys() & given.keys()
    if both:
        raise QueryParameterError(sorted(both)[0], "this is given already", "other parameters")
    found = Query.parse({**given, **asked})
    with store().reading() as database:
        page = answer(database, found, most=most, after=after)
    document = query_document(page.events, name, datetime.now(UTC))
    return linked(request, in_json(document, "application/ld+json"), page.next)


def _values(said: list[str]) -> Any:
    """Return the values of a parameter: repeated, or joined by ``|``; a single one as it is."""
    values = [one for text in said for one in text.split("|")]
    return values[0] if len(values) == 1 else values


def _object(request: HttpRequest) -> dict[str, Any]:
    here = process()
    content = read_body(request, here.reception.limits, MEBIBYTE, lambda size: None)
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        raise InputError("the body is no JSON object", expected="a JSON object") from None
