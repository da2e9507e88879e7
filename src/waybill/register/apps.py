"""Names this room to Django."""

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    """The register of assets, parties, places and permits."""

    name = "waybill.register"
    label = "register"
