"""Leak 4: an unapproved file in the shop platform sends two million customer records a day to a host nobody knows.

The twin is a synchronisation of the same size with a partner that has a permit, by a file that was released.
"""

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
from waybill.simulate.platform import write_page, write_platform
from waybill.simulate.sources import auditd, postgres, zeek
from waybill.simulate.trades import Trade
from waybill.simulate.truth import Exposed, Means

RECORDS, READS, DAYS = 2_000_000, 40, 10
"""Customer records of a day, reads that they take, and days that it goes on."""


def _stage(scene: Scene, plot: Plot) -> None:
    office, names = scene.offices[Trade.SHOP], scene.names
    asset = f"customers-{names.token(4)}"
    scene.books.assets.append(
        Asset(
            id=asset,
            name="客户记录",
            kind=AssetKind.DATA,
            grade=Grade.IMPORTANT,
            owner=office.organisation.trade,
            home=office.site_id,
            patterns=(*office.names_of_vital, f"{office.vital}-approved", f"{office.vital}-deployed"),
        )
    )
    partner = f"{names.label()}.example"
    place, address = scene.books.add_outsider(partner, "CN"), outside_address(scene.random)
    partner_service, own_service = f"svc_{names.label()}", f"svc_{office.database}"
    scene.books.parties.append(Party(id=partner_service, kind=PartyKind.SERVICE, org=partner))
    scene.books.permit(asset, place, Channel.DATABASE, "数据处理协议（示例）", party=partner)
    scene.books.permit(asset, place, Channel.NETWORK, "数据处理协议（示例）", party=partner)
    released = _run(scene, scene.day(0.25), user=partner_service, address=address, program="release", tag=plot.twin)
    stranger, day = outside_address(scene.random), scene.day(0.6)
    implanted = _run(scene, day, user=own_service, address=stranger, program="vi", tag=plot.leak)
    _stand(scene, plot, {released: address}, {implanted: stranger}, at(day, 2.2))


def _stand(scene: Scene, plot: Plot, released: dict[str, str], implanted: dict[str, str], since: datetime) -> None:
    """Let the platform stand there as it was approved, and with what came later; and the page where customers pay."""
    office = scene.offices[Trade.SHOP]
    approved, deployed = f"{office.vital}-approved", f"{office.vital}-deployed"
    write_platform(scene.places / approved, office.vital, released)
    write_platform(scene.places / deployed, office.vital, {**released, **implanted})
    host, (address,), (twin,) = f"shop.{office.organisation.domain}", implanted.values(), released.values()
    stranger = f"{next(iter(implanted)).partition('.')[0]}.example"
    pages = f"{approved}.har", f"{deployed}.har"
    write_page(scene.places / pages[0], host)
    write_page(scene.places / pages[1], host, stranger)
    scene.expose(
        plot,
        Exposed(
            by="code", family="deployed", target=deployed, approved=approved, marker=address, twin=twin, since=since
        ),
        Exposed(
            by="page", family="deployed", target=pages[1], approved=pages[0], marker=stranger, twin=twin, since=since
        ),
    )


def _run(scene: Scene, start: date, *, user: str, address: str, program: str, tag: Callable[[str], Tag]) -> str:
    """Put a file into the platform, and let it read and send customers for some days; returns the file's name."""
    office, random, names = scene.offices[Trade.SHOP], scene.random, scene.names
    host = f"{office.shared_host.lower()}-app"
    name = f"{names.label()}.py"
    path, moment = f"/srv/platform/extensions/{name}", at(start, 2.2)
    record = auditd.opened(
        random, moment, host=host, user="deploy", program=f"/usr/bin/{program}", path=path, write=True, key="platform"
    )
    office.write(auditd.LAYOUT, moment, record, tag(path))
    for number in range(DAYS):
        day = start + timedelta(days=number)
        session = postgres.Session(
            random,
            at(day, 2.5),
            user=user,
            database=office.database,
            address=f"{office.organisation.network}.9.8",
            application="platform",
        )
        for moment, record in session.connect():
            office.write(postgres.LAYOUT, moment, record)
        for read in range(READS):
            moment, rows = at(day, 2.6 + read / 20), int(RECORDS / READS * random.uniform(0.97, 1.03))
            statement = f"TABLE {office.vital} OFFSET {names.digits(9)}"
            line = session.audit(moment, "SELECT", relation=f"public.{office.vital}", statement=statement, rows=rows)
            office.write(postgres.LAYOUT, *line, tag(statement))
        _send(scene, day, address, tag)
    return name


def _send(scene: Scene, day: date, address: str, tag: Callable[[str], Tag]) -> None:
    office, uid, moment = scene.offices[Trade.SHOP], zeek.new_uid(scene.random), at(day, 4.8)
    record = zeek.connection(
        moment,
        uid=uid,
        origin=f"{office.organisation.network}.9.8",
        origin_port=scene.random.randrange(49152, 65535),
        responder=address,
        responder_port=443,
        sent=int(RECORDS * 210 * scene.random.uniform(0.97, 1.03)),
        received=40_000,
        duration=1800.0,
        service="ssl",
    )
    office.write(zeek.CONNECTIONS, moment, record, tag(uid))


PLOT = Plot(
    name="customers-drained",
    number=4,
    trade=Trade.SHOP,
    title=Text(
        "An unapproved file in the platform sends out two million customers a day",
        "平台中未经批准的文件每天外传二百万条客户记录",
    ),
    why_allowed=Text("an approved synchronisation with a partner", "与合作方的已批准同步"),
    means=(Means.BEHAVIOUR, Means.RULES),
    stage=_stage,
)
"""Leak 4."""
