"""The picture of ways: from where, over which channel, to where the findings went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from waybill.model.findings import Text
from waybill.report.data import Row
from waybill.report.drawing import clipped, figure, picture, rectangle, table, words
from waybill.report.markup import Markup, both, tag
from waybill.report.wording import NOT_SAID, WITHHELD, channel, same

MOST = 9
"""Ends that are drawn by themselves on either side; others are drawn together."""

_WIDTH, _NODE, _GAP, _SLOT = 760, 10, 6, 18
_COLUMNS = (180, 360, 540)
"""Where the three columns of nodes begin."""
_HEIGHT = 240
"""Height that all findings together take, without gaps."""

OTHERS = Text("others", "其他")


class Way(NamedTuple):
    """One way, as the labels of its three nodes."""

    origin: Text
    channel: Text
    destination: Text


class _Node(NamedTuple):
    """Where a node stands."""

    y: float
    height: float


def ways(rows: Sequence[Row]) -> Markup:
    """Return the picture with its table; thick means many findings. Rows without a way are left out, and counted."""
    findings, transfers = _counted([row for row in rows if row.has_way])
    title = Text("Ways that findings took", "发现的流经路径")
    heads = [
        Text("from", "来源"), Text("over", "渠道"), Text("to", "去向"),
        Text("findings", "发现"), Text("transfers", "转移"),
    ]  # fmt: skip
    ordered = sorted(findings, key=lambda way: (-findings[way], [end.en for end in way]))
    cells = (
        [both(way.origin), both(way.channel), both(way.destination), f"{findings[way]:,}", f"{transfers[way]:,}"]
        for way in ordered
    )
    return figure(
        "ways",
        title,
        _drawn(findings),
        table(title, heads, cells, right=[3, 4]),
        note=both(_note(sum(not row.has_way for row in rows))),
        class_="wide",
    )


def _note(without: int) -> Text:
    left = Text(f" Not drawn: {without:,} of which no way is known.", f"未绘出：{without:,} 项路径未知。")
    return Text(
        "The thicker, the more findings. Places have their registered names where the register knows them."
        + left.en * bool(without),
        "越粗表示发现越多；登记册已知的地点以其登记名称显示。" + left.zh * bool(without),
    )


def _counted(rows: Sequence[Row]) -> tuple[Counter[Way], Counter[Way]]:
    """Return findings and transfers by way, rare ends put together."""
    drawn = [_way(row) for row in rows]
    origins = {end for end, _ in Counter(way.origin for way in drawn).most_common(MOST)}
    destinations = {end for end, _ in Counter(way.destination for way in drawn).most_common(MOST)}
    findings: Counter[Way] = Counter()
    transfers: Counter[Way] = Counter()
    for row, way in zip(rows, drawn, strict=True):
        kept = Way(
            way.origin if way.origin in origins else OTHERS,
            way.channel,
            way.destination if way.destination in destinations else OTHERS,
        )
        findings[kept] += 1
        transfers[kept] += row.finding.count
    return findings, transfers


def _way(row: Row) -> Way:
    origin, destination = _end(row.origin.short, row), _end(row.destination.short, row)
    return Way(origin, channel(row.finding.channel), destination)


def _end(name: str, row: Row) -> Text:
    return same(name) if name else WITHHELD if row.withheld else NOT_SAID


def _drawn(findings: Counter[Way]) -> Markup:
    total = sum(findings.values())
    unit = _HEIGHT / total if total else 0.0
    columns = [_stacked(findings, place, unit) for place in range(3)]
    height = max((node.y + max(node.height, _SLOT) for column in columns for node in column.values()), default=_SLOT)
    shapes = [*_ribbons(findings, columns, unit), *_nodes(columns)]
    return picture(_WIDTH, height + 4, shapes, labelled_by="ways")


def _stacked(findings: Counter[Way], place: int, unit: float) -> dict[Text, _Node]:
    """Return the nodes of one column from the top, the largest first."""
    sizes: Counter[Text] = Counter()
    for way, count in findings.items():
        sizes[way[place]] += count
    nodes, y = {}, 4.0
    for name, count in sorted(sizes.items(), key=lambda item: (item[0] == OTHERS, -item[1], item[0].en)):
        nodes[name] = _Node(y, max(2.0, count * unit))
        y += max(_SLOT, nodes[name].height) + _GAP
    return nodes


def _ribbons(findings: Counter[Way], columns: Sequence[dict[Text, _Node]], unit: float) -> Iterator[Markup]:
    """Yield the bands between neighbouring columns, ordered so that few of them cross."""
    for left in (0, 1):
        pairs: Counter[tuple[Text, Text]] = Counter()
        for way, count in findings.items():
            pairs[way[left], way[left + 1]] += count
        begins, ends = columns[left], columns[left + 1]
        used: Counter[tuple[int, Text]] = Counter()
        for (begin, end), count in sorted(pairs.items(), key=lambda pair: (begins[pair[0][0]].y, ends[pair[0][1]].y)):
            y1 = begins[begin].y + used[0, begin] * unit
            y2 = ends[end].y + used[1, end] * unit
            used[0, begin] += count
            used[1, end] += count
            yield _band(_COLUMNS[left] + _NODE, y1, _COLUMNS[left + 1], y2, max(1.5, count * unit))


def _band(x1: float, y1: float, x2: float, y2: float, thick: float) -> Markup:
    middle = (x1 + x2) / 2
    above = f"M{x1:.1f} {y1:.1f}C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    below = f"V{y2 + thick:.1f}C{middle:.1f} {y2 + thick:.1f} {middle:.1f} {y1 + thick:.1f} {x1:.1f} {y1 + thick:.1f}Z"
    return tag("path", d=above + below, class_="band")


def _nodes(columns: Sequence[dict[Text, _Node]]) -> Iterator[Markup]:
    labels = ((-6, "end", 22), (_NODE + 5, None, 14), (_NODE + 6, None, 22))
    for x, nodes, (beside, anchor, width) in zip(_COLUMNS, columns, labels, strict=True):
        for name, node in nodes.items():
            label = Text(clipped(name.en, width), clipped(name.zh, width))
            yield rectangle(x, node.y, _NODE, node.height, "node")
            yield words(x + beside, node.y + max(node.height, _SLOT) / 2 + 4, label, anchor=anchor, class_="halo")
