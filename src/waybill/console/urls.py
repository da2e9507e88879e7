"""What is where."""

from __future__ import annotations

from django.urls import include, path

from waybill.console import health
from waybill.console.api import api
from waybill.console.pages import troubles

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("api/v1/", api.urls),
    path("", include("waybill.console.entrance.routes")),
    path("", include("waybill.console.pages.routes")),
]
handler403 = troubles.denied
handler404 = troubles.not_found
handler500 = troubles.failed
