"""What requests for pages pass on their way in; those of programs, which show tokens, go straight on."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.locale import LocaleMiddleware

from waybill.console.entrance.permitting import entry_of
from waybill.console.problems import problem

Answering = Callable[[HttpRequest], HttpResponse]

PROGRAMS = ("/api/", "/healthz", "/readyz", "/metrics", "/static/")
"""How the paths begin that have no session."""

IDLE_SECONDS = 30 * 60
"""Time after which somebody who does nothing signs in anew."""

_NOTED_SECONDS = 60
"""How exactly that is measured: a session is written so often at most."""

_BEGUN, _SEEN = "begun", "seen"

CONTENT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may load and send (W3C Content Security Policy): files of ours, and nothing written into the page."""


def _secured(answer: Answering) -> Answering:
    """Say what a page may load, and show it over TLS alone where others than this machine reach the service."""

    def secure(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_SECURE and not request.is_secure():
            advice = "ask the proxy by https; it says so by the header X-Forwarded-Proto"
            return problem(HTTPStatus.FORBIDDEN, "pages are shown over TLS alone", advice=advice)
        response = answer(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT)
        return response

    return secure


def _ending(answer: Answering) -> Answering:
    """End the session of somebody who does nothing for a while, and every session after some hours.

    What a page asks for by itself does not count as doing something.
    """

    def watched(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(time.time())
            begun, seen = request.session.setdefault(_BEGUN, now), request.session.setdefault(_SEEN, now)
            if now - seen > IDLE_SECONDS or now - begun > settings.SESSION_COOKIE_AGE:
                logout(request)
            elif now - seen > _NOTED_SECONDS and not _by_itself(request):
                request.session[_SEEN] = now
        return answer(request)

    return watched


def _by_itself(request: HttpRequest) -> bool:
    """Return whether a page asked, not its reader (htmx says so)."""
    return request.method == "GET" and "HX-Request" in request.headers and "HX-Boosted" not in request.headers


_INNER: tuple[Callable[[Any], Any], ...] = (
    _secured,
    SessionMiddleware,
    CsrfViewMiddleware,
    AuthenticationMiddleware,
    _ending,
    MessageMiddleware,
    LocaleMiddleware,
)
"""What pages need, from the outside in. Of these, that against forged forms alone looks at the view as well."""


def for_pages(answer: Answering) -> Answering:
    """Wrap what answers requests (a Django middleware): all that pages need, which costs programs one comparison."""
    inner = answer
    for make in reversed(_INNER):
        inner = make(inner)
    forged = CsrfViewMiddleware(answer)

    def passing(request: HttpRequest) -> HttpResponse:
        within: Answering = answer if request.path_info.startswith(PROGRAMS) else inner
        return within(request)

    def process_view(request: HttpRequest, view: Any, arguments: Any, named: Any) -> HttpResponse | None:
        if request.path_info.startswith(PROGRAMS):
            return None
        if entry_of(view) is None:
            raise PermissionDenied  # it does not say whom it is for
        return forged.process_view(request, view, arguments, named)

    passing.process_view = process_view  # type: ignore[attr-defined]  # where Django looks for it
    return passing
