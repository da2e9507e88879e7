"""Names this room to Django."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Rows on their way to the ledger."""

    name = "waybill.outbox"
    label = "outbox"
