"""The agents that send batches, in memory: which numbers came, what they were answered; written down behind."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

from waybill.model.errors import UsageError

if TYPE_CHECKING:
    from waybill.access.agents import AgentState, Answer, Standing
    from waybill.access.tokens import Token

Sender = tuple[str, str]
"""Id of a token, and the agent's name."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class ConflictError(UsageError):
    """Another batch was sent under this number before."""


class Senders:
    """The agents; for several threads."""

    def __init__(self) -> None:
        self._states: dict[Sender, AgentState] = {}
        self._changed: set[Sender] = set()
        self._lock = threading.Lock()

    def sender(self, token: Token, name: str) -> Sender:
        """Return an agent of a token, from now on known. Raises UsageError for a name that cannot be one."""
        if not _NAME.fullmatch(name):
            raise UsageError("this cannot be the name of an agent", expected="a-z, 0-9 and .-_, at most 64")
        with self._lock:
            self._state((token.id, name))
        return token.id, name

    def answer(self, sender: Sender, sequence: int, mark: bytes) -> Answer | None:
        """Return what a batch was answered before. Raises ConflictError if that was another one."""
        with self._lock:
            answer = self._state(sender).answer(sequence)
        if answer is not None and answer.mark != mark:
            raise conflict(sequence)
        return answer

    def note(self, sender: Sender, sequence: int, answer: Answer) -> None:
        """Note that a batch was kept and what it is answered."""
        with self._lock:
            self._state(sender).note(sequence, answer)
            self._changed.add(sender)

    def missing(self, sender: Sender) -> tuple[tuple[int, int], ...]:
        """Return the numbers of batches that an agent has not sent, as first and last."""
        with self._lock:
            return self._state(sender).missing

    def save(self) -> None:
        """Write down what changed since the last time."""
        from waybill.access import agents

        with self._lock:
            changed, self._changed = self._changed, set()
            rows = [self._states[sender].row() for sender in sorted(changed)]
        agents.save(rows)

    def standings(self) -> list[Standing]:
        """Return how every agent stands that ever sent anything."""
        from waybill.access import agents

        self.save()
        with self._lock:
            return [self._state((token, agent)).standing(name) for token, name, agent in agents.known()]

    def _state(self, sender: Sender) -> AgentState:
        from waybill.access import agents

        if sender not in self._states:
            self._states[sender] = agents.load(*sender)
        return self._states[sender]


def conflict(sequence: int) -> ConflictError:
    """Return what to tell of a number that was used for another batch."""
    return ConflictError(
        "another batch was sent under this number before",
        where=f"sequence {sequence}",
        expected="the same batch again, or a new number",
        advice="an agent that lost its memory goes on under another name of its own (header Waybill-Agent)",
    )
