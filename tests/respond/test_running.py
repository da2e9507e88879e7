"""Runs of playbooks: what is in force is seen and told; two must approve; a crash loses nothing; undo restores."""

from __future__ import annotations

import os
import random
import threading
from pathlib import Path
from typing import Any

import pytest
from tests.cases.samples import at, case_for
from tests.respond.samples import Alarms, Lamps, act, id_of, playbook, using
from tests.respond.test_checking import whole

from waybill.cases.journal import entries
from waybill.cases.words import Act
from waybill.control import close_database, open_database
from waybill.model.errors import BusyError, UsageError
from waybill.respond import models, running
from waybill.respond.planning import dry_run
from waybill.respond.playbook import Playbook
from waybill.respond.resting import Tools
from waybill.respond.running import advance, approve, begin, look, undo
from waybill.respond.standing import Standing, standing
from waybill.respond.words import ActState, RunState

pytestmark = pytest.mark.both_databases


def ran(case: int, tools: Tools, *books: Playbook, **values: str) -> Standing:
    return advance(begin(case, books, values, tools, who="li", reason="it goes on"), tools)


def states(found: Standing) -> dict[str, ActState]:
    return {one.arguments["lamp"]: one.state for one in found.acts}


def test_every_type_of_step_is_done(database: Path) -> None:
    lamps, other = Lamps(), playbook("other", start="z", **act("z"))
    found = ran(case_for(at(0, 0)), using(lamps), whole(), other)
    assert found.state is RunState.DONE
    assert lamps.calls == ["a", "b", "c", "d", "f", "z"]
    assert set(states(found).values()) == {ActState.IN_FORCE}


def test_a_loop_goes_round_until_what_it_does_works(database: Path) -> None:
    class Slow(Lamps):
        def act(self, arguments: Any, seconds: float) -> None:
            super().act(arguments, seconds)
            if self.calls.count(arguments["lamp"]) < 3:
                self.on.clear()

    steps = {
        "w": {"type": "while-condition", "condition": "__done__:value = 'false'", "on_true": "a",
              "on_completion": "end"},
        **act("a", out_args=["__done__"]),
    }  # fmt: skip
    lamps = Slow()
    book = playbook(start="w", variables={"__done__": "false"}, **steps)
    assert ran(case_for(at(0, 0)), using(lamps), book).state is RunState.DONE
    assert lamps.calls == ["a"] * 3
    lamps.broken["a"] = "nothing"
    lamps.on.clear()
    assert ran(case_for(at(900, 1)), using(lamps), book).state is RunState.FAILED


@pytest.mark.parametrize(
    ("broken", "state", "remark"),
    [
        ("nothing", ActState.NOT_IN_FORCE, "answered yes"),
        ("dead", ActState.NOT_IN_FORCE, "does not answer"),
        ("late", ActState.IN_FORCE, "does not answer"),
        ("faulty", ActState.IN_FORCE, "failed: KeyError"),
        ("dark", ActState.UNKNOWN, "cannot be seen"),
    ],
)
def test_what_a_connector_answers_does_not_count_what_is_seen_does(
    database: Path, broken: str, state: ActState, remark: str
) -> None:
    lamps = Lamps()
    lamps.broken["a"] = broken
    number = case_for(at(0, 0))
    found = ran(number, using(lamps), playbook(**act("a", on_success="end", on_failure="b"), **act("b")))
    (first, *rest) = found.acts
    assert first.state is state and remark in first.remark
    assert bool(rest) is (state is not ActState.IN_FORCE), "failure leads elsewhere"
    told = [entry for entry in entries(number, Act.PLAYBOOK) if entry.what["step"] == str(state)]
    assert told, "the case says what is and what is not in force"


def test_what_touches_people_waits_for_a_second_person(database: Path) -> None:
    alarms, lamps = Alarms(), Lamps()
    tools = using(alarms, lamps)
    steps: dict[str, Any] = {
        "p": {"type": "parallel", "next_steps": ["a", "b"], "on_completion": "end"},
        **act("a", "alarm.on"),
        **act("b"),
    }
    found = ran(case_for(at(0, 0)), tools, playbook(start="p", **steps))
    assert (found.state, alarms.on, lamps.on) == (RunState.WAITS, set(), {"b"}), "one branch waits, the other does not"
    waiting = found.acts[0].number
    with pytest.raises(UsageError, match="begun"):
        approve(waiting, True, who="li", reason="mine")
    assert advance(approve(waiting, True, who="wang", reason="seen"), tools).state is RunState.DONE
    assert alarms.on == {"a"} and lamps.calls == ["b"], "nothing is done twice"
    with pytest.raises(UsageError, match="waits"):
        approve(waiting, True, who="wang", reason="again")


def test_what_waited_in_a_run_that_was_undone_is_not_approved(database: Path) -> None:
    alarms = Alarms()
    found = ran(case_for(at(0, 0)), using(alarms), playbook(**act("a", "alarm.on")))
    assert undo(found.run, using(alarms), who="li", reason="a drill").state is RunState.UNDONE
    with pytest.raises(UsageError, match="waits"):
        approve(found.acts[0].number, True, who="wang", reason="seen")


def test_what_is_refused_is_not_done(database: Path) -> None:
    alarms = Alarms()
    found = ran(case_for(at(0, 0)), using(alarms), playbook(**act("a", "alarm.on")))
    run = approve(found.acts[0].number, False, who="wang", reason="too much")
    assert advance(run, using(alarms)).acts[0].state is ActState.REFUSED
    assert alarms.calls == []


def test_what_a_person_does_waits_for_the_person(database: Path) -> None:
    lamps = Lamps()
    steps = {**act("a", after="b", commands=[{"type": "manual", "command": "ring the vendor"}]), **act("b")}
    found = ran(case_for(at(0, 0)), using(lamps), playbook(**steps))
    assert found.acts[0].arguments == {"what": "ring the vendor"} and not lamps.on
    advance(approve(found.acts[0].number, True, who="li", reason="rang"), using(lamps))
    assert lamps.on == {"b"}


def test_undoing_restores_what_was_before_the_last_first(database: Path) -> None:
    lamps = Lamps()
    lamps.on = {"b"}
    book = playbook(**act("a", after="b"), **act("b", after="c"), **act("c"))
    found = ran(case_for(at(0, 0)), using(lamps), book)
    assert lamps.on == {"a", "b", "c"}
    undone = undo(found.run, using(lamps), who="li", reason="a drill")
    assert undone.state is RunState.UNDONE and lamps.on == {"b"}, "what was on before stays on"


def test_what_cannot_be_undone_is_told_as_in_force(database: Path) -> None:
    lamps = Lamps()
    found = ran(case_for(at(0, 0)), using(lamps), playbook(**act("a", after="b"), **act("b")))
    lamps.broken["a"] = "stuck"
    left = undo(found.run, using(lamps), who="li", reason="a drill")
    assert left.state is RunState.FAILED
    assert states(left) == {"a": ActState.IN_FORCE, "b": ActState.UNDONE}
    lamps.broken.clear()
    assert undo(found.run, using(lamps), who="li", reason="again").state is RunState.UNDONE


def test_what_was_never_begun_is_not_undone(database: Path) -> None:
    """Nobody knows what was before, and what another has done must stay."""
    lamps = Lamps()
    lamps.on, lamps.broken = {"a"}, {"a": "dark"}
    found = ran(case_for(at(0, 0)), using(lamps), playbook(**act("a")))
    assert (found.acts[0].state, lamps.calls) == (ActState.UNKNOWN, [])
    lamps.broken.clear()
    assert look(found.run, using(lamps)).acts[0].state is ActState.IN_FORCE, "another has switched it on"
    undone = undo(found.run, using(lamps), who="li", reason="a drill")
    assert (undone.state, undone.acts[0].state, lamps.on) == (RunState.UNDONE, ActState.NOT_IN_FORCE, {"a"})
    assert "never begun" in undone.acts[0].remark


def test_looking_says_what_is_in_force_now(database: Path) -> None:
    lamps = Lamps()
    found = ran(case_for(at(0, 0)), using(lamps), playbook(**act("a")))
    lamps.on.clear()
    assert states(look(found.run, using(lamps))) == {"a": ActState.NOT_IN_FORCE}


class PowerError(BaseException):
    """The power fails."""


@pytest.mark.parametrize("seed", range(6))
def test_a_crash_anywhere_loses_nothing_and_does_nothing_twice_over(
    database: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, lamps = random.Random(seed), Lamps()

    class Failing(Lamps):
        def act(self, arguments: Any, seconds: float) -> None:
            lamps.act(arguments, seconds)
            crash()

        def in_force(self, arguments: Any) -> bool:
            crash()
            return lamps.in_force(arguments)

    def crash() -> None:
        if chance.random() < 0.3:
            raise PowerError

    save = models.RunAct.save

    def failing_save(self: Any, *given: Any, **named: Any) -> None:
        crash()
        save(self, *given, **named)
        crash()

    monkeypatch.setattr(models.RunAct, "save", failing_save)
    tools, other = using(Failing()), playbook("other", start="z", **act("z"))
    number = begin(case_for(at(0, 0)), [whole(), other], {}, tools, who="li", reason="it goes on")
    for _ in range(200):
        try:
            found = advance(number, tools)
            break
        except PowerError:
            for one in standing(number).acts:
                if one.state is ActState.IN_FORCE:
                    assert one.arguments["lamp"] in lamps.on, "what is told as in force is"
    assert found.state is RunState.DONE
    assert lamps.on == {"a", "b", "c", "d", "f", "z"}


def test_one_process_has_a_run_in_hand(database: Path) -> None:
    number = begin(case_for(at(0, 0)), [playbook(**act("a"))], {}, using(), who="li", reason="x")
    running._take(number)
    with pytest.raises(BusyError):
        advance(number, using(Lamps()))


def test_many_runs_at_once_do_not_mix(database: Path) -> None:
    """100 runs of 8 threads: each has done its own acts, in their order, and nothing else."""
    url = os.environ.get("WAYBILL_DATABASE", "")
    open_database(database, url=url, patience=30)  # writers wait for each other
    lamps, case = Lamps(), case_for(at(0, 0))
    names = [f"l{number}" for number in range(100)]
    book = playbook(
        variables={"__l__": {"type": "string", "external": True}},
        **act("a", after="b", commands=[_told("__l__:value/1")]),
        **act("b", commands=[_told("__l__:value/2")]),
    )
    numbers = [begin(case, [book], {"__l__": name}, using(lamps), who="li", reason="x") for name in names]
    waiting, lock = list(zip(numbers, names, strict=True)), threading.Lock()
    wrong: list[str] = []

    def work() -> None:
        while True:
            with lock:
                if not waiting:
                    break
                number, name = waiting.pop()
            found = advance(number, using(lamps))
            if [one.arguments["lamp"] for one in found.acts] != [f"{name}/1", f"{name}/2"]:
                wrong.append(name)
            if found.state is not RunState.DONE:
                wrong.append(name)
        close_database()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert sorted(lamps.calls) == sorted(f"{name}/{n}" for name in names for n in (1, 2))


def _told(lamp: str) -> dict[str, Any]:
    return {"type": "waybill", "command": "lamp.on", "arguments": {"lamp": lamp}}


def test_a_run_needs_its_values_and_no_others(database: Path) -> None:
    number = case_for(at(0, 0))
    book = playbook(
        variables={"__l__": {"type": "string", "external": True}}, **act("a", commands=[_told("__l__:value")])
    )
    for values in ({}, {"__m__": "x"}):
        with pytest.raises(UsageError):
            begin(number, [book], values, using(), who="li", reason="x")
    assert entries(number, Act.PLAYBOOK) == []


def test_a_dry_run_says_the_calls_and_calls_nothing(database: Path) -> None:
    lamps, other = Lamps(), playbook("other", start="z", **act("z"))
    planned = dry_run([whole(), other], {}, {"lamp.on": lamps})
    assert [one.call for one in planned] == [f"switch {name} on" for name in "abcdefz"]
    assert lamps.calls == [] and lamps.on == set()
    assert not dry_run([playbook(**act("a", "none.such"))], {}, {})[0].exists
    assert id_of("playbook", "other") == other.id
