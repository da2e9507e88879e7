"""Findings, state and cursor are stored together or not at all, and what was closed opens on new evidence."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from waybill.control import damage
from waybill.findings import models
from waybill.findings.handling import history, set_state
from waybill.findings.queries import ALL_STATES, Filter, counts, every, get, query
from waybill.findings.states import FindingState
from waybill.findings.store import DatabaseFindingStore
from waybill.model.errors import BusyError, StorageError, UsageError
from waybill.model.findings import Finding, Position, merge
from waybill.model.protocols import FindingStore
from waybill.model.words import Severity

from .samples import DAY, finding

PROJECT = Path(__file__).parents[2]
store = DatabaseFindingStore()
pytestmark = pytest.mark.both_databases


def stored() -> list[Finding]:
    return [item.finding for item in every(Filter(states=ALL_STATES))][::-1]


def test_the_store_is_a_finding_store() -> None:
    kept: FindingStore = store
    assert kept is store


def test_a_commit_keeps_findings_state_and_cursor(database: Path) -> None:
    assert (store.cursor("sigma"), store.state("sigma")) == (0, {})
    findings = [finding(n) for n in range(3)]
    store.commit("sigma", findings, {"": {"seen": [1, 2]}, "键": None}, 7)
    assert stored() == findings
    assert store.state("sigma") == {"": {"seen": [1, 2]}, "键": None}
    assert (store.cursor("sigma"), store.cursor("other")) == (7, 0)


def test_state_is_replaced_as_a_whole(database: Path) -> None:
    store.commit("d", [], {"a": 1, "b": 2, "c": [3]}, 1)
    store.commit("d", [], {"b": 2, "c": [4], "d": 5}, 2)
    assert store.state("d") == {"b": 2, "c": [4], "d": 5}
    store.commit("d", [], {}, 3)
    assert store.state("d") == {}


def test_what_is_over_is_resolved_unless_a_person_decided(database: Path) -> None:
    findings = [finding(n) for n in range(3)]
    store.commit("d", findings, {}, 1)
    set_state([findings[1].id], FindingState.FALSE_POSITIVE, who="analyst", reason="known")
    store.commit("d", [], {}, 2, over=[findings[0].id, findings[1].id, "never said"])
    states = [get(one.id).state for one in findings]
    assert states == [FindingState.RESOLVED, FindingState.FALSE_POSITIVE, FindingState.NEW]
    (change,) = history(findings[0].id)
    assert (change.who, change.after) == ("waybill", FindingState.RESOLVED) and change.reason


def test_detectors_do_not_share_state(database: Path) -> None:
    store.commit("one", [], {"k": 1}, 1)
    store.commit("two", [], {"k": 2}, 5)
    assert (store.state("one"), store.cursor("one")) == ({"k": 1}, 1)


def test_the_cursor_never_goes_back(database: Path) -> None:
    store.commit("d", [], {"k": 1}, 7)
    with pytest.raises(StorageError, match="already read up to entry 7") as refused:
        store.commit("d", [finding()], {"k": 2}, 6)
    assert refused.value.advice
    assert (stored(), store.state("d"), store.cursor("d")) == ([], {"k": 1}, 7)


def test_the_same_finding_again_is_merged(database: Path) -> None:
    late = finding(0, time=DAY + timedelta(hours=5), last_time=DAY + timedelta(hours=5), transfers=("ff" * 16,))
    store.commit("d", [late], {}, 1)
    store.commit("d", [finding(0), finding(0, severity=Severity.CRITICAL)], {}, 2)
    assert stored() == merge([finding(0), late, finding(0, severity=Severity.CRITICAL)])
    assert models.FindingTransfer.objects.count() == 2


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), max_size=6), max_size=4))
def test_commits_in_any_portions_give_what_merge_gives(database: Path, runs: list[list[tuple[int, int]]]) -> None:
    models.Finding.objects.all().delete()
    said: list[Finding] = []
    for run in runs:
        portion = [
            finding(number, transfers=(f"{turn:032x}",), source=Position("s", "f", turn + 1), score=float(turn))
            for number, turn in run
        ]
        said += portion
        store.commit("d", portion, {}, store.cursor("d") + 1)
    assert stored() == merge(said)


@pytest.mark.on_file
def test_many_findings_with_much_evidence_are_stored(database: Path) -> None:
    many = [finding(n) for n in range(1200)] + [finding(5000, transfers=tuple(f"{n:032x}" for n in range(3000)))]
    store.commit("d", many, {str(n): n for n in range(1500)}, 1)
    store.commit("d", many, {}, 2)
    assert stored() == merge(many)
    assert store.state("d") == {}


def test_what_is_said_again_changes_nothing(database: Path) -> None:
    store.commit("d", [finding()], {}, 1)
    before = get(finding().id)
    store.commit("d", [finding()], {}, 2)
    assert get(finding().id) == before


def test_a_crash_between_rows_leaves_nothing(database: Path) -> None:
    store.commit("d", [finding(0)], {"k": 1}, 1)

    def crash(execute: Callable[..., Any], sql: str, parameters: Any, *rest: Any) -> Any:
        if models.FindingTransfer._meta.db_table in sql and sql.startswith("INSERT"):
            raise KeyboardInterrupt
        return execute(sql, parameters, *rest)

    with connection.execute_wrapper(crash), pytest.raises(KeyboardInterrupt):
        store.commit("d", [finding(1), finding(2), finding(3)], {"k": 2}, 2)
    assert (stored(), store.state("d"), store.cursor("d")) == ([finding(0)], {"k": 1}, 1)


KILLED = """
import os, signal, sys
from pathlib import Path
from waybill.control import open_database
open_database(Path(sys.argv[1]), url=os.environ.get('WAYBILL_DATABASE', ''))
from django.db import connection
from waybill.findings.store import DatabaseFindingStore
from tests.findings.samples import finding
def kill(execute, sql, parameters, *rest):
    done = execute(sql, parameters, *rest)
    if sys.argv[2] in map(str, parameters or ()):
        os.kill(os.getpid(), signal.SIGKILL)
    return done
connection.execute_wrappers.append(kill)
DatabaseFindingStore().commit("d", [finding(n) for n in range(600)], {"k": 2}, 7777)
"""


@pytest.mark.on_file
@pytest.mark.parametrize("when", [finding(300).id, "7777"], ids=["half way", "before the commit"])
def test_a_killed_process_leaves_nothing(database: Path, when: str) -> None:
    command = [sys.executable, "-c", KILLED, str(database), when]
    done = subprocess.run(command, capture_output=True, check=False, cwd=PROJECT)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert (stored(), store.state("d"), store.cursor("d")) == ([], {}, 0)
    assert damage() == []


COMMITTING = """
import os, sys
from pathlib import Path
from waybill.control import open_database
open_database(Path(sys.argv[1]), url=os.environ.get('WAYBILL_DATABASE', ''))
from waybill.findings.store import DatabaseFindingStore
from tests.findings.samples import finding
me = int(sys.argv[2])
store = DatabaseFindingStore()
for turn in range(1, 16):
    shared = finding(0, transfers=(f"{me * 1000 + turn:032x}",))
    store.commit(f"d{me}", [shared, finding(me * 100 + turn)], {"turn": turn}, turn)
"""


def test_two_processes_may_commit_at_once(database: Path) -> None:
    command = [sys.executable, "-c", COMMITTING, str(database)]
    running = [subprocess.Popen([*command, str(me)], stderr=subprocess.PIPE, cwd=PROJECT) for me in (1, 2)]
    errors = [process.communicate()[1] for process in running]
    assert [process.returncode for process in running] == [0, 0], errors
    assert len(get(finding(0).id).finding.transfers) == 30
    assert sum(counts(Filter()).values()) == 31
    assert [store.cursor("d1"), store.cursor("d2")] == [15, 15]


@pytest.mark.on_file
def test_a_full_disk_keeps_nothing_and_is_told(database: Path) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1")
    with pytest.raises(StorageError, match="full"):
        store.commit("d", [finding(n) for n in range(2000)], {}, 1)
    assert (stored(), store.cursor("d")) == ([], 0)


@pytest.mark.on_file
def test_a_locked_database_is_busy(database: Path) -> None:
    other = sqlite3.connect(database)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(BusyError):
        store.commit("d", [], {}, 1)
    other.close()


def test_pages_lead_through_everything_once_while_more_arrives(database: Path) -> None:
    same_time = [finding(n, time=DAY) for n in range(10)]
    store.commit("d", same_time + [finding(n) for n in range(10, 25)], {}, 1)
    seen: list[str] = []
    after, number = "", 100
    while True:
        page = query(Filter(), limit=4, after=after)
        seen += [item.finding.id for item in page.items]
        store.commit("d", [finding(number)], {}, number)
        number, after = number + 1, page.next
        if not after:
            break
    assert len(seen) == len(set(seen)) == 25
    times = [get(finding_id).finding.time for finding_id in seen]
    assert times == sorted(times, reverse=True)


def test_a_page_mark_keeps_the_microsecond(database: Path) -> None:
    moments = [DAY + timedelta(microseconds=n) for n in range(999_990, 1_000_010)]
    store.commit("d", [finding(n, time=moment) for n, moment in enumerate(moments)], {}, 1)
    assert [item.finding.time for item in every(Filter(), page=1)] == moments[::-1]


@pytest.mark.parametrize("mark", ["x", "-", "zz-1", f"{10**40:x}-a"])
def test_a_wrong_page_mark_is_a_usage_error(database: Path, mark: str) -> None:
    with pytest.raises(UsageError, match="mark of a page"):
        query(Filter(), after=mark)


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Filter(since=DAY + timedelta(minutes=3)), {3, 4, 5}),
        (Filter(until=DAY + timedelta(minutes=3)), {0, 1, 2}),
        (Filter(severity=Severity.CRITICAL), {1}),
        (Filter(severity=Severity.HIGH), {0, 1, 3, 4, 5}),
        (Filter(detector="sigma"), {2}),
        (Filter(rule_id="rule-x"), {3}),
        (Filter(source="mail"), {4}),
        (Filter(subject="p-other"), {5}),
        (Filter(subject="p-o"), set()),
        (Filter(subject="p-mail"), {3}),
        (Filter(subject="p-account"), {4}),
        (Filter(asset="a2"), {5}),
        (Filter(asset="a2", subject="p-00aa11"), set()),
        (Filter(states=frozenset({FindingState.RESOLVED})), set()),
        (Filter(), {0, 1, 2, 3, 4, 5}),
    ],
)
def test_filters_choose(database: Path, wanted: Filter, numbers: set[int]) -> None:
    samples = [
        finding(0),
        finding(1, severity=Severity.CRITICAL),
        finding(2, detector="sigma", severity=Severity.LOW),
        finding(3, rule_id="rule-x", subject="p-mail@x.example"),
        finding(4, subject="CORP\\p-account", source=Position("mail", "m", 1)),
        finding(5, subject="p-other", asset="a2"),
    ]
    store.commit("d", samples, {}, 1)
    chosen = {item.finding.id for item in query(wanted).items}
    assert chosen == {samples[n].id for n in numbers}
    assert sum(counts(wanted).values()) == len(numbers)


def test_one_finding_is_found_by_the_beginning_of_its_id(database: Path) -> None:
    store.commit("d", [finding(0), finding(1)], {}, 1)
    assert get(finding(0).id[:12]).finding == finding(0)
    for wrong in ("", "zz", "%"):
        with pytest.raises(UsageError):
            get(wrong)


def test_states_change_with_who_when_and_why(database: Path) -> None:
    store.commit("d", [finding(0), finding(1)], {}, 1)
    set_state([finding(0).id], FindingState.IN_PROGRESS, who="p-analyst", reason="asking the owner")
    set_state([finding(0).id, finding(1).id], FindingState.RESOLVED, who="p-analyst", reason="permit signed late")
    first, second = history(finding(0).id)
    assert (first.before, first.after, first.who) == (FindingState.NEW, FindingState.IN_PROGRESS, "p-analyst")
    assert (second.before, second.after, second.reason) == (
        FindingState.IN_PROGRESS,
        FindingState.RESOLVED,
        "permit signed late",
    )
    assert timedelta(0) <= datetime.now(UTC) - second.at < timedelta(minutes=1)


def test_changing_states_is_all_or_nothing(database: Path) -> None:
    store.commit("d", [finding(0)], {}, 1)
    with pytest.raises(UsageError, match="no such finding"):
        set_state([finding(0).id, "none"], FindingState.RESOLVED, who="p", reason="r")
    assert get(finding(0).id).state is FindingState.NEW
    assert history(finding(0).id) == []


@pytest.mark.parametrize(
    ("state", "who", "reason"),
    [
        (FindingState.EXCEPTED, "p", "r"),
        (FindingState.SUMMARISED, "p", "r"),
        (FindingState.RESOLVED, " ", "r"),
        (FindingState.RESOLVED, "p", ""),
    ],
)
def test_a_change_needs_a_fitting_state_somebody_and_a_reason(
    database: Path, state: FindingState, who: str, reason: str
) -> None:
    store.commit("d", [finding(0)], {}, 1)
    with pytest.raises(UsageError):
        set_state([finding(0).id], state, who=who, reason=reason)


@pytest.mark.parametrize(
    ("closed", "after"),
    [
        (FindingState.RESOLVED, FindingState.NEW),
        (FindingState.FALSE_POSITIVE, FindingState.FALSE_POSITIVE),
        (FindingState.IN_PROGRESS, FindingState.IN_PROGRESS),
    ],
)
def test_new_evidence_opens_what_was_resolved(database: Path, closed: FindingState, after: FindingState) -> None:
    store.commit("d", [finding(0)], {}, 1)
    set_state([finding(0).id], closed, who="p", reason="r")
    store.commit("d", [finding(0)], {}, 2)
    assert get(finding(0).id).state is closed
    store.commit("d", [finding(0, transfers=("ee" * 16,))], {}, 3)
    assert get(finding(0).id).state is after
    assert len(get(finding(0).id).finding.transfers) == 2


def test_a_graver_word_on_the_same_evidence_leaves_the_handling_alone(database: Path) -> None:
    store.commit("d", [finding(0)], {}, 1)
    set_state([finding(0).id], FindingState.RESOLVED, who="p", reason="r")
    store.commit("d", [finding(0, score=99.0)], {}, 2)
    assert get(finding(0).id).finding.score == 99.0
    assert get(finding(0).id).state is FindingState.RESOLVED
