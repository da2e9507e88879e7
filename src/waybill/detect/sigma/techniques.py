"""The techniques of exfiltration of MITRE ATT&CK (Enterprise, version 17), and the rules that tell them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from waybill.detect.sigma.conditions import predicates_of
from waybill.detect.sigma.predicates import Op
from waybill.detect.sigma.rules import Rule
from waybill.model.findings import Text
from waybill.model.words import Channel

EXFILTRATION: dict[str, Text] = {
    "T1011": Text("over another network medium", "经其他网络介质外传"),
    "T1011.001": Text("over Bluetooth", "经蓝牙外传"),
    "T1020": Text("automated", "自动外传"),
    "T1020.001": Text("traffic duplication", "流量复制"),
    "T1029": Text("scheduled", "定时外传"),
    "T1030": Text("in pieces of limited size", "限制大小分批外传"),
    "T1041": Text("over a command-and-control channel", "经命令与控制通道外传"),
    "T1048": Text("over another protocol", "经其他协议外传"),
    "T1048.001": Text("over a symmetrically encrypted protocol", "经对称加密协议外传"),
    "T1048.002": Text("over an asymmetrically encrypted protocol", "经非对称加密协议外传"),
    "T1048.003": Text("over an unencrypted protocol", "经未加密协议外传"),
    "T1052": Text("over a physical medium", "经物理介质外传"),
    "T1052.001": Text("over USB", "经USB外传"),
    "T1537": Text("to another cloud account", "转移至其他云账号"),
    "T1567": Text("over a web service", "经网络服务外传"),
    "T1567.001": Text("to a code repository", "至代码仓库"),
    "T1567.002": Text("to cloud storage", "至云存储"),
    "T1567.003": Text("to text storage sites", "至文本存储网站"),
    "T1567.004": Text("over a webhook", "经Webhook外传"),
}
"""Techniques of tactic TA0010 by id, in words."""

_TECHNIQUE = re.compile(r"attack\.(t\d{4}(?:\.\d{3})?)", re.ASCII)


def techniques_of(rule: Rule) -> Iterator[str]:
    """Yield the techniques that a rule is tagged with, as ``T1567.002``."""
    for tag in rule.tags:
        found = _TECHNIQUE.fullmatch(tag.lower())
        if found:
            yield found[1].upper()


def channels_of(rule: Rule, folders: Iterable[str]) -> set[str]:
    """Return the channels that a rule watches: those its condition names, else the folder of its file.

    ``folders`` are the names of the folders above its file.
    """
    named = {
        str(value)
        for predicate in (predicates_of(rule.condition) if rule.condition is not None else ())
        if predicate.field == "channel" and predicate.op is Op.EQUALS
        for value in predicate.values
    }
    return (named or set(folders)) & set(Channel)
