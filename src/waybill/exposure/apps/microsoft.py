"""Apps from Microsoft Graph: servicePrincipals with their oauth2PermissionGrants, as exported in one JSON document.

::

    {"servicePrincipals": [...], "oauth2PermissionGrants": [...], "appRoleAssignments": [...]}

The answers of Graph under their own names; ``{"value": [...]}`` around each list is taken too. Of application
permissions, an app role's id says nothing by itself: they count where ``appRoles`` of the resource are in the export.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from waybill.exposure.apps.app import App
from waybill.exposure.apps.powers import powers_of
from waybill.exposure.documents import entries
from waybill.exposure.snapshots import Unread
from waybill.model.findings import Position

_APPS, _GRANTS, _ROLES = "servicePrincipals", "oauth2PermissionGrants", "appRoleAssignments"


def recognises(document: Any) -> bool:
    """Return whether this is such an export."""
    return isinstance(document, dict) and _APPS in document


def read(document: Any, file: str) -> Iterator[App]:
    """Yield the apps that were granted something."""
    apps = _list(document, _APPS)
    names = {
        (app.get("id"), role.get("id")): str(role.get("value")) for app in apps for role in entries(app.get("appRoles"))
    }
    for number, app in enumerate(apps, 1):
        grants = [one for one in _list(document, _GRANTS) if one.get("clientId") == app.get("id")]
        roles = [one for one in _list(document, _ROLES) if one.get("principalId") == app.get("id")]
        granted = [names.get((role.get("resourceId"), role.get("appRoleId"))) for role in roles]
        unknown = granted.count(None)
        scopes = {scope for one in grants for scope in str(one.get("scope") or "").split()}
        scopes.update(name for name in granted if name is not None)
        if not scopes and not unknown:
            continue
        publisher = app.get("verifiedPublisher")
        everybody = bool(roles) or any(one.get("consentType") == "AllPrincipals" for one in grants)
        missing = Unread(f"{unknown} application permissions are ids without their resource's appRoles")
        parts = {
            "name": app.get("displayName"),
            "scopes": tuple(sorted(scopes)),
            "powers": missing if unknown and not scopes else powers_of(scopes),
            "people": 0 if everybody else len({one.get("principalId") for one in grants}),
            "verified": isinstance(publisher, dict) and bool(publisher.get("verifiedPublisherId")),
        }
        id_ = str(app.get("appId") or app.get("id"))
        yield App(f"app:{id_}", Position("microsoft-graph", file, number), (id_, str(app.get("displayName"))), parts)


def _list(document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = document.get(name, [])
    return entries(found.get("value", []) if isinstance(found, dict) else found)
