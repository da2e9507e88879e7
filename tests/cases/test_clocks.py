"""Clocks follow what the rulebook says of a case and are told before they run out; none is missed, whatever crashes."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from tests.cases.samples import at, by_actor, group, incoming

from waybill.cases import clocks, joining, judging, models, queries
from waybill.cases.clocks import STEPS, Clock, Law
from waybill.cases.journal import entries
from waybill.cases.words import Act, CaseState
from waybill.findings.queries import ALL_STATES, Filter, every
from waybill.findings.states import FindingState
from waybill.flow import case_clocks
from waybill.model.errors import UsageError
from waybill.rulebook import load_rulebook
from waybill.rulebook.facts import read_facts

pytestmark = pytest.mark.both_databases

BOOK = load_rulebook()
ORGANISATION = read_facts(
    {
        "cn_operator": "yes", "ciio": "no", "state_organ": "no", "data_incident": "no", "flaw_found": "no",
        "eu_breach": "no", "nis2_entity": "no", "dora_entity": "no", "cra_manufacturer": "no", "sec_registrant": "no",
        "crime_suspected": "no", "personal_data_breach": "no",
    }
)  # fmt: skip
LAW = Law(BOOK, ORGANISATION)
OTHER, FINAL = "cn-incident-reporting/4-other", "cn-incident-reporting/8"
START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def opened(now: datetime = START) -> int:
    (number,) = group(incoming(at(0, 0), by_actor("p-1")), now=now)
    return number


def graded(number: int, grade: str = "larger") -> None:
    judging.set_facts(number, read_facts({"incident_grade": grade}), {}, who="li", reason="by the annex")


def one(number: int, id: str) -> Clock:
    return next(clock for clock in clocks.clocks([number]) if clock.id == id)


def told() -> list[tuple[str, str]]:
    found = every(Filter(detector=case_clocks.DETECTOR, states=ALL_STATES))
    return [(item.finding.rule_id, str(item.state)) for item in sorted(found, key=lambda item: item.finding.time)]


def test_a_clock_may_run_until_the_facts_say_that_it_does(database: Path) -> None:
    number = opened()
    clocks.run(number, LAW, now=START)
    unsure = one(number, OTHER)
    assert (unsure.certain, unsure.due_at) == (False, START + timedelta(hours=4))
    assert "incident_grade" in unsure.told.questions
    graded(number)
    clocks.run(number, LAW, now=START)
    sure = one(number, OTHER)
    assert (sure.certain, sure.due_at, sure.started_at) == (True, START + timedelta(hours=4), START)
    graded(number, "general")
    clocks.run(number, LAW, now=START)
    assert not one(number, OTHER).runs
    graded(number)
    clocks.run(number, LAW, now=START)
    assert one(number, OTHER).runs, "what the facts took away they give back"


def test_running_again_changes_nothing(database: Path) -> None:
    number = opened()
    clocks.run(number, LAW, now=START)
    before = clocks.clocks([number]), entries(number)
    clocks.run(number, LAW, now=START + timedelta(days=1))
    assert (clocks.clocks([number]), entries(number)) == before


def test_a_clock_moves_with_the_moment_it_runs_from(database: Path) -> None:
    number = opened()
    graded(number)
    clocks.run(number, LAW, now=START)
    earlier = START - timedelta(hours=3)
    judging.set_facts(number, {}, {"aware": earlier}, who="li", reason="the vendor rang before")
    clocks.run(number, LAW, now=START)
    assert one(number, OTHER).due_at == earlier + timedelta(hours=4)
    assert [entry.what.get("before") for entry in entries(number, Act.CLOCK)][-1] is not None


def test_the_final_report_runs_from_the_end_of_handling_and_after_closing(database: Path) -> None:
    number = opened()
    graded(number)
    clocks.run(number, LAW, now=START)
    with pytest.raises(UsageError, match="still runs"):
        judging.set_state(number, CaseState.CLOSED, who="li", reason="done")
    clocks.meet(number, OTHER, at=START + timedelta(hours=1), who="li", reason="receipt 7")
    judging.set_state(number, CaseState.CLOSED, who="li", reason="done")
    clocks.run(number, LAW, now=datetime.now(UTC))
    final, handled = one(number, FINAL), queries.get(number).moments["handled"]
    assert final.runs and final.certain
    assert timedelta(days=29) < final.due_at - handled <= timedelta(days=31)
    assert not one(number, OTHER).is_late(START)


def test_a_clock_that_was_met_or_dropped_by_somebody_stays_so(database: Path) -> None:
    number = opened()
    graded(number)
    clocks.run(number, LAW, now=START)
    clocks.drop(number, OTHER, who="li", reason="no network of ours")
    clocks.run(number, LAW, now=START)
    assert not one(number, OTHER).runs and not one(number, OTHER).is_met
    with pytest.raises(UsageError, match="No such clock"):
        clocks.meet(number, OTHER, at=START, who="li", reason="late")


@pytest.mark.parametrize("when", [START - timedelta(minutes=1), datetime(2999, 1, 1, tzinfo=UTC), datetime(2026, 3, 2)])
def test_a_report_is_made_between_the_beginning_and_now(database: Path, when: datetime) -> None:
    number = opened()
    graded(number)
    clocks.run(number, LAW, now=START)
    with pytest.raises(UsageError, match="cannot have been made"):
        clocks.meet(number, OTHER, at=when, who="li", reason="receipt")
    assert one(number, OTHER).runs


def test_merging_keeps_what_was_known_first_and_what_was_reported(database: Path) -> None:
    first = opened()
    (second,) = group(incoming(at(1_000, 1)), now=START + timedelta(hours=2))
    graded(first)
    for number in (first, second):
        clocks.run(number, LAW, now=START + timedelta(hours=2))
    clocks.meet(first, OTHER, at=START + timedelta(hours=1), who="li", reason="receipt 7")
    joining.merge(first, second, who="li", reason="one deed")
    for number in (first, second):
        clocks.run(number, LAW, now=START + timedelta(hours=3))
    assert one(second, OTHER).is_met
    assert queries.get(second).moments["aware"] == START
    assert all(not clock.runs for clock in clocks.clocks([first]))


def test_it_is_told_twice_before_and_once_after_and_closed_when_met(database: Path) -> None:
    number = opened()
    graded(number)
    clocks.run(number, LAW, now=START)
    assert case_clocks.tell(START + timedelta(minutes=119)) == 0
    for minutes in (120, 193, 241):
        moment = START + timedelta(minutes=minutes)
        assert case_clocks.tell(moment) == 1
        assert case_clocks.tell(moment) == 0
    assert told() == [("clock-near", "resolved"), ("clock-near", "resolved"), ("clock-late", "new")]
    clocks.meet(number, OTHER, at=START + timedelta(hours=5), who="li", reason="receipt 7")
    assert one(number, OTHER).is_late(START)
    case_clocks.tell(START + timedelta(hours=6))
    assert told()[-1] == ("clock-late", str(FindingState.RESOLVED))


def test_what_must_be_done_at_once_is_told_at_once(database: Path) -> None:
    number = opened()
    judging.set_facts(number, read_facts({"personal_data_breach": "yes"}), {}, who="li", reason="rows")
    clocks.run(number, LAW, now=START)
    assert case_clocks.tell(START) >= 1
    assert "clock-late" in {rule for rule, _ in told()}


def test_of_what_may_run_one_is_told_for_all(database: Path) -> None:
    number = opened()
    clocks.run(number, Law(BOOK, {}), now=START)
    assert sum(not clock.certain for clock in clocks.clocks([number])) > 10
    assert case_clocks.tell(START) == 1, "of what would be due at once one is told, and not as overdue"
    assert told() == [("clock-near", "new")]
    assert case_clocks.tell(START + timedelta(minutes=1)) == 0
    assert case_clocks.tell(START + timedelta(minutes=40)) == 1, "and of the others the next due"


def test_what_may_be_due_at_once_is_told_until_it_is_decided(database: Path) -> None:
    number = opened()
    clocks.run(number, Law(BOOK, {}), now=START)
    case_clocks.tell(START)
    at_once = [clock for clock in clocks.clocks([number]) if clock.is_at_once]
    assert len(at_once) > 2 and not any(clock.certain for clock in at_once)
    answers = {
        "personal_data_breach": "no",
        "data_incident": "no",
        "flaw_found": "no",
        "crime_suspected": "no",
        "eu_breach": "no",
    }
    for minute, (name, value) in enumerate(answers.items()):
        moment = START + timedelta(minutes=minute)
        judging.set_facts(number, read_facts({name: value}), {}, who="li", reason="seen")
        clocks.run(number, Law(BOOK, {}), now=moment)
        case_clocks.tell(moment)
        left = [clock for clock in clocks.clocks([number], running=True) if clock.is_at_once]
        assert sum(state == "new" for _, state in told()) == bool(left), "one stands for those that are left"
    assert not left


def test_clocks_that_may_run_are_one_act(database: Path) -> None:
    number = opened()
    clocks.run(number, Law(BOOK, {}), now=START)
    (entry,) = entries(number, Act.CLOCK)
    assert set(entry.what["may_run"]) == {clock.id for clock in clocks.clocks([number])}


class PowerError(Exception):
    """The power fails."""


class World:
    """A simulated stretch of time in which cases open, facts come, reports are made, and the power fails."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.now = START
        self.missed: list[str] = []
        self.failures = 0
        self._number = 0

    def round(self, length: timedelta) -> None:
        """Go on in time: people act now and then, and the service tells what is due; the power may fail within both."""
        self.now += length * self.random.uniform(0.5, 1.0)
        if self.random.random() < 0.1:
            self._until_power_fails(self.act)
        if not self._until_power_fails(lambda: case_clocks.tell(self.now)):
            case_clocks.tell(self.now)  # it was started again
        self.check(length)

    def _until_power_fails(self, act: Callable[[], object]) -> bool:
        """Do something; whether it got done."""
        try:
            with transaction.atomic():
                act()
                if self.random.random() < 0.05:
                    self.failures += 1
                    raise PowerError
        except PowerError:
            return False
        return True

    def act(self) -> None:
        """Do something that people or detectors do."""
        numbers = [case.number for case in queries.cases(queries.Wanted(states=frozenset(CaseState)))]
        kind = self.random.random()
        if kind < 0.2 or not numbers:
            self._number += 1
            hours = (self.now - START) / timedelta(hours=1)
            for number in group(incoming(at(hours, self._number)), now=self.now):
                clocks.run(number, LAW, now=self.now)
            return
        number = self.random.choice(numbers)
        if kind < 0.7:
            graded(number, self.random.choice(["general", "larger", "major"]))
        elif running := [clock for clock in clocks.clocks([number], running=True) if clock.certain]:
            clocks.meet(number, running[0].id, at=self.now, who="li", reason="receipt", now=self.now)
        clocks.run(number, LAW, now=self.now)

    def check(self, every_: timedelta) -> None:
        """Hold what was told against what should have been, for all clocks that run."""
        for clock in clocks.clocks(running=True):
            if clock.certain and clock.step(self.now - every_) > clock.escalated:
                self.missed.append(f"{clock.case}/{clock.id} at {self.now}")


@pytest.mark.parametrize("seed", [1])
def test_no_clock_is_missed_in_some_simulated_days(database: Path, seed: int) -> None:
    simulate(seed, 6, timedelta(hours=1))


@pytest.mark.soak
@pytest.mark.parametrize("seed", [7])
def test_no_clock_is_missed_in_a_simulated_year(database: Path, seed: int) -> None:
    simulate(seed, 365, timedelta(hours=1))


def simulate(seed: int, days: int, step: timedelta) -> None:
    """Simulate days with crashes, and hold that every step of every clock was told in the round it came."""
    world = World(seed)
    for _ in range(int(timedelta(days=days) / step)):
        world.round(step)
    assert world.missed == []
    assert world.failures > 0
    escalations = [entry for case in models.Case.objects.all() for entry in entries(case.pk, Act.ESCALATED)]
    assert escalations
    for entry in escalations:
        assert entry.what["step"] == len(STEPS) or entry.at < datetime.fromisoformat(entry.what["due"])
