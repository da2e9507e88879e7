"""What Django needs to know to show pages: templates, languages, and what each template may use.

``console.settings`` takes it all over. Nothing here touches the database, and nothing is secret.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent

LANGUAGES = [("en", "English"), ("zh-hans", "中文")]
"""Of the pages; which one is shown the reader says, else the browser."""

LOCALE_PATHS = [_HERE / "locale"]

LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
"""Seconds for which a browser remembers how somebody likes the pages."""

USE_I18N = True

MIDDLEWARE = ["waybill.console.pages.troubles.Troubles"]
"""What pages need of requests, in this order, inside the sessions and the sign-in."""

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_HERE / "templates"],
        "OPTIONS": {
            "builtins": [
                "waybill.console.pages.writing",
                "waybill.console.entrance.wording",
                "django.templatetags.i18n",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "waybill.console.entrance.presence.reader",
                "waybill.console.pages.frame.frame",
            ],
        },
    }
]
