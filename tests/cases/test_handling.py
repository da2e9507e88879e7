"""What people do to cases: judged with reasons, worked on, merged, split; all of it kept, none of it half done."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from tests.cases.samples import at, by_actor, case_for, group, incoming

from waybill.cases import joining, judging, queries, working
from waybill.cases.erasing import erase_subject
from waybill.cases.journal import entries, latest, reference
from waybill.cases.judging import Harm
from waybill.cases.words import Act, CaseState, Origin
from waybill.model.errors import UsageError
from waybill.model.words import Intent, Severity
from waybill.outbox import queue

pytestmark = pytest.mark.both_databases


def test_each_judgement_is_kept_with_its_reason_and_proved(database: Path) -> None:
    number = case_for(at(0, 0))
    judging.set_state(number, CaseState.ANALYSIS, who="li", reason="looked at")
    judging.set_intent(number, Intent.ACCIDENT, who="li", reason="a macro")
    judging.set_origin(number, Origin.OFFICIAL, who="li", reason="it was a filing")
    judging.set_severity(number, Severity.LOW, who="li", reason="nobody read it")
    harm = Harm(persons=3, amount=Decimal("10.50"), currency="CNY", also="a river")
    judging.set_harm(number, harm, who="li", reason="three rows")
    case, newest = queries.get(number), latest(number)
    assert (case.state, case.intent, case.origin) == (CaseState.ANALYSIS, Intent.ACCIDENT, Origin.OFFICIAL)
    assert (case.severity, case.harm) == (Severity.LOW, harm)
    assert newest[Act.SEVERITY].what == {"before": "high", "after": "low"}
    assert newest[Act.HARM].reason == "three rows"
    assert len(queue.about(reference(number))) == 6


@pytest.mark.parametrize(
    "act",
    [
        lambda number: judging.set_state(number, CaseState.CLOSED, who="li", reason=" "),
        lambda number: judging.set_state(number, CaseState.CLOSED, who=" ", reason="x"),
        lambda number: judging.set_state(number, CaseState.MERGED, who="li", reason="x"),
        lambda number: judging.set_state(number + 1, CaseState.CLOSED, who="li", reason="x"),
        lambda number: judging.set_harm(number, Harm(), who="li", reason="x"),
        lambda number: judging.set_harm(number, Harm(amount=Decimal(1)), who="li", reason="x"),
        lambda number: judging.set_harm(number, Harm(persons=-1), who="li", reason="x"),
        lambda number: working.note(number, "", who="li"),
        lambda number: working.finish_task(number, 1, who="li"),
        lambda number: working.add_task(number, "x", who="li", after=99),
        lambda number: joining.merge(number, number, who="li", reason="x"),
        lambda number: joining.split(number, [at(0, 0).id], who="li", reason="x"),
        lambda number: joining.split(number, ["f" * 32], who="li", reason="x"),
    ],
)
def test_what_cannot_be_done_changes_nothing(database: Path, act: Callable[[int], object]) -> None:
    number = case_for(at(0, 0))
    before = queries.get(number)
    with pytest.raises(UsageError):
        act(number)
    assert queries.get(number) == before
    assert [one.act for one in entries(number)] == [Act.OPENED]


def test_a_task_waits_for_the_one_before_it(database: Path) -> None:
    number = case_for(at(0, 0))
    first = working.add_task(number, "ask the vendor", who="li")
    second = working.add_task(number, "check", who="li", after=first)
    with pytest.raises(UsageError, match="before"):
        working.finish_task(number, second, who="li")
    working.finish_task(number, first, who="li")
    working.finish_task(number, second, who="wang")
    assert [(one.title, one.done_by) for one in queries.tasks(number)] == [("ask the vendor", "li"), ("check", "wang")]


def test_evidence_counts_by_its_bytes(database: Path) -> None:
    number = case_for(at(0, 0))
    digest = working.add_evidence(number, "mail.eml", [b"a", b"b"], who="li", reason="the mail")
    with pytest.raises(UsageError, match="already"):
        working.add_evidence(number, "other.eml", [b"ab"], who="li", reason="again")
    (kept,) = queries.evidence(number)
    assert (kept.sha256, kept.bytes, kept.name) == (digest, 2, "mail.eml")


def test_merging_moves_everything_and_the_empty_case_says_where(database: Path) -> None:
    one, other = group(incoming(at(0, 0)), incoming(at(500, 1, severity=Severity.CRITICAL), public_interest=True))
    working.add_task(other, "open", who="li")
    joining.merge(other, one, who="li", reason="one deed")
    case, gone = queries.get(one), queries.get(other)
    assert (len(case.findings), case.severity, case.public_interest) == (2, Severity.CRITICAL, True)
    assert (case.first, case.last) == (at(0, 0).time, at(500, 1).time)
    assert (gone.state, gone.merged_into, gone.findings) == (CaseState.MERGED, one, ())
    assert [task.title for task in queries.tasks(one)] == ["open"]
    with pytest.raises(UsageError, match="merged"):
        working.note(other, "late", who="li")
    with pytest.raises(UsageError):
        joining.merge(one, other, who="li", reason="back")
    assert [case.number for case in queries.cases()] == [one]


def test_splitting_gives_back_what_merging_took(database: Path) -> None:
    one, other = group(incoming(at(0, 0), by_actor("a")), incoming(at(500, 1), by_actor("b")))
    before = queries.get(other)
    joining.merge(other, one, who="li", reason="one deed")
    number = joining.split(one, [at(500, 1).id], who="li", reason="two after all")
    case = queries.get(number)
    assert [placed.finding for placed in case.findings] == [at(500, 1).id]
    assert (case.first, case.last, case.opened_at) == (before.first, before.last, before.opened_at)
    assert queries.get(one).last == at(0, 0).time
    group(incoming(at(501, 2), by_actor("b")))
    assert len(queries.get(number).findings) == 2


def test_a_protected_disclosure_stays_one_wherever_it_goes(database: Path) -> None:
    one, other = group(incoming(at(0, 0)), incoming(at(500, 1)))
    judging.protect(other, who="li", reason="a report of wrongs")
    joining.merge(other, one, who="li", reason="one deed")
    assert queries.get(one).protected
    number = joining.split(one, [at(0, 0).id], who="li", reason="apart")
    assert queries.get(number).protected


def test_a_person_is_erased_from_what_was_typed(database: Path) -> None:
    person = "p-" + "q" * 16
    number = case_for(at(0, 0))
    working.assign(number, person, who=person)
    working.note(number, f"spoke with {person}", who=person)
    assert erase_subject(person) == 3
    assert person not in str(queries.get(number)) + str(entries(number))


def test_ids_of_findings_of_the_erased_go_wherever_they_were_written(database: Path) -> None:
    finding = at(0, 0).id
    number = case_for(at(0, 0))
    working.note(number, f"compare {finding}", who="li")
    working.add_task(number, f"ask about {finding}", who="li")
    erase_subject("p-" + "q" * 16, [finding])
    assert finding not in str(entries(number)) + str(queries.tasks(number))
