"""A real service on a free port, and clients that behave and misbehave."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from waybill.cli.app import app

START_SECONDS = 180.0
NDJSON = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def waybill(data: Path, *arguments: str) -> str:
    """Run a command on a data folder and return what it printed."""
    result = CliRunner().invoke(app, [*arguments, "--data", str(data)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


class Service:
    """The service as a user runs it."""

    def __init__(self, data: Path, **settings: object) -> None:
        self.data = data
        self.port = free_port()
        self._log = data.with_name(data.name + ".log")
        self._settings = {f"WAYBILL_{name.upper()}": str(value) for name, value in settings.items()}
        self.start()

    def start(self) -> None:
        """Start it and wait until it is ready."""
        command = [sys.executable, "-m", "waybill", "serve", "--data", str(self.data), "--port", str(self.port)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, env={**os.environ, **self._settings}, start_new_session=True
            )
        until = time.monotonic() + START_SECONDS
        while not self.is_ready():
            assert self._process.poll() is None, self.log()
            assert time.monotonic() < until, self.log()
            time.sleep(0.05)

    def is_ready(self) -> bool:
        """Return whether it takes batches."""
        try:
            return self.get("/readyz").status == 200
        except OSError:
            return False

    def stop(self) -> int:
        """Ask it to stop and return its exit code."""
        self._process.terminate()
        return self._process.wait(START_SECONDS)

    def kill(self) -> None:
        """Kill all of its processes at once."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def kill_main(self) -> None:
        """Kill the process that started the others."""
        self._process.kill()
        self._process.wait()

    def kill_one(self, kind: str) -> bool:
        """Kill a process: the ``server`` that answers, the ``worker`` of tasks, or a ``reader``; returns whether one.

        The worker is the one of those that multiprocessing started which holds the lock of tasks.
        """
        for pid, command in _below(self._process.pid):
            started = "spawn_main" in command
            works = started and self.data / "tasks.lock" in _opened(pid)
            if {"reader": "waybill.collect.worker" in command, "server": started and not works, "worker": works}[kind]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    return True
        return False

    @property
    def is_running(self) -> bool:
        """Whether the process that started the others is alive."""
        return self._process.poll() is None

    def log(self) -> str:
        """Return all that it has written."""
        return self._log.read_text(encoding="utf-8")

    def get(self, path: str, token: str = "", **headers: str) -> Answer:
        """Ask for something."""
        return self.request("GET", path, b"", token, headers)

    def post(
        self,
        body: bytes,
        token: str,
        sequence: int | str = 1,
        *,
        query: str = "mapping=waybill",
        kind: str = NDJSON,
        **headers: str,
    ) -> Answer:
        """Send a batch; underscores in names of headers stand for hyphens."""
        said = {"Content-Type": kind, "Waybill-Sequence": str(sequence)}
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request("POST", f"/api/v1/transfers?{query}", body, token, said)

    def request(self, method: str, path: str, body: bytes, token: str, headers: Mapping[str, str]) -> Answer:
        """Send a request on a connection of its own."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            shown = {"Authorization": f"Bearer {token}"} if token else {}
            with suppress(BrokenPipeError, ConnectionResetError):  # it may answer before it has read all
                connection.request(method, path, body or None, {**shown, **headers})
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def every_transfer(self, token: str) -> list[dict[str, Any]]:
        """Return all transfers, page by page."""
        found: list[dict[str, Any]] = []
        after = ""
        while True:
            page = self.get(f"/api/v1/transfers?limit=1000&after={after.replace('+', '%2B')}", token).json
            found += page["transfers"]
            after = page["next"]
            if not after:
                return found


def _below(pid: int) -> list[tuple[int, str]]:
    """Return id and command line of all processes that a process started, and those that these started."""
    found: list[tuple[int, str]] = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                found += [(int(entry.name), command), *_below(int(entry.name))]
    return found


def _opened(pid: int) -> set[Path]:
    """Return the files that a process holds open."""
    found = set()
    with suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                found.add(descriptor.readlink())
    return found


def record(number: int, **fields: object) -> bytes:
    """Return a record in Waybill's own format as a line; equal numbers give equal records."""
    said = {"time": "2026-03-02T09:00:00Z", "action": "upload", "channel": "web", "actor": "li.na"}
    return json.dumps({**said, "asset": f"/share/{number}", **fields}).encode() + b"\n"


def records(*numbers: int) -> bytes:
    """Return a batch of records."""
    return b"".join(map(record, numbers))
