"""What everything is called, in both languages. Sentences with figures in them stand where they are made."""

from __future__ import annotations

from waybill.model.findings import Text
from waybill.model.words import Action, AssetKind, Channel, Intent, Outcome
from waybill.report.lanes import Lane

TITLE = Text("Transfers that nobody authorised", "未经授权的转移")
PRODUCT = Text("Waybill report", "Waybill 报告")
UNKNOWN = Text("unknown", "未知")
WITHHELD = Text("withheld", "不公开")
NOT_SAID = Text("not said", "未注明")
NONE = Text("none", "无")

LANES: dict[Lane, Text] = {
    Lane.MATERIALS: Text("Materials", "物资"),
    Lane.TECHNOLOGY: Text("Technology and people", "技术与人员"),
    Lane.DATA: Text("Data and code", "数据与代码"),
}

ABOUT_LANES: dict[Lane, Text] = {
    Lane.MATERIALS: Text("Goods and lots, and what goes by freight.", "货物与批次，以及以货运方式发出的物品。"),
    Lane.TECHNOLOGY: Text(
        "Know-how, documents, devices and credentials; what people send, print or carry out.",
        "技术诀窍、文件、设备与凭据；人员发送、打印或带出的内容。",
    ),
    Lane.DATA: Text(
        "Records, databases and source code, and the systems they go over.",
        "数据记录、数据库与源代码，以及所经系统。",
    ),
}

INTENTS: dict[Intent, Text] = {
    Intent.ACCIDENT: Text("accident", "意外"),
    Intent.DELIBERATE: Text("deliberate", "故意"),
    Intent.UNKNOWN: Text("intent unknown", "意图未知"),
}

STATES: dict[str, Text] = {
    "new": Text("new", "新"),
    "in_progress": Text("in progress", "处理中"),
    "resolved": Text("resolved", "已解决"),
    "false_positive": Text("false alarm", "误报"),
    "excepted": Text("accepted until a day", "限期接受"),
    "summarised": Text("over the alert budget", "超出告警额度"),
}

OUTCOMES: dict[str, Text] = {
    Outcome.FAILURE: Text("failed", "失败"),
    Outcome.BLOCKED: Text("blocked", "已拦截"),
}
"""Said only where the attempt did not succeed."""

ALL_OUTCOMES: dict[str, Text] = {
    Outcome.SUCCESS: Text("went through", "已成功"),
    **OUTCOMES,
    Outcome.UNKNOWN: UNKNOWN,
}
"""Said wherever the outcome has a column of its own."""

KINDS: dict[str, Text] = {
    AssetKind.DATA: Text("data", "数据"),
    AssetKind.DOCUMENT: Text("document", "文件资料"),
    AssetKind.CODE: Text("code", "代码"),
    AssetKind.MATERIAL: Text("material", "物资"),
    AssetKind.DEVICE: Text("device", "设备"),
    AssetKind.CREDENTIAL: Text("credential", "凭据"),
    AssetKind.KNOW_HOW: Text("know-how", "技术诀窍"),
}

ACTIONS: dict[str, Text] = {
    Action.READ: Text("read", "读取"),
    Action.CREATE: Text("create", "创建"),
    Action.WRITE: Text("write", "写入"),
    Action.DELETE: Text("delete", "删除"),
    Action.COPY: Text("copy", "复制"),
    Action.MOVE: Text("move", "移动"),
    Action.DOWNLOAD: Text("download", "下载"),
    Action.UPLOAD: Text("upload", "上传"),
    Action.SEND: Text("send", "发送"),
    Action.SHARE: Text("share", "共享"),
    Action.PRINT: Text("print", "打印"),
    Action.EXPORT: Text("export", "导出"),
    Action.SHIP: Text("ship", "发运"),
    Action.RECEIVE: Text("receive", "接收"),
    Action.DEPLOY: Text("deploy", "部署"),
    Action.EXECUTE: Text("execute", "执行"),
    Action.CONFIGURE: Text("configure", "配置"),
    Action.LOGIN: Text("log in", "登录"),
    Action.CONNECT: Text("connect", "连接"),
    Action.OTHER: Text("other", "其他"),
}

CHANNELS: dict[str, Text] = {
    Channel.EMAIL: Text("e-mail", "电子邮件"),
    Channel.USB: Text("USB", "USB 设备"),
    Channel.CLOUD_STORAGE: Text("cloud storage", "云存储"),
    Channel.CLOUD_API: Text("cloud API", "云接口"),
    Channel.WEB: Text("web", "网页"),
    Channel.FILE: Text("files", "文件"),
    Channel.DATABASE: Text("database", "数据库"),
    Channel.NETWORK: Text("network", "网络"),
    Channel.CODE: Text("source control", "代码库"),
    Channel.PRINT: Text("print", "打印"),
    Channel.FREIGHT: Text("freight", "货运"),
    Channel.CHAT: Text("chat", "即时通信"),
    Channel.EMPLOYMENT: Text("change of employment", "人员变动"),
    Channel.HOST: Text("host", "主机"),
    Channel.OTHER: Text("other", "其他"),
}

WHY_UNKNOWN: dict[str, Text] = {
    "intent": Text(
        "Nobody has said of any finding whether it was an accident or deliberate.",
        "尚无人判定任何一项发现属于意外还是故意。",
    ),
    "marks-no-old": Text(
        "The register marks no system as old; give its party the role “legacy”.",
        "登记册未标明任何旧系统；请为相应主体添加角色“legacy”。",
    ),
    "way-not-known": Text(
        "The logs do not say which system any finding came through.", "日志未说明任何一项发现经由哪个系统。"
    ),
    "no-findings": Text("There is no finding.", "没有任何发现。"),
    "no-control": Text(
        "No control was named; name one by its day, for example --control “2026-03-10=USB locked”.",
        "未指定管控措施；请按日期指定，例如 --control “2026-03-10=USB 锁定”。",
    ),
    "nothing-controlled": Text(
        "The register names no asset that needs a permit, so nothing can be called unauthorised.",
        "登记册中没有需要许可的资产，因此无法判定何为未经授权。",
    ),
    "too-few-days": Text("Fewer than 7 days with logs on one side of it.", "该日期的某一侧有日志的天数少于 7 天。"),
    "none-either-side": Text(
        "No unauthorised transfer on either side, so there is nothing to compare.",
        "前后均无未经授权的转移，无从比较。",
    ),
}


def channel(word: str) -> Text:
    """Return how a channel is called; a word that nobody knows stands for itself."""
    return CHANNELS.get(word) or same(word)


def state(word: str) -> Text:
    """Return how a state is called; a word that nobody knows stands for itself."""
    return STATES.get(word) or same(word)


def same(word: str) -> Text:
    """Return a name that is the same in both languages."""
    return Text(word, word)


def count(number: int, one: str, many: str, zh: str) -> Text:
    """Return a number with what is counted, for example ``1 file``, ``2 files``, ``2 个文件``."""
    return Text(f"{number:,} {one if number == 1 else many}", f"{number:,} {zh}")
