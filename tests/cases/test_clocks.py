"""Clocks follow what the rulebook says of a case and are told before they run out; none is missed, whatever crashes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.cases.samples import at, by_actor, group, incoming
from tests.cases.simulated import simulate

from waybill.cases import clocks, joining, judging, queries
from waybill.cases.clocks import Clock, Law
from waybill.cases.journal import entries
from waybill.cases.words import Act, CaseState
from waybill.findings.queries import ALL_STATES, Filter, every
from waybill.findings.states import FindingState
from waybill.flow.cases import clocks as case_clocks
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
    assert told() == [], "what opened the case is told already"
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
        assert any(clock.escalated for clock in left) == bool(left), "one stands for those that are left"
    assert not left


def test_clocks_that_may_run_are_one_act(database: Path) -> None:
    number = opened()
    clocks.run(number, Law(BOOK, {}), now=START)
    (entry,) = entries(number, Act.CLOCK)
    assert set(entry.what["may_run"]) == {clock.id for clock in clocks.clocks([number])}


@pytest.mark.parametrize("seed", [1])
def test_no_clock_is_missed_in_some_simulated_days(database: Path, seed: int) -> None:
    """Days around the change to summer time in America and in Europe."""
    world = simulate(seed, 6, timedelta(hours=1), begin=datetime(2026, 3, 26, tzinfo=UTC))
    assert world.missed == world.wrong == []
    assert world.failures > 0 and world.told > 0 and world.across > 0


@pytest.mark.soak
@pytest.mark.parametrize("seed", [7])
def test_no_clock_is_missed_in_a_simulated_year(database: Path, seed: int) -> None:
    world = simulate(seed, 365, timedelta(hours=1))
    assert world.missed == world.wrong == []
    assert world.failures > 100 and world.told > 100 and world.across > 10
