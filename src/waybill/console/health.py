"""How the service is: alive, ready, and in figures."""

from __future__ import annotations

from http import HTTPStatus

from django.db import connection
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from waybill.access.scopes import Scope
from waybill.console import figures
from waybill.console.bearer import Bearer
from waybill.console.problems import of_error, problem
from waybill.console.process import process
from waybill.control import storage_faults
from waybill.flow.installation import Installation
from waybill.model.errors import WaybillError

_may_read_metrics = Bearer(Scope.METRICS)


def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer that the process is alive."""
    return HttpResponse("alive\n", content_type="text/plain")


def readyz(_request: HttpRequest) -> HttpResponse:
    """Answer whether batches can be kept now: the database answers, and the log has room (200, else 503)."""
    try:
        with storage_faults(), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except WaybillError as error:
        return of_error(_request, error)
    if process().reception.is_full:
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "the write-ahead log is full", advice="see `max_log_mb`")
    return HttpResponse("ready\n", content_type="text/plain")


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer figures in Prometheus' text format; asks for a token with scope ``metrics``."""
    try:
        _may_read_metrics(request)
        here = process()
        batches, size = here.reception.admission.in_hand
        status = here.installation.lake.status()
        _set_tasks(here.installation)
    except WaybillError as error:
        return of_error(request, error)
    figures.WAITING_BATCHES.set(batches)
    figures.WAITING_BYTES.set(size)
    figures.LOG_ROWS.set(status.waiting_rows)
    figures.LOG_BYTES.set(status.waiting_bytes)
    return HttpResponse(generate_latest(figures.REGISTRY), content_type=CONTENT_TYPE_LATEST)


def _set_tasks(installation: Installation) -> None:
    """Set the figures of what is done by schedule."""
    from waybill.findings.alerting import waiting
    from waybill.flow.tasks.queue import standings

    for one in standings(installation):
        if one.wanted:
            figures.TASK_SUCCEEDED.labels(one.job).set(one.succeeded.timestamp() if one.succeeded else 0)
            figures.TASK_FAILURES.labels(one.job).set(one.failures)
    figures.ALERTS_WAITING.set(waiting())
