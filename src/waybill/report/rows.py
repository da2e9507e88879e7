"""The three lanes: the gravest findings of each in full, the others by reason in tables that open on demand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from waybill.model.findings import SEVERITIES, Position, Text
from waybill.model.words import Intent
from waybill.report.data import End, Row
from waybill.report.drawing import clipped
from waybill.report.lanes import Lane
from waybill.report.markup import Content, Markup, both, joined, tag
from waybill.report.wording import (
    ABOUT_LANES,
    INTENTS,
    LANES,
    NOT_SAID,
    OUTCOMES,
    UNKNOWN,
    WITHHELD,
    channel,
    count,
    state,
)

TOP = 10
"""Findings of a lane that are shown in full before the rest is put into closed tables."""

LISTED_BYTES = 2_600_000
"""Size of all rows behind the gravest together, some 2,000 of them; those beyond are counted: a file stays small."""

SHOWN_IDS = 3
"""Transfer ids shown of one finding, by their first eight digits."""

LONGEST_NAME = 90
"""Letters of a name of an asset, a place or a file."""

_COLUMNS = (
    Text("severity and state", "严重程度与状态"),
    Text("what, and why it is not allowed", "何事，为何不被允许"),
    Text("from → to", "来源 → 去向"),
    Text("when", "时间"),
    Text("evidence", "证据"),
)


def lanes(rows: Sequence[Row]) -> Iterable[Markup]:
    """Yield a section for each lane; ``rows`` are the gravest first."""
    by_lane = {lane: [row for row in rows if row.lane is lane] for lane in Lane}
    top = {row.finding.id for found in by_lane.values() for row in found[:TOP]}
    listed = _listed(row for row in rows if row.finding.id not in top)
    for lane, found in by_lane.items():
        yield _lane(lane, found, listed)


def _listed(rows: Iterable[Row]) -> dict[str, Markup]:
    """Return rows as markup by the id of the finding, the gravest first, as many as there is room for."""
    listed, size = {}, 0
    for row in rows:
        made = _row(row, advise=False)
        size += len(made.encode())
        if size > LISTED_BYTES:
            break
        listed[row.finding.id] = made
    return listed


def _lane(lane: Lane, rows: Sequence[Row], listed: Mapping[str, Markup]) -> Markup:
    title = count(len(rows), "finding", "findings", "项发现")
    head = tag("h2", both(LANES[lane]), " ", tag("small", both(title)), id=f"lane-{lane}")
    top, rest = rows[:TOP], rows[TOP:]
    return tag(
        "section",
        head,
        tag("p", both(ABOUT_LANES[lane]), class_="note"),
        _gravest(lane, top) if top else tag("p", both(Text("Nothing found here.", "未发现问题。")), class_="nothing"),
        _rest(rest, listed) if rest else None,
        aria_labelledby=f"lane-{lane}",
        class_="lane",
    )


def _gravest(lane: Lane, rows: Sequence[Row]) -> Markup:
    caption = Text(f"{LANES[lane].en}: the gravest", f"{LANES[lane].zh}：最严重的")
    return _table(caption, [_row(row, advise=True) for row in rows])


def _rest(rows: Sequence[Row], listed: Mapping[str, Markup]) -> Markup:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.finding.rule_id, []).append(row)
    told = Text(
        f"{len(rows):,} more, by reason. Open a line to see each of them.",
        f"另有 {len(rows):,} 项，按原因分列。展开可查看每一项。",
    )
    return tag("div", tag("h3", both(told)), (_group(group, listed) for group in groups.values()), class_="rest")


def _group(rows: Sequence[Row], listed: Mapping[str, Markup]) -> Markup:
    """Return the findings of one reason; what is the same for all of them is told once."""
    finding = rows[0].finding
    shown = [listed[row.finding.id] for row in rows if row.finding.id in listed]
    missing = len(rows) - len(shown)
    beyond = Text(
        f"{missing:,} of them are counted here and not listed; `--json` lists every finding.",
        f"其中 {missing:,} 项仅计数未列出；`--json` 可列出全部发现。",
    )
    number = count(len(rows), "finding", "findings", "项发现")
    summary = tag(
        "summary",
        both(finding.title),
        both(Text(f" · {number.en}, up to ", f" · {number.zh}，最高 ")),
        _badge(finding.severity, SEVERITIES[finding.severity]),
    )
    return tag(
        "details",
        summary,
        tag("p", "→ ", both(finding.advice), class_="advice") if finding.advice.en else None,
        tag("p", both(beyond), class_="note") if missing else None,
        _table(finding.title, shown) if shown else None,
        class_="group",
    )


def _table(caption: Text, rows: Sequence[Markup]) -> Markup:
    return tag(
        "table",
        tag("caption", both(caption)),
        tag("thead", tag("tr", (tag("th", both(column), scope="col") for column in _COLUMNS))),
        tag("tbody", rows),
        class_="findings",
    )


def _row(row: Row, *, advise: bool) -> Markup:
    return tag("tr", _urgency(row), tag("td", _what(row, advise)), tag("td", _way(row)), _when(row), _evidence(row))


def _urgency(row: Row) -> Markup:
    finding = row.finding
    badge = _badge(finding.severity, SEVERITIES[finding.severity])
    intent = tag("span", both(INTENTS[row.intent]), class_="note" if row.intent is Intent.UNKNOWN else "intent")
    return tag("td", badge, intent, tag("span", both(state(row.state)), class_="note"))


def _badge(kind: str, text: Text) -> Markup:
    return tag("b", both(text), class_=f"badge {kind}")


def _what(row: Row, advise: bool) -> Content:
    finding = row.finding
    head: list[Content] = [tag("strong", both(finding.title)), tag("br")] if advise else []
    asset = tag("span", clipped(row.asset, LONGEST_NAME), class_="asset") if row.asset else None
    told = [*head, asset, tag("p", both(finding.sentence))]
    if row.withheld:
        who = Text(
            "The public has an interest in this asset: look at the figures; who acted is withheld.",
            "该资产涉及公共利益：请查看数据本身；行为人不予公开。",
        )
        told.append(tag("p", both(who), class_="note"))
    if advise and finding.advice.en:
        told.append(tag("p", "→ ", both(finding.advice), class_="advice"))
    return told


def _way(row: Row) -> Content:
    finding = row.finding
    told: list[Content] = []
    if row.has_way:
        told = [_end(row.origin, row), tag("span", "→\N{NO-BREAK SPACE}", _end(row.destination, row))]
    if row.more_destinations:
        more = count(row.more_destinations, "other place", "other places", "处其他去向")
        told.append(tag("span", both(Text(f"and {more.en}", f"另有 {more.zh}")), class_="note"))
    over = [both(channel(finding.channel))]
    if finding.outcome in OUTCOMES:
        over += [joined(" · "), both(OUTCOMES[finding.outcome])]
    return [*told, tag("span", over, class_="note")]


def _end(end: End, row: Row) -> Markup:
    name, place = clipped(end.name, LONGEST_NAME), clipped(end.place, LONGEST_NAME)
    around = ", ".join(part for part in (place if name else "", end.jurisdiction) if part and part != name)
    shown = name or place or end.jurisdiction
    if not shown:
        return tag("span", both(WITHHELD if row.withheld else NOT_SAID))
    return tag("span", f"{shown} ({around})" if around and around != shown else shown)


def _when(row: Row) -> Markup:
    finding = row.finding
    first = f"{finding.time:%Y-%m-%d %H:%M}"
    told: list[Content] = [tag("span", first, class_="moment")]
    if finding.last_time != finding.time:
        same_day = finding.last_time.date() == finding.time.date()
        last = f"{finding.last_time:%H:%M}" if same_day else f"{finding.last_time:%Y-%m-%d %H:%M}"
        told.append(tag("span", f"– {last}", class_="moment"))
    told.append(tag("span", both(count(finding.count, "transfer", "transfers", "次转移")), class_="note"))
    return tag("td", told)


def _evidence(row: Row) -> Markup:
    finding = row.finding
    ids = " ".join(transfer[:8] for transfer in finding.transfers[:SHOWN_IDS])
    more = finding.count - SHOWN_IDS
    return tag(
        "td",
        tag("span", position(finding.source), class_="file"),
        tag("code", ids, f" +{more:,}" if more > 0 else None),
    )


def position(source: Position) -> str:
    """Return where a record stands; the file alone where it is meant as a whole."""
    file = clipped(source.file, LONGEST_NAME) or UNKNOWN.en
    return f"{file}:{source.position}" if source.position else file
