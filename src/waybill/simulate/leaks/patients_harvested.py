"""Leak 7: 480,000 distinct patients are fetched by a client that nobody registered; the twin is an approved one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from waybill.model.findings import Text
from waybill.model.register import Asset, Party
from waybill.model.words import AssetKind, Channel, Grade, PartyKind
from waybill.simulate.journal import Tag
from waybill.simulate.leaks.scene import Plot, Scene
from waybill.simulate.names import outside_address
from waybill.simulate.offices import at
from waybill.simulate.sources import transfers
from waybill.simulate.trades import Trade
from waybill.simulate.truth import Means

PATIENTS, PAGE, NIGHTS = 480_000, 500, 3
"""Distinct patients, those of one request, and nights that it takes."""


def _stage(scene: Scene, plot: Plot) -> None:
    office, names = scene.offices[Trade.CLINIC], scene.names
    resource = names.of(("patients", "Patient", "患者档案", "subjects")) + f"-{names.token(4)}"
    asset = f"patients-{names.token(4)}"
    scene.books.assets.append(
        Asset(
            id=asset,
            name="患者档案",
            kind=AssetKind.DATA,
            grade=Grade.CORE,
            owner=office.organisation.trade,
            home=office.site_id,
            patterns=(resource,),
        )
    )
    application, partner = f"app-{names.label()}", f"{names.label()}.example"
    place = scene.books.add_outsider(partner, "CN")
    scene.books.parties.append(Party(id=application, kind=PartyKind.SERVICE, org=partner))
    agreement = "个人信息处理协议（示例）"
    scene.books.permit(asset, place, Channel.CLOUD_API, agreement, party=partner, max_records=3 * PATIENTS)
    client, own = f"app-{office.database}", f"app.{office.organisation.domain}"
    for day in scene.every(2):  # the clinic's own app asks for those who come
        first, request = scene.random.randrange(1, PATIENTS - 40), f"q-{names.token(16)}"
        _ask(scene, resource, scene.moment(day), first, 40, client=client, place=own, request=request)
    twin, leak = scene.day(0.3), scene.day(0.65)
    _fetch(scene, resource, twin, client=application, place=f"api.{partner}", tag=plot.twin)
    unknown = outside_address(scene.random)
    _fetch(scene, resource, leak, client=f"app-{names.label()}", place=unknown, tag=plot.leak)


def _fetch(scene: Scene, resource: str, day: date, *, client: str, place: str, tag: Callable[[str], Tag]) -> None:
    """Fetch all patients once, page by page, over a few nights."""
    pages = PATIENTS // PAGE
    for page in range(pages):
        night, number = divmod(page, -(-pages // NIGHTS))
        moment = at(day + timedelta(days=night), 0.5 + 5 * number * NIGHTS / pages + scene.random.random() / 400)
        request = f"q-{scene.names.token(16)}"
        first = page * PAGE + 1
        _ask(scene, resource, moment, first, PAGE, client=client, place=place, request=request, tag=tag(request))


def _ask(
    scene: Scene,
    resource: str,
    moment: datetime,
    first: int,
    count: int,
    *,
    client: str,
    place: str,
    request: str,
    tag: Tag | None = None,
) -> None:
    """Let the gateway write that a client asked for some patients by their numbers."""
    office = scene.offices[Trade.CLINIC]
    columns = {
        "action": "download",
        "channel": "cloud-api",
        "outcome": "success",
        "actor": client,
        "actor_kind": "service",
        "application": "fhir-api",
        "asset": resource,
        "asset_kind": "data",
        "from_place": f"fhir.{office.organisation.domain}",
        "to_place": place,
        "bytes": count * 1900,
        "records": count,
        "first_id": first,
        "last_id": first + count - 1,
        "request": request,
    }
    office.write(transfers.LAYOUT, moment, transfers.transfer(moment, **columns), tag)


PLOT = Plot(
    name="patients-harvested",
    number=7,
    trade=Trade.CLINIC,
    title=Text("480,000 patients fetched through a client nobody registered", "未登记客户端拉取48万名患者数据"),
    why_allowed=Text("an approved application within its agreement", "已批准应用在协议范围内"),
    means=(Means.PERMITS, Means.BEHAVIOUR),
    stage=_stage,
)
"""Leak 7."""
