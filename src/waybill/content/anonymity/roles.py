"""Which columns name a person, which tell persons apart together, and which are sensitive: suggested, never decided.

Recognised kinds of data come first; what has no kind of its own, such as an age or a post, is told by its heading
(GB/T 42460-2023, annexes A and B list such attributes).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from waybill.content.catalogue import Category, DataType, Sensitivity, types
from waybill.content.columns import ColumnDecision

_NAMING = frozenset({Category.IDENTITY, Category.CONTACT, Category.NETWORK, Category.VEHICLE})
_TELLING_APART = frozenset({"date-of-birth"})

_IDENTIFIERS = "name fullname surname username userid login account 姓名 名字 账号 用户名 工号 学号 编号 身份证 证件号"
_QUASI_IDENTIFIERS = (
    "age sex gender birth birthday birthdate birthyear dob zip zipcode postcode postal city town province state region "
    "county district country nationality ethnicity race marital married education degree occupation profession job "
    "title position department employer company admission hired 年龄 性别 出生 生日 邮编 邮政编码 城市 省 市 区县 地区 "
    "籍贯 国籍 民族 婚姻 学历 学位 职业 职务 岗位 职称 部门 单位 入院 入职"
)
_SENSITIVE = (
    "diagnosis disease illness treatment medication drug therapy blood hiv disability salary "
    "income wage pay balance credit debt religion faith party union orientation conviction crime biometric 诊断 疾病 "
    "病种 病名 用药 治疗 检验 检查结果 血型 残疾 工资 薪资 薪酬 收入 余额 信用 负债 宗教 政治面貌 工会 犯罪"
)
_WORDS = {
    "sensitive": _SENSITIVE.split(),
    "quasi_identifiers": _QUASI_IDENTIFIERS.split(),
    "identifiers": _IDENTIFIERS.split(),
}
"""By role; the first that is said counts."""

_PARTS = re.compile(r"[a-z]+|[一-鿿]+")


class Roles(msgspec.Struct, frozen=True):
    """Columns of a table by what they do to persons."""

    identifiers: tuple[str, ...] = ()
    """Each value names a person by itself."""
    quasi_identifiers: tuple[str, ...] = ()
    """Put together they tell persons apart."""
    sensitive: tuple[str, ...] = ()
    """What nobody else should learn of a person."""


def roles_of(decided: Iterable[ColumnDecision]) -> Roles:
    """Return what is suggested for the columns of a table, in their order."""
    found: dict[str, list[str]] = {"identifiers": [], "quasi_identifiers": [], "sensitive": []}
    for one in decided:
        role = _of_type(types()[one.type]) if one.type else ""
        if role := role or _of_heading(one.name):
            found[role].append(one.name)
    return Roles(**{role: tuple(names) for role, names in found.items()})


def _of_type(kind: DataType) -> str:
    if kind.category is Category.LOCATION or kind.id in _TELLING_APART:
        return "quasi_identifiers"
    if kind.names_person or kind.category in _NAMING:
        return "identifiers"
    return "sensitive" if kind.sensitivity is Sensitivity.SENSITIVE_PERSONAL else ""


def _of_heading(heading: str) -> str:
    """Return the role that a heading says, if its words say one."""
    parts = _PARTS.findall(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading).casefold())
    for role, words in _WORDS.items():
        if any(word in parts or (not word.isascii() and any(word in part for part in parts)) for word in words):
            return role
    return ""
