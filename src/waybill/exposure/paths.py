"""Ways to assets: who could go through which open exposure, over which place and permit, to what.

Three things lead on from an exposure: what is known to lie right behind it; where it lets somebody take over a place,
everything at home there or below; and what a permit lets somebody bring to that place from elsewhere.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from waybill.exposure.survey import place_of
from waybill.model.findings import Finding, Text, gravity
from waybill.model.register import Asset, Place, RegisterSnapshot
from waybill.model.words import Grade


class Kind(StrEnum):
    """What a step of a way is."""

    WHO = "who"
    EXPOSURE = "exposure"
    PLACE = "place"
    PERMIT = "permit"
    ASSET = "asset"


@dataclass(frozen=True, slots=True)
class Step:
    """One step."""

    kind: Kind
    id: str
    said: Text


@dataclass(frozen=True, slots=True)
class Way:
    """A shortest way from somebody to an asset."""

    asset: Asset
    steps: tuple[Step, ...]

    @property
    def who(self) -> Step:
        """Who could go it."""
        return self.steps[0]

    @property
    def exposure(self) -> Step:
        """The exposure that it goes through."""
        return next(step for step in self.steps if step.kind is Kind.EXPOSURE)


_TAKEOVER = frozenset({
    "storage-public-write", "storage-web-secrets", "storage-world-writable", "storage-open-upload",
    "storage-database-rights", "crypto-open-key", "crypto-old-system", "deployed-harvest", "deployed-code",
    "deployed-package", "deployed-unowned",
})  # fmt: skip
"""Checks whose exposures let somebody act at the place, and not only see what lies there."""

_WHO = {
    "storage-foreign-account": Text("an account of somebody else", "他人的账户"),
    "storage-any-account": Text("any customer of the service", "该服务的任何客户"),
    "storage-world-writable": Text("anybody on the machine", "机器上的任何人"),
    "storage-open-table": Text("whoever may connect to the database", "任何可连接数据库者"),
    "storage-row-security": Text("whoever may connect to the database", "任何可连接数据库者"),
    "storage-past-row-security": Text("whoever may connect to the database", "任何可连接数据库者"),
    "storage-database-rights": Text("whoever may connect to the database", "任何可连接数据库者"),
    "crypto-open-key": Text("anybody on the machine", "机器上的任何人"),
    "crypto-old-system": Text("whoever uses a known hole", "利用已知漏洞者"),
    "storage": Text("anybody", "任何人"),
    "crypto": Text("whoever listens on the network", "网络窃听者"),
    "devices": Text("whoever holds the device", "持有设备者"),
    "apps": Text("the app, and whoever takes it over", "该应用及其接管者"),
    "code": Text("whoever the code sends to", "代码的接收方"),
    "deployed": Text("whoever put it there", "植入者"),
}
"""Who could go through, by check, else by family."""

Node = tuple[Kind, str]


def ways(
    findings: Iterable[Finding], register: RegisterSnapshot, least: Grade = Grade.CORE, *, most: int = 5
) -> list[Way]:
    """Return the shortest ways to assets of at least a grade: at most so many for an asset, the shortest first.

    Of several exposures that are as near, those that are graver come first. ``findings`` are those that stand open.
    """
    graph = _Graph(register)
    for finding in sorted(findings, key=gravity):
        graph.add(finding)
    found = []
    for asset in sorted(register.assets, key=lambda one: (-one.grade.rank, one.id)):
        if asset.grade.rank >= least.rank:
            found += [Way(asset, steps) for steps in graph.shortest((Kind.ASSET, asset.id), most)]
    return found


class _Graph:
    """Who, exposures, places, permits and assets, with the edges back from each, since ways are sought from assets."""

    def __init__(self, register: RegisterSnapshot) -> None:
        self._register = register
        self._said: dict[Node, Text] = {}
        self._before: dict[Node, dict[Node, None]] = {}
        for asset in register.assets:
            self._said[Kind.ASSET, asset.id] = Text(asset.name, asset.name)

    def add(self, finding: Finding) -> None:
        """Add an exposure, and what it leads to."""
        where = place_of(finding)
        who, exposure = self._who(finding, where), (Kind.EXPOSURE, finding.id)
        self._said[exposure] = Text(f"{finding.title.en} ({where})", f"{finding.title.zh}({where})")
        self._link(who, exposure)
        if self._register.asset(finding.asset) is not None:
            self._link(exposure, (Kind.ASSET, finding.asset))
        place = self._place(where)
        if place is None:
            return
        node = self._node(place)
        self._link(exposure, node)
        self._add_permits(node, place)
        if finding.rule_id in _TAKEOVER:
            for asset in self._register.assets:
                if place.id in self._register.place_and_above(self._register.place(asset.home)):
                    self._link(node, (Kind.ASSET, asset.id))

    def shortest(self, asset: Node, most: int) -> Iterator[tuple[Step, ...]]:
        """Yield the shortest ways to an asset, of each who and exposure one."""
        waiting: deque[tuple[Node, ...]] = deque([(asset,)])
        seen: set[Node] = {asset}
        count = 0
        while waiting and count < most:
            way = waiting.popleft()
            for node in self._before.get(way[0], {}):
                if node[0] is Kind.WHO:
                    count += 1
                    yield tuple(Step(kind, id, self._said[kind, id]) for kind, id in (node, *way))
                    if count == most:
                        return
                elif node not in seen:
                    seen.add(node)
                    waiting.append((node, *way))

    def _add_permits(self, node: Node, place: Place) -> None:
        for permit in self._register.permits:
            if permit.place and place.id in self._register.place_and_above(self._register.place(permit.place)):
                bringing = (Kind.PERMIT, permit.id)
                self._said[bringing] = Text(
                    f"permit {permit.id} of {permit.party or 'anybody'}",
                    f"许可 {permit.id}（{permit.party or '任何人'}）",
                )
                self._link(node, bringing)
                self._link(bringing, (Kind.ASSET, permit.asset))

    def _who(self, finding: Finding, where: str) -> Node:
        family = finding.rule_id.partition("-")[0]
        said = _WHO.get(finding.rule_id) or _WHO[family]
        if family == "apps":
            said = Text(where, where)
        node = (Kind.WHO, said.en)
        self._said[node] = said
        return node

    def _place(self, where: str) -> Place | None:
        name = where.rstrip("/").rpartition("/")[2]
        host = where.partition("://")[2].partition("/")[0].partition(":")[0] or where.partition(":")[0]
        return next((found for one in (where, name, host) if (found := self._register.place_of(one))), None)

    def _node(self, place: Place) -> Node:
        node = (Kind.PLACE, place.id)
        self._said[node] = Text(place.name or place.id, place.name or place.id)
        return node

    def _link(self, before: Node, after: Node) -> None:
        self._before.setdefault(after, {})[before] = None
