"""What runs say in both languages: what their words are called, and what playbooks say themselves."""

from __future__ import annotations

from waybill.model.findings import Text
from waybill.respond.words import ActState, RunState


def halves(text: str) -> Text:
    """Return both halves of ``English / 中文``, as playbooks of ours speak; of any other text twice the whole."""
    parts = text.split(" / ")
    return Text(*parts) if len(parts) == 2 else Text(text, text)


RUNS: dict[RunState, Text] = {
    RunState.RUNS: Text("broken off or under way", "进行中或已中断"),
    RunState.WAITS: Text("waits for a person", "等待人工"),
    RunState.DONE: Text("done", "已完成"),
    RunState.FAILED: Text("something did not work", "部分未成功"),
    RunState.UNDONE: Text("undone", "已撤销"),
}

ACTS: dict[ActState, Text] = {
    ActState.WAITS: Text("waits for a person", "等待人工"),
    ActState.APPROVED: Text("approved", "已批准"),
    ActState.REFUSED: Text("refused", "已拒绝"),
    ActState.ACTING: Text("begun, not seen yet", "已开始，尚未核实"),
    ActState.IN_FORCE: Text("in force", "已生效"),
    ActState.NOT_IN_FORCE: Text("not in force", "未生效"),
    ActState.UNKNOWN: Text("cannot be seen", "无法核实"),
    ActState.UNDONE: Text("undone", "已撤销"),
}
