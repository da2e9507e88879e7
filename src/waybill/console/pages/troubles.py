"""Faults as pages: what went wrong, where, what was expected, what to do."""

from __future__ import annotations

import sys
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from waybill.console import problems
from waybill.console.logs import log
from waybill.console.problems import Refusal, status_of
from waybill.model.errors import StorageError, WaybillError

_PROGRAMS = ("/api/", "/static/", "/metrics", "/healthz", "/readyz")
"""Beginnings of paths that programs ask for: they are told of faults in JSON."""


class Troubles:
    """Shows errors of ours that a page raised (a Django middleware); the API tells its own."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        return self._answer(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the page for an error of ours; other errors go on to ``failed``."""
        return told(request, error) if isinstance(error, WaybillError) else None


def told(request: HttpRequest, error: WaybillError) -> HttpResponse:
    """Return the page that tells an error. What concerns the service alone is logged, not told."""
    status = status_of(error)
    if isinstance(error, StorageError):
        log().error("storage", what=error.what, where=error.where, advice=error.advice)
        advice = _("Try again in a moment; the service's log says more.")
        error = Refusal(status, _("The data cannot be read now."), advice=advice)
    return page(request, status, error)


def page(request: HttpRequest, status: HTTPStatus, error: WaybillError) -> HttpResponse:
    """Return a page that tells a fault."""
    return render(request, "console/trouble.html", {"status": status, "error": error}, status=status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the answer for a path that leads nowhere."""
    if request.path.startswith(_PROGRAMS):
        return problems.not_found(request, exception)
    what, advice = _("There is nothing here."), _("The address may be mistyped, or what it showed was erased.")
    return page(request, HTTPStatus.NOT_FOUND, WaybillError(what, where=request.path[:200], advice=advice))


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the answer for something that the reader may not do."""
    what, advice = _("You may not do this."), _("Ask an administrator for a role that allows it.")
    return page(request, HTTPStatus.FORBIDDEN, WaybillError(what, where=request.path[:200], advice=advice))


def failed(request: HttpRequest) -> HttpResponse:
    """Return the answer for a failure of our own, which Django is just handling."""
    if request.path.startswith(_PROGRAMS):
        return problems.failed(request)
    log().error("failed", exc_info=sys.exc_info())
    what, advice = _("The service failed."), _("Try again; if it happens again, the service's log says more.")
    return page(request, HTTPStatus.INTERNAL_SERVER_ERROR, WaybillError(what, advice=advice))
