"""Follows personal data through a whole program: from where many records are read to where something is sent.

What is known of a function is a summary: which reads its answer holds, which parameters its answer holds, and which
parameters it sends out. Summaries are worked out again for callers of what changed until none changes any more.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from waybill.exposure.code.facts import Call, From, Function, Module, Value
from waybill.exposure.code.vocabulary import PROGRAMS, SANITISING, way_out

MOST_STEPS = 12
"""Steps of a path that are kept."""

_ADDRESS = re.compile(r"(?:https?|wss?|ftps?|sftp|amqps?|redis)://(?:[^/@\s]*@)?([A-Za-z0-9.-]+)")
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}|\d{1,3}(?:\.\d{1,3}){3}", re.IGNORECASE)
_NO_HOST = re.compile(r"\.(?:py|html?|txt|csv|json|xml|ya?ml|log|js|css|png|gz|zip|pdf|xlsx?|md|sql)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Step:
    """A place that data pass on their way."""

    file: str
    line: int
    what: str


Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Exit:
    """Where something is sent."""

    file: str
    line: int
    function: str
    over: str
    callee: str
    host: str
    """Where to; empty where the code does not say."""
    hidden: bool
    """Whether the code hides where to."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Personal data of many that are sent."""

    what: str
    """What was read."""
    path: Path
    exit: Exit


Origin = tuple[str, int]
"""A function and one of its reads; or the empty text and one of its own parameters."""

Origins = dict[Origin, Path]


@dataclass(slots=True)
class _Summary:
    """What callers need to know of a function."""

    returns: Origins = field(default_factory=dict)
    sends: dict[int, tuple[Exit, Path]] = field(default_factory=dict)
    """What becomes of parameters that are sent out."""


class Program:
    """The modules of a program, by the files they are in."""

    def __init__(self, modules: Mapping[str, Module]) -> None:
        self._functions: dict[str, tuple[str, Function]] = {}
        self._tails: dict[str, str] = {}
        for file, module in modules.items():
            for function in module.functions:
                self._functions[function.name] = (file, function)
                tail = ".".join(function.name.split(".")[-2:])
                self._tails[tail] = "" if tail in self._tails else function.name
        self._summaries = {name: _Summary() for name in self._functions}
        self._kept: dict[str, Origins] = {}
        self._flows: dict[tuple[Origin, Exit], Flow] = {}

    def flows(self) -> list[Flow]:
        """Return what is sent, by file and line of where."""
        callers, users = self._dependents()
        waiting = deque(self._functions)
        queued = set(waiting)
        while waiting:
            name = waiting.popleft()
            queued.discard(name)
            changed = self._work_out(name)
            again = set(callers.get(name, ())) if name in changed else set()
            for slot in changed - {name}:
                again |= users.get(slot, set())
            waiting.extend(sorted(again - queued))
            queued |= again
        return sorted(self._flows.values(), key=lambda flow: (flow.exit.file, flow.exit.line, flow.what))

    def _dependents(self) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
        callers: dict[str, set[str]] = {}
        users: dict[str, set[str]] = {}
        for name, (_, function) in self._functions.items():
            for call in function.calls:
                if target := self._target(call):
                    callers.setdefault(target, set()).add(name)
            for slot in function.slots:
                users.setdefault(slot, set()).add(name)
        return callers, users

    def _target(self, call: Call) -> str:
        """Return the function of this program that is called, or nothing."""
        for name in (call.callee, f"{call.callee}.__init__"):
            if name in self._functions:
                return name
        parts = call.callee.split(".")
        if call.made_by and len(parts) > 1:
            method = f"{call.made_by}.{parts[-1]}"
            if method in self._functions:
                return method
        return self._tails.get(".".join(parts[-2:]), "") if len(parts) > 1 else ""

    def _work_out(self, name: str) -> set[str]:
        """Work out a function's summary; return what changed: its own name, and slots."""
        file, function = self._functions[name]
        summary, changed = self._summaries[name], set()
        answers: list[Origins] = []
        for call in function.calls:
            answers.append(self._answer(call, answers, name))
        if _add(summary.returns, self._origins(function.returns, answers, name)):
            changed.add(name)
        for slot, value in function.kept.items():
            step = Step(file, 0, f"kept in {slot.rpartition('.')[2]}")
            found = {
                origin: _longer(path, step) for origin, path in self._origins(value, answers, name).items() if origin[0]
            }
            if _add(self._kept.setdefault(slot, {}), found):
                changed.add(slot)
        sends = self._sends(function, answers, name)
        if sends.keys() - summary.sends.keys():
            summary.sends.update({place: sent for place, sent in sends.items() if place not in summary.sends})
            changed.add(name)
        return changed

    def _origins(self, value: Value, answers: Sequence[Origins], name: str) -> Origins:
        """Return what a value in a function may come from."""
        file, function = self._functions[name]
        found: Origins = {}
        for kind, number in value:
            if kind == From.READ:
                read = function.reads[number]
                _add(found, {(name, number): (Step(file, read.line, f"reads {read.what}"),)})
            elif kind == From.PARAMETER:
                _add(found, {("", number): ()})
            elif kind == From.CALL:
                _add(found, answers[number] if number < len(answers) else {})
            else:
                _add(found, self._kept.get(function.slots[number], {}))
        return found

    def _answer(self, call: Call, answers: Sequence[Origins], name: str) -> Origins:
        """Return what the answer of a call holds."""
        target = self._target(call)
        if not target:
            if SANITISING.match(call.callee):
                return {}
            return self._origins(call.given | call.receiver, answers, name)
        file = self._functions[name][0]
        step = Step(file, call.line, f"gets them from {target.rpartition('.')[2]}")
        found: Origins = {}
        for origin, path in self._summaries[target].returns.items():
            if origin[0]:
                _add(found, {origin: _longer(path, step)})
            else:
                _add(found, self._origins(self._argument(call, target, origin[1]), answers, name))
        if target.endswith(".__init__"):
            _add(found, self._origins(call.given, answers, name))
        return found

    def _argument(self, call: Call, target: str, place: int) -> Value:
        """Return what a call hands over for a parameter."""
        parameters = self._functions[target][1].parameters
        named = call.keywords.get(parameters[place]) if place < len(parameters) else None
        if named is not None:
            return named
        return call.arguments[place] if place < len(call.arguments) else frozenset()

    def _sends(self, function: Function, answers: Sequence[Origins], name: str) -> dict[int, tuple[Exit, Path]]:
        """Note the flows that end in this function's calls; return what becomes of its parameters."""
        found: dict[int, tuple[Exit, Path]] = {}
        for call in function.calls:
            for value, exit_, beyond in self._exits(call, name):
                for origin, path in self._origins(value, answers, name).items():
                    whole = (*path, *beyond)[:MOST_STEPS]
                    if origin[0]:
                        read = self._functions[origin[0]][1].reads[origin[1]]
                        self._flows.setdefault((origin, exit_), Flow(read.what, whole, exit_))
                    else:
                        found.setdefault(origin[1], (exit_, whole))
        return found

    def _exits(self, call: Call, name: str) -> Iterator[tuple[Value, Exit, Path]]:
        """Yield what a call sends out, by itself or by what it calls, and the way to where."""
        file = self._functions[name][0]
        host = next(filter(None, map(_host, call.texts)), "")
        target = self._target(call)
        if target:
            for place, (exit_, path) in self._summaries[target].sends.items():
                known = exit_ if exit_.host or not host else _at(exit_, host, hidden=call.hidden or exit_.hidden)
                step = Step(file, call.line, f"hands them to {target.rpartition('.')[2]}")
                yield self._argument(call, target, place), known, (step, *path)
            return
        over = way_out(call.callee, call.made_by)
        if over and (over != "a program" or any(map(PROGRAMS.search, call.texts))):
            exit_ = Exit(file, call.line, name, over, call.callee, host, call.hidden)
            yield call.given, exit_, (Step(file, call.line, f"sends them over {over} ({call.callee})"),)


def _at(exit_: Exit, host: str, *, hidden: bool) -> Exit:
    return Exit(exit_.file, exit_.line, exit_.function, exit_.over, exit_.callee, host, hidden)


def _add(known: Origins, more: Origins) -> bool:
    """Add origins that are not there yet; return whether there were any."""
    fresh = {origin: path for origin, path in more.items() if origin not in known}
    known.update(fresh)
    return bool(fresh)


def _longer(path: Path, step: Step) -> Path:
    return (*path, step)[:MOST_STEPS]


def _host(text: str) -> str:
    """Return the host that a text names: in an address, as itself, or after the @ of a mail address."""
    if match := _ADDRESS.match(text):
        return match[1].lower()
    plain = text.rpartition("@")[2].strip(".").partition(":")[0]
    return plain.lower() if _HOST.fullmatch(plain) and not _NO_HOST.search(plain) else ""
