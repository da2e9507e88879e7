"""The sentences of ``alarms``, in both languages."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from waybill.model.errors import WaybillError
from waybill.model.findings import Text
from waybill.model.register import Permit
from waybill.rulebook.counting import Count, Split

TITLES = {
    "law.permit-expires": Text("A permit ends soon", "许可即将到期"),
    "law.permit-used-up": Text("A permit is nearly used up", "许可额度即将用尽"),
    "law.split-new-year": Text("An export was split over New Year", "出境数据跨年拆分"),
    "law.split-affiliates": Text("An export was split over affiliates", "出境数据在关联主体间拆分"),
    "law.threshold-near": Text("A threshold of law is near", "即将达到法定阈值"),
    "law.vetting-due": Text("A sensitive post's holder is to be vetted again", "涉密岗位人员需复审"),
    "law.rotation-due": Text("A sensitive post is to change hands", "涉密岗位应轮岗"),
    "law.rules-broken": Text("A file of rules is broken", "规则文件有误"),
    "law.leaving-open": Text("Somebody left a sensitive post with steps undone", "离岗手续未完成"),
}

_ADVICE = {
    "law.permit-expires": Text(
        "Ask for a new permit now if transfers are to go on; without one they are unauthorised from that day.",
        "如需继续转移，请立即申请新许可；到期后即属未经许可。",
    ),
    "law.permit-used-up": Text(
        "Ask why it went so fast; if more is needed, ask for a permit with another limit.",
        "核实消耗过快的原因；如确需更多，请申请新额度的许可。",
    ),
    "law.split-new-year": Text(
        "Have law look at whether one export was cut in two; the count begins anew each year, the purpose does not.",
        "请法务判断是否将一次出境拆分为两年；计数按年归零，目的并不归零。",
    ),
    "law.split-affiliates": Text(
        "Count the affiliates as one (`waybill counters together`), and file for the threshold they reach together.",
        "合并计算关联主体（`waybill counters together`），并就合计达到的阈值办理申报。",
    ),
    "law.threshold-near": Text(
        "File before it is reached: an assessment or a contract takes weeks, and beyond it exports must wait.",
        "请在达到之前办理：评估或合同备案需数周，达到后须暂停出境。",
    ),
    "law.vetting-due": Text("Vet the person again, or take the post away.", "重新审查该人员，或调整岗位。"),
    "law.rotation-due": Text("Name a successor, or write down why not.", "确定接任人，或记录不轮岗的理由。"),
    "law.rules-broken": Text(
        "Mend the file (`waybill rulebook check`); until then the rules that were read last stay in force.",
        "请修正文件（`waybill rulebook check`）；在此之前沿用最近一次有效的规则。",
    ),
    "law.leaving-open": Text(
        "Do the steps now: until then the person has carriers or access, or no period was fixed.",
        "立即完成：在此之前该人员仍持有载体或权限，或未确定脱密期。",
    ),
}


def advice(rule: str) -> Text:
    """Return what to do."""
    return _ADVICE[rule]


def expiring(permit: Permit, until: datetime, days: int) -> Text:
    """Return how soon a permit ends."""
    return Text(
        f"The permit {permit.id} for {permit.asset} ends on {until:%Y-%m-%d}, in {days} days.",
        f"资产 {permit.asset} 的许可 {permit.id} 将于 {until:%Y-%m-%d} 到期，还有{days}天。",
    )


def used_up(permit: Permit, name: str, amount: float, limit: float | Decimal) -> Text:
    """Return how much of a permit is used."""
    share = amount / float(limit)
    kinds = {"bytes": "字节", "records": "条记录", "kilograms": "千克"}
    return Text(
        f"{share:.0%} of the permit {permit.id} for {permit.asset} is used: {amount:,} of {limit:,} {name}.",
        f"资产 {permit.asset} 的许可 {permit.id} 已使用{share:.0%}：{amount:,}／{limit:,}{kinds[name]}。",
    )


def split_new_year(count: Count) -> Text:
    """Return that twelve months reach what neither year does."""
    return Text(
        f"{count.exporter} exported {count.category} data of {count.across_new_year:,} persons within twelve months: "
        "that reaches a threshold which neither calendar year reaches.",
        f"{count.exporter} 在十二个月内向境外提供{count.across_new_year:,}人的数据（{count.category}），"
        "达到了两个自然年均未达到的阈值。",
    )


def split_affiliates(split: Split) -> Text:
    """Return that affiliates together reach what none does alone."""
    names = ", ".join(split.exporters)
    return Text(
        f"{names} belong together and exported {split.category} data of {split.persons:,} distinct persons this year: "
        f"together they reach {split.threshold:,}, and none does alone (at most {split.most:,}).",
        f"{names} 属于同一主体，本年合计向境外提供{split.persons:,}人的数据（{split.category}），"
        f"合计达到{split.threshold:,}，而单个主体均未达到（最多{split.most:,}）。",
    )


def near(count: Count) -> Text:
    """Return when a threshold will be reached."""
    to = Text(f" to {count.recipient}", f"向 {count.recipient} ") if count.recipient else Text("", "")
    return Text(
        f"{count.exporter}{to.en} will reach {count.threshold:,} persons ({count.category}) on {count.crossing} at the "
        f"pace of the last 90 days; {count.persons:,} now.",
        f"{count.exporter}{to.zh}按近90天的速度，将于{count.crossing}达到{count.threshold:,}人（{count.category}），"
        f"目前{count.persons:,}人。",
    )


def vetting(post: str, person: str, due: date) -> Text:
    """Return that a vetting is over."""
    return Text(
        f"{person} holds the post {post}; the vetting counted until {due}.",
        f"{person} 在岗位 {post}，审查有效期至{due}。",
    )


def rotation(post: str, person: str, due: date) -> Text:
    """Return that somebody has held a post for too long."""
    return Text(
        f"{person} holds the post {post} and was to hand it over by {due}.",
        f"{person} 在岗位 {post}，应于{due}前轮岗。",
    )


def left_undone(post: str, person: str, left: date, undone: str) -> Text:
    """Return that steps are undone though somebody left."""
    return Text(
        f"{person} left the post {post} on {left}; not done: {undone}.",
        f"{person} 已于{left}离开岗位 {post}，未完成：{undone}。",
    )


def broken(fault: WaybillError) -> Text:
    """Return what is wrong with a file of rules."""
    return Text(f"{fault.what} ({fault.where})", f"{fault.what}（{fault.where}）")
