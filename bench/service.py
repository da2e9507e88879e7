"""The service: durable events a second over HTTP, and how soon one becomes a finding.

The load generator runs on the same cores. Beside it, in the same run, a bare WSGI application on the same HTTP server
that parses each record and syncs each body, and does nothing else of what the service does. Processor time of all
processes of a server, a million events, says the same on a machine that others use too.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import Request, urlopen

import msgspec
import numpy as np

from bench import events
from bench.processes import processor_seconds
from bench.scoreboard import Row, row

CONNECTIONS = {1_000: 8, 100: 24}
"""By the size of batches: as many events under way as keep both cores busy, and batches as one token may have."""

WARM_UP = 5.0
"""Seconds before anything is counted: processes start with the first batches."""

SECONDS = 10.0
PACE = 20_000
"""Events a second while the way from an event to its finding is timed."""

PROBES = 20

START_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Load:
    """What a run of the load generator saw."""

    events: int
    seconds: float
    latencies: list[float]
    processor: float
    """Seconds of processor time that all processes of the server took."""

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds

    @property
    def dearness(self) -> float:
        """Seconds of processor time for a million events."""
        return self.processor / self.events * 1e6

    @property
    def slowest(self) -> float:
        """99th percentile of the time to an answer, in milliseconds."""
        return float(np.percentile(self.latencies, 99)) * 1000


class Sender:
    """One connection that sends batches, one after the other."""

    def __init__(self, port: int, token: str, agent: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = (
            f"POST /api/v1/transfers?mapping=waybill HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/x-ndjson\r\nWaybill-Agent: {agent}\r\n"
        )
        self._sequence = 0

    def send(self, body: bytes) -> float:
        """Send a batch and return how many seconds its answer took."""
        self._sequence += 1
        head = f"{self._head}Waybill-Sequence: {self._sequence}\r\nContent-Length: {len(body)}\r\n\r\n"
        begun = time.perf_counter()
        self._socket.sendall(head.encode() + body)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._more()
        told, _, rest = answer.partition(b"\r\n\r\n")
        if not told.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"the service answered {told[:40]!r} {rest[:200]!r}")
        length = next(int(line[15:]) for line in told.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        while len(rest) < length:
            rest += self._more()
        return time.perf_counter() - begun

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def _more(self) -> bytes:
        part = self._socket.recv(65536)
        if not part:
            raise RuntimeError("the service closed the connection")
        return part


def measure() -> list[Row]:
    """Return all figures of this benchmark."""
    with tempfile.TemporaryDirectory(prefix="waybill-bench-") as name:
        folder = Path(name)
        file = folder / "events.ndjson"
        events.write_ndjson(file, 200_000)
        lines = file.read_bytes().splitlines(keepends=True)
        return [*_rates(folder, lines), *_delay(folder, lines)]


def _rates(folder: Path, lines: list[bytes]) -> Iterator[Row]:
    peer = "bare WSGI app that parses and syncs"
    for size, goal in ((1_000, 100_000), (100, 50_000)):
        batches = [b"".join(lines[start : start + size]) for start in range(0, len(lines), size)]
        with _bare() as (port, server):
            ceiling = _loaded(server, port, "none", batches, size)
        with running_service(folder / f"alone-{size}", detect=False) as (port, token, server):
            alone = _loaded(server, port, token, batches, size)
        with running_service(folder / f"detecting-{size}") as (port, token, server):
            detecting = _loaded(server, port, token, batches, size)
        what = f"POST of {size:,} {events.EVENT_BYTES}-byte events a batch, durable before the answer"
        yield row(what, alone.rate, "events/s", peer=peer, peer_value=ceiling.rate, at_least=goal)
        yield row(what, alone.rate, "events/s", peer=peer, peer_value=ceiling.rate, ratio_at_least=0.8)
        yield row(f"{what}, processor time", alone.dearness, "s/million", peer=peer, peer_value=ceiling.dearness)
        answer = f"its answer, 99th percentile of {CONNECTIONS[size]} at once"
        yield row(answer, alone.slowest, "ms", peer=peer, peer_value=ceiling.slowest, at_most=250)
        yield row(f"{what}, detectors on the same cores", detecting.rate, "events/s")


def _loaded(server: int, port: int, token: str, batches: list[bytes], size: int) -> Load:
    """Return what came of sending as fast as answers come, on several connections."""
    connections = CONNECTIONS[size]
    senders = [Sender(port, token, f"bench-{number}-{secrets.token_hex(2)}") for number in range(connections)]
    latencies: list[list[float]] = [[] for _ in senders]
    begin = time.monotonic() + WARM_UP

    def run(number: int) -> None:
        place = number
        while time.monotonic() < begin + SECONDS:
            latency = senders[number].send(batches[place % len(batches)])
            if time.monotonic() >= begin:
                latencies[number].append(latency)
            place += connections

    with ThreadPoolExecutor(connections) as pool:
        running = [pool.submit(run, number) for number in range(connections)]
        time.sleep(max(0.0, begin - time.monotonic()))
        before = processor_seconds(server)
        for one in running:
            one.result()
    seconds = time.monotonic() - begin
    for sender in senders:
        sender.close()
    every = [latency for one in latencies for latency in one]
    return Load(len(every) * size, seconds, every, processor_seconds(server) - before)


def _delay(folder: Path, lines: list[bytes]) -> Iterator[Row]:
    """Time events from being sent until their finding can be read, while others come steadily."""
    data = folder / "data-delay"
    assets = folder / "assets.csv"
    assets.write_text("id,name,kind,grade,patterns\nbench,Bench,data,core,bench/*\n", encoding="utf-8")
    waybill(data, "assets", "import", str(assets))
    stop = threading.Event()
    with running_service(data) as (port, token, _):
        batches = [b"".join(lines[start : start + 1_000]) for start in range(0, len(lines), 1_000)]
        steady = threading.Thread(target=_steady, args=(Sender(port, token, "steady"), batches, stop))
        steady.start()
        try:
            delays = [_until_found(port, token, number) for number in range(PROBES)]
        finally:
            stop.set()
            steady.join()
    what = f"from sending an event to reading its finding, 99th percentile of {PROBES}, at {PACE:,} events/s beside it"
    yield row(what, float(np.percentile(delays, 99)), "s", at_most=5)


def _steady(sender: Sender, batches: list[bytes], stop: threading.Event) -> None:
    """Send a fixed number of events a second."""
    pause = 1_000 / PACE
    due = time.monotonic()
    number = 0
    while not stop.wait(max(0.0, due - time.monotonic())):
        sender.send(batches[number % len(batches)])
        number, due = number + 1, due + pause


def _until_found(port: int, token: str, number: int) -> float:
    """Send an event that nobody permitted and return the seconds until its finding can be read."""
    event = {
        "time": f"{datetime.now(UTC) + timedelta(seconds=number):%Y-%m-%dT%H:%M:%SZ}",
        "actor": f"service-{number}",
        "actor_kind": "service",
        "action": "upload",
        "channel": "web",
        "asset": f"bench/{number}",
        "to_place": "elsewhere.example",
        "outcome": "success",
    }
    url = f"http://127.0.0.1:{port}/api/v1/findings?subject=service-{number}"
    request = Request(url, headers={"Authorization": f"Bearer {token}"})
    begun = time.monotonic()
    sender = Sender(port, token, f"probe-{number}")
    sender.send(msgspec.json.encode(event) + b"\n")
    sender.close()
    while time.monotonic() - begun < START_SECONDS:
        with urlopen(request) as answer:
            if msgspec.json.decode(answer.read())["findings"]:
                return time.monotonic() - begun
        time.sleep(0.1)
    raise RuntimeError("an event did not become a finding")


@contextmanager
def running_service(data: Path, *, detect: bool = True) -> Iterator[tuple[int, str, int]]:
    """Run the service on a data folder, with detection or without; yields its port, a token and its process id."""
    said = waybill(data, "tokens", "create", f"bench-{secrets.token_hex(4)}", "--scope", "ingest", "--scope", "read")
    port = free_port()
    command = [sys.executable, "-m", "waybill", "serve", "--data", str(data), "--port", str(port)]
    with running(command, port, {} if detect else {"WAYBILL_DETECT_SECONDS": "0"}) as server:
        yield port, said.strip(), server


@contextmanager
def _bare() -> Iterator[tuple[int, int]]:
    """Run an application that does the least; yields its port and process id."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1", "--port", str(port)]
    with running(
        [*command, "--blocking-threads", str(max(CONNECTIONS.values())), "bench.bare_app:application"], port, {}
    ) as server:
        yield port, server


@contextmanager
def running(command: list[str], port: int, settings: Mapping[str, str]) -> Iterator[int]:
    """Run a server inside the block; yields its process id."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet, env={**os.environ, **settings}) as process:
        try:
            until = time.monotonic() + START_SECONDS
            while not _answers(port):
                if time.monotonic() > until:
                    raise RuntimeError("the server does not start")
                time.sleep(0.1)
            yield process.pid
        finally:
            process.terminate()


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
            return True
    except OSError:
        return False


def waybill(data: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "waybill", *arguments, "--data", str(data)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
