"""Leak 3: a chip engineer who gave notice copies recipes of machines that are not his, and takes them on a stick.

The twin is an engineer who takes over such machines: the personnel feed says so, and the recipes go to the share.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from waybill.model.findings import Text
from waybill.simulate.leaks.scene import Plot, Scene
from waybill.simulate.people import NOTICE, Person
from waybill.simulate.services.fab import UNITS
from waybill.simulate.sources import endpoint
from waybill.simulate.sources.values import milliseconds
from waybill.simulate.trades import Trade
from waybill.simulate.truth import Means

Event = Literal["stick-write", "share-write"]

_RECIPES = 24
_PATIENCE = timedelta(days=12)
"""From notice given to the copying."""


def _stage(scene: Scene, plot: Plot) -> None:
    organisation = scene.offices[Trade.CHIPS].organisation
    leaver, heir = (organisation.in_unit(unit)[0] for unit in UNITS)
    notice = scene.day(0.78)
    organisation.give_career(leaver, replace(leaver, leaves=notice + NOTICE))
    day = next(day for day in scene.working_days if day >= notice + _PATIENCE)
    target = rf"USBSTOR\DISK&VEN_KIOXIA\{scene.names.token(16).upper()}"
    _copy(scene, plot, leaver, scene.moment(day, 18.5, 20.0), event="stick-write", target=target)

    handover = scene.day(0.8)
    units = {unit.name: unit for unit in scene.offices[Trade.CHIPS].plan.units}
    organisation.give_career(heir, replace(heir, moved=handover, moved_to=units[UNITS[0]]))
    target = rf"\\{scene.offices[Trade.CHIPS].shared_host}\handover"
    _copy(scene, plot, heir, scene.moment(handover, 18.5, 20.0), event="share-write", target=target)


def _copy(scene: Scene, plot: Plot, person: Person, start: datetime, *, event: Event, target: str) -> None:
    """Fetch recipes that are not one's own, then copy them all in one archive."""
    office, names = scene.offices[Trade.CHIPS], scene.names
    tag = plot.leak if event == "stick-write" else plot.twin
    moment = start
    for recipe in scene.random.sample(scene.fab.others(person), _RECIPES):
        moment += timedelta(seconds=scene.random.uniform(20, 90))
        marker = f'{milliseconds(moment)}","equipment":"{recipe.partition("/")[0]}'
        scene.fab.fetch(person, recipe, moment, tag(marker))
    moment += timedelta(minutes=9)
    archive = f"D:\\work\\{names.token(10)}.zip"
    record = endpoint.line(
        moment, user=person.account, host=person.host, event=event, file=archive, target=target, kilobytes=912
    )
    office.write(endpoint.LAYOUT, moment, record, tag(archive))


PLOT = Plot(
    name="recipes-copied",
    number=3,
    trade=Trade.CHIPS,
    title=Text("An engineer on notice takes recipes of other people's machines", "已提离职的工程师带走他人设备的配方"),
    why_allowed=Text("the machines were handed over to the engineer", "设备已移交给该工程师"),
    means=(Means.RULES, Means.BEHAVIOUR),
    stage=_stage,
)
"""Leak 3."""
