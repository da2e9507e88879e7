"""The queue of cases and the list of runs ask as often for many as for one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.cases.samples import at, by_actor, group, incoming
from tests.respond.samples import Lamps, act, playbook, using

from waybill.cases import models, queries
from waybill.control import close_database
from waybill.flow.cases import view as case_view
from waybill.flow.cases.opening import findings_of
from waybill.flow.installation import Installation
from waybill.flow.passages import Passage, stored_passages
from waybill.model.findings import gravity
from waybill.model.words import Severity
from waybill.respond.running import advance, begin
from waybill.respond.standing import runs, standing

FAR = 100.0
"""Hours between findings that are not to share a case."""


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    """Return a new installation."""
    yield Installation.open(tmp_path / "data", create=True)
    close_database()


def cases(first: int, count: int) -> list[int]:
    """Return the numbers of new cases, each with two findings, every other one of public interest."""
    numbers = []
    for n in range(first, first + count):
        one = at(FAR * n, 2 * n, severity=Severity.HIGH, asset=f"asset-{n}")
        other = at(FAR * n + 1, 2 * n + 1, severity=Severity.CRITICAL, asset=f"asset-{n}")
        actor = by_actor(f"p-{n:016d}")
        numbers += group(incoming(one, actor, public_interest=bool(n % 2)), incoming(other, actor))
    return numbers


def asked(call: Callable[[], object]) -> int:
    """Return how many questions a call asks."""
    with CaptureQueriesContext(connection) as found:
        call()
    return len(found)


def test_the_queue_asks_as_often_for_many_cases_as_for_two(here: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[object] = []

    def counted(*given: Any) -> dict[str, Passage]:
        looks.append(given)
        return stored_passages(*given)

    monkeypatch.setattr("waybill.flow.cases.view.stored_passages", counted)
    register = here.register()
    counts = []
    for first, count in ((0, 2), (2, 30)):
        cases(first, count)
        found = queries.cases()
        looks.clear()
        counts.append(asked(lambda: case_view.titles(here, register, queries.cases())))
        assert len(looks) == 2, "the lake is asked once for each way of telling"
        assert set(case_view.titles(here, register, found)) == {case.number for case in found}
    assert counts[0] == counts[1]


def test_the_queue_shows_the_gravest_finding_of_each(here: Installation) -> None:
    numbers = cases(0, 6)
    rows = case_view.titles(here, here.register(), queries.cases())
    for number in numbers:
        gravest = min((one.finding for one in findings_of(number)), key=gravity)
        assert rows[number].finding.id == gravest.id and gravest.severity is Severity.CRITICAL
    assert case_view.titles(here, here.register(), []) == {}
    models.CaseFinding.objects.filter(case_id=numbers[0]).delete()
    assert numbers[0] not in case_view.titles(here, here.register(), queries.cases()), "one without findings has none"


def test_the_list_of_runs_asks_as_often_for_many_as_for_one(here: Installation) -> None:
    (case,) = cases(0, 1)
    tools, book = using(Lamps()), playbook(**act("a", after="b"), **act("b"))
    counts = []
    for count in (1, 12):
        for _ in range(count):
            advance(begin(case, [book], {}, tools, who="li", reason="x"), tools)
        counts.append(asked(runs))
    assert counts[0] == counts[1] <= 2
    assert [one.run for one in runs()] == sorted((one.run for one in runs(case)), reverse=True)
    assert runs()[0] == standing(runs()[0].run)
