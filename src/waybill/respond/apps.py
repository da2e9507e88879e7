"""Names this room to Django."""

from django.apps import AppConfig


class RespondConfig(AppConfig):
    """Runs of playbooks."""

    name = "waybill.respond"
    label = "respond"
