"""Names this room to Django."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Tokens and the agents that use them."""

    name = "waybill.access"
    label = "access"
