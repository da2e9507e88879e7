"""By which lane a table leaves: inside the organisation with small cells hidden, or to everybody with noise.

No table leaves by both: of a cell that one lane hides, the other would tell.
"""

from __future__ import annotations

from enum import StrEnum

from waybill.model.errors import UsageError


class Lane(StrEnum):
    """For whom a table is."""

    INTERNAL = "internal"
    PUBLIC = "public"


LANES = {
    "action-asset": Lane.INTERNAL,
    "trade-year": Lane.INTERNAL,
    "trade-action": Lane.INTERNAL,
    "year-intent": Lane.PUBLIC,
    "year-action": Lane.PUBLIC,
    "trade-intent": Lane.PUBLIC,
}
"""The tables there are, each in its lane for good."""


def tables(lane: Lane) -> tuple[str, ...]:
    """Return the tables of a lane."""
    return tuple(name for name, own in LANES.items() if own is lane)


def check(table: str, lane: Lane) -> None:
    """Raise UsageError for a table that is not of a lane."""
    own = LANES.get(table)
    if own is None:
        raise UsageError("there is no such table", where=table, expected=", ".join(tables(lane)))
    if own is not lane:
        raise UsageError(
            f"this table leaves by the {own} lane; by both, what one hides the other would tell",
            where=table,
            expected=", ".join(tables(lane)),
        )
