"""Django's settings for the control database. They hold no secret and connect to nothing by themselves.

Which database it is, ``open_database`` says; before that, any query fails instead of writing a file
somewhere. The commands need no ``SECRET_KEY``; the service takes one of the data folder's keys, and has settings of its
own (``console.settings``), which go on from these.
"""

from __future__ import annotations

from typing import Any

from waybill.control import file

DEBUG = False
ALLOWED_HOSTS: list[str] = []
AUTH_USER_MODEL = "access.User"

INSTALLED_APPS = [
    "waybill.outbox",
    "waybill.register",
    "waybill.findings",
    "waybill.cases",
    "waybill.respond",
    "waybill.access",
    "waybill.trends",
]
SERVICE_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_tasks",
    "django_tasks_db",
]
"""Apps whose tables the service has besides; commands leave these alone."""
SERVICE_LABELS = frozenset({app.rpartition(".")[2] for app in SERVICE_APPS} | {"django_tasks_database"})
"""What migrations call them."""
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LOGGING_CONFIG = None  # the commands configure logging, with redaction

DATABASES: dict[str, dict[str, Any]] = {"default": {"ENGINE": file.ENGINE, "NAME": "", "OPTIONS": file.OPTIONS}}
