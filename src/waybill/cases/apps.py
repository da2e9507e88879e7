"""Names this room to Django."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Cases."""

    name = "waybill.cases"
    label = "cases"
