"""Twice what the service can take: it refuses with 429 and stays within a GiB, and what it acknowledged is there.

Its capacity is measured first, with as many senders as keep it busy; then twice as many batches come, whether or not
those before were answered. What is refused is sent again under its number, as agents do.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

from bench import events
from bench.processes import memory_bytes
from bench.scoreboard import Row, row
from bench.service import running_service
from waybill.flow.installation import Installation

SECONDS = float(os.environ.get("WAYBILL_OVERLOAD_SECONDS", "300"))
WARM_UP = 10.0
BATCH = 1_000
CONNECTIONS = 96
"""More than batches may be in hand, and a pace of twice what was measured, so that it must refuse."""

GIBIBYTE = 1 << 30


@dataclass(slots=True)
class Seen:
    """What senders saw; for several threads, each under its own number."""

    answers: Counter[int] = field(default_factory=Counter)
    acknowledged: set[tuple[int, int]] = field(default_factory=set)
    """Sender and number."""
    without_pause: int = 0
    """Refusals that did not say when to come again."""


class Pace:
    """Gives out so many turns a second to all who ask; without a pace, at once."""

    def __init__(self, rate: float | None) -> None:
        self._rate = rate
        self._next = time.monotonic()
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Wait for a turn."""
        if self._rate is None:
            return
        with self._lock:
            self._next = max(self._next + 1 / self._rate, time.monotonic() - 1.0)
            due = self._next
        time.sleep(max(0.0, due - time.monotonic()))


def measure() -> list[Row]:
    """Return all figures of this benchmark."""
    with tempfile.TemporaryDirectory(prefix="waybill-bench-") as name:
        folder = Path(name)
        file = folder / "events.ndjson"
        events.write_ndjson(file, 100_000)
        lines = file.read_bytes().splitlines(keepends=True)
        batches = [b"".join(lines[start : start + BATCH]) for start in range(0, len(lines), BATCH)]
        return list(_overloaded(folder / "data", batches))


def _overloaded(data: Path, batches: list[bytes]) -> Iterator[Row]:
    with running_service(data) as (port, token, server):
        Crowd(port, token, batches, "warm").send(8, WARM_UP)
        calm = Crowd(port, token, batches, "calm").send(8, WARM_UP)
        capacity = len(calm.acknowledged) / WARM_UP
        memory = _Highest(server)
        with memory:
            seen = Crowd(port, token, batches, "much").send(CONNECTIONS, SECONDS, 2 * capacity)
    there = _origins(data)
    lost = sum(1 for sender, number in seen.acknowledged if there[f"much-{sender}/{number}"] != BATCH)
    asked = sum(seen.answers.values()) / SECONDS
    failed = sum(count for status, count in seen.answers.items() if status not in {200, 429, 503})
    beside = f"for {SECONDS:g} s, {asked / capacity:.1f} times the capacity of {capacity * BATCH:,.0f} events/s"
    yield row(f"memory of all its processes at most, {beside}", memory.bytes / 2**20, "MiB", at_most=1024)
    yield row("batches refused with 429 meanwhile", float(seen.answers[429]), "", at_least=1)
    yield row(
        "refusals that do not say when to come again, and failures", float(seen.without_pause + failed), "", at_most=0
    )
    yield row(f"acknowledged batches lost or doubled, of {len(seen.acknowledged):,}", float(lost), "", at_most=0)


class _Highest:
    """Watches the memory of a server's processes inside the block."""

    def __init__(self, server: int) -> None:
        self.bytes = 0
        self._server = server
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(1.0):
            self.bytes = max(self.bytes, memory_bytes(self._server))


@dataclass(frozen=True, slots=True)
class Crowd:
    """Senders of one name."""

    port: int
    token: str
    batches: list[bytes]
    name: str
    seen: Seen = field(default_factory=Seen)

    def send(self, senders: int, seconds: float, pace: float | None = None) -> Seen:
        """Send for so long, so many batches a second; return what came of it."""
        turns, until = Pace(pace), time.monotonic() + seconds
        threads = [threading.Thread(target=self._send, args=(one, until, turns)) for one in range(senders)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.seen

    def _send(self, one: int, until: float, turns: Pace) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
        head = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/x-ndjson"}
        head["Waybill-Agent"] = f"{self.name}-{one}"
        number = 1
        while time.monotonic() < until:
            turns.wait()
            body = self.batches[(one + number) % len(self.batches)]
            head["Waybill-Sequence"] = str(number)
            try:
                connection.request("POST", "/api/v1/transfers?mapping=waybill", body, head)
                answer = connection.getresponse()
                answer.read()
            except OSError:  # refused before all of the body was read
                connection.close()
                continue
            self.seen.answers[answer.status] += 1
            if answer.status == HTTPStatus.OK:
                self.seen.acknowledged.add((one, number))
                number += 1
            elif not answer.headers.get("Retry-After"):
                self.seen.without_pause += 1
        connection.close()


def _origins(data: Path) -> Counter[str]:
    """Return how many transfers there are of each agent's batches."""
    with Installation.open(data).lake.snapshot() as snapshot:
        rows = snapshot.query("SELECT origin, count(*) AS n FROM transfers GROUP BY origin").to_pylist()
    return Counter({row["origin"].partition("/")[2]: row["n"] for row in rows})
