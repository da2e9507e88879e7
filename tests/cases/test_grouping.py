"""Findings that belong together are in one case, each with the reason, however many pieces they come in."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.cases.samples import LATER, WINDOW, at, by_actor, group, incoming

from waybill.cases import grouping, models, queries
from waybill.cases.journal import entries, reference
from waybill.cases.judging import set_severity, set_state
from waybill.cases.traits import Trait
from waybill.cases.words import Act, CaseState, Link
from waybill.findings import models as stored
from waybill.model.words import Severity
from waybill.outbox import queue

pytestmark = pytest.mark.both_databases


def links(number: int) -> list[tuple[Link, str]]:
    return [(one.link, one.via) for one in queries.get(number).findings]


def test_findings_that_share_a_trait_within_the_window_are_one_case(database: Path) -> None:
    first, second, far = at(0, 0), at(70, 1), at(300, 2)
    opened = group(*(incoming(one, by_actor("p-1")) for one in (far, second, first)))
    assert len(opened) == 2
    case = queries.get(opened[0])
    assert [one.finding for one in case.findings] == [first.id, second.id] or set(links(opened[0])) == {
        (Link.FIRST, ""),
        (Link.ACTOR, first.id),
    }
    assert (case.first, case.last, case.opened_at) == (first.time, second.time, LATER)
    assert [one.act for one in entries(case.number)] == [Act.OPENED, Act.FINDING]


def test_the_strongest_reason_is_the_one_that_is_told(database: Path) -> None:
    both = (by_actor("p-1"), Trait(Link.ASSET, "plans"))
    (number,) = group(incoming(at(0, 0), *both), incoming(at(1, 1), *both))
    assert links(number)[1][0] is Link.ASSET
    group(incoming(at(2, 2, transfers=(f"{0:032x}",)), *both))
    assert {link for link, _ in links(number)} == {Link.FIRST, Link.ASSET, Link.TRANSFER}


def test_what_shares_nothing_or_only_another_kind_of_trait_is_apart(database: Path) -> None:
    opened = group(
        incoming(at(0, 0), Trait(Link.ACTOR, "same")),
        incoming(at(1, 1), Trait(Link.DESTINATION, "same")),
        incoming(at(2, 2)),
        incoming(at(3, 3)),
    )
    assert len(opened) == 4


def test_a_lesser_finding_joins_and_opens_nothing(database: Path) -> None:
    lesser = incoming(at(0, 0, severity=Severity.LOW), by_actor("p-1"))
    assert group(lesser) == []
    (number,) = group(incoming(at(1, 1), by_actor("p-1")))
    assert group(lesser) == []
    assert len(queries.get(number).findings) == 2


def test_a_closed_case_takes_nothing_and_is_told_as_like_the_new_one(database: Path) -> None:
    (old,) = group(incoming(at(0, 0), by_actor("p-1")))
    set_state(old, CaseState.CLOSED, who="test", reason="done")
    (new,) = group(incoming(at(1, 1), by_actor("p-1")))
    assert new != old
    assert [(case.number, shared) for case, shared in queries.like(new)] == [(old, (Link.ACTOR,))]


def test_severity_follows_the_gravest_until_somebody_has_judged_it(database: Path) -> None:
    (number,) = group(incoming(at(0, 0), by_actor("p-1")))
    group(incoming(at(1, 1, severity=Severity.CRITICAL), by_actor("p-1")))
    assert queries.get(number).severity is Severity.CRITICAL
    set_severity(number, Severity.LOW, who="test", reason="a drill")
    group(incoming(at(2, 2, severity=Severity.CRITICAL), by_actor("p-1")))
    assert queries.get(number).severity is Severity.LOW


def test_a_finding_that_has_changed_widens_its_case(database: Path) -> None:
    (number,) = group(incoming(at(0, 0), by_actor("p-1")))
    longer = at(0, 0, last_time=at(20, 0).time, severity=Severity.CRITICAL)
    assert group(incoming(longer, by_actor("p-1"), Trait(Link.DESTINATION, "x" * 9_000))) == []
    case = queries.get(number)
    assert (case.last, case.severity) == (longer.last_time, Severity.CRITICAL)
    group(incoming(at(1, 1), Trait(Link.DESTINATION, "x" * 9_000)))
    assert len(queries.get(number).findings) == 2


def test_neither_a_crowd_nor_a_chain_grows_without_end(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "MOST_FINDINGS", 3)
    assert len(group(*(incoming(at(hour, hour), by_actor("crowd")) for hour in range(7)))) == 3
    monkeypatch.setattr(grouping, "MOST_FINDINGS", 1_000)
    chain = [incoming(at(60 * step, 100 + step), by_actor("chain")) for step in range(30)]
    group(*chain)
    spans = [case.last - case.first for case in queries.cases()]
    assert max(spans) <= grouping.LONGEST


def test_every_act_of_grouping_is_in_the_ledger(database: Path) -> None:
    (number,) = group(incoming(at(0, 0), by_actor("p-1")), incoming(at(1, 1), by_actor("p-1")))
    assert [one.kind for one in queue.about(reference(number))] == ["case", "case"]


@given(
    st.lists(
        st.tuples(st.integers(0, 400), st.sampled_from("abc"), st.sampled_from(["", "x", "y"]), st.booleans()),
        min_size=1,
        max_size=12,
    ),
    st.data(),
)
@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_pieces_and_repeats_make_no_difference(
    database: Path, rows: list[tuple[int, str, str, bool]], data: st.DataObject
) -> None:
    items = []
    for number, (hour, actor, place, grave) in enumerate(sorted(rows)):
        severity = Severity.HIGH if grave else Severity.MEDIUM
        traits = {by_actor(actor), *([Trait(Link.DESTINATION, place)] if place else [])}
        items.append(incoming(at(hour + number / 100, number, severity=severity), *traits))

    def partition(pieces: list[list[int]]) -> set[frozenset[str]]:
        models.Case.objects.all().delete()
        stored.Finding.objects.all().delete()
        for piece in pieces:
            group(*(items[index] for index in piece))
        return {frozenset(one.finding for one in case.findings) for case in queries.cases()}

    whole = partition([list(range(len(items)))])
    cuts = sorted({0, len(items), *data.draw(st.lists(st.integers(0, len(items)), max_size=4))})
    pieces = [list(range(start, end)) for start, end in pairwise(cuts)]
    assert partition(pieces) == whole
    opened = [one.time for one in stored.Finding.objects.order_by("time")]
    assert group(*(items[index] for index in pieces[0])) == [] or not opened
    placed = {one for case in whole for one in case}
    assert all(item.finding.id in placed for item in items if item.opens), "nothing grave is left out"


def test_the_window_is_inclusive_and_no_wider(database: Path) -> None:
    edge = WINDOW / timedelta(hours=1)
    assert len(group(incoming(at(0, 0), by_actor("p")), incoming(at(edge, 1), by_actor("p")))) == 1
    assert len(group(incoming(at(1_000, 2), by_actor("q")), incoming(at(1_000.1 + edge, 3), by_actor("q")))) == 2
