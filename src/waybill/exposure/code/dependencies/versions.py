"""The order of versions: PEP 440 for Python, Semantic Versioning 2.0.0 for npm."""

from __future__ import annotations

import re
from typing import Any

from packaging.version import InvalidVersion, Version

_SEMANTIC = re.compile(r"^[v=]?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+.*)?$")


def order(ecosystem: str, version: str) -> Any:
    """Return what versions of an ecosystem can be ordered by; raise ``ValueError`` where it is none."""
    if ecosystem == "PyPI":
        try:
            return Version(version)
        except InvalidVersion:
            raise ValueError(f"{version} is no version of PEP 440") from None
    match = _SEMANTIC.match(version)
    if match is None:
        raise ValueError(f"{version} is no semantic version")
    numbers = tuple(int(one or 0) for one in match.groups()[:3])
    parts = match[4].split(".") if match[4] else []
    before = [(0, int(one), "") if one.isdigit() else (1, 0, one) for one in parts]
    return numbers, not before, before  # what comes before a release is less than it
