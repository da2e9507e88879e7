"""Names this room to Django."""

from django.apps import AppConfig


class FindingsConfig(AppConfig):
    """Stored findings."""

    name = "waybill.findings"
    label = "findings"
