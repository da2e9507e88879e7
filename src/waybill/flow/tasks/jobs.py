"""What there is to do by schedule, and when each piece is due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from waybill.flow.installation import Installation
from waybill.flow.settings import Settings
from waybill.model.errors import UsageError
from waybill.model.findings import Text

Result = dict[str, Any]
"""What came of a run, as JSON: counts, never names."""

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work."""

    name: str
    purpose: Text
    run: Callable[[Installation], Result]
    every: Callable[[Settings], timedelta | None]
    """How often it is done, in whole days by night; none where the settings do not want it."""
    asks: Callable[[Installation, datetime], bool] | None = None
    """Whether it is due, for work that follows what happens and no clock."""


def _retain(installation: Installation) -> Result:
    from waybill.flow.retention import edge, retain

    return _plain(retain(installation, edge(installation.settings, None)))


def _compact(installation: Installation) -> Result:
    installation.lake.commit()
    return _plain(installation.lake.compact())


def _audit(installation: Installation) -> Result:
    from waybill.flow.proof.auditing import audit

    return _plain(audit(installation))


def _stamp(installation: Installation) -> Result:
    from waybill.flow.proof.sequencing import sequence

    return {"remarks": list(sequence(installation).remarks)}


def _alert(installation: Installation) -> Result:
    from waybill.flow.alerts.telling import tell

    return _plain(tell(installation))


def _has_alerts(installation: Installation, now: datetime) -> bool:
    from waybill.flow.alerts.telling import is_due

    return is_due(installation, now)


def _notify(installation: Installation) -> Result:
    from waybill.flow.response.notices import send

    return _plain(send(installation))


def _has_notices(installation: Installation, now: datetime) -> bool:
    from waybill.flow.response.notices import is_due

    return is_due(now)


def _follow_law(installation: Installation) -> Result:
    from waybill.flow.cases.clocks import follow_law

    return {"cases": follow_law(installation)}


def _law(installation: Installation) -> Result:
    from waybill.flow.law.alarms import tell_alarms

    return {"to_mind": tell_alarms(installation)}


def _survey(installation: Installation) -> Result:
    from waybill.flow.surveys.plans import survey_all

    return dict(survey_all(installation))


def _tidy(installation: Installation) -> Result:
    from waybill.flow.tasks.queue import forget_old

    return {"runs_forgotten": forget_old()}


JOBS = (
    Job(
        "alert",
        Text("tells the addresses in `alerts` what is new", "向 `alerts` 中的地址通报新发现"),
        _alert,
        lambda settings: timedelta() if settings.alerts else None,
        _has_alerts,
    ),
    Job(
        "notify",
        Text("sends the messages of playbooks", "发送预案的通知"),
        _notify,
        lambda settings: timedelta(),
        _has_notices,
    ),
    Job(
        "retain",
        Text("removes transfers that are older than `retention_months`", "删除超过 `retention_months` 的转移记录"),
        _retain,
        lambda settings: DAY if settings.retention_months else None,
    ),
    Job(
        "compact",
        Text("joins small files of the lake into large ones", "将数据湖的小文件合并为大文件"),
        _compact,
        lambda settings: DAY,
    ),
    Job(
        "audit",
        Text("checks every byte and every record, and records what it found", "检查每个字节与每条记录，并将结果入账"),
        _audit,
        lambda settings: settings.audit_days * DAY if settings.audit_days else None,
    ),
    Job(
        "stamp",
        Text("gets a time stamp over the ledger", "为账本获取时间戳"),
        _stamp,
        lambda settings: DAY if settings.timestamp_url else None,
    ),
    Job(
        "deadlines",
        Text("lets the clocks of cases follow changes of law", "使案件时限随法规变动更新"),
        _follow_law,
        lambda settings: DAY,
    ),
    Job(
        "law",
        Text("tells permits that end, counts that were split, posts that are due", "提示到期许可、拆分计数与岗位事项"),
        _law,
        lambda settings: DAY,
    ),
    Job(
        "survey",
        Text("looks for ways out that stand open, as `surveys` names them", "按 `surveys` 的设定查找敞开之处"),
        _survey,
        lambda settings: DAY if settings.surveys else None,
    ),
    Job("tidy", Text("forgets old runs of tasks", "清除旧的任务记录"), _tidy, lambda settings: DAY),
)
"""In the order in which they are done where several are due."""


def job(name: str) -> Job:
    """Return a job by name. Raises UsageError if there is none."""
    for one in JOBS:
        if one.name == name:
            return one
    raise UsageError("there is no such task", where=name, expected=", ".join(one.name for one in JOBS))


def due_at(last: datetime, every: timedelta, hour: int) -> datetime:
    """Return when work is due again that was begun at ``last`` and is done every so many nights, from this hour on."""
    night = last.replace(hour=hour, minute=0, second=0, microsecond=0)
    began = night if night <= last else night - DAY
    return began + every


def _plain(value: object) -> Result:
    result: Result = msgspec.to_builtins(value)
    return result
