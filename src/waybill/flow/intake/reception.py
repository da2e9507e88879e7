"""Takes batches that agents send: read by limited processes, kept durably, answered once and for all.

Whatever waits for a process is read and kept together, so that many batches share one table, one entry of the lake's
log and one sync of the disk. A batch that is sent again is answered from memory; where that is lost, its transfers
come out with the same ids, which the lake knows already.
"""

from __future__ import annotations

import fcntl
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self

import msgspec

from waybill.collect.parts import content_mark
from waybill.collect.plan import MEBIBYTE, Limits, Plan
from waybill.collect.receiving import Posted, Received, Receiver, mark_of_batch, what_is_posted
from waybill.control import close_database
from waybill.durable.locks import FileLock
from waybill.flow import memory
from waybill.flow.installation import Installation
from waybill.flow.intake.admission import Admission, OverloadedError
from waybill.flow.intake.ingest import keep
from waybill.flow.intake.planning import Planning
from waybill.flow.intake.senders import Sender, Senders, conflict
from waybill.model.errors import InputError, UsageError, WaybillError

if TYPE_CHECKING:
    from waybill.access.agents import Answer
    from waybill.access.tokens import Token

TOGETHER_BYTES = MEBIBYTE
"""Content that is read at once: more gains little, and lets the first wait for the last."""

LINGER_SECONDS = 0.005
"""How long the first that waits is held back for others that are on their way; what is sent alone goes on at once."""

KEPT_BYTES = 16 * MEBIBYTE
"""Transfers that stay in memory once they are in the lake's log: the process that commits them reads them there."""

TIDY_SECONDS = 1.0
"""Time between two looks at what changed around us, and between two notes of how agents stand."""

PATIENCE = 60.0
"""Seconds to wait for a reception that is ending: what it knows of agents is written down then."""

LOG_SECONDS = 5.0
"""Time between two measurements of the lake's log."""


class ForbiddenError(UsageError):
    """The token does not allow this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A batch as it was sent."""

    token: Token
    agent: str
    sequence: int
    """From 1."""
    content: bytes
    """Unpacked."""
    lines: bool = False
    """It was said to be NDJSON."""
    mapping: str = ""
    source: str = ""


class Receipt(msgspec.Struct, frozen=True):
    """What an agent is told: its records are durable."""

    accepted: int
    """Records that were read; those of protected channels count too, so that nobody learns which they were."""
    rejected: int
    """Records that could not be read and are in quarantine."""
    missing: tuple[tuple[int, int], ...]
    """Numbers of batches that have not come, as first and last."""


@dataclass(slots=True)
class _Ticket:
    """A batch that waits to be read and kept."""

    sender: Sender
    sequence: int
    mark: bytes
    posted: Posted
    done: Future[Answer] = field(default_factory=Future)

    @property
    def key(self) -> tuple[Sender, int]:
        """What no two batches share."""
        return self.sender, self.sequence


class Reception:
    """Receives batches for one installation; a context manager, for several threads."""

    def __init__(
        self, installation: Installation, *, workers: int, troubled: Callable[[WaybillError], None] = lambda error: None
    ) -> None:
        """``workers`` processes read; with 0, one thread of this process does.

        ``troubled`` is told what goes wrong where nobody waits for an answer.
        """
        self._installation = installation
        self._troubled = troubled
        self._lock = FileLock(installation.folder.root / "reception.lock", "receiving")
        self._planning = Planning(installation)
        self.senders = Senders()
        self.admission = Admission()
        self._queue: deque[_Ticket] = deque()
        self._in_hand: dict[tuple[Sender, int], _Ticket] = {}
        self.is_full = False
        """Whether the lake's log has grown so much that nothing more is taken."""
        self._arrived = threading.Condition()
        self._taking = threading.Lock()
        self._ending = threading.Event()
        works = [threading.Thread(target=self._work, args=(min(workers, 1),)) for _ in range(max(workers, 1))]
        self._threads = [*works, threading.Thread(target=self._tidy)]

    def __enter__(self) -> Self:
        """Begin, when the reception of another process has ended. Raises BusyError if that takes too long."""
        self._alone = self._lock.acquire(fcntl.LOCK_EX, PATIENCE)
        self._installation.lake.keep_little(KEPT_BYTES)
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Keep what waits, then end."""
        with self._arrived:
            self._ending.set()
            self._arrived.notify_all()
        for thread in self._threads:
            thread.join()
        self._alone.release()

    @property
    def limits(self) -> Limits:
        """What reading a batch may cost."""
        return self._planning.plan.limits

    def receive(self, delivery: Delivery) -> Receipt:
        """Keep a batch; durable on return.

        Raises ConflictError if another batch had its number, ForbiddenError for a source that is not the token's,
        UsageError for a mapping that is not there, InputError if no mapping recognises it, OverloadedError where the
        lake's log is full, and StorageError if it cannot be kept.
        """
        sender = self.senders.sender(delivery.token, delivery.agent)
        answer = self._answer_to(self._ticket(sender, delivery)).result()
        return Receipt(answer.accepted, answer.rejected, self.senders.missing(sender))

    def _ticket(self, sender: Sender, delivery: Delivery) -> _Ticket:
        plan = self._planning.plan
        source = _source_of(delivery)
        mappings = [one for one in plan.mappings if delivery.mapping in {"", one.name}]
        if not mappings:
            raise UsageError(
                "there is no such mapping", where=delivery.mapping, expected=", ".join(sorted(_names(plan)))
            )
        what = what_is_posted(delivery.content, mappings, lines=delivery.lines)
        if what is None:
            raise InputError(
                "no mapping recognises this batch",
                expected=f"a source of: {', '.join(sorted({one.name for one in mappings}))}",
                advice="name its mapping, or write one for this source, see docs/mappings.md",
            )
        mark = mark_of_batch(plan, *sender, str(delivery.sequence), source or what.mapping.name)
        name = f"{delivery.token.name}/{delivery.agent}/{delivery.sequence}"
        posted = Posted(name, mark, source, what, delivery.content)
        return _Ticket(sender, delivery.sequence, content_mark(delivery.content, plan), posted)

    def _answer_to(self, ticket: _Ticket) -> Future[Answer]:
        """Return what a batch was or will be answered: one that was sent before, or is in hand, is not read again."""
        with self._arrived:
            same = self._in_hand.get(ticket.key)
            if same is not None:
                if same.mark != ticket.mark:
                    raise conflict(ticket.sequence)
                return same.done
            known = self.senders.answer(ticket.sender, ticket.sequence, ticket.mark)
            if known is not None:
                ticket.done.set_result(known)
                return ticket.done
            if self._ending.is_set() or self.is_full:
                raise OverloadedError("nothing more is taken now")
            self._in_hand[ticket.key] = ticket
            self._queue.append(ticket)
            self._arrived.notify()
        return ticket.done

    def _take(self) -> list[_Ticket]:
        """Return what is to be read together, or nothing when all is done and over."""
        with self._taking, self._arrived:
            self._arrived.wait_for(lambda: self._queue or self._ending.is_set())
            self._arrived.wait_for(self._is_together, LINGER_SECONDS)
            if not self._queue:
                return []
            first = self._queue.popleft()
            taken, size = [first], len(first.posted.content)
            for other in list(self._queue):
                if size >= TOGETHER_BYTES:
                    break
                if _fit(first.posted, other.posted):
                    self._queue.remove(other)
                    taken.append(other)
                    size += len(other.posted.content)
            return taken

    def _is_together(self) -> bool:
        """Return whether nothing is to be gained by waiting for more: there is enough, or nothing on its way."""
        if self._ending.is_set() or sum(len(ticket.posted.content) for ticket in self._queue) >= TOGETHER_BYTES:
            return True
        coming, _ = self.admission.in_hand
        return coming <= len(self._in_hand)

    def _work(self, processes: int) -> None:
        """Read and keep what comes, until the end."""
        plan: Plan | None = None
        receiver: Receiver | None = None
        with ExitStack() as stack:
            while tickets := self._take():
                try:
                    if receiver is None or plan is not self._planning.plan:
                        plan, receiver = self._planning.plan, None
                        stack.close()
                        receiver = stack.enter_context(Receiver(plan, processes))
                    received = receiver.read([ticket.posted for ticket in tickets])
                    keep(self._installation, received.batch, self._planning.register)
                except BaseException as error:  # noqa: BLE001  whoever waits raises it
                    self._give_back(tickets, error)
                else:
                    self._planning.new_people |= bool(received.batch.identities)
                    self._answer(tickets, received)
        close_database()

    def _answer(self, tickets: list[_Ticket], received: Received) -> None:
        from waybill.access.agents import Answer

        for ticket, accepted, rejected in zip(tickets, received.accepted, received.rejected, strict=True):
            answer = Answer(ticket.mark, accepted, rejected)
            self.senders.note(ticket.sender, ticket.sequence, answer)
            self._let_go(ticket)
            ticket.done.set_result(answer)

    def _give_back(self, tickets: list[_Ticket], error: BaseException) -> None:
        for ticket in tickets:
            self._let_go(ticket)
            ticket.done.set_exception(error)

    def _let_go(self, ticket: _Ticket) -> None:
        with self._arrived:
            del self._in_hand[ticket.key]

    def _tidy(self) -> None:
        """Follow what changes around us and write down how agents stand, until the end and once more."""
        most = self._installation.settings.max_log_mb * MEBIBYTE
        measured = 0.0
        over = False
        while not over:
            over = self._ending.wait(TIDY_SECONDS)
            try:
                self.senders.save()
                self._planning.refresh()
                if time.monotonic() - measured >= LOG_SECONDS:
                    self.is_full = self._installation.lake.status().waiting_bytes > most
                    measured = time.monotonic()
                    memory.give_back()
            except WaybillError as error:  # what was known goes on being used
                self._troubled(error)
        close_database()


def _source_of(delivery: Delivery) -> str:
    """Return what the source is to be called; empty for the mapping's own name."""
    allowed = delivery.token.sources
    source = delivery.source or (allowed[0] if len(allowed) == 1 else "")
    if allowed and source not in allowed:
        raise ForbiddenError(
            "the token does not allow this source" if source else "the token allows several sources: name one",
            where=source,
            expected=", ".join(allowed),
        )
    return source


def _fit(one: Posted, other: Posted) -> bool:
    """Return whether two batches may be read together."""
    same = one.source == other.source and one.what.mapping is other.what.mapping
    return same and one.joins and other.joins


def _names(plan: Plan) -> set[str]:
    return {mapping.name for mapping in plan.mappings}
