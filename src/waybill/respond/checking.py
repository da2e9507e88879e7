"""What is wrong with a playbook that its schema lets pass: missing steps, endless loops, undeclared names, secrets."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import msgspec

from waybill.model.errors import RuleError
from waybill.model.findings import Text
from waybill.respond.acting import Connectors
from waybill.respond.conditions import holds
from waybill.respond.playbook import Playbook, Step, StepType, used

_SECRET = re.compile(
    r"(?i)(?:password|passwd|secret|token|api[_-]?key|authorization)\s*[:=]\s*(?!__)\S{4,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|://[^/\s:@]+:(?!__)[^/\s@]+@"
)
_DUMMY = "1"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong."""

    step: str
    what: Text


def check(playbook: Playbook, connectors: Connectors, playbooks: Collection[str] = ()) -> list[Problem]:
    """Return everything that is wrong; ``playbooks`` are the ids of others that it may call."""
    return [
        *_references(playbook),
        *_reachable(playbook),
        *_loops(playbook),
        *_shapes(playbook),
        *_commands(playbook, connectors, playbooks),
        *_variables(playbook),
        *_secrets(playbook),
    ]


def _references(playbook: Playbook) -> Iterator[Problem]:
    if playbook.start not in playbook.steps:
        yield Problem(playbook.start, Text("the playbook begins with a step that is not there", "起始步骤不存在"))
    elif playbook.steps[playbook.start].type is not StepType.START:
        yield Problem(playbook.start, Text("the first step is no start step", "起始步骤类型不是 start"))
    for id, step in playbook.steps.items():
        for other in step.following():
            if other not in playbook.steps:
                yield Problem(id, Text(f"it leads to a step that is not there: {other}", f"指向不存在的步骤：{other}"))


def _reachable(playbook: Playbook) -> Iterator[Problem]:
    seen: set[str] = set()
    waiting = [playbook.start]
    while waiting:
        id = waiting.pop()
        if id not in seen and id in playbook.steps:
            seen.add(id)
            waiting.extend(playbook.steps[id].following())
    for id in playbook.steps.keys() - seen:
        yield Problem(id, Text("no step leads here", "没有步骤到达此处"))


def _loops(playbook: Playbook) -> Iterator[Problem]:
    """Find cycles: a step that comes back to itself has no end, since loops are made of while steps, whose body ends.

    The body of a while step ends in an end step of its own; from there the engine goes back, not the arrow.
    """
    done: set[str] = set()
    for first in playbook.steps:
        path: dict[str, None] = {}
        stack: list[tuple[str, Iterator[str]]] = []
        if first not in done:
            path[first] = None
            stack.append((first, playbook.steps[first].following()))
        while stack:
            id, following = stack[-1]
            other = next(following, None)
            if other is None:
                stack.pop()
                path.pop(id)
                done.add(id)
            elif other in path:
                yield Problem(other, Text("its steps come back to it without an end", "步骤循环，永不结束"))
            elif other not in done and other in playbook.steps:
                path[other] = None
                stack.append((other, playbook.steps[other].following()))


_NEEDED: dict[StepType, tuple[str, ...]] = {
    StepType.START: ("on_completion",),
    StepType.ACTION: ("commands",),
    StepType.PLAYBOOK: ("playbook_id",),
    StepType.PARALLEL: ("next_steps",),
    StepType.IF: ("condition", "on_true"),
    StepType.WHILE: ("condition", "on_true"),
    StepType.SWITCH: ("switch", "cases"),
}


def _shapes(playbook: Playbook) -> Iterator[Problem]:
    for id, step in playbook.steps.items():
        for name in _NEEDED.get(step.type, ()):
            if not getattr(step, name):
                yield Problem(id, Text(f"it lacks {name}", f"缺少 {name}"))
        if step.type is not StepType.END and not list(step.following()):
            yield Problem(id, Text("nothing follows it, and it is no end step", "没有后续步骤，且不是 end"))
        if step.on_completion and (step.on_success or step.on_failure):
            yield Problem(id, Text("on_completion stands beside on_success or on_failure", "on_completion 不能并用"))
        if step.type is StepType.PARALLEL and len(step.next_steps) == 1:
            yield Problem(id, Text("one branch is not parallel", "仅一个分支，不构成并行"))
        yield from _condition(id, step)


def _condition(id: str, step: Step) -> Iterator[Problem]:
    if step.condition:
        try:
            holds(step.condition, dict.fromkeys(used(step.condition), _DUMMY))
        except RuleError as error:
            yield Problem(id, Text(f"{error.what}: {error.where}", f"条件无法解析：{error.where}"))


def _commands(playbook: Playbook, connectors: Connectors, playbooks: Collection[str]) -> Iterator[Problem]:
    for id, step in playbook.steps.items():
        if step.type is StepType.PLAYBOOK and step.playbook_id and step.playbook_id not in playbooks:
            yield Problem(id, Text(f"there is no playbook {step.playbook_id}", f"没有预案 {step.playbook_id}"))
        for command in step.commands:
            if command.type == "manual":
                continue
            known = connectors.get(command.command) if command.type == "waybill" else None
            if command.type != "waybill":
                what = f"commands of type {command.type} are not run here"
                yield Problem(id, Text(what, f"不执行 {command.type} 类型的命令"))
            elif known is None:
                what = f"no connector does {command.command}; set up: {', '.join(sorted(connectors)) or 'none'}"
                yield Problem(id, Text(what, f"没有连接器可执行 {command.command}"))
            elif missing := set(known.arguments) - command.arguments.keys():
                names = ", ".join(sorted(missing))
                yield Problem(
                    id, Text(f"{command.command} must be told {names}", f"{command.command} 缺少参数 {names}")
                )


def _variables(playbook: Playbook) -> Iterator[Problem]:
    for id, step in playbook.steps.items():
        plain = msgspec.to_builtins(msgspec.structs.replace(step, step_variables={}))
        for name in sorted((used(plain) | {*step.in_args, *step.out_args}) - playbook.variables.keys()):
            if name not in step.step_variables:
                yield Problem(id, Text(f"it uses {name}, which is not declared", f"使用了未声明的变量 {name}"))


def _secrets(playbook: Playbook) -> Iterator[Problem]:
    for id, step in playbook.steps.items():
        if _SECRET.search(msgspec.json.encode(step).decode()):
            yield Problem(id, Text("a secret stands in clear", "明文包含机密"))
    for name, variable in playbook.variables.items():
        if variable.value and re.search(r"(?i)password|secret|token|key", name):
            yield Problem(name, Text("a secret stands in clear", "明文包含机密"))
