"""An authorization server of Django OAuth Toolkit, run as a program of its own: FILE of its database, PORT."""

from __future__ import annotations

import sys
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import include, path

CLIENT, SECRET, LOGIN, PASSWORD = "locker", "locks it all", "li.na", "her own"


def main(database: str, port: int) -> None:
    """Serve until somebody ends it."""
    settings.configure(
        SECRET_KEY="only here",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "oauth2_provider"],
        MIDDLEWARE=[],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database}},
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        OAUTH2_PROVIDER={"SCOPES": {"read": "reading", "introspection": "asking about tokens"}},
    )
    django.setup()
    call_command("migrate", verbosity=0)
    _fill()
    globals()["urlpatterns"] = [path("o/", include("oauth2_provider.urls")), path("mine", mine)]

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    make_server("127.0.0.1", port, get_wsgi_application(), Server, _Quiet).serve_forever()


def mine(request: HttpRequest) -> JsonResponse:
    """Show who asks, as any resource that tokens open."""
    from oauth2_provider.views.mixins import OAuthLibMixin  # type: ignore[import-untyped]

    allowed, found = OAuthLibMixin().verify_request(request)
    return JsonResponse({"login": found.user.get_username()} if allowed else {}, status=200 if allowed else 401)


def _fill() -> None:
    from django.contrib.auth.models import User
    from oauth2_provider.models import Application  # type: ignore[import-untyped]

    User.objects.create_user(LOGIN, password=PASSWORD)
    Application.objects.create(
        name=CLIENT,
        client_id=CLIENT,
        client_secret=SECRET,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_PASSWORD,
    )


class _Quiet(WSGIRequestHandler):
    """Tells nothing."""

    def log_message(self, *_: Any) -> None:
        """Tell nothing."""


urlpatterns: list[Any] = []

if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
