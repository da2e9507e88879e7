"""What scopes amount to, in words that are the same for every service."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum


class Power(StrEnum):
    """What an app can do with what is not its own."""

    READ_MAIL = "read mail"
    SEND_MAIL = "send mail"
    READ_FILES = "read all files"
    WRITE_FILES = "change all files"
    READ_CODE = "read code"
    WRITE_CODE = "change code"
    READ_PEOPLE = "read the directory"
    ADMINISTER = "administer"


_MEANING = (
    (r"mail\.read(write)?(\.all|\.shared)?|full_access_as_app|https://mail\.google\.com/?|.*/auth/gmail\.(readonly|modify)",
     Power.READ_MAIL),
    (r"mail\.send(\.all|\.shared)?|https://mail\.google\.com/?|.*/auth/gmail\.(send|compose|modify)", Power.SEND_MAIL),
    (r"(files|sites)\.(read|readwrite|fullcontrol|manage)\.all|.*/auth/drive(\.readonly)?", Power.READ_FILES),
    (r"(files|sites)\.(readwrite|fullcontrol|manage)\.all|.*/auth/drive", Power.WRITE_FILES),
    (r"contents:(read|write|admin)|repo|.*/auth/cloud-platform", Power.READ_CODE),
    (r"contents:(write|admin)|workflows:write|repo|.*/auth/cloud-platform", Power.WRITE_CODE),
    (r"(directory|user|group)\.read(write)?\.all|members:(read|write)|.*/auth/admin\.directory\..*", Power.READ_PEOPLE),
    (r"(directory|rolemanagement|application|approleassignment)\.readwrite\.(all|directory)|administration:write|"
     r"organization_administration:write|admin:org|.*/auth/admin\.directory\.(user|group|domain)", Power.ADMINISTER),
)  # fmt: skip
_PATTERNS = [(re.compile(pattern, re.IGNORECASE), power) for pattern, power in _MEANING]


def powers_of(scopes: Iterable[str]) -> frozenset[Power]:
    """Return what these scopes amount to; those that reach nothing of others amount to nothing."""
    return frozenset(power for scope in scopes for pattern, power in _PATTERNS if pattern.fullmatch(scope))
