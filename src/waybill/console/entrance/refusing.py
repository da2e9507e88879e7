"""What is shown where a request is refused on its way in."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that was not sent from a page of ours, or whose page is too old (CSRF)."""
    return render(request, "console/forged.html", status=HTTPStatus.FORBIDDEN)
