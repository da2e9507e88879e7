"""Views that somebody keeps: a list with its filters under a name."""

from __future__ import annotations

from functools import partial
from typing import cast
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from waybill.access import kept_views
from waybill.access.models import User
from waybill.console.entrance.permitting import for_the_signed_in
from waybill.console.pages import asking, findings, transfers
from waybill.console.process import process
from waybill.flow import people

_FILTERS = {"findings": findings.FILTERS, "transfers": transfers.FILTERS}
"""The pages that views are kept of, and what may be asked of them."""


@for_the_signed_in
@require_POST
def keep(request: HttpRequest, page: str) -> HttpResponse:
    """Keep what a list asks for, with people under their pseudonyms."""
    if page not in _FILTERS:
        raise Http404
    asked, here = QueryDict(request.POST.get("query", "")[: asking.LONGEST * 5]), process().installation
    unnamed = partial(people.without_names, here)
    query = urlencode([(name, unnamed(value)) for name in _FILTERS[page] if (value := asking.text(asked, name))])
    kept_views.keep(cast(User, request.user), page, unnamed(asking.text(request.POST, "name"))[:60], query)
    return redirect(f"{reverse(page)}?{query}")


@for_the_signed_in
@require_POST
def remove(request: HttpRequest, number: int) -> HttpResponse:
    """Remove a view."""
    kept_views.remove(cast(User, request.user), number)
    return redirect(asking.back(request))
