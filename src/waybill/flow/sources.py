"""The sources that tell of transfers: how many each told, of which time, and when it last came."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import msgspec

from waybill.flow.installation import Installation

_SOURCES = """
SELECT source, count(*) AS transfers, min(time) AS first, max(time) AS last, max(recorded_at) AS recorded
FROM transfers
GROUP BY source
ORDER BY source
"""


class SourceStanding(msgspec.Struct, frozen=True):
    """What one source told, and what of it could not be read."""

    name: str
    transfers: int
    first: datetime | None
    last: datetime | None
    """Times of its first and its last transfer, by its own clock."""
    recorded: datetime | None
    """When its newest transfer was kept."""
    rejected: dict[str, int]
    """Records that could not be read, by reason."""


def sources(installation: Installation) -> list[SourceStanding]:
    """Return how every source stands that ever told anything, or of which anything could not be read."""
    with installation.lake.snapshot() as snapshot:
        told = {row["source"]: row for row in snapshot.query(_SOURCES).to_pylist()}
    rejected: dict[str, Counter[str]] = {}
    for entry in installation.quarantine.entries():
        rejected.setdefault(entry.source or "", Counter())[entry.reason] += 1
    silent = {"transfers": 0, "first": None, "last": None, "recorded": None}
    return [
        SourceStanding(
            name=name,
            rejected=dict(rejected.get(name, Counter()).most_common()),
            **{key: value for key, value in told.get(name, silent).items() if key != "source"},
        )
        for name in sorted(told.keys() | rejected.keys())
    ]
