"""What a source format needs before its mapping can be read as data: functions from record to record, by name.

A mapping names one with the key ``reader``. A reader gets the parsed record and returns it in the shape that the
mapping's paths speak of; it may change and return the same object.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from waybill.collect import cloudtrail, microsoft365, okta, postgresql, windows

Reader = Callable[[dict[str, Any]], dict[str, Any]]

READERS: dict[str, Reader] = {
    "aws-cloudtrail": cloudtrail.read,
    "microsoft-365": microsoft365.read,
    "okta": okta.read,
    "postgresql": postgresql.read,
    "windows": windows.flatten,
}
"""Every reader a mapping can name."""
