"""What is where."""

from __future__ import annotations

from django.urls import path

from waybill.console import health, problems
from waybill.console.api import api

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("api/v1/", api.urls),
]
handler404 = problems.not_found
handler500 = problems.failed
