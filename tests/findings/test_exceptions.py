"""Exceptions cover what they name, until they end; what they cover is set aside and never hidden."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from waybill.findings import models
from waybill.findings.exceptions import Match, add_exception, end_exception, exceptions
from waybill.findings.handling import history
from waybill.findings.queries import ALL_STATES, Filter, get, query
from waybill.findings.states import FindingState
from waybill.findings.store import DatabaseFindingStore
from waybill.model.errors import UsageError
from waybill.model.findings import Position

from .samples import finding

store = DatabaseFindingStore()
pytestmark = pytest.mark.both_databases
SOON = datetime.now(UTC) + timedelta(days=30)


def accept(match: Match, expires_at: datetime = SOON) -> int:
    return add_exception(match, owner="p-owner", reason="contract 7", expires_at=expires_at)


@pytest.mark.parametrize(
    ("match", "covers"),
    [
        (Match(rule_id="unauthorised.no-permit"), True),
        (Match(rule_id="unauthorised.*"), True),
        (Match(rule_id="unauthorised"), False),
        (Match(subject="p-00aa11", asset="a1", channel="web", source="gateway"), True),
        (Match(subject="p-00aa11", asset="a2"), False),
        (Match(channel="email"), False),
        (Match(source="gate*"), True),
    ],
)
def test_a_finding_that_matches_is_set_aside(database: Path, match: Match, covers: bool) -> None:
    number = accept(match)
    store.commit("d", [finding(0)], {}, 1)
    found = get(finding(0).id)
    assert found.state is (FindingState.EXCEPTED if covers else FindingState.NEW)
    assert found.exception == (number if covers else None)


def test_what_is_set_aside_is_not_hidden_from_who_asks_for_all(database: Path) -> None:
    accept(Match(asset="a1"))
    store.commit("d", [finding(0)], {}, 1)
    assert query(Filter()).items == []
    assert [item.finding for item in query(Filter(states=ALL_STATES)).items] == [finding(0)]


def test_an_exception_covers_new_findings_that_are_there_already(database: Path) -> None:
    store.commit("d", [finding(0), finding(1, asset="a2")], {}, 1)
    accept(Match(asset="a1"))
    assert [get(finding(n).id).state for n in (0, 1)] == [FindingState.EXCEPTED, FindingState.NEW]
    assert history(finding(0).id)[0].reason == "contract 7"
    assert [(item.owner, item.findings, item.match) for item in exceptions()] == [("p-owner", 1, Match(asset="a1"))]


def test_an_exception_that_has_ended_covers_nothing_more(database: Path) -> None:
    number = accept(Match(asset="a1"))
    past = datetime.now(UTC) - timedelta(days=1)
    models.ExceptionRule.objects.filter(pk=number).update(created_at=past - timedelta(days=1), expires_at=past)
    store.commit("d", [finding(0)], {}, 1)
    assert get(finding(0).id).state is FindingState.NEW


def test_new_evidence_after_the_end_opens_the_finding(database: Path) -> None:
    number = accept(Match(asset="a1"))
    store.commit("d", [finding(0)], {}, 1)
    past = datetime.now(UTC) - timedelta(days=1)
    models.ExceptionRule.objects.filter(pk=number).update(created_at=past - timedelta(days=1), expires_at=past)
    store.commit("d", [finding(0, transfers=("ee" * 16,))], {}, 2)
    found = get(finding(0).id)
    assert (found.state, found.exception) == (FindingState.NEW, None)


def test_new_evidence_while_it_holds_stays_set_aside(database: Path) -> None:
    accept(Match(asset="a1"))
    store.commit("d", [finding(0)], {}, 1)
    store.commit("d", [finding(0, transfers=("ee" * 16,))], {}, 2)
    assert get(finding(0).id).state is FindingState.EXCEPTED


def test_ending_an_exception_opens_what_it_covered(database: Path) -> None:
    number = accept(Match(asset="a1"))
    store.commit("d", [finding(0), finding(1)], {}, 1)
    assert end_exception(number, who="p-boss", reason="contract ended") == 2
    assert get(finding(0).id).state is FindingState.NEW
    store.commit("d", [finding(2)], {}, 2)
    assert get(finding(2).id).state is FindingState.NEW
    assert exceptions()[0].expires_at <= datetime.now(UTC)
    with pytest.raises(UsageError):
        end_exception(99, who="p-boss", reason="r")


@pytest.mark.parametrize(
    "wrong",
    [
        {"match": Match()},
        {"match": Match(rule_id="*", subject="*")},
        {"owner": " "},
        {"reason": ""},
        {"expires_at": datetime(2020, 1, 1, tzinfo=UTC)},
    ],
)
def test_an_exception_needs_limits_an_owner_a_reason_and_an_end(database: Path, wrong: dict[str, Any]) -> None:
    right: dict[str, Any] = {"match": Match(asset="a1"), "owner": "p", "reason": "r", "expires_at": SOON}
    with pytest.raises(UsageError):
        add_exception(**{**right, **wrong})
    assert exceptions() == []


def test_the_source_is_the_findings_own(database: Path) -> None:
    accept(Match(source="mail"))
    store.commit("d", [finding(0), finding(1, source=Position("mail", "m", 1))], {}, 1)
    assert [get(finding(n).id).state for n in (0, 1)] == [FindingState.NEW, FindingState.EXCEPTED]
