"""What a source format needs before its mapping can be read as data: functions from record to record, by name.

A mapping names one with the key ``reader``. A reader gets the parsed record and returns it in the shape that the
mapping's paths speak of; it may change and return the same object.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from waybill.collect import auditd, cloudtrail, gcp, google, microsoft365, okta, postgresql, proxy, windows, zeek_names
from waybill.collect.expressions import Condition

Reader = Callable[[dict[str, Any]], dict[str, Any]]

READERS: dict[str, Reader] = {
    "auditd": auditd.read,
    "aws-cloudtrail": cloudtrail.read,
    "gcp-audit": gcp.read,
    "google-workspace": google.read,
    "microsoft-365": microsoft365.read,
    "okta": okta.read,
    "postgresql": postgresql.read,
    "proxy": proxy.read,
    "windows": windows.flatten,
    "zeek-dns": zeek_names.read_dns,
    "zeek-http": zeek_names.read_http,
}
"""Every reader a mapping can name."""


@dataclass(frozen=True, slots=True)
class Looks:
    """What decides how a reader treats a flat record, besides the names of its fields."""

    at: tuple[str, ...] = ()
    """Fields whose texts it looks at."""
    into: tuple[str, ...] = ()
    """Fields that it may take apart: records that have one are not for it to be read as flat ones."""
    odd: tuple[Condition, ...] = ()
    """Values that it changes, neither are such records."""


LOOKS: dict[str, Looks] = {
    "": Looks(),
    "windows": Looks(
        at=("EventID", "Channel"),
        into=("EventData",),
        odd=(Condition("TimeCreated", patterns=("/*",)), Condition("UtcTime", frozenset("-"))),
    ),
}
"""The readers, or none, whose flat records can be read many at a time."""
