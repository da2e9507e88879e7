"""Response: from the decision to containment that was seen, undone as it was, many at once, and cases of many findings.

Systems are the real ones that run here: the register's permits, nftables in a network namespace of its own (left out
where there is none), buckets of moto's server. The decision is made already: four eyes take as long as people take.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import msgspec

from bench.scoreboard import Row, row
from waybill.control import open_database
from waybill.model.findings import Finding, Position, Text
from waybill.model.ids import finding_id
from waybill.model.words import Severity
from waybill.respond.acting import Arguments, Before, Connector
from waybill.respond.connectors.nftables import BlockEgress, Firewall
from waybill.respond.connectors.s3 import QuarantineObject, Storage
from waybill.respond.playbook import Playbook, read

if TYPE_CHECKING:
    from waybill.respond.resting import Tools

ROUNDS = 40
FINDINGS = 2_000
RUNS = 100
THREADS = 8

_START = datetime(2026, 3, 2, tzinfo=UTC)


def measure() -> list[Row]:
    """Measure everything; goals are those of the product, there is no peer that verifies or undoes."""
    with tempfile.TemporaryDirectory() as folder:
        open_database(Path(folder) / "control.sqlite3")
        return [*_grouping(), *_containing(), *_at_once()]


def _grouping() -> Iterator[Row]:
    from waybill.cases import grouping
    from waybill.cases.grouping import Incoming
    from waybill.cases.traits import Trait
    from waybill.cases.words import Link
    from waybill.findings.store import DatabaseFindingStore

    findings = [_finding(number) for number in range(FINDINGS)]
    DatabaseFindingStore().commit("bench", findings, {}, 0)
    items = [
        Incoming(one, frozenset({Trait(Link.ACTOR, f"p-{number % 400:016d}")}), public_interest=False, opens=True)
        for number, one in enumerate(findings)
    ]
    begun = time.process_time()
    grouping.group(items, window=timedelta(hours=72), now=_START)
    taken = time.process_time() - begun
    yield row("findings put into cases", FINDINGS / taken, "a CPU second")


def _containing() -> Iterator[Row]:
    blocks = [{"address": f"192.0.2.{number + 1}", "minutes": "5"} for number in range(ROUNDS)]
    with _namespace() as command:
        if command is not None:
            yield from _rounds("egress block", BlockEgress(Firewall(command)), blocks)
    with _storage() as storage:
        objects = [{"bucket": "public", "key": f"plan-{number}.dwg"} for number in range(ROUNDS)]
        with storage.client(5.0) as client:
            for one in objects:
                client.put_object(Bucket="public", Key=one["key"], Body=b"x" * 1_000_000)
        yield from _rounds("quarantine of 1 MB", QuarantineObject(storage), objects)


def _rounds(name: str, connector: Connector, arguments: list[dict[str, str]]) -> Iterator[Row]:
    """Run a playbook of one act for each, undo it, and tell how long until it was seen in force, and whether undone."""
    from waybill.respond.running import advance, begin, undo
    from waybill.respond.words import ActState, RunState

    tools = _tools(connector)
    case, restored = _case(), 0
    seconds: list[float] = []
    for one in arguments:
        run = begin(case, [_playbook(connector.name, one)], {}, tools, who="a", reason="bench")
        begun = time.perf_counter()
        found = advance(run, tools)
        seconds.append(time.perf_counter() - begun)
        if [act.state for act in found.acts] != [ActState.IN_FORCE]:
            raise RuntimeError(f"{name} is not in force: {found}")
        restored += undo(run, tools, who="a", reason="bench").state is RunState.UNDONE
    ordered = sorted(seconds)
    yield row(f"{name}: decision to verified containment, p95", ordered[int(len(ordered) * 0.95)], "s", at_most=1.0)
    yield row(f"{name}: undone as it was before", restored / len(arguments), "of runs", at_least=1.0)


def _at_once() -> Iterator[Row]:
    """100 runs by 8 threads: a fault is a run that has done another's act, or not its own."""
    from waybill.control import close_database
    from waybill.respond.running import advance, begin

    done: set[str] = set()

    class Mark(Connector):
        name: ClassVar[str] = "mark.set"
        arguments: ClassVar[tuple[str, ...]] = ("mark",)
        needs_two: ClassVar[bool] = False

        def says(self, given: Arguments) -> str:
            return given["mark"]

        def before(self, given: Arguments) -> Before:
            return {}

        def act(self, given: Arguments, seconds: float) -> None:
            done.add(given["mark"])

        def in_force(self, given: Arguments) -> bool:
            return given["mark"] in done

        def undo(self, given: Arguments, before: Before, seconds: float) -> None:
            done.discard(given["mark"])

    tools = _tools(Mark())
    case = _case()
    books = [_playbook("mark.set", {"mark": str(number)}) for number in range(RUNS)]
    waiting = [(begin(case, [book], {}, tools, who="a", reason="bench"), str(n)) for n, book in enumerate(books)]
    faults, lock = 0, threading.Lock()

    def work() -> None:
        nonlocal faults
        while True:
            with lock:
                if not waiting:
                    break
                number, mark = waiting.pop()
            found = advance(number, tools)
            with lock:
                faults += [act.arguments for act in found.acts] != [{"mark": mark}]
        close_database()

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    yield row(f"{RUNS} playbooks at once: faults", faults + RUNS - len(done), "runs", at_most=0.0)
    yield row(f"{RUNS} playbooks at once", RUNS / (time.perf_counter() - begun), "a second")


def _tools(*connectors: Connector) -> Tools:
    """Return these as what runs act with, where nobody is known."""
    from waybill.respond.resting import Names, Tools

    return Tools({one.name: one for one in connectors}, Names(os.urandom(32), str, str, str))


def _case() -> int:
    from waybill.cases import queries

    return queries.cases()[0].number


def _playbook(command: str, arguments: dict[str, str]) -> Playbook:
    steps = {
        "start--1": {"type": "start", "on_completion": "action--1"},
        "action--1": {
            "type": "action",
            "commands": [{"type": "waybill", "command": command, "arguments": arguments}],
            "on_completion": "end--1",
        },
        "end--1": {"type": "end"},
    }
    told = {"type": "playbook", "spec_version": "cacao-2.0", "id": "playbook--1", "name": "bench"}
    return read(msgspec.json.encode({**told, "workflow_start": "start--1", "workflow": steps}))


def _finding(number: int) -> Finding:
    time_ = _START + timedelta(minutes=7 * number)
    return Finding(
        id=finding_id("bench", str(number)), detector="bench", rule_id="bench", title=Text("x", "x"),
        severity=Severity.HIGH, score=1.0, time=time_, last_time=time_, subject="", asset="", channel="web",
        outcome="success", source=Position("bench", "bench", 1), transfers=(f"{number:032x}",), sentence=Text("x", "x"),
    )  # fmt: skip


@contextmanager
def _namespace() -> Iterator[tuple[str, ...] | None]:
    name = f"waybill-bench-{os.getpid()}"
    able = shutil.which("nft") is not None and shutil.which("ip") is not None and os.getuid() == 0
    if not able or subprocess.run(["ip", "netns", "add", name], check=False).returncode:
        yield None
        return
    try:
        yield ("ip", "netns", "exec", name, "nft")
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=True)


@contextmanager
def _storage() -> Iterator[Storage]:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = int(one.getsockname()[1])
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    storage = Storage("kept", f"http://127.0.0.1:{port}", access_key="x", secret_key="y")
    try:
        for _ in range(600):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        with storage.client(5.0) as client:
            for bucket in ("public", "kept"):
                client.create_bucket(Bucket=bucket)
        yield storage
    finally:
        server.terminate()
        server.wait()
