"""What rules cover: techniques and channels with a rule, with data, ever tested; and assets that nobody watches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from waybill.detect.sigma import RuleState, Standing, standings
from waybill.detect.sigma.loading import OWN_RULES
from waybill.detect.sigma.techniques import EXFILTRATION, channels_of, techniques_of
from waybill.flow.installation import Installation
from waybill.flow.rules.in_use import data_in, loaded_rules
from waybill.lake import Snapshot
from waybill.model.findings import Text
from waybill.model.register import RegisterSnapshot
from waybill.model.words import Channel, Grade

WAYS = tuple(channel for channel in Channel if channel not in (Channel.OTHER, Channel.HOST))
"""The channels by which an asset can leave."""


_UNNAMED = Text("", "")


class Covered(msgspec.Struct, frozen=True, kw_only=True):
    """How well one technique or channel is covered."""

    name: str
    """Id of the technique, or the channel."""
    meaning: Text = _UNNAMED
    rules: int
    """Rules that are about it and can be decided."""
    fed: int
    """Of these, rules for which there are records with the fields they need."""
    tested: int
    """Of these, rules that were tested: by samples or tests of their own, or because they fired here."""
    fired: int
    """Of these, rules that fired here."""
    records: int | None = None
    """Transfers over the channel that are stored; None for a technique."""
    last: datetime | None = None
    """When the newest of them happened."""


class AssetWays(msgspec.Struct, frozen=True):
    """A registered asset that matters, and the channels over which nobody would see it leave."""

    asset: str
    name: str
    grade: Grade
    watched: tuple[str, ...]
    """Channels over which some source has told about it."""
    unwatched: tuple[str, ...]
    """Channels of which no record is stored at all, so that nobody would see it."""


class RuleCoverage(msgspec.Struct, frozen=True):
    """All of it."""

    techniques: tuple[Covered, ...]
    channels: tuple[Covered, ...]
    assets: tuple[AssetWays, ...]


_CHANNELS = "SELECT channel, count(*) AS records, max(time) AS last FROM transfers GROUP BY channel"
_ASSETS = "SELECT DISTINCT asset, channel FROM transfers WHERE asset IS NOT NULL"


def rule_coverage(installation: Installation, *, more: Sequence[Path] = ()) -> RuleCoverage:
    """Return what the rules in use cover, judged by what is stored."""
    from waybill.findings.by_rule import findings_by_rule

    rules = loaded_rules((*installation.settings.rules, *more))
    fired = frozenset(name for name, found in findings_by_rule().items() if found.findings)
    with installation.lake.snapshot() as snapshot:
        every = standings(rules, fired, data_in(snapshot))
        told = {row["channel"]: row for row in snapshot.query(_CHANNELS).to_pylist()}
        assets = _assets(snapshot, installation.register(), told.keys())
    return RuleCoverage(_techniques(every), _channels(every, told), assets)


def _techniques(every: Iterable[Standing]) -> tuple[Covered, ...]:
    by_technique: dict[str, list[Standing]] = {name: [] for name in EXFILTRATION}
    for standing in every:
        for technique in techniques_of(standing.rule):
            by_technique.setdefault(technique, []).append(standing)
    return tuple(
        _covered(name, by_technique[name], meaning=EXFILTRATION.get(name, _UNNAMED))
        for name in sorted(by_technique, key=lambda name: (name not in EXFILTRATION, name))
    )


def _channels(every: Sequence[Standing], told: Mapping[str, Mapping[str, object]]) -> tuple[Covered, ...]:
    by_channel: dict[str, list[Standing]] = {channel: [] for channel in WAYS}
    for standing in every:
        for channel in channels_of(standing.rule, Path(standing.rule.path).parent.parts):
            by_channel.setdefault(channel, []).append(standing)
    covered = []
    for channel, found in by_channel.items():
        one = _covered(channel, found)
        row = told.get(channel, {"records": 0, "last": None})
        covered.append(msgspec.structs.replace(one, records=row["records"], last=row["last"]))
    return tuple(covered)


def _covered(name: str, found: Iterable[Standing], meaning: Text = _UNNAMED) -> Covered:
    able = [one for one in found if one.rule.is_evaluable]
    fed = [one for one in able if not one.why]
    fired = [one for one in fed if one.state is RuleState.FIRED]
    tested = [one for one in fed if one in fired or one.rule.tests or Path(one.rule.path).is_relative_to(OWN_RULES)]
    return Covered(name=name, meaning=meaning, rules=len(able), fed=len(fed), tested=len(tested), fired=len(fired))


def _assets(snapshot: Snapshot, register: RegisterSnapshot, told: Iterable[str]) -> tuple[AssetWays, ...]:
    watched: dict[str, set[str]] = {}
    for row in snapshot.query(_ASSETS).to_pylist():
        asset = register.asset_of(row["asset"])
        if asset is not None:
            watched.setdefault(asset.id, set()).add(row["channel"])
    unseen = [channel for channel in WAYS if channel not in set(told)]
    matter = [one for one in register.assets if one.public_interest or one.grade.rank >= Grade.IMPORTANT.rank]
    ways = (
        AssetWays(one.id, one.name, one.grade, tuple(sorted(watched.get(one.id, ()))), tuple(unseen)) for one in matter
    )
    return tuple(sorted(ways, key=lambda one: (-one.grade.rank, len(one.watched), one.asset)))
