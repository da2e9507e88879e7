"""What went wrong, as ``application/problem+json`` (RFC 9457): what, where, what was expected, what to do."""

from __future__ import annotations

import sys
from http import HTTPStatus
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse

from waybill.console.logs import log
from waybill.flow.intake.admission import OverloadedError
from waybill.flow.intake.reception import ForbiddenError
from waybill.flow.intake.senders import ConflictError
from waybill.model.errors import BombError, BusyError, StorageError, WaybillError

_STATUS: tuple[tuple[type[WaybillError], HTTPStatus], ...] = (
    (OverloadedError, HTTPStatus.TOO_MANY_REQUESTS),
    (BusyError, HTTPStatus.SERVICE_UNAVAILABLE),
    (StorageError, HTTPStatus.SERVICE_UNAVAILABLE),
    (ForbiddenError, HTTPStatus.FORBIDDEN),
    (ConflictError, HTTPStatus.CONFLICT),
    (BombError, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
)
"""The status of each kind of error; of the others it is 400. The first that fits counts."""

_RETRY = {HTTPStatus.TOO_MANY_REQUESTS: "1", HTTPStatus.SERVICE_UNAVAILABLE: "10"}
"""Seconds after which to try again."""


class Refusal(WaybillError):  # noqa: N818  an answer, not a fault
    """A request that is refused with a status of its own."""

    def __init__(self, status: HTTPStatus, what: str, *, where: str = "", expected: str = "", advice: str = "") -> None:
        super().__init__(what, where=where, expected=expected, advice=advice)
        self.status = status


def problem(status: HTTPStatus, what: str, *, where: str = "", expected: str = "", advice: str = "") -> HttpResponse:
    """Return the answer that tells a problem."""
    told = {"detail": what, "where": where, "expected": expected, "advice": advice}
    said: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": status.value}
    said |= {name: text for name, text in told.items() if text}
    response = HttpResponse(msgspec.json.encode(said), content_type="application/problem+json", status=status)
    if status in _RETRY:
        response["Retry-After"] = _RETRY[status]
    if status is HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="waybill"'
    return response


def status_of(error: WaybillError) -> HTTPStatus:
    """Return the status that an error is answered with."""
    if isinstance(error, Refusal):
        return error.status
    return next((one for kind, one in _STATUS if isinstance(error, kind)), HTTPStatus.BAD_REQUEST)


def of_error(_request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """Return the answer for an error that a view raised. What concerns the service alone is logged, not told."""
    if not isinstance(error, WaybillError):
        return failed(_request)
    status = status_of(error)
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        log().error("storage", what=error.what, where=error.where, advice=error.advice)
        return problem(status, "this cannot be kept now", advice="send it again later; the service's log says more")
    return problem(status, error.what, where=error.where, expected=error.expected, advice=error.advice)


def not_found(_request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the answer for a path that leads nowhere."""
    return problem(HTTPStatus.NOT_FOUND, "there is nothing here", advice="/api/v1/openapi.json says what there is")


def failed(_request: HttpRequest) -> HttpResponse:
    """Return the answer for a failure of our own, which Django is just handling."""
    log().error("failed", exc_info=sys.exc_info())
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "the service failed", advice="its log says more")
