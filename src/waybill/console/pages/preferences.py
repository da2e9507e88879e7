"""How a reader likes the pages: language and colours, kept in the browser."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST

from waybill.console.entrance.permitting import for_anybody
from waybill.console.pages import asking
from waybill.console.pages.frame import THEME_COOKIE, THEMES


@for_anybody
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep a choice and go back to where it was made."""
    response = redirect(asking.back(request))
    language, theme = request.POST.get("language", ""), request.POST.get("theme", "")
    if language in dict(settings.LANGUAGES) and check_for_language(language):
        _keep(response, settings.LANGUAGE_COOKIE_NAME, language)
    if theme in THEMES:
        _keep(response, THEME_COOKIE, theme)
    return response


def _keep(response: HttpResponse, name: str, value: str) -> None:
    age = settings.LANGUAGE_COOKIE_AGE
    response.set_cookie(name, value, max_age=age, httponly=True, samesite="Lax", secure=settings.LANGUAGE_COOKIE_SECURE)
