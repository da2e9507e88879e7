"""The leaks of the sample day, by the names that feeds mark their records with, and who must tell them."""

from __future__ import annotations

from collections.abc import Sequence

from waybill.model.findings import Text
from waybill.simulate.day_truth import Case, Mark
from waybill.simulate.feeds import Marks, Role

SIGMA, UNAUTHORISED = "sigma", "unauthorised"
"""Names of detectors."""

_Told = tuple[tuple[str, ...], Text, Text]

CASES: dict[str, _Told] = {
    "lot-shipped": (
        (UNAUTHORISED,),
        Text("A relabelled lot of magnets shipped abroad without a permit", "换标磁体批次未经许可运往境外"),
        Text("the lot has an export licence", "该批次持有出口许可"),
    ),
    "recipe-copied": (
        (SIGMA, UNAUTHORISED),
        Text("A process recipe copied to a USB stick", "工艺配方复制到U盘"),
        Text("copied to the plant's own share", "复制到厂内共享"),
    ),
    "customers-drained": (
        (UNAUTHORISED,),
        Text("Customer records fetched page by page beyond a permit", "客户记录被逐页拉取并超出许可额度"),
        Text("a partner within its permit", "合作方在许可额度内"),
    ),
    "snapshot-shared": (
        (SIGMA, UNAUTHORISED),
        Text("A database snapshot shared with an outside account", "数据库快照共享给外部账号"),
        Text("copied inside the account", "在本账号内复制"),
    ),
    "bucket-opened": (
        (SIGMA,),
        Text("A bucket opened to everyone", "存储桶对所有人开放"),
        Text("a condition narrows everyone to the organisation", "条件限定为本组织"),
    ),
    "trail-switched-off": (
        (SIGMA,),
        Text("The audit trail switched off", "审计日志被关闭"),
        Text("the trail was started", "审计日志被启动"),
    ),
    "database-dumped": (
        (SIGMA,),
        Text("The clinic's database dumped by hand", "诊所数据库被人工转储"),
        Text("the back-up job of the server", "服务器的备份任务"),
    ),
    "contract-mailed": (
        (SIGMA, UNAUTHORISED),
        Text("A contract sent to a personal mailbox", "合同发送到个人邮箱"),
        Text("sent to the supplier, which has a permit", "发送给持有许可的供应商"),
    ),
    "consent-granted": (
        (SIGMA,),
        Text("Consent to an application that asks for the mailbox", "授权应用访问邮箱"),
        Text("consent withdrawn", "授权被撤销"),
    ),
}
"""Who must tell it, what it is, and why its twin is no leak."""


def cases(marks: Marks) -> tuple[Case, ...]:
    """Return the cases with the records that decide them."""
    return tuple(
        Case(
            name=name,
            title=title,
            detectors=detectors,
            leak=_of(marks, Role.LEAK, name),
            twin=_of(marks, Role.TWIN, name),
            why_allowed=why_allowed,
        )
        for name, (detectors, title, why_allowed) in CASES.items()
    )


def with_role(marks: Marks, role: Role) -> tuple[Mark, ...]:
    """Return the marks of one role, by file and position."""
    return _sorted([mark for tag, mark in marks if tag.role is role])


def _of(marks: Marks, role: Role, case: str) -> tuple[Mark, ...]:
    return _sorted([mark for tag, mark in marks if tag.role is role and tag.case == case])


def _sorted(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    return tuple(sorted(marks))
