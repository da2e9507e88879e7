"""Leak 8: the drone maker's registered wing leaves as a STEP model of another name; the twin is another wing."""

from __future__ import annotations

from waybill.model.findings import Text
from waybill.model.register import Asset
from waybill.model.words import AssetKind, Grade
from waybill.simulate.leaks import step
from waybill.simulate.leaks.scene import Plot, Scene
from waybill.simulate.sources import workspace
from waybill.simulate.trades import Trade
from waybill.simulate.truth import Means


def _stage(scene: Scene, plot: Plot) -> None:
    office, names, random = scene.offices[Trade.DRONES], scene.names, scene.random
    original, registered, other = f"{names.label()}-{names.token(4)}", step.wing(random), step.wing(random)
    (scene.documents / f"{original}.step").write_bytes(step.write(random, original, registered))
    scene.books.assets.append(
        Asset(
            id=f"wing-{names.token(4)}",
            name="机翼三维模型",
            kind=AssetKind.DOCUMENT,
            grade=Grade.CORE,
            owner=office.organisation.trade,
            home=office.site_id,
            patterns=(f"{original}*",),
        )
    )
    engineer = office.organisation.in_unit("airframe")[0]
    for day in scene.every(5):  # its engineers work on it
        moment = scene.moment(day)
        who = {"user": office.organisation.mail(engineer), "address": engineer.address}
        title = f"{original}.step"
        record = workspace.access(random, moment, "edit", **who, title=title, owner=who["user"])
        office.write(workspace.LAYOUT, moment, record)
    place = f"{names.label()}.example"
    scene.books.add_outsider(place, "CN")
    for share, shape, tag in ((0.4, other, plot.twin), (0.66, registered, plot.leak)):
        title = f"{names.of(office.plan.topics)}-{names.token(6)}.step"
        (scene.documents / title).write_bytes(step.write(random, title, shape))
        moment = scene.moment(scene.day(share, engineer))
        record = workspace.change_user_access(
            random,
            moment,
            user=office.organisation.mail(engineer),
            address=engineer.address,
            title=title,
            owner=office.organisation.mail(engineer),
            target=f"{names.account()}@{place}",
        )
        office.write(workspace.LAYOUT, moment, record, tag(title))


PLOT = Plot(
    name="shape-renamed",
    number=8,
    trade=Trade.DRONES,
    title=Text("A registered wing shared outside under another name", "已登记机翼模型改名后外发"),
    why_allowed=Text("another wing, which nobody controls", "另一机翼，不在受控之列"),
    means=(Means.CONTENT,),
    stage=_stage,
)
"""Leak 8."""
