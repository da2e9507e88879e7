"""The alert budget shows the gravest and tells the rest; stored or not, nothing is hidden."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from waybill.findings.budget import within_budget
from waybill.findings.handling import history, set_state
from waybill.findings.queries import ALL_STATES, Filter, get, query
from waybill.findings.states import FindingState
from waybill.findings.store import DatabaseFindingStore
from waybill.findings.summarising import apply_budget
from waybill.model.findings import Finding, Position, gravity
from waybill.model.words import Severity

from .samples import DAY, finding

store = DatabaseFindingStore()


@st.composite
def many(draw: st.DrawFn) -> list[Finding]:
    drawn = draw(
        st.lists(
            st.tuples(st.sampled_from(Severity), st.integers(0, 3), st.sampled_from(["a", "b"]), st.integers(0, 60)),
            max_size=30,
        )
    )
    return [
        finding(
            number,
            severity=severity,
            score=float(score),
            source=Position(source, "f", 1),
            time=DAY + timedelta(hours=hour),
            last_time=DAY + timedelta(hours=hour),
            rule_id=f"rule-{score}",
        )
        for number, (severity, score, source, hour) in enumerate(drawn)
    ]


@given(many(), st.integers(0, 4))
def test_every_finding_is_shown_or_told_and_none_graver_than_those_shown(findings: list[Finding], n: int) -> None:
    shown, summaries = within_budget(findings, n)
    told = {finding_id for summary in summaries for finding_id in summary.findings}
    assert {f.id for f in shown} | told == {f.id for f in findings}
    assert len(shown) + len(told) == len(findings)
    for summary in summaries:
        group = [f for f in findings if (f.source.name, f.time.date()) == (summary.source, summary.day)]
        kept = [f for f in shown if f in group]
        assert len(kept) == n
        rest = [f for f in group if f.id in told]
        assert all(gravity(one) < gravity(other) for one in kept for other in rest)
        assert summary.count == sum(summary.by_rule.values()) == sum(summary.by_severity.values()) == len(rest)
        assert summary.first_time == min(f.time for f in rest)


def test_a_summary_says_how_many_of_what_in_both_languages() -> None:
    findings = [finding(n, severity=Severity.CRITICAL if n == 7 else Severity.LOW) for n in range(9)]
    shown, (summary,) = within_budget(findings, 2)
    assert finding(7).id in {f.id for f in shown}
    assert summary.by_severity == {Severity.LOW: 7}
    assert summary.sentence.en == (
        "7 more findings from gateway on 2026-03-02 (7 low); most by the rule unauthorised.no-permit (7)."
    )
    assert "另有 7 项发现（低 7）" in summary.sentence.zh


def test_the_day_is_that_of_utc() -> None:
    evening = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    shown, summaries = within_budget([finding(0, time=evening), finding(1, time=evening + timedelta(hours=1))], 1)
    assert (len(shown), summaries) == (2, [])


def test_stored_findings_beyond_the_budget_are_set_aside_and_can_be_asked_for(database: Path) -> None:
    store.commit("d", [finding(n, score=float(n)) for n in range(5)], {}, 1)
    (summary,) = apply_budget(2)
    assert summary.count == 3
    assert {item.finding.id for item in query(Filter()).items} == {finding(3).id, finding(4).id}
    assert len(query(Filter(states=ALL_STATES)).items) == 5
    assert get(finding(0).id).state is FindingState.SUMMARISED
    assert history(finding(0).id)[0].who == "waybill"


def test_a_graver_finding_that_comes_late_takes_the_place_of_a_lesser(database: Path) -> None:
    store.commit("d", [finding(n, score=float(n)) for n in range(3)], {}, 1)
    apply_budget(1)
    store.commit("d", [finding(9, severity=Severity.CRITICAL)], {}, 2)
    apply_budget(1)
    assert [item.finding.id for item in query(Filter()).items] == [finding(9).id]
    assert apply_budget(100) == []
    assert len(query(Filter()).items) == 4


def test_what_somebody_handles_is_left_alone(database: Path) -> None:
    store.commit("d", [finding(n) for n in range(3)], {}, 1)
    set_state([finding(2).id], FindingState.IN_PROGRESS, who="p", reason="r")
    apply_budget(0)
    assert get(finding(2).id).state is FindingState.IN_PROGRESS


def test_the_budget_is_repeatable(database: Path) -> None:
    store.commit("d", [finding(n) for n in range(4)], {}, 1)
    first = apply_budget(2)
    changes = [history(finding(n).id) for n in range(4)]
    assert apply_budget(2) == first
    assert [history(finding(n).id) for n in range(4)] == changes
