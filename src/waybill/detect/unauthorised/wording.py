"""The sentences of this family, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime

from waybill.detect.unauthorised.permits import Fault, Refusal
from waybill.model.findings import GRADES, Text
from waybill.model.register import Permit
from waybill.model.words import Channel, Grade, Outcome

CHANNELS: dict[str, Text] = {
    Channel.EMAIL: Text("e-mail", "电子邮件"),
    Channel.USB: Text("USB", "USB 设备"),
    Channel.CLOUD_STORAGE: Text("cloud storage", "云存储"),
    Channel.CLOUD_API: Text("a cloud API", "云接口"),
    Channel.WEB: Text("the web", "网页"),
    Channel.FILE: Text("files", "文件"),
    Channel.DATABASE: Text("a database", "数据库"),
    Channel.NETWORK: Text("the network", "网络"),
    Channel.CODE: Text("source control", "代码库"),
    Channel.PRINT: Text("print", "打印"),
    Channel.FREIGHT: Text("freight", "货运"),
    Channel.CHAT: Text("chat", "即时通信"),
    Channel.EMPLOYMENT: Text("a change of employment", "人员变动"),
    Channel.HOST: Text("a host", "主机"),
    Channel.OTHER: Text("another channel", "其他途径"),
}

OUTCOMES: dict[str, Text] = {
    Outcome.SUCCESS: Text("went", "已发生"),
    Outcome.FAILURE: Text("was tried and failed", "尝试失败"),
    Outcome.BLOCKED: Text("was tried and blocked", "被拦截"),
    Outcome.UNKNOWN: Text("went, as far as the source tells", "已发生（来源未说明结果）"),
}

TITLES: dict[str, Text] = {
    "unauthorised.no-permit": Text("Controlled asset moved without a permit", "受控资产未经许可转移"),
    "unauthorised.expired": Text("Controlled asset moved after its permit expired", "受控资产在许可到期后转移"),
    "unauthorised.not-yet-valid": Text("Controlled asset moved before its permit began", "受控资产在许可生效前转移"),
    "unauthorised.limit": Text("Controlled asset moved beyond its permit's limit", "受控资产转移超出许可额度"),
}

ADVICE: dict[str, Text] = {
    "unauthorised.no-permit": Text(
        "Stop or recall the transfer if you still can; ask the owner of the asset; if it is allowed, record a permit.",
        "如仍可能，停止或追回该转移；向资产负责人核实；如属允许，请登记许可。",
    ),
    "unauthorised.expired": Text(
        "Ask the owner of the asset whether the permit should have been renewed; until then stop further transfers.",
        "向资产负责人核实许可是否应续期；在此之前停止后续转移。",
    ),
    "unauthorised.not-yet-valid": Text(
        "Ask who released the transfer early; hold further ones until the permit begins.",
        "核实是谁提前放行；在许可生效前暂停后续转移。",
    ),
    "unauthorised.limit": Text(
        "Stop further transfers under this permit; ask its holder why more was needed, then decide on a new limit.",
        "停止该许可下的后续转移；向持有人了解超额原因，再决定是否调整额度。",
    ),
}

POINTS: dict[Fault, Text] = {
    Fault.LIMIT: Text("its limit of {limit.en} is used up", "其额度（{limit.zh}）已用尽"),
    Fault.EXPIRED: Text("it expired on {until}", "已于 {until} 到期"),
    Fault.NOT_YET_VALID: Text("it begins on {since}", "自 {since} 起生效"),
    Fault.PLACE: Text("it is for the place {permit.place}", "仅限地点 {permit.place}"),
    Fault.JURISDICTION: Text("it is for the jurisdiction {permit.jurisdiction}", "仅限法域 {permit.jurisdiction}"),
    Fault.CHANNEL: Text("it is for the channel {permit.channel}", "仅限途径 {permit.channel}"),
    Fault.PARTY: Text("it is for another party", "授予另一主体"),
    Fault.SUSPENDED: Text("it was suspended", "当时已被暂停"),
}


def why(refusal: Refusal) -> Text:
    """Return one sentence: the nearest permit and each point in which it fails."""
    permit = refusal.permit
    if permit is None:
        return Text("The register holds no permit for this asset.", "登记册中没有该资产的许可。")
    told = {
        "permit": permit,
        "limit": _limit(permit),
        "until": _moment(permit.valid_until),
        "since": _moment(permit.valid_from),
    }
    points = [POINTS[fault] for fault in refusal.faults]
    return Text(
        f"The nearest permit, {permit.id}, does not cover it: {'; '.join(p.en.format(**told) for p in points)}.",
        f"最接近的许可 {permit.id} 不适用：{'；'.join(p.zh.format(**told) for p in points)}。",
    )


def _limit(permit: Permit) -> Text:
    limits = [(permit.max_bytes, "bytes", "字节"), (permit.max_records, "records", "条记录")]
    given = [(amount, en, zh) for amount, en, zh in limits if amount is not None]
    return Text(
        " and ".join(f"{amount} {en}" for amount, en, _ in given),
        "、".join(f"{amount} {zh}" for amount, _, zh in given),
    )


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if moment else ""


def channel(word: str) -> Text:
    """Return how a channel is called; a word outside the enumeration stands for itself."""
    return CHANNELS.get(word, Text(word, word))


def outcome(word: str) -> Text:
    """Return what became of the attempt."""
    return OUTCOMES.get(word, OUTCOMES[Outcome.UNKNOWN])


def sentence(
    *, asset: str, grade: Grade, origin: str, destination: str, over: str, result: str, actor: str, why: Text
) -> Text:
    """Return what moved, from where to where, over what, by whom, and why that is not allowed.

    ``origin``, ``destination`` and ``actor`` may be empty: not known, or withheld.
    """
    how, way, kind = outcome(result), channel(over), GRADES[grade]
    return Text(
        f"The {kind.en} asset “{asset}” {how.en.partition(',')[0]}"
        + (f" from {origin}" if origin else "")
        + f" to {destination or 'another party'} over {way.en}"
        + (f", by {actor}" if actor else "")
        + (", as far as the source tells" if "," in how.en else "")
        + f". {why.en}",
        f"{kind.zh}资产“{asset}”"
        + (f"由{actor}" if actor else "")
        + f"经{way.zh}"
        + (f"从 {origin} " if origin else "")
        + f"转移至 {destination or '另一方'}（{how.zh}）。{why.zh}",
    )
