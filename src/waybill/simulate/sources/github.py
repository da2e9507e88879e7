"""Audit log of a GitHub organisation, as audit log streaming delivers it, one event a line.

Format: https://docs.github.com/en/organizations/keeping-your-organization-secure,
page “Audit log events for your organization”
"""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Any, Literal

import orjson

from waybill.simulate.sources.log import Layout
from waybill.simulate.sources.values import BROWSER, base64, number_of

LAYOUT = Layout("{owner}/github/audit-{month}.ndjson.gz")

PRIVATE, INTERNAL, PUBLIC = "private", "internal", "public"
"""Visibilities of a repository."""


def git(
    random: Random,
    time: datetime,
    action: Literal["clone", "fetch", "push"],
    *,
    actor: str,
    address: str,
    repository: str,
    country: str = "CN",
    private: bool = True,
    transport: Literal["ssh", "http"] = "ssh",
) -> bytes:
    """Write that a repository (``organisation/name``) was cloned, brought up to date, or pushed to.

    Git events are a category apart from the others and have fields of their own.
    """
    more: dict[str, Any] = {
        "repository": repository,
        "repository_id": number_of(repository, 9),
        "repository_public": not private,
        "transport_protocol": 2 if transport == "ssh" else 1,
        "transport_protocol_name": transport,
        "user_agent": "git/2.51.0",
    }
    if transport == "http":
        more |= {"programmatic_access_type": "Personal access token (classic)", "hashed_token": base64(random, 32)}
    where = {"address": address, "repository": repository, "country": country}
    return _event(random, time, f"git.{action}", more, actor=actor, **where)


def create(
    random: Random,
    time: datetime,
    *,
    actor: str,
    address: str,
    repository: str,
    visibility: str = PRIVATE,
    country: str = "CN",
) -> bytes:
    """Write that a repository was made."""
    where = {"address": address, "repository": repository, "country": country}
    more = {"visibility": visibility, "public_repo": visibility == PUBLIC, "operation_type": "create"}
    return _event(random, time, "repo.create", more, actor=actor, **where)


def access(
    random: Random,
    time: datetime,
    *,
    actor: str,
    address: str,
    repository: str,
    visibility: str = PUBLIC,
    previous: str = PRIVATE,
    country: str = "CN",
) -> bytes:
    """Write that the visibility of a repository was changed."""
    where = {"address": address, "repository": repository, "country": country}
    more = {
        "visibility": visibility,
        "previous_visibility": previous,
        "public_repo": visibility == PUBLIC,
        "operation_type": "modify",
    }
    return _event(random, time, "repo.access", more, actor=actor, **where)


def download_zip(
    random: Random,
    time: datetime,
    *,
    actor: str,
    address: str,
    repository: str,
    private: bool = True,
    country: str = "CN",
) -> bytes:
    """Write that the source code of a repository was fetched as an archive."""
    where = {"address": address, "repository": repository, "country": country}
    more = {"visibility": PRIVATE if private else PUBLIC, "public_repo": not private, "operation_type": "access"}
    return _event(random, time, "repo.download_zip", more, actor=actor, **where)


def _event(
    random: Random,
    time: datetime,
    action: str,
    more: dict[str, Any],
    *,
    actor: str,
    address: str,
    repository: str,
    country: str,
) -> bytes:
    organisation = repository.partition("/")[0]
    moment = int(time.timestamp() * 1000)
    return orjson.dumps(
        {
            "@timestamp": moment,
            "_document_id": base64(random, 16),
            "action": action,
            "actor": actor,
            "actor_id": number_of(actor, 8),
            "actor_ip": address,
            "actor_is_bot": actor.endswith("[bot]"),
            "actor_location": {"country_code": country},
            "business": f"{organisation}-group",
            "business_id": number_of(f"{organisation}-group", 5),
            "created_at": moment,
            "org": organisation,
            "org_id": number_of(organisation, 8),
            "repo": repository,
            "repo_id": number_of(repository, 9),
            "user_agent": BROWSER,
            **more,
        }
    )
