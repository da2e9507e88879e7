"""The seven trades of the world: who works in them, on what, and with which words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Trade(StrEnum):
    """What an organisation does; that is all it is called."""

    MAGNETS = "magnet-maker"
    CHIPS = "chip-house"
    SHOP = "shop-platform"
    CLINIC = "clinic"
    DRONES = "drone-maker"
    COAL = "coal-mine"
    TOWN = "town"


class Role(StrEnum):
    """What somebody's days are like, whatever the trade; a peer group."""

    LINE = "line worker"
    TECHNICIAN = "technician"
    ENGINEER = "engineer"
    OFFICE = "office"
    SALES = "sales"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """A unit of an organisation: its name, its role, and how many of ten employees are in it."""

    name: str
    role: Role
    weight: float


@dataclass(frozen=True, slots=True)
class TradePlan:
    """What an organisation of one trade is made of."""

    people: int
    """In a small world."""
    units: tuple[UnitPlan, ...]
    topics: tuple[str, ...]
    """What documents are about."""
    endings: tuple[str, ...]
    """Of names of files."""
    tables: tuple[str, ...]
    repositories: tuple[str, ...]


_OFFICE = (".docx", ".xlsx", ".pptx", ".pdf")

PLANS: dict[Trade, TradePlan] = {
    Trade.MAGNETS: TradePlan(
        people=14,
        units=(
            UnitPlan("矿山", Role.LINE, 2),
            UnitPlan("分离厂", Role.LINE, 2),
            UnitPlan("化验室", Role.TECHNICIAN, 1.5),
            UnitPlan("烧结研发", Role.ENGINEER, 1.5),
            UnitPlan("销售", Role.SALES, 1),
            UnitPlan("经营管理", Role.MANAGER, 1),
            UnitPlan("信息", Role.ADMINISTRATOR, 1),
        ),
        topics=("日报", "排班", "炉次记录", "化验单", "设备点检", "会议纪要", "培训", "采购申请", "能耗", "质量周报"),
        endings=_OFFICE,
        tables=("batches", "furnaces", "inspections", "shifts"),
        repositories=("mes-reports", "furnace-tools"),
    ),
    Trade.CHIPS: TradePlan(
        people=13,
        units=(
            UnitPlan("fab-operations", Role.LINE, 2),
            UnitPlan("etch", Role.ENGINEER, 2),
            UnitPlan("lithography", Role.ENGINEER, 2),
            UnitPlan("verification", Role.ENGINEER, 2),
            UnitPlan("program-office", Role.MANAGER, 1),
            UnitPlan("infrastructure", Role.ADMINISTRATOR, 1),
        ),
        topics=("timing", "floorplan", "regression", "coverage", "yield", "minutes", "review", "bring-up", "errata"),
        endings=(".md", ".v", ".sdc", ".rpt", ".xlsx", ".pdf"),
        tables=("runs", "wafers", "tickets", "licences"),
        repositories=("soc-top", "verif-env", "pdk-scripts", "test-bench", "firmware", "docs"),
    ),
    Trade.SHOP: TradePlan(
        people=12,
        units=(
            UnitPlan("platform", Role.ENGINEER, 3),
            UnitPlan("data", Role.ENGINEER, 2),
            UnitPlan("customer-care", Role.OFFICE, 3),
            UnitPlan("marketing", Role.SALES, 1),
            UnitPlan("operations", Role.ADMINISTRATOR, 1),
        ),
        topics=("campaign", "returns", "roadmap", "incident", "pricing", "minutes", "onboarding", "forecast"),
        endings=(".docx", ".xlsx", ".md", ".pdf"),
        tables=("orders", "baskets", "stock", "invoices", "reviews"),
        repositories=("storefront", "checkout", "search", "infrastructure", "mobile-app", "analytics"),
    ),
    Trade.CLINIC: TradePlan(
        people=10,
        units=(
            UnitPlan("门诊", Role.OFFICE, 4),
            UnitPlan("护理", Role.LINE, 3),
            UnitPlan("药房", Role.TECHNICIAN, 1.5),
            UnitPlan("医务管理", Role.MANAGER, 0.5),
            UnitPlan("信息科", Role.ADMINISTRATOR, 1),
        ),
        topics=("排班", "会诊记录", "设备维护", "药品盘点", "培训", "质控", "会议纪要"),
        endings=_OFFICE,
        tables=("appointments", "rooms", "prescriptions", "stock"),
        repositories=("his-scripts",),
    ),
    Trade.DRONES: TradePlan(
        people=9,
        units=(
            UnitPlan("airframe", Role.ENGINEER, 3),
            UnitPlan("avionics", Role.ENGINEER, 2.5),
            UnitPlan("assembly", Role.TECHNICIAN, 2),
            UnitPlan("sales", Role.SALES, 1.5),
            UnitPlan("it", Role.ADMINISTRATOR, 1),
        ),
        topics=("wing", "bracket", "payload", "flight-test", "battery", "minutes", "quotation", "assembly-guide"),
        endings=(".step", ".sldprt", ".docx", ".xlsx", ".pdf"),
        tables=("parts", "orders"),
        repositories=("autopilot", "ground-station", "telemetry", "simulator"),
    ),
    Trade.COAL: TradePlan(
        people=9,
        units=(
            UnitPlan("采掘", Role.LINE, 4),
            UnitPlan("机电", Role.TECHNICIAN, 2),
            UnitPlan("安全监察", Role.ENGINEER, 1.5),
            UnitPlan("综合办公室", Role.OFFICE, 1.5),
            UnitPlan("信息", Role.ADMINISTRATOR, 1),
        ),
        topics=("交接班", "瓦斯记录", "巡检", "班前会", "设备台账", "培训", "产量日报"),
        endings=_OFFICE,
        tables=("shifts", "gas", "output"),
        repositories=("scada-tools",),
    ),
    Trade.TOWN: TradePlan(
        people=8,
        units=(
            UnitPlan("办公室", Role.OFFICE, 4),
            UnitPlan("采购", Role.OFFICE, 2),
            UnitPlan("审计", Role.ENGINEER, 1.5),
            UnitPlan("环保", Role.ENGINEER, 1.5),
            UnitPlan("信息中心", Role.ADMINISTRATOR, 1),
        ),
        topics=("通知", "请示", "会议纪要", "公示", "值班表", "台账", "报表", "批复"),
        endings=(".docx", ".xlsx", ".pdf", ".ofd"),
        tables=("petitions", "permits", "archives", "payroll"),
        repositories=(),
    ),
}
"""What each organisation is made of."""
