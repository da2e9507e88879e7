"""The sentences of this family, in both languages, by rule."""

from __future__ import annotations

from waybill.model.findings import Text

TITLES: dict[str, Text] = {}
"""What each rule tells, in short."""
SENTENCES: dict[str, Text] = {}
"""The sentence of each rule; names in braces are filled in."""
ADVICE: dict[str, Text] = {}
"""What to do about it."""

_WEIGH = Text(
    "Weigh and assay the lot again; hold it until its inputs and outputs agree on paper and on the scales.",
    "请重新称重并复验该批次；在投入与产出账实相符之前暂停放行。",
)
_LOOK = Text(
    "Hold the goods; compare the papers, the laboratory's report and the goods themselves.",
    "请暂扣货物；核对单证、化验报告与实物。",
)
_COUNT = Text(
    "Inspect both things and their marks; take the copied one out of use, and ask where it was made.",
    "请查验两件实物及其标识；停用仿冒件并追查来源。",
)
_STOP = Text(
    "Stop the shipment if you still can; ask the consignee and the carrier; hold further ones under this licence.",
    "如仍可能，请中止该批发运；向收货人与承运人核实；暂停该许可证下的后续发运。",
)
_FIND = Text(
    "Ask the carrier and the consignee where it is; if nobody can say, treat it as diverted.",
    "请向承运人与收货人核实去向；无法说明的，按流失处理。",
)
_ASK = Text(
    "Ask who handed the record over why; keep both versions, and look at what was done in between.",
    "请向提交方核实原因；保留两个版本，并检查其间的操作。",
)


def _rule(rule: str, title: Text, sentence: Text, advice: Text) -> None:
    name = f"materials.{rule}"
    TITLES[name], SENTENCES[name], ADVICE[name] = title, sentence, advice


_rule(
    "balance-step",
    Text("More of an element came out of a step than went in", "工序产出的元素多于投入"),
    Text(
        "On {day} at {place} a step put out {out} kg of {element} in {item} and others, and took in {into} kg.",
        "{day}，{place} 的一道工序产出 {element} {out} 千克（含 {item}），而投入仅 {into} 千克。",
    ),
    _WEIGH,
)
_rule(
    "balance-lot",
    Text("More of a lot left than there was", "批次发出量超过其总量"),
    Text(
        "Of {item}, {went} kg left {place} up to {day}, but only {came} kg were made or received there.",
        "截至 {day}，{item} 自 {place} 发出 {went} 千克，而该处生产或收到的仅 {came} 千克。",
    ),
    _WEIGH,
)
_rule(
    "yield-low",
    Text("A step recovered far less than usual", "工序收率明显偏低"),
    Text(
        "On {day} {place} recovered {recovered} of the {element} in {item}'s inputs; usual there is {usual}. "
        "What is missing may have been taken.",
        "{day}，{place} 产出 {item} 的 {element} 收率为 {recovered}，通常为 {usual}；差额可能被截留。",
    ),
    _WEIGH,
)
_rule(
    "yield-high",
    Text("A step recovered far more than usual", "工序收率明显偏高"),
    Text(
        "On {day} {place} recovered {recovered} of the {element} in {item}'s inputs; usual there is {usual}. "
        "Something may have been put in that is on no record.",
        "{day}，{place} 产出 {item} 的 {element} 收率为 {recovered}，通常为 {usual}；可能有未入账的投料。",
    ),
    _WEIGH,
)
_rule(
    "grade-purer",
    Text("A lot is far purer than its papers say", "批次纯度远高于单证品级"),
    Text(
        "{item} was assayed at {assayed} on {day}; its papers say {grade}.",
        "{item} 于 {day} 化验纯度为 {assayed}，而单证品级为 {grade}。",
    ),
    _LOOK,
)
_rule(
    "grade-poorer",
    Text("A lot is poorer than its papers say", "批次纯度低于单证品级"),
    Text(
        "{item} was assayed at {assayed} on {day}; its papers promise {grade}.",
        "{item} 于 {day} 化验纯度为 {assayed}，低于单证品级 {grade}。",
    ),
    _LOOK,
)
_rule(
    "grade-heading",
    Text("A material left under a heading that it is not traded under", "物料以不相符的税号发运"),
    Text(
        "{item} is {material} and left {place} on {day} under the heading {heading}; on file for it are {known}.",
        "{item} 为 {material}，于 {day} 自 {place} 以税号 {heading} 发运；在册税号为 {known}。",
    ),
    _LOOK,
)
_rule(
    "grade-value",
    Text("A value out of line with the weight", "申报价值与重量不相称"),
    Text(
        "{item} left {place} on {day} at {price} a kilogram; such goods under that heading are at {usual}.",
        "{item} 于 {day} 自 {place} 发运，每千克 {price}；同类货物通常为 {usual}。",
    ),
    _LOOK,
)
_rule(
    "identity-duplicate",
    Text("A number that was given twice", "标识被重复赋予"),
    Text(
        "{item} came into being at {place} on {day}, but already had at {first}.",
        "{item} 于 {day} 在 {place} 被赋予，而此前已在 {first} 存在。",
    ),
    _COUNT,
)
_rule(
    "identity-after-end",
    Text("Something that had ended was seen again", "已注销的物品再次出现"),
    Text(
        "{item} was seen at {place} on {day}, but had ended at {end}.",
        "{item} 于 {day} 在 {place} 出现，而此前已在 {end} 注销或耗用。",
    ),
    _COUNT,
)
_rule(
    "identity-two-parents",
    Text("Something is in two places it cannot be in at once", "同一物品同时处于两个上级"),
    Text(
        "{item} was put into {into} at {place} on {day} while it was in {held}.",
        "{item} 于 {day} 在 {place} 被装入 {into}，当时仍在 {held} 中。",
    ),
    _COUNT,
)
_rule(
    "travel-impossible",
    Text("Faster than any freight", "移动速度不可能"),
    Text(
        "{item} was seen at {place} on {day}, {kilometres} km from {from} and {hours} hours after it was there.",
        "{item} 于 {day} 出现在 {place}，距 {from} {kilometres} 公里，仅相隔 {hours} 小时。",
    ),
    _COUNT,
)
_rule(
    "travel-mode",
    Text("Faster than its mode of transport", "快于所申报的运输方式"),
    Text(
        "{item} went {kilometres} km from {from} to {place} in {hours} hours by {day}, its papers say by {mode}.",
        "{item} 至 {day} 以 {hours} 小时从 {from} 到达 {place}（{kilometres} 公里），而单证运输方式为 {mode}。",
    ),
    _LOOK,
)
_rule(
    "diversion-no-licence",
    Text("Controlled goods left without a licence", "管制物项无许可证出境"),
    Text(
        "{item} is {material}, controlled under {code}, and was sent from {place} to {to} on {day} under no licence "
        "that is on file.",
        "{item} 为 {material}（管制编码 {code}），于 {day} 自 {place} 发往 {to}，无在册许可证。",
    ),
    _STOP,
)
_rule(
    "diversion-consignee",
    Text("Sent to somebody the licence is not for", "收货方不在许可证范围内"),
    Text(
        "{item} was sent from {place} on {day} under the licence {licence} to {value}; it is for {usual}.",
        "{item} 于 {day} 自 {place} 依许可证 {licence} 发往 {value}；该证收货方为 {usual}。",
    ),
    _STOP,
)
_rule(
    "diversion-end-use",
    Text("Another end use than the licence's", "最终用途与许可证不符"),
    Text(
        "{item} was sent from {place} on {day} under the licence {licence} for “{value}”; the licence says “{usual}”.",
        "{item} 于 {day} 自 {place} 依许可证 {licence} 发运，用途为“{value}”；许可用途为“{usual}”。",
    ),
    _STOP,
)
_rule(
    "diversion-suspended",
    Text("Sent under a licence that was not in force", "发运时许可证未生效或已暂停"),
    Text(
        "{item} was sent from {place} on {day} under the licence {licence}, which was in force {usual}.",
        "{item} 于 {day} 自 {place} 依许可证 {licence} 发运；其有效情况为 {usual}。",
    ),
    _STOP,
)
_rule(
    "diversion-balance",
    Text("More was drawn than the licence allows", "发运量超出许可证额度"),
    Text(
        "With {item}, sent from {place} on {day}, {value} kg were drawn under the licence {licence}, which is for "
        "{usual} kg.",
        "随 {item} 于 {day} 自 {place} 发运，许可证 {licence} 累计用量达 {value} 千克，额度为 {usual} 千克。",
    ),
    _STOP,
)
_rule(
    "diversion-elsewhere",
    Text("Received somewhere else than it was sent", "实际收货地与发运目的地不符"),
    Text(
        "{item} was sent to {to}, and was received at {at} on {day}.",
        "{item} 发往 {to}，却于 {day} 在 {at} 被接收。",
    ),
    _FIND,
)
_rule(
    "splitting-bunched",
    Text("Shipments that bunch just under a threshold", "发运量集中于阈值之下"),
    Text(
        "Up to {day}, {count} shipments to {to} were each just under {threshold} kg, {total} kg together.",
        "截至 {day}，发往 {to} 的 {count} 批货物均略低于 {threshold} 千克，合计 {total} 千克。",
    ),
    _STOP,
)
_rule(
    "relabel-origin",
    Text("Another origin on the way", "途中更改原产地"),
    Text(
        "The papers of {item} say {now} at {place} on {day}; before they said {was}.",
        "{item} 于 {day} 在 {place} 的单证原产地为 {now}，此前为 {was}。",
    ),
    _LOOK,
)
_rule(
    "relabel-code",
    Text("Another heading on the way", "途中更改税号"),
    Text(
        "The papers of {item} say {now} at {place} on {day}; before they said {was}.",
        "{item} 于 {day} 在 {place} 的单证税号为 {now}，此前为 {was}。",
    ),
    _LOOK,
)
_rule(
    "relabel-lot",
    Text("A lot under a new name", "批次更名"),
    Text(
        "{item} of {weight} kg began at {place} on {day}, made of nothing; {old} of the same material and weight had "
        "come in there and was not seen again.",
        "{item}（{weight} 千克）于 {day} 在 {place} 凭空出现；同物料、同重量的 {old} 在该处到货后再无记录。",
    ),
    _LOOK,
)
_rule(
    "mirror-gap",
    Text("Another weight arrived than was sent", "收货量与发货量不符"),
    Text(
        "Of {item}, {sent} kg were sent and {got} kg were received at {place} on {day}.",
        "{item} 发出 {sent} 千克，{place} 于 {day} 收到 {got} 千克。",
    ),
    _WEIGH,
)
_rule(
    "gap-lost",
    Text("Shipped and never received", "已发运但未收到"),
    Text(
        "{item} was shipped from {place} to {to} on {day} and has not arrived in {days} days; that route takes at most "
        "{longest}.",
        "{item} 于 {day} 自 {place} 发往 {to}，{days} 天仍未到达；该路线最长 {longest} 天。",
    ),
    _FIND,
)
_rule(
    "gap-orphan",
    Text("Received and never shipped", "已收到但无发运记录"),
    Text(
        "{item} was received at {place} on {day}; it was last seen at {from} and no record says that it left.",
        "{item} 于 {day} 在 {place} 被接收；此前在 {from}，无离开记录。",
    ),
    _ASK,
)
_rule(
    "record-late",
    Text("A record that came far too late", "记录严重迟报"),
    Text(
        "What was done with {item} at {place} on {day} ({step}) was handed over {days} days later; usual is {usual}.",
        "{item} 于 {day} 在 {place} 的记录（{step}）迟了 {days} 天提交；通常为 {usual} 天。",
    ),
    _ASK,
)
_rule(
    "record-withdrawn",
    Text("A record taken back after others relied on it", "记录在被引用后撤回"),
    Text(
        "An event of {item} ({step}) was declared not to have happened ({reason}), with nothing in its place; but the "
        "goods were seen at {place} on {day}.",
        "{item} 的事件（{step}）被声明为错误（{reason}）且无更正；而货物已于 {day} 在 {place} 出现。",
    ),
    _ASK,
)
_rule(
    "pattern-origin",
    Text("Ore with another deposit's pattern", "稀土配分与申报产地不符"),
    Text(
        "The rare earths of {item}, which began at {place} on {day}, are in the proportions of {other}; likelihood "
        "ratio 10^{ratio}. This holds for ores and concentrates; of products after solvent extraction it says nothing.",
        "{item} 于 {day} 产自 {place}，其稀土配分与 {other} 一致，似然比 10^{ratio}。"
        "该方法仅适用于矿石与精矿，对萃取分离后的产品不作判断。",
    ),
    _LOOK,
)
_rule(
    "device-two-places",
    Text("One identity in use in two places", "同一标识在两地使用"),
    Text(
        "{item} was seen at {place} on {day}; before it was at {from}, and it never left.",
        "{item} 于 {day} 在 {place} 出现；此前在 {from}，且无离开记录。",
    ),
    _COUNT,
)
_rule(
    "device-off-route",
    Text("Off the declared route", "偏离申报路线"),
    Text(
        "{item} was seen at {place} on {day}, which is not on its declared route {route}.",
        "{item} 于 {day} 在 {place} 出现，不在申报路线 {route} 上。",
    ),
    _FIND,
)
_rule(
    "offer-matched",
    Text("An offer that agrees with a missing lot", "报价与流失批次吻合"),
    Text(
        "An offer by {by} of {offered} agrees with {lot} ({agreement}), which another finding says is missing.",
        "{by} 于 {offered} 的报价与 {lot} 吻合（{agreement}），该批次已被判定流失或瞒报。",
    ),
    _FIND,
)
_rule(
    "offer-listed",
    Text("An offer by a listed party", "报价方在名单上"),
    Text(
        "{by}, who offers on {offered}, is like “{entry}” on the list {list}.",
        "{offered} 的报价方 {by} 与名单 {list} 中的“{entry}”相符。",
    ),
    _STOP,
)
