"""Files: what SharePoint and OneDrive record."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Any, Literal
from urllib.parse import urlsplit

from waybill.simulate.sources.microsoft365.records import domain_of, puid_of, record_of
from waybill.simulate.sources.values import BROWSER, uuid, uuid_of

FILE, SHARING = 6, 14
"""Record types SharePointFileOperation, SharePointSharingOperation."""

_SHAREPOINT = "00000003-0000-0ff1-ce00-000000000000"
"""The application id of SharePoint Online."""


def file(
    random: Random,
    time: datetime,
    operation: Literal["FileAccessed", "FileDownloaded", "FileUploaded"],
    *,
    user: str,
    address: str,
    site: str,
    path: str,
    size: int,
    agent: str = BROWSER,
) -> bytes:
    """Write what somebody did with a file; ``site`` is the site's address and ``path`` is below it.

    A site is in OneDrive if its host has ``-my`` before the first point, as the product names them.
    """
    more = {"FileSizeBytes": size}
    return _file(random, time, operation, more, user=user, address=address, site=site, path=path, agent=agent)


def sharing_set(
    random: Random,
    time: datetime,
    *,
    user: str,
    address: str,
    site: str,
    path: str,
    target: str,
    guest: bool = True,
    agent: str = BROWSER,
) -> bytes:
    """Write that a file was shared with somebody; a guest is named with ``#ext#``, as the directory names guests."""
    if guest:
        name, kind = f"{target.replace('@', '_')}#ext#@{domain_of(user)}", "Guest"
    else:
        name, kind = target, "Member"
    more = {
        "EventData": "<Permissions granted>Read</Permissions granted>",
        "TargetUserOrGroupName": name,
        "TargetUserOrGroupType": kind,
        "SharingLinkScope": "Uninitialized",
    }
    where = {"address": address, "site": site, "path": path, "agent": agent}
    return _file(random, time, "SharingSet", more, user=user, record_type=SHARING, **where)


def anonymous_link_created(
    random: Random, time: datetime, *, user: str, address: str, site: str, path: str, agent: str = BROWSER
) -> bytes:
    """Write that a link to a file was made which opens it for everybody."""
    more = {"EventData": "<Type>View</Type>", "UniqueSharingId": uuid(random), "SharingLinkScope": "Anyone"}
    where = {"address": address, "site": site, "path": path, "agent": agent}
    return _file(random, time, "AnonymousLinkCreated", more, user=user, record_type=SHARING, **where)


def _file(
    random: Random,
    time: datetime,
    operation: str,
    more: dict[str, Any],
    *,
    user: str,
    address: str,
    site: str,
    path: str,
    agent: str,
    record_type: int = FILE,
) -> bytes:
    folder, _, name = path.rpartition("/")
    workload = "OneDrive" if "-my." in urlsplit(site).netloc else "SharePoint"
    base = {
        "ClientIP": address,
        "ObjectId": f"{site}/{path}",
        "ApplicationId": _SHAREPOINT,
        "CorrelationId": uuid(random),
        "EventSource": "SharePoint",
        "ItemType": "File",
        "ListId": uuid_of(site + "/list"),
        "ListItemUniqueId": uuid_of(f"{site}/{path}"),
        "Site": uuid_of(site),
        "SiteUrl": f"{site}/",
        "SourceFileExtension": name.rpartition(".")[2],
        "SourceFileName": name,
        "SourceRelativeUrl": folder,
        "UserAgent": agent,
        "WebId": uuid_of(site + "/web"),
        **more,
    }
    key = f"i:0h.f|membership|{puid_of(user).lower()}@live.com"
    who: dict[str, Any] = {"user": user, "key": key, "workload": workload}
    return record_of(random, time, operation, base, record_type=record_type, **who)
