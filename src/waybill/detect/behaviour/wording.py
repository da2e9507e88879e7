"""The sentences of this family, in both languages."""

from __future__ import annotations

from waybill.detect.behaviour.features import FEATURES, GROUPS
from waybill.detect.behaviour.people import Context
from waybill.detect.behaviour.scorer import CONTEXT_PART, MEMORY_PART
from waybill.model.findings import Part, Text

UNLIKE = Text("Somebody moves data unlike before and unlike peers", "人员数据转移行为异常")
HARVEST = Text("Records are harvested", "记录被成批收割")

ADVICE = Text(
    "Ask, or look at the evidence, before you conclude anything; confirm the finding or close it as benign, so that "
    "the calibration learns. A score alone is no ground for any measure against a person.",
    "下结论前先询问或核对证据；请将发现标记为属实或无害，以便校准学习。仅凭评分不得对个人采取任何措施。",
)

HARVEST_ADVICE = Text(
    "Find out what runs under this name and who approved it; if it is meant, register a permit that names the asset, "
    "the party and the amount, else stop it and see where the records went.",
    "查明以该名义运行的程序及批准人；如属正常用途，请登记载明资产、主体与数量的许可，否则立即停止并追查记录去向。",
)

SEQUENCES = {
    "packed": Text("Controlled assets were hidden in an archive that left", "受控资产被装入压缩包外发"),
    "rights": Text("Rights were given for a bulk read and taken back", "临时授权批量读取后收回"),
    "guest": Text("Somebody took data out after signing in to another person's machine", "登录他人主机后带出数据"),
}
"""Titles of sequences, by their rule."""

STEPS = {
    "renamed": Text("renamed controlled assets", "改名受控资产"),
    "gathered": Text("gathered controlled assets", "收集受控资产"),
    "packed": Text("made an archive", "制作压缩包"),
    "sent": Text("took out", "带出"),
    "granted": Text("was given rights", "获得授权"),
    "read": Text("read in bulk", "批量读取"),
    "revoked": Text("rights were taken back", "授权被收回"),
    "signed in": Text("signed in to another person's machine", "登录他人主机"),
}
"""What the steps of sequences are called."""

SEQUENCE_ADVICE = Text(
    "Look at the evidence in its order and ask those concerned before you conclude anything; whoever does this as "
    "part of the work is told no more once it was closed as benign by an exception.",
    "请按顺序核对证据并询问当事人后再下结论；如属工作所需，可为其设定例外。",
)

CONTEXTS = {
    Context.NOTICE: "under notice",
    Context.NEW_POST: "new in the post",
    Context.PRIORITY: "a role that counts more",
}
"""How what is known of somebody is called in the parts of a score."""

_VIEWS = (
    Text("own habits", "自身习惯"),
    Text("peers", "同组人员"),
    Text("slow mean", "长期均值"),
)


def odds(p: float, days: int) -> Text:
    """Return how rare a day like this is, as the calibration counts it; ``days`` are those of the window."""
    once = 1 / p
    shown = f"{once:,.0f}" if once < 1e6 else "1,000,000"
    more = "" if once < 1e6 else "more than "
    return Text(
        f"a day like this is seen once in {more}{shown} person-days (measured over the last {days} days)",
        f"类似情形约每 {'超过 ' if more else ''}{shown} 人日出现一次（按近 {days} 天实测）",
    )


def amount(value: float) -> str:
    """Return a figure as it is shown: whole where it is large, with one digit where it is small."""
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def part_name(number: int) -> str:
    """Return what a part of a score is called: the group of features and what it is held against."""
    if number == MEMORY_PART:
        return "last week together"
    if number == CONTEXT_PART:
        return "what is known"
    view, group = divmod(number, len(GROUPS))
    return f"{GROUPS[group]}: {_VIEWS[view].en}"


def _known(context: int) -> str:
    return ", ".join(name for one, name in CONTEXTS.items() if context & one)


def sentence(who: str, told: list[tuple[int, float, float, float]], rare: Text) -> Text:
    """Return what somebody did, the most telling first: feature, today's value, own usual, the peers' usual."""
    en, zh = [], []
    for feature, value, usual, peers in told:
        text = FEATURES[feature].text
        en.append(f"{text.en} {amount(value)} (usually {amount(usual)}, peers {amount(peers)})")
        zh.append(f"{text.zh} {amount(value)}（平时 {amount(usual)}，同组 {amount(peers)}）")
    return Text(f"{who}: {'; '.join(en)}; {rare.en}.", f"{who}：{'；'.join(zh)}；{rare.zh}。")


def parts_of(
    shares: list[tuple[int, float]], figures: dict[int, tuple[float, float, float]], score: float, context: int
) -> tuple[Part, ...]:
    """Return the parts of a score.

    ``shares`` are numbers of parts with their nats, ``figures`` what they rest on, ``context`` what is known of whom.
    """
    parts = []
    for number, nats in shares:
        value, usual, peers = figures.get(number, (None, None, None))
        parts.append(
            Part(
                part_name(number),
                _known(context) if number == CONTEXT_PART else amount(value) if value is not None else "",
                usual=amount(usual) if usual is not None else "",
                peers=amount(peers) if peers is not None else "",
                share=nats / score,
            )
        )
    return tuple(parts)
