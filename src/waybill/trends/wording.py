"""What figures of trends are called, in both languages."""

from __future__ import annotations

from waybill.model.findings import Text
from waybill.trends.effects import Verdict
from waybill.trends.words import SpendState

SHARES = {
    "accident": Text("Accident, of known intent", "意外（意图已知者）"),
    "official": Text("Official channel, of known origin", "官方渠道（来源已知者）"),
    "disclosed": Text("Data got out, where known", "确有泄出（结果已知者）"),
    "internal": Text("Somebody inside, of known actors", "内部人员（行为人已知者）"),
    "found-inside": Text("Found inside, where known", "本单位发现（发现方式已知者）"),
    "error": Text("Error", "差错"),
    "misuse": Text("Misuse", "滥用"),
    "hacking": Text("Hacking", "黑客攻击"),
    "malware": Text("Malware", "恶意软件"),
    "social": Text("Social engineering", "社会工程"),
    "physical": Text("Physical action", "物理行为"),
}
"""Shares, by name. The last six are of known actions, of which an incident may have several."""

WORDS = {
    "error": SHARES["error"],
    "misuse": SHARES["misuse"],
    "hacking": SHARES["hacking"],
    "malware": SHARES["malware"],
    "social": SHARES["social"],
    "physical": SHARES["physical"],
    "environmental": Text("Environment", "环境"),
    "unknown": Text("Unknown", "未知"),
    "Unknown": Text("Unknown", "未知"),
    "accident": Text("Accident", "意外"),
    "deliberate": Text("Deliberate", "故意"),
    "official": Text("Official channel", "官方渠道"),
    "unofficial": Text("Other way", "其他途径"),
    "others": Text("Others", "其他"),
    "S": Text("Server", "服务器"),
    "U": Text("User device", "用户设备"),
    "M": Text("Media", "介质"),
    "P": Text("Person", "人员"),
    "N": Text("Network", "网络"),
    "E": Text("Embedded device", "嵌入式设备"),
    "T": Text("Terminal", "终端"),
    "11": Text("Agriculture", "农业"),
    "21": Text("Mining", "采矿"),
    "22": Text("Utilities", "公用事业"),
    "23": Text("Construction", "建筑"),
    "31": Text("Manufacturing (food, textiles)", "制造（食品、纺织）"),
    "32": Text("Manufacturing (wood, chemicals)", "制造（木材、化工）"),
    "33": Text("Manufacturing (metal, machines, electronics)", "制造（金属、机械、电子）"),
    "42": Text("Wholesale", "批发"),
    "44": Text("Retail (44)", "零售（44）"),
    "45": Text("Retail (45)", "零售（45）"),
    "48": Text("Transport", "运输"),
    "49": Text("Post and storage", "邮政与仓储"),
    "51": Text("Information", "信息"),
    "52": Text("Finance", "金融"),
    "53": Text("Real estate", "房地产"),
    "54": Text("Professions and science", "专业与科研"),
    "55": Text("Holding companies", "企业管理"),
    "56": Text("Office services", "行政服务"),
    "61": Text("Education", "教育"),
    "62": Text("Health", "医疗"),
    "71": Text("Arts", "文体"),
    "72": Text("Hotels and food", "住宿餐饮"),
    "81": Text("Other services", "其他服务"),
    "92": Text("Public administration", "公共管理"),
}
"""Words of tables; a year stands for itself."""

WAYS = {
    "year": Text("year", "年份"),
    "intent": Text("intent", "意图"),
    "origin": Text("origin", "来源"),
    "trade": Text("trade (NAICS)", "行业（NAICS）"),
    "action": Text("action", "行为"),
    "asset": Text("asset", "资产"),
}

VERDICTS = {
    Verdict.ASSOCIATED: Text("associated", "存在关联"),
    Verdict.NOT_SHOWN: Text("no association shown", "未显示关联"),
    Verdict.TOO_SMALL: Text(
        "no verdict: smaller than what these data can show", "不作结论：小于这些数据所能显示的程度"
    ),
}

RELEASES = {
    SpendState.PROPOSED: Text("proposed", "已提议"),
    SpendState.SIGNED: Text("signed by two", "已由两人签署"),
    SpendState.PUBLISHED: Text("published", "已发布"),
    SpendState.REFUSED: Text("refused", "已拒绝"),
}

ASSOCIATION = Text(
    "An association with a calendar is no cause: whatever else falls into the same weeks looks the same.",
    "与日历的关联不是因果：落在同一周内的其他因素看起来完全相同。",
)


def word(name: str) -> Text:
    """Return what a word of a table is called."""
    return WORDS.get(name, Text(name, name))


def table_title(name: str) -> Text:
    """Return what a table such as ``year-action`` is called."""
    first, _, second = name.partition("-")
    one, other = WAYS[first], WAYS[second]
    return Text(f"Incidents by {one.en} and {other.en}", f"事件：按{one.zh}与{other.zh}")
