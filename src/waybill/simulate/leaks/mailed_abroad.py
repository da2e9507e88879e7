"""Leak 1: an executive of the magnet maker sends a confidential file abroad; the twin goes to a licensed customer."""

from __future__ import annotations

from datetime import date
from random import Random

from waybill.model.findings import Text
from waybill.model.register import Asset
from waybill.model.words import AssetKind, Channel, Grade
from waybill.simulate.journal import Tag
from waybill.simulate.leaks import plans
from waybill.simulate.leaks.scene import Plot, Scene
from waybill.simulate.offices import Office
from waybill.simulate.people import Person
from waybill.simulate.trades import Role, Trade
from waybill.simulate.truth import Means


def _stage(scene: Scene, plot: Plot) -> None:
    office, names = scene.offices[Trade.MAGNETS], scene.names
    executive = _executive(office)
    series = f"{names.of(('供应方案', '配额测算', '产能规划', 'supply-outlook'))}-{names.token(4)}"
    stranger, customer = f"{names.label()}.example", f"{names.label()}.example"
    asset = f"plans-{names.token(4)}"
    scene.books.assets.append(
        Asset(
            id=asset,
            name=series,
            kind=AssetKind.DOCUMENT,
            grade=Grade.IMPORTANT,
            owner=office.organisation.trade,
            home=office.site_id,
            patterns=(f"{series}*",),
        )
    )
    scene.books.add_outsider(stranger, scene.random.choice(("US", "DE", "KR")))
    place = scene.books.add_outsider(customer, "JP")
    scene.books.permit(asset, place, Channel.EMAIL, "两用物项技术出口许可（示例）")
    colleague = office.organisation.mail(office.organisation.unit(Role.SALES)[0])
    for day in scene.every(7):  # colleagues see such files every week
        _send(scene, colleague, f"{series}-{names.token(6)}.pdf", day)
    for share in (0.1, 0.3, 0.7):  # the licensed customer gets one now and then
        _send(scene, f"buyer@{customer}", f"{series}-{names.token(6)}.pdf", scene.day(share, executive))
    said = plans.sentences(Random(series))  # of its own, so that what a plan says changes nothing else
    (scene.documents / f"{series}.pdf").write_bytes(plans.write(said))
    day, file = scene.day(0.55, executive), f"{series}-{names.token(6)}.pdf"
    (scene.documents / file).write_bytes(plans.write(said[20:70]))
    _send(scene, f"{names.account()}@{stranger}", file, day, tag=plot.leak(file))
    file = f"{series}-{names.token(6)}.pdf"
    (scene.documents / file).write_bytes(plans.write(said[30:80]))
    _send(scene, f"{names.account()}@{customer}", file, day, tag=plot.twin(file))


def _send(scene: Scene, receiver: str, file: str, day: date, *, tag: Tag | None = None) -> None:
    office = scene.offices[Trade.MAGNETS]
    sender = office.organisation.mail(_executive(office))
    office.mail(scene.moment(day), sender, receiver, file, size=office.size(700_000), attached=1, tag=tag)


def _executive(office: Office) -> Person:
    return office.organisation.unit(Role.MANAGER)[0]


PLOT = Plot(
    name="file-mailed-abroad",
    number=1,
    trade=Trade.MAGNETS,
    title=Text("An executive mails a confidential file to a stranger abroad", "高管将涉密文件邮寄给境外无关方"),
    why_allowed=Text("the customer abroad has a licence for such files", "境外客户持有该类文件的许可"),
    means=(Means.PERMITS,),
    stage=_stage,
)
"""Leak 1."""
