"""What is counted of a day, in which unit, and how much it has to do with data leaving.

Features of one group tell of the same thing, so that only the most surprising one of a group counts. The weights say
how much a group has to do with leaving data; they were set from what insiders are known to do, not fitted.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from waybill.model.findings import Text

Matrix = npt.NDArray[np.float64]


class Feature(NamedTuple):
    """One figure of a day."""

    name: str
    group: str
    text: Text
    """What is counted."""
    volume: bool = False
    """Whether it is an amount (megabytes) and not a count."""


def _feature(name: str, group: str, en: str, zh: str, *, volume: bool = False) -> Feature:
    return Feature(name, group, Text(en, zh), volume)


FEATURES: tuple[Feature, ...] = (
    _feature("deeds", "activity", "deeds in all", "操作总数"),
    _feature("visits", "activity", "visits to sites", "访问网站（次）"),
    _feature("mails inside", "activity", "mails to colleagues", "内部邮件（封）"),
    _feature("new sites", "activity", "sites never visited before", "首次访问的网站"),
    _feature("sign-ins", "access", "sign-ins", "登录（次）"),
    _feature("machines", "access", "machines signed in to", "登录的主机"),
    _feature("new machines", "access", "machines never used before", "首次使用的主机"),
    _feature("others' machines", "impersonation", "sign-ins to other people's machines", "登录他人主机（次）"),
    _feature("failures", "failures", "attempts that failed or were blocked", "失败或被拦截的操作"),
    _feature("off hours", "hours", "deeds at unusual hours", "非惯常时段操作"),
    _feature("transfers off hours", "hours", "transfers at unusual hours", "非惯常时段转移"),
    _feature("days off", "hours", "deeds on a day off", "休息日操作"),
    _feature("plug-ins", "media", "plug-ins of removable media", "接入移动介质（次）"),
    _feature("media files", "media", "files to removable media", "拷入移动介质的文件"),
    _feature("media megabytes", "media", "MB to removable media", "拷入移动介质（MB）", volume=True),
    _feature("mails outside", "mail", "mails to outside", "外发邮件（封）"),
    _feature("mail megabytes", "mail", "MB mailed outside", "外发邮件（MB）", volume=True),
    _feature("new receivers", "mail", "receivers outside never written to before", "首次外发的收件方"),
    _feature(
        "mails to rare",
        "rare receiver",
        "mails to receivers that hardly anybody here writes to",
        "发往罕有往来收件方的邮件（封）",
    ),
    _feature("receivers", "mass mail", "receivers of one mail", "单封邮件收件人"),
    _feature("uploads", "upload", "uploads", "上传（次）"),
    _feature("upload megabytes", "upload", "MB uploaded", "上传（MB）", volume=True),
    _feature("shares", "upload", "shares to outside", "对外共享（次）"),
    _feature("uploads to new", "new destination", "uploads to a new destination", "上传至新目的地（次）"),
    _feature(
        "uploads to new and rare",
        "new destination",
        "uploads to a new destination that hardly anybody here uses",
        "上传至罕用新目的地（次）",
    ),
    _feature(
        "uploads to rare",
        "new destination",
        "uploads to a destination that hardly anybody here uses",
        "上传至罕用目的地（次）",
    ),
    _feature("downloads", "download", "downloads", "下载（次）"),
    _feature("controlled reads", "controlled", "reads of controlled assets", "读取受控资产（次）"),
    _feature("controlled assets", "controlled", "different controlled assets read", "读取的不同受控资产"),
    _feature("new areas", "controlled", "controlled areas never opened before", "首次打开的受控区域"),
    _feature(
        "foreign reads",
        "foreign",
        "reads of controlled assets that peers hardly open",
        "读取同组人员极少访问的受控资产（次）",
    ),
    _feature("records", "records", "records read", "读取的记录"),
    _feature("controlled out", "controlled out", "controlled transfers out", "受控资产外转（次）"),
    _feature(
        "controlled out lately",
        "cumulative",
        "controlled transfers out in the last weeks",
        "近几周累计受控资产外转",
        volume=True,
    ),
    _feature("swept", "sequence", "assets read, sent out and deleted", "读取、外发并删除的资产"),
    _feature("deletions", "deletion", "deletions", "删除（次）"),
    _feature("prints", "print", "prints", "打印（次）"),
    _feature("career sites", "career", "visits to career sites", "访问招聘网站（次）"),
)
"""Every feature, in order."""

NAMES: tuple[str, ...] = tuple(feature.name for feature in FEATURES)
COLUMN: dict[str, int] = {name: number for number, name in enumerate(NAMES)}

WEIGHTS: dict[str, float] = {
    "activity": 0.2,
    "access": 0.7,
    "impersonation": 0.7,
    "failures": 0.4,
    "hours": 0.6,
    "media": 1.0,
    "mail": 0.8,
    "rare receiver": 0.8,
    "mass mail": 0.5,
    "upload": 1.0,
    "new destination": 1.0,
    "download": 0.5,
    "controlled": 0.9,
    "foreign": 0.9,
    "records": 0.7,
    "controlled out": 1.2,
    "cumulative": 0.8,
    "sequence": 1.2,
    "deletion": 0.5,
    "print": 0.6,
    "career": 0.5,
}
"""How much each group has to do with data leaving."""

GROUPS: tuple[str, ...] = tuple(WEIGHTS)
GROUP_OF: npt.NDArray[np.int64] = np.array([GROUPS.index(feature.group) for feature in FEATURES])
GROUP_WEIGHT: Matrix = np.array([WEIGHTS[group] for group in GROUPS])
WEIGHT: Matrix = GROUP_WEIGHT[GROUP_OF]
IS_VOLUME: npt.NDArray[np.bool_] = np.array([feature.volume for feature in FEATURES])

_DIRECT = ("visits", "mails inside", "sign-ins", "media files", "mails outside", "uploads", "downloads", "prints")
IS_SEEN_DIRECTLY: npt.NDArray[np.bool_] = np.array([name in _DIRECT for name in NAMES])
"""Which figures a source tells by itself, so that a whole group without any means that the source is silent."""
