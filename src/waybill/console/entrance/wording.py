"""How roles are called on pages, in the reader's language; a library of template filters."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext_lazy as _

from waybill.access.roles import Role

register = template.Library()

ROLES = {
    Role.ANALYST: _("analyst"),
    Role.RESPONDER: _("responder"),
    Role.TRADE_CONTROL: _("trade control"),
    Role.PRIVACY_OFFICER: _("privacy officer"),
    Role.AUDITOR: _("auditor"),
    Role.ADMINISTRATOR: _("administrator"),
    Role.PARTNER: _("partner"),
}


@register.filter
def role(name: str) -> str:
    """Return the name of a role."""
    return str(ROLES[Role(name)])
