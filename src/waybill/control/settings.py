"""Django's settings for the control database. They hold no secret and connect to nothing by themselves.

The path comes from the environment (``WAYBILL_DATABASE``) or from ``open_database``; without either, any query
fails instead of writing a file somewhere. The commands need no ``SECRET_KEY``; a server takes it from the
environment.
"""

from __future__ import annotations

import os
from typing import Any

SECRET_KEY = os.environ.get("WAYBILL_SECRET_KEY", "")
DEBUG = False
ROOT_URLCONF = "waybill.console.urls"
MIDDLEWARE = ["waybill.console.guard.guarded"]
ALLOWED_HOSTS: list[str] = []

INSTALLED_APPS = ["waybill.outbox", "waybill.register", "waybill.findings", "waybill.access"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LOGGING_CONFIG = None  # the commands configure logging, with redaction

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("WAYBILL_DATABASE", ""),
        "OPTIONS": {
            "timeout": 30.0,
            # Taking the write lock at BEGIN lets a second writer wait; a deferred one would fail half way.
            "transaction_mode": "IMMEDIATE",
            # FULL: a commit that returned survives a power cut. secure_delete: what is deleted is overwritten.
            # trusted_schema and cell_size_check: a file from elsewhere can neither run functions nor mislead us.
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
                "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA foreign_keys=ON;"
            ),
        },
    }
}
