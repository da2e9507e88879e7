"""Every way in which a chain is bled or mislabelled, each with a benign twin: the same deed with what makes it right.

A deed writes its records and returns the ids of those that decide it. Deeds of material are here and in
``dealings``; those of things and devices in ``swaps``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from waybill.simulate.chain.course import Course
from waybill.simulate.chain.goods import Lot
from waybill.simulate.chain.sites import Site, Task
from waybill.simulate.chain.works import Works

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where deeds are done."""

    course: Course
    licences: dict[str, str]
    """Numbers of licences by what is special about them."""

    @property
    def works(self) -> Works:
        """All sites at work."""
        return self.course.works

    @property
    def plant(self) -> Site:
        """The plant that separates."""
        return self.works.only(Task.PLANT)

    def oxides(
        self, time: datetime, graded: Mapping[str, tuple[str, float]] | None = None
    ) -> tuple[dict[str, Lot], datetime]:
        """Return freshly separated oxides, and when they are ready."""
        mine = self.works.every(Task.MINE)[1]  # rich in light rare earths: lots are large
        concentrate, there = self.course.concentrate_at_plant(mine, time)
        _, oxides = self.works.separate(self.plant, there + DAY, [concentrate], graded=graded)
        return oxides, there + 3 * DAY


Deed = Callable[[Stage, datetime, bool], list[str]]
"""Writes records from a moment on; true for the diversion, false for its twin. Returns the ids of what decides it."""


def more_out_than_in(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """More terbium comes out of a separation than went in; the twin feeds two lots."""
    works, mine = stage.works, stage.works.only(Task.MINE)
    one, first = stage.course.concentrate_at_plant(mine, time)
    other, second = stage.course.concentrate_at_plant(mine, time + HOUR)
    fed = [one] if leak else [one, other]
    event, _ = works.separate(stage.plant, max(first, second) + DAY, fed, of={"Tb4O7": 1.3} if leak else None)
    return [event]


def lot_sold_twice(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """More of a lot is shipped than there was; the twin ships all of it in two parts."""
    works = stage.works
    oxides, ready = stage.oxides(time)
    lot = oxides["CeO2"]
    first = works.ship_lot(stage.plant, works.customer("VN"), ready, lot, 0.6 * lot.kilograms)
    rest = (0.7 if leak else 0.4) * lot.kilograms
    second = works.ship_lot(stage.plant, works.customer("JP"), ready + 2 * DAY, lot, rest)
    for sent in (first, second):
        works.receive(sent)
    return [second.event]


def skimmed(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """A separation recovers far too little; the twin records what was not recovered as a lot."""
    concentrate, there = stage.course.concentrate_at_plant(stage.works.only(Task.MINE), time)
    event, _ = stage.works.separate(stage.plant, there + DAY, [concentrate], yields=0.72, residue=not leak)
    return [event]


def too_good(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """A smelter gets far more metal out of its oxide than it ever does; the twin is a good day."""
    works, smelter = stage.works, stage.works.only(Task.SMELTER)
    oxides, ready = stage.oxides(time)
    sent = works.ship_lot(stage.plant, smelter, ready, oxides["Nd2O3"])
    works.receive(sent)
    oxide = oxides["Nd2O3"]
    if not leak:
        event, _ = works.reduce(smelter, sent.arrives + DAY, oxide)
        return [event]
    hidden = Lot(oxide.item, oxide.material, oxide.kilograms * 1.028, oxide.origin, oxide.shares)
    event, _ = works.reduce(smelter, sent.arrives + DAY, hidden)
    _understate(stage, event, oxide)
    return [event]


def _understate(stage: Stage, event: str, oxide: Lot) -> None:
    """Let the record of a reduction say that only the known oxide went in."""
    record = next(one.event for one in stage.works.scribe.captured if one.event["eventID"] == event)
    record["inputQuantityList"][0]["quantity"] = round(oxide.kilograms, 3)


def purer_than_papers(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """A lot whose papers say 2N is 5N; the twin is a little better than its papers."""
    oxides, ready = stage.oxides(time, {"CeO2": ("2N", 0.999993 if leak else 0.9931)})
    lot = oxides["CeO2"]
    stage.course.deliver(stage.plant, stage.works.customer("JP"), ready + DAY, lot)
    return [lot.assayed]


def poorer_than_papers(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """A lot whose papers say 4N is 2N5; the twin is what its papers say."""
    oxides, ready = stage.oxides(time, {"La2O3": ("4N", 0.9952 if leak else 0.99993)})
    lot = oxides["La2O3"]
    stage.course.deliver(stage.plant, stage.works.customer("JP"), ready + DAY, lot)
    return [lot.assayed]


def wrong_heading(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """Terbium oxide leaves as a polishing preparation; the twin leaves under its heading."""
    oxides, ready = stage.oxides(time)
    papers: dict[str, Any] = {"hsCode": "382499"} if leak else {}
    works = stage.works
    sent = works.ship_lot(
        stage.plant, works.customer("JP"), ready, oxides["Tb4O7"], licence=stage.licences["JP"], endUse="motors",
        **papers,
    )  # fmt: skip
    works.receive(sent)
    return [sent.event]


def value_out_of_line(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """Polishing powder, not said what is in it, leaves at eighty times its price; the twin is a little dear."""
    works, lot = stage.works, stage.course.polish(time)
    value = round(lot.kilograms * 2.2 * (80 if leak else 1.25), 2)
    sent = works.ship_lot(stage.plant, works.customer("VN"), time + DAY, lot, value=value)
    works.receive(sent)
    return [sent.event]


def other_origin(stage: Stage, time: datetime, leak: bool) -> list[str]:
    """Ore of one mine is declared as another's; the twin is the mine's own."""
    works = stage.works
    domestic, _, abroad = works.every(Task.MINE)
    works.dig(abroad, time, pattern=works.patterns[domestic.name] if leak else None)
    return [works.scribe.captured[-1].event["eventID"]]
