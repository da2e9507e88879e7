"""Killed and stopped under load: what was acknowledged is there exactly once, and agents go on where they were."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from threading import Event, Thread

import pytest
from tests.console.running import START_SECONDS, Service, records, waybill

AGENTS = 4
STOP_SECONDS = 20
ROWS = 5


class Agent:
    """Sends numbered batches, each until it is acknowledged."""

    def __init__(self, service: Service, token: str, name: str) -> None:
        self.name = name
        self.acknowledged = 0
        self.failure = b""
        self.stop = Event()
        self._service = service
        self._token = token
        self._thread = Thread(target=self._run)
        self._thread.start()

    def join(self) -> None:
        """Stop, and wait until the last batch is through."""
        self.stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self.stop.is_set():
            sequence = self.acknowledged + 1
            body = records(*range(sequence, sequence + ROWS - 1), sequence)  # one record twice
            try:
                answer = self._service.post(body, self._token, sequence, Waybill_Agent=self.name)
            except OSError:
                time.sleep(0.05)
                continue
            if answer.status == 200 and answer.json["accepted"] == ROWS:
                self.acknowledged = sequence
            elif answer.status in {429, 503}:
                time.sleep(0.1)
            else:
                self.failure = answer.body
                return


def kill_often(folder: Path, kills: Iterable[str]) -> None:
    data = folder / "data"
    token = waybill(data, "tokens", "create", "agents", "--scope", "ingest", "--scope", "read").strip()
    service = Service(data, workers=1)
    try:
        _killed(service, token, kills, random.Random(1))
    finally:
        service.kill()


def _killed(service: Service, token: str, kills: Iterable[str], chance: random.Random) -> None:
    agents = [Agent(service, token, f"agent-{number}") for number in range(AGENTS)]
    try:
        for kind in kills:
            _await_more(service, agents)
            time.sleep(chance.uniform(0.0, 0.5))
            _kill(service, kind)
            if not service.is_running:
                service.start()
            assert [agent.failure for agent in agents] == [b""] * AGENTS
        _await_more(service, agents)
    finally:
        for agent in agents:
            agent.join()
    rows = service.every_transfer(token)
    there = Counter(row["origin"].partition("/")[2] for row in rows)
    assert len({row["id"] for row in rows}) == len(rows), "a transfer is there twice"
    for agent in agents:
        for sequence in range(1, agent.acknowledged + 1):
            assert there[f"{agent.name}/{sequence}"] == ROWS, "an acknowledged batch is not there as it was sent"
    standings = {one["agent"]: one for one in service.get("/api/v1/sources", token).json["agents"]}
    assert all(standings[agent.name]["missing"] == [] for agent in agents)
    assert service.stop() == 0


def _await_more(service: Service, agents: list[Agent]) -> None:
    """Wait until something more is acknowledged; a service that gave up, as after two deaths in seconds, is started."""
    before = sum(agent.acknowledged for agent in agents)
    until = time.monotonic() + START_SECONDS
    while sum(agent.acknowledged for agent in agents) == before:
        assert time.monotonic() < until, service.log()
        if not service.is_running:
            service.start()
        time.sleep(0.02)


def _kill(service: Service, kind: str) -> None:
    match kind:
        case "all":
            service.kill()
        case "main":
            service.kill_main()
        case "stop":
            begun = time.monotonic()
            assert service.stop() == 0, service.log()
            assert time.monotonic() - begun < STOP_SECONDS, "it waits for what it could have finished"
        case _:
            service.kill_one(kind)


def test_killed_and_stopped_under_load(tmp_path: Path) -> None:
    kill_often(tmp_path, ["reader", "server", "worker", "all", "stop"])


@pytest.mark.soak
def test_two_hundred_kills(tmp_path: Path) -> None:
    kinds = ["reader", "server", "worker", "all", "main", "stop"]
    kill_often(tmp_path, random.Random(2).choices(kinds, [55, 25, 10, 5, 3, 2], k=205))
