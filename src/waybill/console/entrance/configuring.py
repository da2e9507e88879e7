"""What of Django's settings only a running service knows: its names, its keys, and how people sign in elsewhere."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings

from waybill.flow.installation import Installation

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
"""Names that nobody but this machine goes by."""


def configure_entrance(installation: Installation, names: Collection[str]) -> None:
    """Tell Django by which names the service goes, and its keys.

    A name beside those of this machine means that others come, through a proxy with TLS: then cookies and pages go
    over TLS alone, and the proxy says who asks (X-Forwarded-For).
    """
    from waybill.console.entrance import elsewhere, recording  # they hold models, which need the database open

    recording.connect()
    elsewhere.directory(installation.settings)  # a wrong setting is told now, not at the first sign-in
    settings.SOCIALACCOUNT_PROVIDERS = elsewhere.provider(installation.settings)
    settings.ALLOWED_HOSTS = list(names)
    settings.SECRET_KEY = installation.folder.key("sessions").hex()
    if set(names) - LOOPBACK:
        settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.LANGUAGE_COOKIE_SECURE = True
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
