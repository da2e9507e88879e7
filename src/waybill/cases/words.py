"""The words of cases, as the strings that are stored."""

from __future__ import annotations

from enum import StrEnum


class CaseState(StrEnum):
    """How far the handling of a case has come: the phases of NIST SP 800-61, and where it ended."""

    NEW = "new"
    ANALYSIS = "analysis"
    CONTAINMENT = "containment"
    RECOVERY = "recovery"
    CLOSED = "closed"
    MERGED = "merged"
    """Its findings are in another case; set by merging alone."""


SET_BY_PEOPLE = frozenset(CaseState) - {CaseState.MERGED}
"""States that a person may give a case."""

OVER = frozenset({CaseState.CLOSED, CaseState.MERGED})
"""States in which nothing is to be done any more."""


class Origin(StrEnum):
    """Whether what left went over a channel that the organisation keeps for such things."""

    OFFICIAL = "official"
    """A filing, a disclosure desk, an answer to an authority: at most the wrong thing, or too much of it."""
    UNOFFICIAL = "unofficial"
    UNKNOWN = "unknown"


class Link(StrEnum):
    """Why a finding is in a case, the strongest reason first."""

    TRANSFER = "transfer"
    """It rests on a transfer that another of its findings rests on."""
    CHANGE = "change"
    """It is about the same code."""
    LOT = "lot"
    """It is about the same material."""
    ASSET = "asset"
    ACTOR = "actor"
    DESTINATION = "destination"
    FIRST = "first"
    """The case was opened for it."""
    HAND = "hand"
    """Somebody put it there."""


class Act(StrEnum):
    """What was done to a case."""

    OPENED = "opened"
    FINDING = "finding"
    """A finding came into it."""
    NOTE = "note"
    ASSIGNED = "assigned"
    STATE = "state"
    SEVERITY = "severity"
    INTENT = "intent"
    ORIGIN = "origin"
    HARM = "harm"
    FACTS = "facts"
    """What the law asks about the case was answered."""
    TASK = "task"
    TASK_DONE = "task-done"
    EVIDENCE = "evidence"
    MERGED = "merged"
    SPLIT = "split"
    PROTECTED = "protected"
    CLOCK = "clock"
    """A clock began to run, runs until another time, or runs no longer because it does not apply."""
    CLOCK_MET = "clock-met"
    """What a clock asks for was done."""
    CLOCK_DROPPED = "clock-dropped"
    """Somebody says that a clock does not apply."""
    ESCALATED = "escalated"
    """Somebody was told that a clock is about to run out, or has."""
    EXPORTED = "exported"
    PLAYBOOK = "playbook"
    """A playbook did something, or undid it."""
