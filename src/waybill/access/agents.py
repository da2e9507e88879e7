"""How far each agent has got, and what its newest batches were answered, so that one sent again is answered alike.

This is kept in memory and written behind: what a crash loses here, a batch that is sent again makes good, since it
gives transfers of the same ids, which the lake knows.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec
from django.db import transaction

from waybill.access import models
from waybill.access.sequences import Gap, Sequences
from waybill.control import storage_faults
from waybill.model.errors import UsageError

MOST_ANSWERS = 1_000
"""Answers that are remembered for each agent; an older batch that is sent again is read again."""

MOST_AGENTS = 1_000
"""Agents of one token."""

RATE_SECONDS = 60.0
"""Time over which the rate of an agent is smoothed."""


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What a batch was answered, and the mark by which it is known again."""

    mark: bytes
    accepted: int
    rejected: int


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How an agent stands, as it may be shown."""

    token: str
    """Name of its token."""
    agent: str
    first_seen: datetime
    last_seen: datetime
    batches: int
    accepted: int
    rejected: int
    rate: float
    """Records a second, smoothed over a minute; 0 after a restart."""
    highest: int
    missing: tuple[Gap, ...]
    """Numbers of batches that did not come, as first and last."""


class AgentState:
    """One agent. Not for several threads at once."""

    def __init__(self, row: models.Agent, *, behind: bool) -> None:
        """``behind``: the row may be a little older than what was answered last."""
        self._row = row
        missing = msgspec.json.decode(row.missing, type=list[Gap])
        self._sequences = Sequences(row.highest, missing, behind=behind)
        self._answers = msgspec.msgpack.decode(bytes(row.answers), type=dict[int, Answer]) if row.answers else {}
        self._rate = 0.0
        self._rated = time.monotonic()

    def answer(self, sequence: int) -> Answer | None:
        """Return what a batch was answered, if that is remembered."""
        return self._answers.get(sequence)

    def note(self, sequence: int, answer: Answer) -> None:
        """Note that a batch was kept and answered."""
        self._sequences.add(sequence)
        self._answers[sequence] = answer
        if len(self._answers) > MOST_ANSWERS:
            del self._answers[min(self._answers)]
        row = self._row
        row.last_seen = datetime.now(UTC)
        row.batches += 1
        row.accepted += answer.accepted
        row.rejected += answer.rejected
        self._rate = self._faded() + answer.accepted / RATE_SECONDS
        self._rated = time.monotonic()

    @property
    def missing(self) -> tuple[Gap, ...]:
        """Numbers of batches that have not come."""
        return self._sequences.missing

    def standing(self, token: str) -> Standing:
        """Return how the agent stands; ``token`` is the name of its token."""
        row = self._row
        return Standing(
            token=token,
            agent=row.name,
            first_seen=row.first_seen,
            last_seen=row.last_seen,
            batches=row.batches,
            accepted=row.accepted,
            rejected=row.rejected,
            rate=round(self._faded(), 3),
            highest=self._sequences.highest,
            missing=self.missing,
        )

    def row(self) -> models.Agent:
        """Return the row that keeps all this."""
        self._row.highest = self._sequences.highest
        self._row.missing = msgspec.json.encode(self._sequences.missing).decode()
        self._row.answers = msgspec.msgpack.encode(self._answers)
        return self._row

    def _faded(self) -> float:
        return self._rate * math.exp((self._rated - time.monotonic()) / RATE_SECONDS)


def load(token: str, name: str) -> AgentState:
    """Return an agent of a token (by id), a new one if it never sent anything.

    Raises UsageError where a token has too many: whoever shows it makes them up.
    """
    now = datetime.now(UTC)
    with storage_faults(), transaction.atomic():
        agents = models.Agent.objects.filter(token_id=token)
        row = agents.filter(name=name).first()
        if row is not None:
            return AgentState(row, behind=True)
        if agents.count() >= MOST_AGENTS:
            raise UsageError(
                "the token has too many agents", expected=f"at most {MOST_AGENTS:,}", advice="make another"
            )
        return AgentState(agents.create(token_id=token, name=name, first_seen=now, last_seen=now), behind=False)


def save(rows: Iterable[models.Agent]) -> None:
    """Write agents, in one transaction."""
    with storage_faults(), transaction.atomic():
        for row in rows:
            row.save()


def known() -> list[tuple[str, str, str]]:
    """Return all agents that ever sent something: id and name of the token, and the agent's name."""
    with storage_faults():
        agents = models.Agent.objects.order_by("token__name", "name")
        return list(agents.values_list("token_id", "token__name", "name"))
