"""Leak 2: a lot is far purer than the cheap grade on its papers; the twin is a lot that is as cheap as it says."""

from __future__ import annotations

from waybill.model.findings import Text
from waybill.simulate.leaks.scene import Plot, Scene
from waybill.simulate.trades import Trade
from waybill.simulate.truth import Means

_CHEAP = 99.0
"""Purity that both papers declare, by mass in per cent."""


def _stage(scene: Scene, plot: Plot) -> None:
    freight, names = scene.freight, scene.names
    customer = next(one for one in freight.customers if one.jurisdiction != "CN")
    for share, assayed, tag in ((0.4, 99.31, plot.twin), (0.6, 99.9993, plot.leak)):
        lot = f"{freight.prefix}{names.digits(6)}"
        moment = scene.moment(scene.day(share))
        freight.ship(moment, lot, customer, declared=_CHEAP, assayed=assayed, tag=tag(lot))


PLOT = Plot(
    name="purer-than-declared",
    number=2,
    trade=Trade.MAGNETS,
    title=Text("A lot assayed purer than the grade on its papers", "批次化验纯度高于申报品级"),
    why_allowed=Text("the cheap lot is what its papers say", "低价批次与申报相符"),
    means=(Means.MATERIALS,),
    stage=_stage,
)
"""Leak 2."""
