"""Apps and tokens from GitHub's API: installations of an organisation, and fine-grained personal access tokens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from waybill.exposure.apps.app import App
from waybill.exposure.apps.powers import powers_of
from waybill.exposure.documents import entries
from waybill.exposure.snapshots import Unread
from waybill.model.findings import Position


def recognises(document: Any) -> bool:
    """Return whether this is such an export."""
    return _installations(document) != [] or any("token_expires_at" in one for one in entries(document))


def read(document: Any, file: str) -> Iterator[App]:
    """Yield installations and tokens. Of a token's owner nothing is kept."""
    for number, one in enumerate(_installations(document), 1):
        slug = str(one.get("app_slug"))
        parts = {"name": slug, "people": 0, **_scopes(one.get("permissions"))}
        yield App(f"app:github/{slug}", Position("github-apps", file, number), (slug,), parts)
    for number, one in enumerate(entries(document), 1):
        if "token_expires_at" in one:
            ends = one.get("token_expires_at")
            parts = {
                "name": f"personal access token {one.get('id')}",
                "people": 1,
                "expires": _moment(ends) if ends else None,
                **_scopes(_flat(one.get("permissions"))),
            }
            yield App(f"token:github/{one.get('id')}", Position("github-tokens", file, number), (), parts)


def _installations(document: Any) -> list[dict[str, Any]]:
    found = document.get("installations") if isinstance(document, dict) else document
    return [one for one in entries(found) if "app_slug" in one]


def _flat(permissions: Any) -> dict[str, Any]:
    """Return the permissions of a token in one: it keeps those of organisation, repositories and account apart."""
    groups = permissions.values() if isinstance(permissions, dict) else ()
    return {name: level for group in groups if isinstance(group, dict) for name, level in group.items()}


def _scopes(permissions: Any) -> dict[str, Any]:
    found = permissions if isinstance(permissions, dict) else {}
    scopes = tuple(sorted(f"{name}:{level}" for name, level in found.items()))
    return {"scopes": scopes, "powers": powers_of(scopes)}


def _moment(text: Any) -> datetime | Unread:
    try:
        return datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return Unread(f"{text} is no moment")
