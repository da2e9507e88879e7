"""Leak 6: a clerk reads the procurement budgets in bulk for the first time, then takes them away on a stick.

The twin is an auditor, who reads them every few weeks, and reports through the protected line: that record must vanish
entirely. The public has an interest in the asset: whoever tells of it must withhold who it was.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from waybill.model.findings import Text
from waybill.model.register import Asset
from waybill.model.words import AssetKind, Grade
from waybill.simulate.journal import Part, Tag
from waybill.simulate.leaks.scene import Plot, Scene
from waybill.simulate.people import Person
from waybill.simulate.sources import endpoint, postgres
from waybill.simulate.trades import Trade
from waybill.simulate.truth import Means

_BUDGETS = 18_400


def _stage(scene: Scene, plot: Plot) -> None:
    office, names = scene.offices[Trade.TOWN], scene.names
    series = f"{names.of(('预算', '限价', '采购计划'))}{names.token(4)}"
    scene.books.assets.append(
        Asset(
            id=f"budgets-{names.token(4)}",
            name="政府采购预算",
            kind=AssetKind.DATA,
            grade=Grade.IMPORTANT,
            owner=office.organisation.trade,
            home=office.site_id,
            public_interest=True,
            patterns=(*office.names_of_vital, f"D:\\{series}*"),
        )
    )
    clerk, auditor = office.organisation.in_unit("采购")[0], office.organisation.in_unit("审计")[0]
    for day in scene.every(20):
        _read(scene, auditor, day)
    query = _read(scene, auditor, scene.day(0.5), tag=plot.twin(f"OFFSET {names.digits(9)}"))
    marker = f"陈述-{names.token(8)}.docx"
    sender, receiver = office.organisation.mail(auditor), scene.books.protected_address
    moment = query + timedelta(minutes=40)
    office.mail(moment, sender, receiver, marker, size=80_000, attached=1, tag=Tag(Part.PROTECTED, marker))
    query = _read(scene, clerk, scene.day(0.62), tag=plot.leak(f"OFFSET {names.digits(9)}"))
    file = f"D:\\{series}-{names.token(6)}.xlsx"
    record = endpoint.line(
        query + timedelta(minutes=25),
        user=clerk.account,
        host=clerk.host,
        event="stick-write",
        file=file,
        target=rf"USBSTOR\DISK&VEN_AIGO\{names.token(16).upper()}",
        kilobytes=2_310,
    )
    office.write(endpoint.LAYOUT, query + timedelta(minutes=25), record, plot.leak(file))


def _read(scene: Scene, person: Person, day: date, *, tag: Tag | None = None) -> datetime:
    """Let somebody read all budgets, and return when."""
    office, moment = scene.offices[Trade.TOWN], scene.moment(day, 10, 16)
    session = postgres.Session(
        scene.random,
        moment - timedelta(seconds=9),
        user=person.account,
        database=office.database,
        address=person.address,
        application="DBeaver",
    )
    statement = f"TABLE {office.vital}" + (f" {tag.marker}" if tag else "")
    relation = f"public.{office.vital}"
    for time, record in session.connect():
        office.write(postgres.LAYOUT, time, record)
    line = session.audit(moment, "SELECT", relation=relation, statement=statement, rows=_BUDGETS)
    office.write(postgres.LAYOUT, *line, tag)
    return moment


PLOT = Plot(
    name="budgets-taken",
    number=6,
    trade=Trade.TOWN,
    title=Text(
        "Procurement budgets read in bulk for the first time and taken on a stick", "首次批量读取采购预算并拷入U盘"
    ),
    why_allowed=Text(
        "an auditor's routine, and a report through the protected line", "审计例行查询，并经受保护渠道举报"
    ),
    means=(Means.RULES, Means.PERMITS, Means.BEHAVIOUR),
    stage=_stage,
)
"""Leak 6."""
