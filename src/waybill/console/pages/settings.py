"""The settings: each with its value and its meaning. They are changed in ``waybill.toml``, not here."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from waybill.access.roles import Permission
from waybill.console.entrance.permitting import needs
from waybill.console.process import process
from waybill.flow.settings import SETTINGS_FILE, Settings, is_secret


@needs(Permission.SETTINGS_READ)
def settings(request: HttpRequest) -> HttpResponse:
    """List all settings; of one that may hold a password only whether it is set."""
    now = process().installation.settings
    listed = [
        {
            "name": name,
            "value": getattr(now, name),
            "is_default": getattr(now, name) == field.default,
            "is_secret": is_secret(name),
            "meaning": field.description,
        }
        for name, field in Settings.model_fields.items()
    ]
    return render(request, "console/settings.html", {"settings": listed, "file": SETTINGS_FILE})
