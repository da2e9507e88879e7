"""Leak 9: the coal mine's filing tells of fewer deaths than its own safety report; the twin has an amendment noted.

The public has an interest in the asset: the case opens on the figures, and whoever filed them is withheld.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

import orjson

from waybill.model.findings import Text
from waybill.model.register import Asset, Place
from waybill.model.words import AssetKind, Channel, Grade
from waybill.simulate.journal import Tag
from waybill.simulate.leaks.scene import Plot, Scene
from waybill.simulate.sources import transfers
from waybill.simulate.trades import Trade
from waybill.simulate.truth import Means


def _stage(scene: Scene, plot: Plot) -> None:
    office, names = scene.offices[Trade.COAL], scene.names
    series, authority = f"{names.of(('SR', 'AQ', 'INC'))}{names.token(3).upper()}-", f"{names.label()}.example"
    asset = f"casualties-{names.token(4)}"
    scene.books.assets.append(
        Asset(
            id=asset,
            name="事故伤亡报告",
            kind=AssetKind.DOCUMENT,
            grade=Grade.IMPORTANT,
            owner=office.organisation.trade,
            home=office.site_id,
            public_interest=True,
            patterns=(f"{series}*",),
        )
    )
    scene.books.places.append(Place(id=f"at-{authority}", jurisdiction="CN", patterns=(f".{authority}",)))
    scene.books.permit(asset, f"at-{authority}", Channel.WEB, "生产安全事故报告和调查处理条例")
    for day in scene.every(18):
        _incident(scene, day, series, authority, deaths=0, filed=0)
    _incident(scene, scene.day(0.35), series, authority, deaths=1, filed=0, amended=1, tag=plot.twin)
    _incident(scene, scene.day(0.58), series, authority, deaths=3, filed=1, tag=plot.leak)


def _incident(
    scene: Scene,
    day: date,
    series: str,
    authority: str,
    *,
    deaths: int,
    filed: int,
    amended: int | None = None,
    tag: Callable[[str], Tag] | None = None,
) -> None:
    """Report an incident inside, file it within the hour, and amend the filing where the figures are not the same."""
    moment, incident = scene.moment(day), f"{series}{scene.names.digits(6)}"
    told = {
        "event": incident,
        "kind": "coal-mine-accident",
        "day": day.isoformat(),
        "site": f"{scene.names.digits(3)} 工作面",
    }
    injured = scene.random.randrange(1, 6)
    reported = told | {"stage": "internal", "figures": {"deaths": deaths, "injured": injured}}
    _write(scene, moment, reported, tag=tag)
    public = told | {"stage": "filing", "figures": {"deaths": filed, "injured": injured}}
    number = _write(scene, moment + timedelta(minutes=scene.random.randrange(15, 50)), public, tag=tag, to=authority)
    if amended is not None:
        correction = public | {
            "figures": {"deaths": amended, "injured": injured},
            "amends": number,
            "reason": "医院确认死亡，补报",
        }
        _write(scene, scene.moment(day + timedelta(days=4)), correction, tag=tag, to=authority)


def _write(
    scene: Scene,
    moment: datetime,
    report: Mapping[str, object],
    *,
    tag: Callable[[str], Tag] | None,
    to: str = "",
) -> str:
    """Write a report of the mine's safety system, or what its portal filed with the authority ``to``.

    Returns the number of the document.
    """
    office, number, entry = (
        scene.offices[Trade.COAL],
        f"{report['stage']}-{scene.names.token(8)}",
        scene.names.token(12),
    )
    author = office.organisation.in_unit("安全监察")[0]
    columns = {
        "action": "send" if to else "create",
        "channel": "web" if to else "file",
        "outcome": "success",
        "actor": author.account,
        "actor_kind": "person",
        "actor_org": office.organisation.domain,
        "application": "safety-system",
        "asset": report["event"],
        "asset_kind": "document",
        "from_place": f"safety.{office.organisation.domain}",
        "to_place": f"filing.{to}" if to else f"safety.{office.organisation.domain}",
        "records": 1,
        "document": number,
        "entry": entry,
        **report,
    }
    office.write(transfers.LAYOUT, moment, transfers.transfer(moment, **columns), tag(entry) if tag else None)
    (scene.documents / f"{number}.json").write_bytes(orjson.dumps({"document": number, **report}))
    return number


PLOT = Plot(
    name="deaths-withheld",
    number=9,
    trade=Trade.COAL,
    title=Text("A filing tells of fewer deaths than the mine's own report", "上报死亡人数少于煤矿内部报告"),
    why_allowed=Text("the difference was noted in an amendment", "差异已在补报中注明"),
    means=(Means.DISCLOSURE,),
    stage=_stage,
)
"""Leak 9."""
