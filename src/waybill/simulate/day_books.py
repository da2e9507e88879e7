"""The register of the sample day: places, assets, parties and permits as CSV, and the protected channels as TOML."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from waybill.model.register import Asset, Party, Permit, Place
from waybill.model.words import AssetKind, Channel, Grade, PartyKind
from waybill.simulate.cast import Cast
from waybill.simulate.cloud import OUTSIDE
from waybill.simulate.movements import ALLOWED, ANALYST, CONTRACT, COURIER, LICENSED_LOT

PROTECTED = """\
# Records that touch one of these are dropped before anything is kept.
[[channel]]
name = "Whistle-blower line"
addresses = ["integrity@ombudsman.example"]
domains = ["ombudsman.example"]
"""


def write(folder: Path, cast: Cast) -> None:
    """Write the register's files into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, records in (
        ("places", _places(cast)),
        ("assets", _assets()),
        ("parties", _parties(cast)),
        ("permits", _permits(cast.day)),
    ):
        (folder / f"{name}.csv").write_bytes(_table(records).encode())
    (folder / "channels.toml").write_text(PROTECTED, encoding="utf-8")


def _places(cast: Cast) -> list[Place]:
    plant_hosts = (
        *cast.magnet_maker.hosts,
        "magnet-plant",
        r"\\fs-plant*",
        "fs-magnets",
        ".magnets.example",
        "10.10.0.0/16",
    )
    chip_hosts = (*cast.chip_house.hosts, "eda-01", "eda-store", "fs-chips", ".chips.example", "10.20.0.0/16")
    shop_hosts = (*cast.shop.hosts, "fs-shop", ".shop.example", "10.30.0.0/16")
    clinic_hosts = (*cast.clinic.hosts, "fs-clinic", "db-his", ".clinic.example", "10.40.0.0/16")
    return [
        Place(id="magnet-site", name="磁材厂区", jurisdiction="CN", patterns=plant_hosts),
        Place(id="magnet-store", name="磁材成品库", parent="magnet-site"),
        Place(id="chip-site", name="芯片设计中心", jurisdiction="CN", patterns=chip_hosts),
        Place(id="shop-site", name="电商平台", jurisdiction="CN", patterns=shop_hosts),
        Place(id="clinic-site", name="诊所", jurisdiction="CN", patterns=clinic_hosts),
        Place(id="warehouse-rotterdam", name="Consignment warehouse", jurisdiction="NL"),
        Place(id="supplier", name="稀土供应商", jurisdiction="CN", patterns=(".supplier.example",)),
        Place(id="partners", name="Partners of the shop", jurisdiction="SG", patterns=(".partner.example",)),
    ]


def _assets() -> list[Asset]:
    return [
        Asset(
            id="magnet-lots",
            name="烧结钕铁硼磁体批次",
            kind=AssetKind.MATERIAL,
            grade=Grade.CORE,
            owner="magnet-maker",
            home="magnet-site",
            patterns=("LOT-NB-*",),
        ),
        Asset(
            id="licensed-lot",
            name="已获出口许可的磁体批次",
            kind=AssetKind.MATERIAL,
            grade=Grade.CORE,
            owner="magnet-maker",
            home="magnet-site",
            patterns=(LICENSED_LOT,),
        ),
        Asset(
            id="process-recipes",
            name="磁体工艺配方",
            kind=AssetKind.KNOW_HOW,
            grade=Grade.CORE,
            owner="magnet-maker",
            home="magnet-site",
            patterns=("D:\\配方\\*",),
        ),
        Asset(
            id="supply-contracts",
            name="供货协议",
            kind=AssetKind.DOCUMENT,
            grade=Grade.IMPORTANT,
            owner="magnet-maker",
            home="magnet-site",
            patterns=(CONTRACT,),
        ),
        Asset(
            id="chip-layouts",
            name="芯片版图",
            kind=AssetKind.DATA,
            grade=Grade.CORE,
            owner="chip-house",
            home="chip-site",
            patterns=("/tapeout/*",),
        ),
        Asset(
            id="customer-records",
            name="客户记录",
            kind=AssetKind.DATA,
            grade=Grade.IMPORTANT,
            owner="shop-platform",
            home="shop-site",
            patterns=("shop/customers*",),
        ),
        Asset(
            id="patient-records",
            name="患者数据库",
            kind=AssetKind.DATA,
            grade=Grade.CORE,
            owner="clinic",
            home="clinic-site",
            patterns=("his-*", "clinic.patients*"),
        ),
    ]


def _parties(cast: Cast) -> list[Party]:
    organisations = [
        Party(id=name, kind=PartyKind.ORGANISATION, jurisdiction="CN")
        for name in ("magnet-maker", "chip-house", "shop-platform", "clinic")
    ]
    outside = [
        Party(id="analytics-partner", kind=PartyKind.ORGANISATION, jurisdiction="SG"),
        Party(id="courier-partner", kind=PartyKind.ORGANISATION, jurisdiction="SG"),
        Party(id=ANALYST, kind=PartyKind.SERVICE, org="analytics-partner"),
        Party(id=COURIER, kind=PartyKind.SERVICE, org="courier-partner"),
        Party(id=OUTSIDE, kind=PartyKind.ORGANISATION),
    ]
    owners = zip(("magnet-maker", "chip-house", "shop-platform", "clinic"), cast.organisations, strict=True)
    people = [
        Party(id=person, kind=PartyKind.PERSON, org=org, roles=("staff",))
        for org, organisation in owners
        for person in organisation.people[:5]
    ]
    return [*organisations, *outside, *people]


def _permits(day: date) -> list[Permit]:
    start = datetime.combine(day, time(), UTC) - timedelta(days=30)
    end = start + timedelta(days=365)
    return [
        Permit(
            id="export-licence-07",
            asset="licensed-lot",
            place="warehouse-rotterdam",
            jurisdiction="NL",
            channel=Channel.FREIGHT,
            valid_from=start,
            valid_until=end,
            basis="两用物项出口许可（示例）",
        ),
        Permit(
            id="supply-contract-supplier",
            asset="supply-contracts",
            place="supplier",
            channel=Channel.EMAIL,
            valid_from=start,
            valid_until=end,
            basis="采购合同（示例）",
        ),
        Permit(
            id="analytics-quota",
            asset="customer-records",
            party="analytics-partner",
            place="partners",
            valid_from=start,
            valid_until=end,
            max_records=ALLOWED,
            basis="Data processing agreement (sample)",
        ),
        Permit(
            id="courier-quota",
            asset="customer-records",
            party="courier-partner",
            place="partners",
            valid_from=start,
            valid_until=end,
            max_records=5 * ALLOWED,
            basis="Data processing agreement (sample)",
        ),
    ]


def _table(records: Sequence[Asset | Party | Place | Permit]) -> str:
    columns = records[0].__struct_fields__
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(columns)
    for record in records:
        table.writerow(_cell(getattr(record, column)) for column in columns)
    return text.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, tuple):
        return ";".join(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
