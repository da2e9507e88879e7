"""Where each page is."""

from __future__ import annotations

from django.urls import path

from waybill.console import statics
from waybill.console.pages import overview
from waybill.console.pages.preferences import preferences

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("preferences", preferences, name="preferences"),
    path("static/<str:mark_>/<path:path>", statics.serve, name="static"),
]
