"""The words of runs, as the strings that are stored."""

from __future__ import annotations

from enum import StrEnum


class RunState(StrEnum):
    """How a run stands."""

    RUNS = "runs"
    WAITS = "waits"
    """For a person."""
    DONE = "done"
    FAILED = "failed"
    UNDONE = "undone"


class ActState(StrEnum):
    """How an act stands: what is and what is not in force."""

    WAITS = "waits"
    """For a second person to approve, or for a person to do it."""
    APPROVED = "approved"
    REFUSED = "refused"
    ACTING = "acting"
    """It was begun; a process that died here may or may not have done it, until somebody looks."""
    IN_FORCE = "in-force"
    """Seen to be in force."""
    NOT_IN_FORCE = "not-in-force"
    """It failed, and was seen not to be in force."""
    UNKNOWN = "unknown"
    """Neither could be seen."""
    UNDONE = "undone"
    """Undone, and seen to be."""


GOES_ON = frozenset({RunState.RUNS, RunState.WAITS})
"""States of runs that go on once a person has decided; in others no act waits any more."""

MAYBE_IN_FORCE = frozenset({ActState.IN_FORCE, ActState.ACTING, ActState.UNKNOWN})
"""Acts that undoing must look at."""
