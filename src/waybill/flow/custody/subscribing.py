"""Sends what is new to those who subscribed to a named query, to addresses that the settings allow."""

from __future__ import annotations

import urllib.error
import urllib.request
from datetime import UTC, datetime
from typing import Any

from waybill.epcis import kept
from waybill.epcis.answering import query_document, since
from waybill.epcis.drafts import ENCODER
from waybill.epcis.query import Query
from waybill.flow.installation import Installation
from waybill.model.errors import UsageError

TIMEOUT = 10.0
"""Seconds that a receiver may take."""

MOST = 500
"""Events of one message."""


def check_destination(installation: Installation, destination: str) -> None:
    """Raise UsageError unless the settings allow to send there: events leave the installation by it."""
    allowed = installation.settings.epcis_callbacks
    if not destination.startswith(("https://", "http://")) or not destination.startswith(allowed or ("\0",)):
        raise UsageError(
            "subscriptions may not be sent there",
            where=destination[:200],
            expected="an address that the setting `epcis_callbacks` allows",
        )


def send_due(installation: Installation) -> tuple[str, ...]:
    """Send each subscription what was captured since the last time; returns what did not work and is tried again."""
    store = installation.custody_store
    if not store.exists or not installation.settings.epcis_callbacks:
        return ()
    remarks = []
    with store.reading() as database:
        found = list(kept.subscriptions(database))
    for name, wanted, seen in found:
        with store.reading() as database:
            parameters = kept.query_of(database, name) or {}
            events, last = since(database, Query.parse(parameters), seen, MOST)
        if last == seen:
            continue
        id = wanted["subscriptionID"]
        if (events or wanted.get("reportIfEmpty")) and (why := _send(installation, name, wanted, events)):
            remarks.append(f"subscription {id}: {why}")
            continue
        with store.writing() as database:
            kept.sent(database, id, last)
    return tuple(remarks)


def _send(installation: Installation, name: str, wanted: dict[str, Any], events: list[dict[str, Any]]) -> str:
    """Send one message; returns why it did not arrive, empty if it did."""
    try:
        check_destination(installation, wanted["dest"])
    except UsageError as error:
        return error.what
    message = query_document(events, name, datetime.now(UTC), subscription=wanted["subscriptionID"])
    request = urllib.request.Request(  # noqa: S310  # the address is one that the settings allow
        wanted["dest"],
        ENCODER.encode(message),
        {"Content-Type": "application/ld+json", "GS1-EPCIS-Version": "2.0.0"},
    )
    try:
        with _OPENER.open(request, timeout=TIMEOUT):
            return ""
    except (urllib.error.URLError, OSError) as error:
        return f"not delivered: {getattr(error, 'reason', error)}"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An allowed receiver cannot send events on to another."""

    def redirect_request(self, *_asked: Any, **_more: Any) -> None:
        """Follow nothing."""


_OPENER = urllib.request.build_opener(_NoRedirect)
