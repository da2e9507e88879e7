"""What every request passes first: the host it calls, headers of the answer, the log and the figures."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

from waybill.console import figures
from waybill.console.logs import log
from waybill.console.problems import problem
from waybill.console.process import process

Answering = Callable[[HttpRequest], HttpResponse]

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",  # with less, browsers send forms as from nowhere, and Django refuses them
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Of every answer that does not say otherwise itself (OWASP Secure Headers)."""


YEAR = 365 * 24 * 3600
"""Seconds for which a browser that came by TLS comes by nothing else (RFC 6797)."""

BODILESS = frozenset({"GET", "HEAD"})


def guarded(answer: Answering) -> Answering:
    """Wrap what answers requests (a Django middleware)."""

    def guard(request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        with process().answering(whole=request.method in BODILESS):
            response = _refusal(request) or answer(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.is_secure():
            response.headers["Strict-Transport-Security"] = f"max-age={YEAR}"
        _count(request, response, time.perf_counter() - begun)
        return response

    return guard


def _refusal(request: HttpRequest) -> HttpResponse | None:
    """Return what to answer a request that is not to be answered otherwise."""
    if process().ending:
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "the service is stopping", advice="send the request again later")
    try:
        request.get_host()
    except DisallowedHost:
        advice = "set `serve_names` to the name that clients use"
        return problem(HTTPStatus.BAD_REQUEST, "this service does not go by that name", advice=advice)
    return None


def _count(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """Count and log a request by its route: paths may hold ids, and query strings anything."""
    match = request.resolver_match
    route = f"/{match.route}" if match else "(none)"
    method = request.method if request.method in {"GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"} else "-"
    figures.REQUESTS.labels(method, route, response.status_code).inc()
    figures.SECONDS.labels(route).observe(seconds)
    token = getattr(getattr(request, "auth", None), "id", None)
    level = log().debug if response.status_code < HTTPStatus.BAD_REQUEST else log().info
    account = getattr(getattr(request, "account", None), "pseudonym", None)
    who = {"token": token, "account": account}
    level("request", method=method, route=route, status=response.status_code, ms=round(seconds * 1000), **who)
