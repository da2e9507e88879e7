"""Where the operations of GS1's interface are, and how they are described."""

from __future__ import annotations

from typing import Any

from ninja import Router

from waybill.console import custody
from waybill.console.bearer import Bearer
from waybill.console.custody_answers import View
from waybill.console.describing import query, raw_body, told

_ANSWER: dict[str, Any] = {"application/json": {"schema": {}}, "application/ld+json": {"schema": {}}}
_PAGING = [query("perPage", "Events a page, at most 1000."), query("nextPageToken", "Of the link to the next page.")]
_NAMED = ("eventType", "GE_eventTime", "EQ_bizStep", "MATCH_epc")
_QUERY = [query(name, "As others of EPCIS 2.0, section 8.2.7; several values joined by `|`.") for name in _NAMED]


def _described(meaning: str, status: int = 200, *problems: int, body: bool = False, ask: Any = ()) -> dict[str, Any]:
    content = {"content": _ANSWER} if status == 200 else {}
    found: dict[str, Any] = {
        "responses": {status: {"description": meaning, **content}, **told(401, 403, *problems)},
        "parameters": list(ask),
    }
    return found | ({"requestBody": raw_body(custody.TYPES)} if body else {})


def custody_router(sends: Bearer, reads: Bearer, keeps: Bearer) -> Router:
    """Return the routes of GS1's interface; capturing, reading and keeping what is asked need scopes of their own."""
    router = Router(tags=["EPCIS 2.0"])
    kept = (custody.add_query, custody.remove_query, custody.subscribe, custody.unsubscribe)
    auths = {custody.capture: sends, custody.add_event: sends, **dict.fromkeys(kept, keeps)}

    def add(method: str, path: str, view: View, **more: Any) -> None:
        auth = auths.get(view, reads)
        summary = (view.__doc__ or "").partition(".")[0].partition(":")[0]
        getattr(router, method)(path, auth=auth, summary=summary, **more)(view)

    page = {"openapi_extra": _described("A page", 200, 400, ask=_PAGING)}
    asked = {"openapi_extra": _described("Events", 200, 400, 404, 413, ask=[*_PAGING, *_QUERY])}
    one = {"openapi_extra": _described("It", 200, 404)}
    gone = {"openapi_extra": _described("It is gone", 204, 404)}
    sent = (400, 403, 409, 411, 413, 415, 429, 503)
    add("post", "/capture", custody.capture, openapi_extra=_described("All are durable", 202, *sent, body=True))
    add("get", "/capture", custody.capture_jobs, **page)
    add("get", "/capture/{capture_id}", custody.capture_job, **one)
    add("post", "/events", custody.add_event, openapi_extra=_described("It is durable", 201, *sent, body=True))
    add("get", "/events", custody.events, **asked)
    add("get", "/events/{path:event_id}", custody.event, **one)
    add("get", "/queries", custody.queries, **page)
    named = _described("It is kept", 201, 400, 409, 411, 413, body=True)
    add("post", "/queries", custody.add_query, openapi_extra=named)
    add("get", "/queries/{query_name}", custody.query, **one)
    add("delete", "/queries/{query_name}", custody.remove_query, **gone)
    add("get", "/queries/{query_name}/events", custody.query_events, **asked)
    add("get", "/queries/{query_name}/subscriptions", custody.subscriptions, **one)
    subscribed = _described("It is kept", 201, 400, 404, 411, 413, body=True)
    add("post", "/queries/{query_name}/subscriptions", custody.subscribe, openapi_extra=subscribed)
    add("get", "/queries/{query_name}/subscriptions/{subscription_id}", custody.subscription, **one)
    add("delete", "/queries/{query_name}/subscriptions/{subscription_id}", custody.unsubscribe, **gone)
    add("get", "/{resource}", custody.resources, openapi_extra=_described("Names", 200, 400, 404, ask=_PAGING))
    add("get", "/{resource}/{path:name}/events", custody.events_of, **asked)
    return router
