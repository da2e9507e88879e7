"""What the words of cases are called, in both languages."""

from __future__ import annotations

from waybill.cases.words import Act, CaseState, Link, Origin
from waybill.model.findings import Text

STATES: dict[CaseState, Text] = {
    CaseState.NEW: Text("new", "新"),
    CaseState.ANALYSIS: Text("analysis", "分析中"),
    CaseState.CONTAINMENT: Text("containment", "遏制中"),
    CaseState.RECOVERY: Text("recovery", "恢复中"),
    CaseState.CLOSED: Text("closed", "已结案"),
    CaseState.MERGED: Text("merged into another", "已并入其他案件"),
}

ORIGINS: dict[Origin, Text] = {
    Origin.OFFICIAL: Text("official channel", "正式渠道"),
    Origin.UNOFFICIAL: Text("no official channel", "非正式渠道"),
    Origin.UNKNOWN: Text("channel not judged", "渠道未判定"),
}

LINKS: dict[Link, Text] = {
    Link.TRANSFER: Text("rests on the same transfer", "基于同一转移"),
    Link.CHANGE: Text("same code", "同一代码"),
    Link.LOT: Text("same material", "同一物资批次"),
    Link.ASSET: Text("same asset", "同一资产"),
    Link.ACTOR: Text("same actor", "同一行为人"),
    Link.DESTINATION: Text("same destination", "同一去向"),
    Link.FIRST: Text("opened the case", "立案依据"),
    Link.HAND: Text("put here by hand", "人工归入"),
}

ACTS: dict[Act, Text] = {
    Act.OPENED: Text("opened", "立案"),
    Act.FINDING: Text("a finding came in", "并入发现"),
    Act.NOTE: Text("note", "备注"),
    Act.ASSIGNED: Text("assigned", "指派"),
    Act.STATE: Text("state", "状态"),
    Act.SEVERITY: Text("severity", "严重程度"),
    Act.INTENT: Text("intent", "意图"),
    Act.ORIGIN: Text("channel", "渠道"),
    Act.HARM: Text("harm estimated", "损害评估"),
    Act.FACTS: Text("facts for the law", "法定事实"),
    Act.TASK: Text("task added", "新增任务"),
    Act.TASK_DONE: Text("task done", "任务完成"),
    Act.EVIDENCE: Text("evidence added", "新增证据"),
    Act.MERGED: Text("merged", "并案"),
    Act.SPLIT: Text("split", "拆分"),
    Act.PROTECTED: Text("protected disclosure", "受保护的披露"),
    Act.CLOCK: Text("clock", "时限"),
    Act.CLOCK_MET: Text("clock met", "时限已履行"),
    Act.CLOCK_DROPPED: Text("clock does not apply", "时限不适用"),
    Act.ESCALATED: Text("deadline told", "时限提醒"),
    Act.EXPORTED: Text("exported", "导出"),
    Act.PLAYBOOK: Text("playbook", "处置预案"),
}
