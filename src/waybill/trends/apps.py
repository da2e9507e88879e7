"""Names this room to Django."""

from django.apps import AppConfig


class TrendsConfig(AppConfig):
    """The incident register and the accounts of what was published from it."""

    name = "waybill.trends"
    label = "trends"
