"""How GS1's interface is answered: what is wrong in the standard's words, pages, versions."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.http import HttpRequest, HttpResponse

from waybill.console.problems import Refusal, problem
from waybill.console.process import process
from waybill.epcis import kept
from waybill.epcis.answering import TooManyError
from waybill.epcis.drafts import ENCODER
from waybill.epcis.query import MOST, QueryParameterError
from waybill.epcis.store import Store
from waybill.model.errors import BusyError, InputError, StorageError, UsageError

BASE = "/api/v1/epcis/v2"
"""Where the interface is."""

PER_PAGE = 30
PAGING = frozenset(["perPage", "nextPageToken"])
"""Parameters that are no conditions."""

_VERSIONS = {"GS1-EPCIS-Version": "2.0.0", "GS1-EPCIS-Min": "1.2", "GS1-EPCIS-Max": "2.0.0", "GS1-CBV-Version": "2.0.0"}
_KINDS: tuple[tuple[type[Exception], str, HTTPStatus], ...] = (
    (QueryParameterError, "QueryParameterException", HTTPStatus.BAD_REQUEST),
    (TooManyError, "QueryTooLargeException", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (kept.NameTakenError, "DuplicateNameException", HTTPStatus.CONFLICT),
    (UsageError, "SubscriptionControlsException", HTTPStatus.FORBIDDEN),
    (InputError, "ValidationException", HTTPStatus.BAD_REQUEST),
)
View = Callable[..., HttpResponse]
"""Answers a request."""


def told(view: View) -> View:
    """Wrap a view: what is wrong is told in the standard's words, and each answer says which versions it speaks."""

    @wraps(view)
    def answering(request: HttpRequest, **path: str) -> HttpResponse:
        try:
            response = view(request, **path)
        except (BusyError, StorageError, Refusal):
            raise
        except (InputError, UsageError) as error:
            response = failed(error)
        for name, value in _VERSIONS.items():
            response[name] = value
        return response

    return answering


def paging(request: HttpRequest) -> tuple[int, str]:
    """Return how many a page was asked for, and after what. Raises QueryParameterError."""
    said = request.GET.get("perPage", str(PER_PAGE))
    if not (said.isascii() and said.isdigit() and len(said) < 6 and 1 <= int(said) <= MOST):
        raise QueryParameterError("perPage", "no such number of events", f"1 to {MOST}")
    return int(said), request.GET.get("nextPageToken", "")


def linked(request: HttpRequest, response: HttpResponse, token: str) -> HttpResponse:
    """Return the answer with the way to the next page, if there is one."""
    if token:
        asked = [(key, value) for key in request.GET for value in request.GET.getlist(key) if key != "nextPageToken"]
        response["Link"] = f'<{request.path}?{urlencode([*asked, ("nextPageToken", token)])}>; rel="next"'
    return response


def store() -> Store:
    """Return the file of events."""
    return process().installation.custody_store


def there(found: Any, name: str) -> Any:
    """Return what was found. Raises Refusal (404) for nothing."""
    if found is None:
        raise Refusal(HTTPStatus.NOT_FOUND, "there is nothing of this name", where=name[:200])
    return found


def gone(found: bool, name: str) -> HttpResponse:
    """Return the answer to a removal."""
    there(True if found else None, name)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def in_json(value: Any, kind: str = "application/json", status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    """Return a value as an answer."""
    return HttpResponse(ENCODER.encode(value), content_type=kind, status=status)


def problem_of(error: InputError | UsageError) -> dict[str, Any]:
    """Return an error as the standard tells it."""
    kind, status = next((kind, status) for type_, kind, status in _KINDS if isinstance(error, type_))
    where = f" ({error.where})" if error.where else ""
    said = {"type": f"epcisException:{kind}", "title": error.what, "status": int(status)}
    return said | {"detail": f"{error.what}{where}: expected {error.expected}"}


def failed(error: InputError | UsageError) -> HttpResponse:
    """Return the answer that tells an error."""
    found = problem_of(error)
    status = HTTPStatus(found["status"])
    response = problem(status, error.what, where=error.where, expected=error.expected, advice=error.advice)
    body = msgspec.json.decode(response.content) | {"type": found["type"]}
    response.content = msgspec.json.encode(body)
    return response
