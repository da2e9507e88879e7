"""Files sent by ``waybill forward`` to a real service arrive, each record exactly once, whatever fails on the way."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from tests.console.conftest import Tokens
from tests.console.network import Network
from tests.console.running import Service, free_port, record, waybill

from waybill.flow.forward.spool import Outbox, Seal

SECONDS = 60.0

GATE = """
name = "gate"
format = "ndjson"
[recognise]
require = ["gate_time"]

[columns]
time = "gate_time"
action = { value = "read" }
channel = { value = "file" }
asset = "thing"
"""


def run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, whatever that is."""
    return subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=SECONDS)


class Sender:
    """``waybill forward`` as a user runs it."""

    def __init__(self, folder: Path, port: int, token: str, *options: str) -> None:
        self.logs = folder / "logs"
        self.logs.mkdir(parents=True, exist_ok=True)
        self.state = folder / "state"
        self.port = port
        self._token = token
        self._options = options
        self._running: subprocess.Popen[bytes] | None = None

    def command(self, *options: str) -> list[str]:
        """Return the command line."""
        where = ["--to", f"http://127.0.0.1:{self.port}", "--state", str(self.state), "--every", "0.1"]
        return [sys.executable, "-m", "waybill", "forward", str(self.logs), *where, *self._options, *options]

    def start(self, *options: str) -> None:
        """Start one that goes on."""
        command = self.command("--json", *options)
        self._running = subprocess.Popen(command, env=self._environment(), stdout=subprocess.DEVNULL)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send it a signal and return its exit code."""
        assert self._running is not None
        self._running.send_signal(number)
        return self._running.wait(SECONDS)

    def once(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Send what is there."""
        command = self.command("--once", "--json", *options)
        return run(command, self._environment())

    def standing(self, *options: str) -> dict[str, object]:
        """Return what waits."""
        told = subprocess.run(
            [sys.executable, "-m", "waybill", "forward", "--status", "--json", "--state", str(self.state), *options],
            check=True,
            capture_output=True,
        )
        standing: dict[str, object] = json.loads(told.stdout)
        return standing

    def refused(self) -> list[dict[str, str]]:
        """Return the batches that the service refused."""
        refused: list[dict[str, str]] = self.standing()["refused"]  # type: ignore[assignment]
        return refused

    def write(self, name: str, *lines: bytes) -> None:
        """Write more to a log."""
        with (self.logs / name).open("ab") as file:
            file.write(b"".join(lines))

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "WAYBILL_TOKEN": self._token}


@pytest.fixture
def sender(service: Service, tokens: Tokens, tmp_path: Path) -> Sender:
    return Sender(tmp_path, service.port, tokens.make("ingest"))


def assets(service: Service, token: str, prefix: str) -> Counter[str]:
    """Return how often each asset that begins so was transferred."""
    rows = service.every_transfer(token)
    return Counter(row["asset"] for row in rows if row["asset"].startswith(prefix))


def test_what_is_there_is_sent_and_sent_once(service: Service, reading: str, sender: Sender) -> None:
    lines = [record(0, asset=f"/once/{number % 50}") for number in range(120)]
    sender.write("a.ndjson", *lines)
    first, second = sender.once(), sender.once()
    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    told = json.loads(first.stdout.splitlines()[-1])
    assert (told["event"], told["accepted"], told["waiting"]) == ("end", 120, 0)
    assert json.loads(second.stdout.splitlines()[-1])["batches"] == 0
    sender.write("a.ndjson", record(0, asset="/once/new"))
    assert sender.once().returncode == 0
    assert assets(service, reading, "/once/") == Counter(json.loads(line)["asset"] for line in lines) + Counter(
        ["/once/new"]
    )


def test_what_is_refused_is_set_aside_and_sent_again_when_asked(service: Service, reading: str, sender: Sender) -> None:
    mapping = sender.logs.with_name("gate.toml")
    mapping.write_text(GATE)
    sender.write("gate.ndjson", b'{"gate_time": "2026-03-02T09:00:00Z", "thing": "/refused/1"}\n')
    sender.write("known.ndjson", record(0, asset="/refused/2"))
    done = sender.once("--mapping", str(mapping))
    assert done.returncode == 0, done.stderr
    assert '"event":"refused"' in done.stdout
    (refused,) = sender.refused()
    assert refused["mapping"] == "gate" and "400 there is no such mapping" in refused["reason"]
    assert assets(service, reading, "/refused/") == Counter(["/refused/2"])
    own = service.data / "mappings"
    own.mkdir(exist_ok=True)
    (own / "gate.toml").write_text(GATE)
    time.sleep(1.5)  # the service looks once a second
    sender.standing("--retry")
    assert sender.once("--mapping", str(mapping)).returncode == 0
    assert sender.refused() == []
    assert assets(service, reading, "/refused/") == Counter(["/refused/1", "/refused/2"])
    standing = next(one for one in service.get("/api/v1/sources", reading).json["agents"] if one["highest"] == 2)
    assert standing["missing"] == []


def test_protected_records_do_not_reach_the_buffer_and_names_rest_sealed(tmp_path: Path) -> None:
    sender = Sender(tmp_path, 9, "t")  # nobody listens there
    channels = tmp_path / "channels.toml"
    channels.write_text('[[channel]]\naddresses = ["help@union.example"]\n')
    for number in range(5):
        sender.write(
            "a.ndjson", record(number, actor="li.na", to_party="help@union.example"), record(number, actor="li.na")
        )
    sender.start("--channels", str(channels))
    wait_for(lambda: sender.standing()["waiting"] == 1)
    assert sender.end() == 0
    for file in sender.state.iterdir():
        content = file.read_bytes()
        assert b"li.na" not in content and b"union.example" not in content
        assert file.stat().st_mode & 0o077 == 0
    outbox = Outbox(sender.state / "spool.sqlite3", Seal(sender.state))
    batch = outbox.first()
    outbox.close()
    assert batch is not None
    assert pa.input_stream(pa.py_buffer(batch.packed), compression="zstd").read().count(b"\n") == 5


def test_a_full_buffer_makes_files_wait_and_loses_nothing(
    service: Service, tokens: Tokens, reading: str, tmp_path: Path
) -> None:
    port = free_port()
    sender = Sender(tmp_path, port, tokens.make("ingest"), "--buffer-mb", "1")
    noise = random.Random(1)
    for name in range(8):
        lines = [record(0, asset=f"/full/{name}", note=noise.randbytes(400).hex()) for _ in range(1000)]
        sender.write(f"{name}.ndjson", *lines)
    sender.start()
    wait_for(lambda: int(str(sender.standing()["bytes"])) >= 1 << 20)
    time.sleep(0.5)
    assert int(str(sender.standing()["bytes"])) < 2 << 20, "no more is read"
    assert sender.end() == 0
    with Network(service.port, noise) as network:
        sender.port = network.port
        assert sender.once().returncode == 0
    assert assets(service, reading, "/full/") == Counter({f"/full/{name}": 1000 for name in range(8)})


def test_others_must_not_read_along(tmp_path: Path) -> None:
    sender = Sender(tmp_path, 1, "t")
    far = run([*sender.command("--once"), "--to", "http://192.0.2.1"], {**os.environ, "WAYBILL_TOKEN": "t"})
    assert far.returncode == 2 and "on their way" in far.stderr
    without = run(sender.command("--once"), {**os.environ, "WAYBILL_TOKEN": ""})
    assert without.returncode == 2 and "there is no token" in without.stderr


def test_each_record_arrives_once_through_failures(tmp_path: Path) -> None:
    killed, cuts = through_failures(tmp_path, 6)
    assert killed == 4 and cuts >= 0


@pytest.mark.soak
def test_each_record_arrives_once_through_many_failures(tmp_path: Path) -> None:
    killed, cuts = through_failures(tmp_path, 150)
    assert killed == 100 and cuts > 20


def through_failures(folder: Path, turns: int) -> tuple[int, int]:
    """Send while everything fails in turn; return how often something was killed and how many connections were cut."""
    chance = random.Random(7)
    token = waybill(folder / "data", "tokens", "create", "t", "--scope", "ingest", "--scope", "read").strip()
    service = Service(folder / "data", workers=1)
    wanted: Counter[str] = Counter()
    killed = 0
    with Network(service.port, chance) as network:
        sender = Sender(folder, network.port, token)
        sender.start()
        try:
            for turn in range(turns):
                wanted.update(write_some(sender, chance, turn))
                time.sleep(chance.uniform(0.0, 0.6))
                if turn % 3 == 0:
                    network.failing = True
                    continue
                network.failing = turn % 2 == 0
                if turn % 3 == 1:
                    sender.end(signal.SIGKILL)
                    sender.start()
                else:
                    service.kill()
                    service.start()
                killed += 1
            network.failing = False
            wait_for(lambda: assets(service, token, "/") == wanted, lambda: str(sender.standing()))
            assert sender.end() == 0
            assert sender.refused() == []
        finally:
            sender.end(signal.SIGKILL)
            service.kill()
    return killed, network.cuts


def write_some(sender: Sender, chance: random.Random, turn: int) -> list[str]:
    """Write to two logs, the last line of each in two parts, and rotate one now and then; return the assets."""
    wanted = []
    for name in ("a.ndjson", "b.ndjson"):
        found = [f"/{chance.randrange(30)}" for _ in range(chance.randrange(1, 40))]
        *lines, last = [record(0, asset=asset) for asset in found]
        cut = chance.randrange(len(last))
        sender.write(name, *lines, last[:cut])
        time.sleep(chance.uniform(0, 0.1))
        sender.write(name, last[cut:])
        wanted += found
    if turn % 3 == 2:
        (sender.logs / "a.ndjson").rename(sender.logs / f"a.{turn}.ndjson")
    return wanted


def wait_for(done: Callable[[], bool], told: Callable[[], str] = str) -> None:
    """Wait until something is so."""
    until = time.monotonic() + SECONDS
    while not done():
        assert time.monotonic() < until, told()
        time.sleep(0.1)
