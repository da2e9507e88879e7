"""The states a stored finding passes through."""

from __future__ import annotations

from enum import StrEnum


class FindingState(StrEnum):
    """Where the handling of a finding stands.

    ``excepted`` and ``summarised`` are set by an exception and by the alert budget; people set the others.
    """

    NEW = "new"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    FALSE_POSITIVE = "false_positive"
    EXCEPTED = "excepted"
    SUMMARISED = "summarised"


SET_BY_PEOPLE = frozenset(
    {FindingState.NEW, FindingState.IN_PROGRESS, FindingState.RESOLVED, FindingState.FALSE_POSITIVE}
)
"""States that a person may give a finding."""

QUIET = frozenset({FindingState.EXCEPTED, FindingState.SUMMARISED})
"""States left out of the ordinary list; asking for all shows them."""
