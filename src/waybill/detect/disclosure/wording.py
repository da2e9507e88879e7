"""The sentences of this family, in both languages. They speak of documents and figures, and of nobody."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from waybill.detect.disclosure.accounts import Account, Fault, Flaw
from waybill.detect.disclosure.differences import Difference
from waybill.detect.disclosure.prices import Comparison
from waybill.model.disclosures import Figure, plain
from waybill.model.findings import Text

TITLES: dict[str, Text] = {
    "disclosure.differs": Text("Filed otherwise than reported inside", "上报内容与内部报告不一致"),
    "disclosure.late": Text("Filed after it was due", "逾期上报"),
    "disclosure.missing": Text("Not filed although due", "应报未报"),
    "disclosure.withdrawn": Text("Filing withdrawn and not replaced", "上报被撤回且未重新上报"),
    "disclosure.price": Text("Price paid with public money far above the market", "公共资金支付的价格明显高于市场"),
}

ADVICE: dict[str, Text] = {
    "disclosure.differs": Text(
        "Compare both documents. If the filing is wrong, file an amendment that names it and says why; if the report "
        "inside is wrong, amend that one in the same way. Do not ask who reported.",
        "核对两份文件。如上报有误，请补报并注明原上报与原因；如内部报告有误，同样以更正说明。请勿追查报告人。",
    ),
    "disclosure.late": Text(
        "Find out what held the filing up, and record the reason beside it.", "查明延误原因并随上报记录说明。"
    ),
    "disclosure.missing": Text(
        "File it now; if the rule does not apply to this event, record that in the register's duties.",
        "请立即上报；如该规定不适用于此事件，请在登记册的上报义务中说明。",
    ),
    "disclosure.withdrawn": Text(
        "File what is right, naming the withdrawn filing and the reason.",
        "请重新上报正确内容，并注明被撤回的上报与原因。",
    ),
    "disclosure.price": Text(
        "Ask for the reasons for the price: quality, quantity, delivery, urgency. If one holds, record it and add "
        "references that share it.",
        "核实价格成因（质量、数量、交付、紧急程度）；如成立，请记录并补充条件相同的参考价。",
    ),
}

FAULTS: dict[Fault, Text] = {
    Fault.DIFFERS: Text("differs", "不一致"),
    Fault.LATE: Text("late", "逾期"),
    Fault.MISSING: Text("missing", "未报"),
    Fault.WITHDRAWN: Text("withdrawn", "被撤回"),
}
"""How faults are called in a table."""

NAMES: dict[str, Text] = {
    "deaths": Text("deaths", "死亡人数"),
    "missing": Text("missing persons", "下落不明人数"),
    "seriously_injured": Text("seriously injured", "重伤人数"),
    "injured": Text("injured", "受伤人数"),
    "direct_loss": Text("direct loss", "直接经济损失"),
    "day": Text("day of the event", "事件日期"),
    "site": Text("site", "地点"),
    "kind": Text("kind of event", "事件类别"),
}
"""How known figures and facts are called; others stand for themselves."""


def name(word: str) -> Text:
    """Return how a figure or fact is called."""
    return NAMES.get(word, Text(word, word))


def moment(at: datetime) -> str:
    """Return a time as sentences give it."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def sentence(account: Account, flaw: Flaw) -> Text:
    """Return what is wrong with the filing of an event, with every figure that it is about."""
    where = Text(
        f"Of the event {account.event}" + (f" of {account.organisation}" if account.organisation else ""),
        f"事件 {account.event}" + (f"（{account.organisation}）" if account.organisation else ""),
    )
    what = _WHAT[flaw.fault](account, flaw)
    rule = Text(f" The duty is {account.duty}.", f"上报义务：{account.duty}。") if account.duty else Text("", "")
    return Text(f"{where.en}, {what.en}.{rule.en}", f"{where.zh}：{what.zh}。{rule.zh}")


def _differs(account: Account, flaw: Flaw) -> Text:
    told = [_difference(one) for one in flaw.differences]
    return Text(
        f"the filing of {moment(flaw.at)} states " + "; ".join(one.en for one in told),
        f"{moment(flaw.at)} 的上报：" + "；".join(one.zh for one in told),
    )


def _difference(one: Difference) -> Text:
    called = name(one.name)
    if not one.filed:
        return Text(
            f"no {called.en}, while {one.inside} was reported inside", f"未报{called.zh}，内部报告为 {one.inside}"
        )
    return Text(
        f"{called.en} {one.filed} instead of {one.inside} as reported inside",
        f"{called.zh}报为 {one.filed}，内部报告为 {one.inside}",
    )


def _late(account: Account, flaw: Flaw) -> Text:
    due, figures = account.due_at or flaw.at, _figures(flaw.figures)
    hours = (flaw.at - due).total_seconds() / 3600
    return Text(
        f"the filing ({figures.en}) was due on {moment(due)} and came {hours:.1f} hours later",
        f"上报（{figures.zh}）应于 {moment(due)} 前完成，实际晚 {hours:.1f} 小时",
    )


def _missing(account: Account, flaw: Flaw) -> Text:
    figures = _figures(flaw.figures)
    return Text(
        f"nothing was filed by {moment(flaw.at)}, when it was due; reported inside: {figures.en}",
        f"至 {moment(flaw.at)}（期限）仍未上报；内部报告：{figures.zh}",
    )


def _withdrawn(account: Account, flaw: Flaw) -> Text:
    figures = _figures(flaw.figures)
    return Text(
        f"the filing ({figures.en}) was withdrawn on {moment(flaw.at)} and none stands in its place",
        f"上报（{figures.zh}）于 {moment(flaw.at)} 被撤回，且未重新上报",
    )


_WHAT = {Fault.DIFFERS: _differs, Fault.LATE: _late, Fault.MISSING: _missing, Fault.WITHDRAWN: _withdrawn}


def _figures(figures: Iterable[Figure]) -> Text:
    told = [(name(figure.name), figure.amount) for figure in figures]
    if not told:
        return Text("no figures", "无数字")
    return Text(
        ", ".join(f"{called.en} {amount}" for called, amount in told),
        "、".join(f"{called.zh} {amount}" for called, amount in told),
    )


def price_sentence(one: Comparison) -> Text:
    """Return how far a price is above the market, and what was compared."""
    paid, money = one.paid, f"{one.paid.currency} per {one.paid.unit}"
    return Text(
        f"{plain(paid.price)} {money} was paid for {paid.item} on {paid.day}: {one.excess:.0%} above "
        f"{plain(one.market)}, the median of {len(one.references)} references from {plain(one.lowest)} to "
        f"{plain(one.highest)}. {compared(one).en}",
        f"{paid.day} 以 {plain(paid.price)} {paid.currency}/{paid.unit} 购入{paid.item}：高出 {len(one.references)} "
        f"个参考价（{plain(one.lowest)} 至 {plain(one.highest)}）的中位数 {plain(one.market)} 达 {one.excess:.0%}。"
        f"{compared(one).zh}",
    )


def compared(one: Comparison) -> Text:
    """Return what was held to be the same, and what may explain a difference."""
    paid, among = one.paid, one.quantities
    quality = Text(paid.quality or "not stated", paid.quality or "未注明")
    bought = plain(paid.quantity) if paid.quantity is not None else "?"
    offered = f"{plain(among[0])}–{plain(among[1])}" if among else "?"
    return Text(
        f"Compared: same item, unit, currency and quality ({quality.en}), within a year; quantity {bought} against "
        f"{offered} of the references; {one.other_qualities} references of other quality left out.",
        f"比较范围：同品名、单位、币种与质量（{quality.zh}），一年之内；数量 {bought}，参考价数量 {offered}；"
        f"另有 {one.other_qualities} 个不同质量的参考价未计入。",
    )
