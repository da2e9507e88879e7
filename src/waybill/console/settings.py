"""Django's settings of the service: those of the control database, and what pages and sign-in need besides.

Nothing here is secret. ``process`` sets what only a running service knows: its names, its keys, whether a proxy with
TLS stands in front, and how the organisation signs its people in.
"""

from __future__ import annotations

from typing import Any

from waybill.console.presentation import *  # noqa: F403
from waybill.console.presentation import MIDDLEWARE as _SHOWING
from waybill.control.settings import *  # noqa: F403
from waybill.control.settings import INSTALLED_APPS as _BELOW
from waybill.control.settings import SERVICE_APPS

INSTALLED_APPS = [*_BELOW, *SERVICE_APPS, "django.contrib.messages"]

_ENTRANCE = "waybill.console.entrance"
MIDDLEWARE = [
    "waybill.console.guard.guarded",
    f"{_ENTRANCE}.middleware.for_pages",
    "allauth.account.middleware.AccountMiddleware",
    *_SHOWING,
]
"""What every request passes, from the outside in; see ``entrance.middleware`` for what pages pass besides."""

ROOT_URLCONF = "waybill.console.urls"

MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

SESSION_COOKIE_AGE = 12 * 3600
"""Seconds after which everybody signs in anew; see ``entrance.middleware`` for those who do nothing."""
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "waybill.console.entrance.refusing.forged"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
"""Said by the proxy. Whoever says so without one changes only what his own browser is told."""

AUTHENTICATION_BACKENDS = [
    f"{_ENTRANCE}.elsewhere.DirectoryBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATION}.NumericPasswordValidator"},
    {"NAME": f"{_ENTRANCE}.passwords.OwnWords"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = f"{_ENTRANCE}.adapters.AccountAdapter"
ACCOUNT_FORMS = {"login": f"{_ENTRANCE}.forms.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = "pseudonym"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "5/5m/key", "reauthenticate": "10/m/user"}

MFA_FORMS = {"activate_totp": f"{_ENTRANCE}.enrolling.AppForm"}
MFA_ADAPTER = f"{_ENTRANCE}.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Waybill"

SOCIALACCOUNT_ADAPTER = f"{_ENTRANCE}.elsewhere.ElsewhereAdapter"
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_LOGIN_ON_GET = True
