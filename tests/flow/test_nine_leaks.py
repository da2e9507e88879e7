"""The leaks of the simulated months end as cases of their own, with clocks; one is stopped and let go again."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from waybill.cases import clocks, queries
from waybill.control import close_database
from waybill.findings.queries import ALL_STATES, Filter, every
from waybill.flow.detectors import load_detectors
from waybill.flow.installation import Installation
from waybill.flow.playing import play
from waybill.flow.response import playbooks
from waybill.flow.scoreboard import scoring as scoreboard
from waybill.flow.scoreboard.scoring import DATA, WORLD, score
from waybill.model.findings import Text
from waybill.respond.standing import standing
from waybill.respond.words import ActState, RunState
from waybill.simulate import Size, Truth

pytestmark = pytest.mark.soak  # it makes and reads the whole world: more than a minute


def test_nine_leaks_are_nine_cases_and_one_is_stopped(tmp_path: Path) -> None:
    board = score(tmp_path, load_detectors(), seed=7, size=Size.SMALL, workers=2, tell=lambda _: None)
    installation = Installation.open(tmp_path / DATA)
    truth = msgspec.json.decode((tmp_path / WORLD / "truth.json").read_bytes(), type=Truth)
    marked = scoreboard._marked(installation, truth)
    findings = [stored.finding for stored in every(Filter(states=ALL_STATES))]
    ends: dict[int, set[int]] = {}
    for leak in truth.cases:
        decisive = {marked[mark].id for mark in scoreboard._leak(leak) if mark in marked}
        telling = [one.id for one in findings if not decisive.isdisjoint(one.transfers)]
        ends[leak.number] = {number for id in telling if (number := queries.case_of(id)) is not None}
    assert len(ends) == 9 and all(leak.found for leak in board.cases)
    assert {leak.number for leak in board.cases if "content" in leak.detectors} == {1, 5, 8}
    assert all(len(one) == 1 for one in ends.values()), "each leak is one case"
    numbers = [number for one in ends.values() for number in one]
    assert len(set(numbers)) == len(numbers), "no two leaks are one case"
    assert all(clocks.clocks([number], running=True) for number in numbers), "each with its clocks"

    said: list[Text] = []
    played = play(installation, said.append)
    assert played.in_force and played.seconds < 10 and played.case in numbers
    undone = playbooks.undo(installation, played.run, who="p-" + "0" * 16, reason="cleared")
    assert undone.state is RunState.UNDONE
    assert standing(played.run).acts[0].state is ActState.UNDONE
    assert any("held" in one.en for one in said) and all(one.zh for one in said)
    close_database()
