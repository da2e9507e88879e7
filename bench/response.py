"""Response: from the decision to containment that was seen, undone as it was, many at once, and clocks over a year.

Systems are the real ones that run here: slapd, PostgreSQL, nftables in a network namespace of its own, buckets of
moto's server, an authorization server (Django OAuth Toolkit), one of SCIM 2.0 (scim2-server), the register, the file
of custody events, the outbox of messages. What is not installed is left out and told. The decision is made already:
four eyes take as long as people take.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import msgspec

from bench.scoreboard import Row, row
from waybill.flow.installation import Installation
from waybill.model.findings import Finding, Position, Text
from waybill.model.ids import finding_id
from waybill.model.words import Severity
from waybill.respond.acting import Arguments, Before, Connector
from waybill.respond.playbook import Playbook, read

if TYPE_CHECKING:
    from bench.response_systems import Prepared
    from waybill.respond.resting import Tools
    from waybill.respond.standing import Standing

FINDINGS = 2_000
RUNS = 100
THREADS = 8
SEED = 7

_START = datetime(2026, 3, 2, tzinfo=UTC)


def measure() -> list[Row]:
    """Measure everything; goals are those of the product, there is no peer that verifies or undoes."""
    with tempfile.TemporaryDirectory() as folder:
        here = Installation.open(Path(folder) / "data", create=True)
        return [*_grouping(), *_containing(here, Path(folder)), *_at_once(), *_year()]


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


def _containing(here: Installation, folder: Path) -> Iterator[Row]:
    from bench.response_systems import SYSTEMS  # models, so the database must be open

    restored = runs = 0
    for name, prepare in SYSTEMS.items():
        with ExitStack() as stack:
            prepared = prepare(stack, here, folder)
            if prepared is None:
                yield row(f"{name}: left out, not installed here", 0, "")
                continue
            taken = _Rounds.of(prepared)
            ordered = sorted(taken.seconds)
            what = f"{name}: decision to verified containment, p95"
            yield row(what, ordered[int(len(ordered) * 0.95)], "s", at_most=1.0)
            if not prepared.connector.lasting:
                restored, runs = restored + taken.restored, runs + len(taken.seconds)
    yield row("runs undone as it was before, of all connectors that can", restored / runs, "of runs", at_least=1.0)


class _Rounds(NamedTuple):
    """Runs of one act each, and whether each was undone."""

    seconds: list[float]
    restored: int

    @classmethod
    def of(cls, prepared: Prepared) -> _Rounds:
        """Contain by each of these arguments, and undo it. Raises RuntimeError where something is not in force."""
        from waybill.respond.running import begin, undo
        from waybill.respond.words import ActState, RunState

        connector, restored = prepared.connector, 0
        tools, case = _tools(connector), _case()
        seconds = []
        for arguments in prepared.arguments:
            run = begin(case, [_playbook(connector.name, arguments)], {}, tools, who="a", reason="bench")
            decided = _approved(run, tools) if connector.needs_two else run
            begun = time.perf_counter()
            found = _advanced(decided, tools)
            seconds.append(time.perf_counter() - begun)
            if [act.state for act in found.acts] != [ActState.IN_FORCE]:
                raise RuntimeError(f"{connector.name} is not in force: {found}")
            restored += undo(run, tools, who="a", reason="bench").state is RunState.UNDONE
        return cls(seconds, restored)


def _advanced(run: int, tools: Tools) -> Standing:
    from waybill.respond.running import advance

    return advance(run, tools)


def _approved(run: int, tools: Tools) -> int:
    from waybill.respond.running import approve

    return approve(_advanced(run, tools).acts[0].number, True, who="b", reason="bench")


def _at_once() -> Iterator[Row]:
    """100 runs by 8 threads: a fault is a run that has done another's act, or not its own."""
    from waybill.respond.running import begin

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

    tools, case = _tools(Mark()), _case()
    books = [_playbook("mark.set", {"mark": str(number)}) for number in range(RUNS)]
    waiting = [(begin(case, [book], {}, tools, who="a", reason="bench"), str(n)) for n, book in enumerate(books)]
    faults: list[str] = []

    def work() -> None:
        while True:
            try:
                number, mark = waiting.pop()
            except IndexError:
                return
            if [act.arguments for act in _advanced(number, tools).acts] != [{"mark": mark}]:
                faults.append(mark)

    begun = time.perf_counter()
    _in_threads(work)
    yield row(f"{RUNS} playbooks at once: faults", len(faults) + RUNS - len(done), "runs", at_most=0.0)
    yield row(f"{RUNS} playbooks at once", RUNS / (time.perf_counter() - begun), "a second")


def _in_threads(work: Callable[[], None]) -> None:
    from waybill.control import close_database

    def alone() -> None:
        try:
            work()
        finally:
            close_database()

    threads = [threading.Thread(target=alone) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _year() -> Iterator[Row]:
    """A year of cases in three time zones, hour by hour, while the power fails between any two statements."""
    from tests.cases.simulated import simulate

    from waybill.control import close_database, open_database

    close_database()
    with tempfile.TemporaryDirectory() as folder:
        open_database(Path(folder) / "year.db")
        world = simulate(SEED, 365, timedelta(hours=1))
        close_database()
    yield row("a simulated year: steps of clocks missed", len(world.missed), "steps", at_most=0.0)
    yield row("a simulated year: clocks due at another time than by law", len(world.wrong), "clocks", at_most=0.0)
    yield row("a simulated year: steps of clocks told", world.told, "steps")
    yield row("a simulated year: clocks across a change of summer time", world.across, "clocks", at_least=1.0)
    yield row("a simulated year: crashes", world.failures, "crashes", at_least=1.0)


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
