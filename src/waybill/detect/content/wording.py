"""The sentences of this family, in both languages."""

from __future__ import annotations

from waybill.model.findings import GRADES, Text
from waybill.model.register import Asset, Content, Decoy
from waybill.model.words import Grade

DOCUMENT, RECORDS, GRADED = "content.document", "content.records", "content.graded"
CANARY, DECOY, CLOSED = "content.canary", "content.decoy", "content.closed"

TITLES = {
    DOCUMENT: Text("Registered document left under whatever name", "已登记文档外发（按内容识别）"),
    RECORDS: Text("Records of a registered table left", "已登记数据表的记录外发（按内容识别）"),
    GRADED: Text("Graded content went to somebody unknown", "分级内容发往未知对象"),
    CANARY: Text("A marked copy or a decoy turned up", "标记副本或诱饵记录出现"),
    DECOY: Text("A decoy was touched", "诱饵被触碰"),
    CLOSED: Text("What nobody could look into went to somebody unknown", "无法检查的内容发往未知对象"),
}
"""By rule."""

ADVICE = {
    DOCUMENT: Text(
        "Stop or recall the transfer if you still can; compare the passages; ask the owner of the document.",
        "如仍可能，停止或追回该转移；比对相同段落；向文档负责人核实。",
    ),
    RECORDS: Text(
        "Stop or recall the transfer if you still can; ask the owner of the table; persons in it may have to be told.",
        "如仍可能，停止或追回该转移；向数据表负责人核实；可能须告知所涉个人。",
    ),
    GRADED: Text(
        "Look at what was sent; confirm its grade in Discovery, or record a permit if it may go there.",
        "查看所发送内容；在“数据发现”中确认其级别，如允许外发请登记许可。",
    ),
    CANARY: Text(
        "Find out how it came there: nobody has a reason to touch it. Keep the file as evidence.",
        "查明其来源：任何人都没有理由接触它。保留该文件作为证据。",
    ),
    DECOY: Text(
        "Ask what they were looking for: nobody has a reason to touch it, but searches and back-ups may. Look at what "
        "else the same account read before and after.",
        "询问其目的：任何人都没有理由接触它，但检索与备份程序可能触及。查看同一账号前后还读取了什么。",
    ),
    CLOSED: Text(
        "Ask the sender what it was, and for the password if there is one; look into the file itself.",
        "向发送人了解内容；如有密码，索取后检查文件本身。",
    ),
}
"""By rule."""


def document(content: Content, asset: Asset, named: str, end: str) -> Text:
    """Return the sentence for a registered document that left."""
    share, grade = f"{content.share:.0%}", GRADES[asset.grade]
    return Text(
        f"{share} of {content.document} ({grade.en}) is in {named}, which went to {end}; no permit covers that",
        f"《{content.document}》（{grade.zh}）的 {share} 出现在 {named} 中，后者发往 {end}，且无许可",
    )


def records(content: Content, asset: Asset, named: str, end: str) -> Text:
    """Return the sentence for records of a registered table that left."""
    count, grade = f"{content.records:,}", GRADES[asset.grade]
    return Text(
        f"{named}, which went to {end}, holds {count} of the records of {content.document} ({grade.en}); no permit "
        "covers that",
        f"发往 {end} 的 {named} 含有《{content.document}》（{grade.zh}）的 {count} 条记录，且无许可",
    )


def graded(grade: Grade, named: str, end: str) -> Text:
    """Return the sentence for content that is graded by its kinds of data alone."""
    return Text(
        f"{named}, whose content suggests {GRADES[grade].en}, went to {end}, which nobody registered",
        f"{named} 的内容建议定为{GRADES[grade].zh}，发往未登记的 {end}",
    )


def canary(content: Content, named: str) -> Text:
    """Return the sentence for a mark that was seen in something that moved."""
    return Text(
        f"{named} holds the marks of delivery {content.delivery}", f"{named} 含有交付 {content.delivery} 的标记"
    )


def decoy(touched: Decoy) -> Text:
    """Return the sentence for a decoy that was touched: the thing itself, or a row of nobody by its value."""
    if touched.is_thing:
        return Text(f"{touched.document}, a decoy, was touched", f"诱饵 {touched.document} 被触碰")
    return Text(
        f"a row of nobody in {touched.document} ({touched.id}) was asked for or moved",
        f"《{touched.document}》中的诱饵记录（{touched.id}）被查询或转移",
    )


UNREAD = {
    "encrypted": Text("it is encrypted", "内容已加密"),
    "bomb": Text("it unpacks to far more than its size", "解压后远大于其本身大小"),
    "depth": Text("it is packed too many times over", "嵌套层数过多"),
    "members": Text("it has too many members", "成员过多"),
    "size": Text("it is larger than what is read", "超过读取上限"),
    "memory": Text("reading it takes too much memory", "读取所需内存过多"),
    "time": Text("reading it takes too long", "读取耗时过长"),
    "crashed": Text("its reader broke down", "读取程序崩溃"),
    "damaged": Text("it is damaged or cut off", "文件损坏或不完整"),
}
"""Why something was not looked into, where that may be the reason for which it is so."""


def closed(why: str, named: str, end: str) -> Text:
    """Return the sentence for something that was closed to inspection."""
    reason = UNREAD[why]
    return Text(
        f"{named} went to {end}, which nobody registered, and could not be looked into: {reason.en}",
        f"{named} 发往未登记的 {end}，且无法检查：{reason.zh}",
    )
