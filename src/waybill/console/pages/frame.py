"""What surrounds every page: where one can go, the language and the colours."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from waybill import __version__
from waybill.access.roles import Permission
from waybill.console.entrance.permitting import account

THEME_COOKIE = "theme"
THEMES = ("auto", "light", "dark")


class Place(NamedTuple):
    """One entry of the navigation."""

    route: str
    label: Any
    """A lazy text."""
    permission: Permission


PLACES = (
    Place("overview", gettext_lazy("Overview"), Permission.OVERVIEW_READ),
    Place("findings", gettext_lazy("Findings"), Permission.FINDINGS_READ),
    Place("exposures", gettext_lazy("Exposures"), Permission.FINDINGS_READ),
    Place("cases", gettext_lazy("Cases"), Permission.CASES_READ),
    Place("playbooks", gettext_lazy("Playbooks"), Permission.PLAYBOOKS_READ),
    Place("duty", gettext_lazy("Duty"), Permission.DUTY_READ),
    Place("transfers", gettext_lazy("Transfers"), Permission.TRANSFERS_READ),
    Place("assets", gettext_lazy("Assets"), Permission.REGISTER_READ),
    Place("grades", gettext_lazy("Grades"), Permission.REGISTER_READ),
    Place("discovery", gettext_lazy("Discovery"), Permission.REGISTER_READ),
    Place("documents", gettext_lazy("Registered documents"), Permission.REGISTER_READ),
    Place("canaries", gettext_lazy("Marked copies"), Permission.CANARIES_READ),
    Place("lots", gettext_lazy("Lots"), Permission.TRANSFERS_READ),
    Place("labels", gettext_lazy("Labels"), Permission.TRANSFERS_READ),
    Place("balances", gettext_lazy("Balance accounts"), Permission.TRANSFERS_READ),
    Place("permits", gettext_lazy("Permits"), Permission.PERMITS_READ),
    Place("assess", gettext_lazy("May I?"), Permission.TRANSFERS_ASSESS),
    Place("rulebook", gettext_lazy("Rulebook"), Permission.RULEBOOK_READ),
    Place("counters", gettext_lazy("Counters"), Permission.RULEBOOK_READ),
    Place("posts", gettext_lazy("Sensitive posts"), Permission.POSTS_READ),
    Place("behaviour", gettext_lazy("People and machines"), Permission.PEOPLE_READ),
    Place("people", gettext_lazy("People"), Permission.PEOPLE_READ),
    Place("sources", gettext_lazy("Sources"), Permission.SOURCES_READ),
    Place("tokens", gettext_lazy("Tokens"), Permission.TOKENS_MANAGE),
    Place("rules", gettext_lazy("Rules"), Permission.RULES_READ),
    Place("trends", gettext_lazy("Trends"), Permission.TRENDS_READ),
    Place("ledger", gettext_lazy("Ledger"), Permission.LEDGER_READ),
    Place("users", gettext_lazy("Users and roles"), Permission.USERS_MANAGE),
    Place("settings", gettext_lazy("Settings"), Permission.SETTINGS_READ),
)
"""Where one can go, in the order of a morning's work."""


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return what the frame of a page shows (a context processor)."""
    match = request.resolver_match
    here = match.url_name.partition("-")[0] if match and match.url_name else ""
    reader = account(request) if request.user.is_authenticated else None
    theme = request.COOKIES.get(THEME_COOKIE, "auto")
    return {
        "navigation": [
            {"address": reverse(place.route), "label": place.label, "here": place.route == here}
            for place in PLACES
            if reader is not None and reader.may(place.permission)
        ],
        "theme": theme if theme in THEMES else "auto",
        "themes": [("auto", _("as the system")), ("light", _("light")), ("dark", _("dark"))],
        "version": __version__,
    }
