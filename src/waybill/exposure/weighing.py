"""How grave an exposure is: by the grade of what lies behind it, and by what has gone through it already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from waybill.exposure.snapshots import Snapshot
from waybill.model.findings import GRADES, Part, Text
from waybill.model.register import Asset, RegisterSnapshot
from waybill.model.words import Grade, Severity

DAYS = 90
"""Over how many days transfers through an exposure are counted."""

STEPS = {Grade.GENERAL: -1, Grade.SENSITIVE: 0, Grade.IMPORTANT: 1, Grade.CORE: 2}
"""By how many steps of severity the grade of what lies there moves an exposure."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Transfers that have gone through a place lately."""

    count: int
    records: int
    transfers: tuple[str, ...]
    """Ids of some of them, the newest, as hex."""


NOTHING = Passage(0, 0, ())


@dataclass(frozen=True, slots=True)
class Weight:
    """What an exposure weighs, and why."""

    severity: Severity
    score: float
    asset: Asset | None
    """The gravest of what lies behind it."""
    transfers: tuple[str, ...]
    """Ids of some that have gone through it."""
    sentence: Text
    parts: tuple[Part, ...]


def weigh(
    base: Severity, thing: Snapshot, register: RegisterSnapshot, passage: Passage, holds: tuple[str, ...] = ()
) -> Weight:
    """Return what an exposure of severity ``base`` at this thing weighs; ``holds`` names what of it is concerned."""
    assets = assets_at(holds, register) or assets_at(thing.names, register)
    asset = assets[0] if assets else None
    steps = (STEPS[asset.grade] if asset else 0) + (1 if passage.count else 0)
    number = min(len(Severity), max(1, base.number + steps))
    behind = 10.0 * (asset.grade.rank + 1 if asset else 1)
    gone = 10.0 * min(5, len(str(passage.records))) if passage.count else 0.0
    return Weight(
        list(Severity)[number - 1],
        behind + gone,
        asset,
        tuple(sorted(passage.transfers)),
        _sentence(assets, passage),
        tuple(_parts(assets, passage)),
    )


def assets_at(names: tuple[str, ...], register: RegisterSnapshot) -> list[Asset]:
    """Return the registered assets that lie there, the gravest first: known by a name of it, or at home in it."""
    places = {place.id for name in names if (place := register.place_of(name)) is not None}
    found = {asset.id: asset for name in names if (asset := register.asset_of(name)) is not None}
    for asset in register.assets:
        if places.intersection(register.place_and_above(register.place(asset.home))):
            found[asset.id] = asset
    return sorted(found.values(), key=lambda asset: (-asset.grade.rank, asset.id))


def _sentence(assets: list[Asset], passage: Passage) -> Text:
    if assets:
        grade, more = GRADES[assets[0].grade], len(assets) - 1
        en = f" Behind it lies {assets[0].name} ({grade.en})" + (f" and {more} more registered." if more else ".")
        zh = f"其后存放{assets[0].name}（{grade.zh}）" + (f"等 {more + 1} 项登记资产。" if more else "。")
    else:
        en, zh = " What lies behind it is not registered.", "其后存放的内容未登记。"
    if passage.count:
        en += f" {passage.count:,} transfers of {passage.records:,} records went through it in {DAYS} days."
        zh += f"{DAYS} 天内已有 {passage.count:,} 次转移、{passage.records:,} 条记录经由此处。"
    return Text(en, zh)


def _parts(assets: list[Asset], passage: Passage) -> Iterable[Part]:
    for value in [f"{one.name}: {one.grade}" for one in assets[:5]] or ["not registered"]:
        yield Part("what lies behind it", value)
    yield Part(f"transfers in {DAYS} days", f"{passage.count:,}")
