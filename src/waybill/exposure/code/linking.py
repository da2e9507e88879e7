"""Follows what is read through a whole program, to where it can do harm.

What is known of a function is a summary: which reads its answer holds, which parameters its answer holds, and which
parameters it hands to something that can do harm. Summaries are worked out again for callers of what changed until none
changes any more. Of functions that neither read nor send, nor stand between some that do, nothing is worked out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from waybill.exposure.code.dependents import Dependents
from waybill.exposure.code.facts import (
    FIXED,
    INJECTED,
    NOTHING,
    PART,
    Call,
    Danger,
    From,
    Function,
    Module,
    Source,
    Sources,
    made_of,
)
from waybill.exposure.code.fixed import is_fixed
from waybill.exposure.code.flows import Exit, Flow, Path, Step, order
from waybill.exposure.code.hosts import host_in
from waybill.exposure.code.resolving import Names
from waybill.exposure.code.vocabulary import PROGRAMS

MOST_STEPS = 12
"""Steps of a path that are kept."""

_HARMS: Mapping[Source, frozenset[Danger]] = {
    Source.PERSONS: frozenset({Danger.EGRESS}),
    Source.FIELDS: frozenset({Danger.EGRESS}),
    Source.REQUEST: INJECTED,
    Source.RANDOM: frozenset({Danger.GUESSED}),
    Source.CONSTANT: FIXED,
}
"""What each kind of source must not reach."""

_MOVING = frozenset({int(From.READ), int(From.PARAMETER)})

Origin = tuple[str, int, int]
"""A function, one of its reads, and what it was cleaned of; or the empty text and one of its own parameters.

A place below zero is an attribute of the object that a method is called on: -1 - its place among the slots.
"""

Origins = dict[Origin, Path]
Flows = dict[tuple[Origin, Exit], Flow]


@dataclass(slots=True)
class _Summary:
    """What callers need to know of a function."""

    returns: Origins = field(default_factory=dict)
    sends: dict[tuple[int, Danger], tuple[Exit, Path]] = field(default_factory=dict)
    """What becomes of parameters that arrive where they can do harm."""
    stores: dict[str, set[int]] = field(default_factory=dict)
    """Which parameters it keeps outside, by name: those of what makes an object are its attributes."""
    flows: Flows = field(default_factory=dict)
    """What arrives where it can do harm, by it or by what it calls."""


class Program:
    """The modules of a program, by the files they are in."""

    def __init__(self, modules: Mapping[str, Module], before: Program | None = None) -> None:
        """Take modules by their files; what was worked out of a program ``before`` is taken over where it holds."""
        self._functions: dict[str, tuple[str, Function]] = {
            function.name: (file, function) for file, module in modules.items() for function in module.functions
        }
        self._modules = modules
        self._names = Names(modules.values(), self._functions)
        self._dependents = Dependents(self._functions, self._names.target)
        self._targets = self._dependents.targets
        self._summaries = {name: _Summary() for name in self._dependents.relevant}
        self._kept: dict[str, Origins] = {}
        self._unsettled = self._dependents.relevant
        if before is not None:
            self._unsettled = self._dependents.unsettled_since(before._dependents)
            self._take_over(before)

    def _take_over(self, before: Program) -> None:
        """Take over what was worked out of functions that are settled, which is not worked on any more."""
        for name in self._dependents.relevant - self._unsettled:
            self._summaries[name] = before._summaries[name]
            for slot in self._functions[name][1].kept:
                self._kept[slot] = before._kept[slot]

    def flows(self) -> list[Flow]:
        """Return what arrives where it can do harm, by file and line of where."""
        waiting = deque(name for name in self._functions if name in self._unsettled)
        queued = set(waiting)
        while waiting:
            name = waiting.popleft()
            queued.discard(name)
            changed = self._work_out(name)
            again = set(self._dependents.callers(name)) if name in changed else set()
            again = again.union(*map(self._dependents.users, changed - {name})) & self._dependents.relevant
            waiting.extend(sorted(again - queued))
            queued |= again
        found: Flows = {}
        for summary in self._summaries.values():
            for key, flow in summary.flows.items():
                _note(found, key, flow)
        self._default(found)
        return sorted(found.values(), key=order)

    def module_of(self, function: str) -> str:
        """Return the name of the module that a function is in."""
        return self._modules[self._functions[function][0]].name

    def senders(self) -> Iterator[tuple[str, set[Danger]]]:
        """Yield functions that hand parameters to where they can do harm, and which harm."""
        for name, summary in self._summaries.items():
            if summary.sends:
                yield name, {danger for _, danger in summary.sends}

    def slots_sent(self) -> Iterator[str]:
        """Yield what is kept outside of functions and sent from there."""
        for name in self._summaries:
            function = self._functions[name][1]
            for sink in function.sinks:
                if sink.danger == Danger.EGRESS:
                    yield from (function.slots[number] for kind, number, _ in sink.given if kind == From.SLOT)

    def unknown_calls(self) -> Iterator[tuple[str, bool]]:
        """Yield functions that were not read, but are given what clients say, or answer what is sent or can do harm.

        With each comes whether it is sent. From each sink backwards: calls whose answers it is given, and what those
        return and keep who were read.
        """
        for name in self._summaries:
            yield from ((callee, False) for callee in self._given_what_clients_say(name))
        keepers = self._dependents.keepers
        for sends in (True, False):
            asked: set[str] = set()
            waiting = [(name, self._given_to_sinks(name, sends=sends)) for name in self._summaries]
            while waiting:
                name, sources = waiting.pop()
                function = self._functions[name][1]
                for kind, number, _ in made_of(function, sources):
                    if kind == From.SLOT and function.slots[number] not in asked:
                        asked.add(slot := function.slots[number])
                        waiting += [(one, self._functions[one][1].kept[slot]) for one in keepers.get(slot, ())]
                    elif kind == From.CALL and function.calls[number].callee not in asked:
                        asked.add(callee := function.calls[number].callee)
                        if target := self._targets[name][number]:
                            waiting.append((target, self._functions[target][1].returns))
                        else:
                            yield callee, sends

    def _given_what_clients_say(self, name: str) -> Iterator[str]:
        """Yield what a function calls with what clients say, or with what it is given itself, and was not read."""
        function = self._functions[name][1]
        if any(read.kind == Source.REQUEST for read in function.reads):
            for call, target in zip(function.calls, self._targets[name], strict=True):
                if not target and any(kind in _MOVING for kind, _, _ in made_of(function, call.given)):
                    yield call.callee

    def _given_to_sinks(self, name: str, *, sends: bool) -> Sources:
        """Return what a function hands to where it is sent, or else does harm, by itself or by what it calls."""
        function = self._functions[name][1]
        given = [sink.given for sink in function.sinks if (sink.danger == Danger.EGRESS) is sends]
        for call, target in zip(function.calls, self._targets[name], strict=True):
            summary = self._summaries.get(target)
            for place, danger in summary.sends if summary is not None else ():
                if (danger == Danger.EGRESS) is sends:
                    given.append(self._handed(call, target, place, name))
        return NOTHING.union(*given)

    def aliases(self) -> Iterable[tuple[str, str]]:
        """Return names that modules hand on, with what they stand for."""
        return self._names.aliases.items()

    def _work_out(self, name: str) -> set[str]:
        """Work out a function's summary; return what changed: its own name, and slots."""
        file, function = self._functions[name]
        summary, changed = self._summaries[name], set()
        answers: list[Origins] = []
        for call, target in zip(function.calls, self._targets[name], strict=True):
            answers.append(self._answer(call, target, answers, name))
        if _add(summary.returns, self._origins(function.returns, answers, name)):
            changed.add(name)
        for slot, value in function.kept.items():
            step = Step(file, 0, f"kept in {slot.rpartition('.')[2]}")
            origins = self._origins(value, answers, name)
            found = {origin: _longer(path, step) for origin, path in origins.items() if origin[0]}
            if _add(self._kept.setdefault(slot, {}), found):
                changed.add(slot)
            places = {origin[1] for origin in origins if not origin[0] and origin[1] >= 0}
            if places - summary.stores.get(slot, set()):
                summary.stores.setdefault(slot, set()).update(places)
                changed.add(name)
        sends = self._sends(function, answers, name)
        if sends != summary.sends:
            summary.sends = sends
            changed.add(name)
        return changed

    def _origins(self, sources: Sources, answers: Sequence[Origins], name: str) -> Origins:
        """Return what a value in a function may come from."""
        file, function = self._functions[name]
        found: Origins = {}
        for kind, number, bits in sources:
            if kind == From.CALL:
                answer = answers[number] if number < len(answers) else {}
                if len(sources) == 1 and not bits:
                    return answer
                _add(found, _cleaned(answer, bits))
            elif kind == From.PARAMETER:
                found["", number, bits] = ()
            elif kind == From.READ:
                read = function.reads[number]
                _add(found, {(name, number, bits): (Step(file, read.line, f"reads {read.what}"),)})
            else:
                slot = function.slots[number]
                _add(found, _cleaned(self._kept.get(slot, {}), bits))
                if slot.rpartition(".")[0] == name.rpartition(".")[0]:
                    found["", -1 - number, bits] = ()
        return found

    def _answer(self, call: Call, target: str, answers: Sequence[Origins], name: str) -> Origins:
        """Return what the answer of a call holds; it is not to be changed."""
        if not target or target not in self._summaries:
            return self._origins(call.given | call.receiver, answers, name)
        step = Step(self._functions[name][0], call.line, f"gets them from {target.rpartition('.')[2]}")
        found: Origins = {}
        for origin, path in list(self._summaries[target].returns.items()):
            if origin[0]:
                _add(found, {origin: _longer(path, step)})
            else:
                given = self._origins(self._handed(call, target, origin[1], name), answers, name)
                _add(found, _cleaned(given, origin[2]))
        if target.endswith((".__init__", ".constructor")):
            _add(found, self._origins(call.given, answers, name))
        return found

    def _argument(self, call: Call, target: str, place: int) -> Sources:
        """Return what a call hands over for a parameter."""
        parameters = self._functions[target][1].parameters
        name = parameters[place] if place < len(parameters) else ""
        if name.startswith("**"):
            return NOTHING.union(*(given for word, given in call.keywords.items() if word not in parameters))
        if name.startswith("*"):
            return NOTHING.union(*call.arguments[place:])
        named = call.keywords.get(name)
        if named is not None:
            return named
        handed = call.arguments[place] if place < len(call.arguments) else NOTHING
        return handed | call.keywords.get("**", NOTHING)

    def _handed(self, call: Call, target: str, place: int, name: str) -> Sources:
        """Return what a call hands over for a parameter, or in an attribute of the object that it is made on."""
        if place >= 0:
            return self._argument(call, target, place)
        slot = self._functions[target][1].slots[-1 - place]
        found = NOTHING
        for kind, number, _ in call.receiver:
            if kind == From.CALL:
                made = self._functions[name][1].calls[number]
                maker = self._targets[name][number]
                stores = self._summaries[maker].stores if maker in self._summaries else {}
                found = found.union(*(self._argument(made, maker, one) for one in stores.get(slot, ())))
        return found

    def _sends(
        self, function: Function, answers: Sequence[Origins], name: str
    ) -> dict[tuple[int, Danger], tuple[Exit, Path]]:
        """Note the flows that end in this function's calls; return what becomes of its parameters."""
        found: dict[tuple[int, Danger], tuple[Exit, Path]] = {}
        self._summaries[name].flows.clear()
        for sources, exit_, beyond in self._exits(function, name):
            for origin, path in self._origins(sources, answers, name).items():
                if origin[2] & exit_.danger.bit:
                    continue
                whole = (*path, *beyond)[:MOST_STEPS]
                if not origin[0]:
                    if origin[1] >= 0 or exit_.danger not in FIXED:  # what makes an object tells of those
                        had = found.get((origin[1], exit_.danger))
                        if had is None or _is_better(whole, had[1]):
                            found[origin[1], exit_.danger] = exit_, whole
                    continue
                read = self._functions[origin[0]][1].reads[origin[1]]
                if exit_.danger in _HARMS[read.kind]:
                    _note(self._summaries[name].flows, (origin, exit_), Flow(read.kind, read.what, whole, exit_))
        return found

    def _exits(self, function: Function, name: str) -> Iterator[tuple[Sources, Exit, Path]]:
        """Yield what a function hands to where it can do harm, by itself or by what it calls, and the way to where."""
        file = self._functions[name][0]
        for sink in function.sinks:
            if sink.over == "a program" and not any(map(PROGRAMS.search, sink.texts)):
                continue
            exit_ = Exit(file, sink.line, name, sink.danger, sink.over, sink.callee, host_in(sink.texts), sink.hidden)
            way = f"over {sink.over} ({sink.callee})" if sink.over else f"to {sink.callee}"
            yield (
                sink.given,
                exit_,
                (Step(file, sink.line, f"hands them {way}" if not sink.over else f"sends them {way}"),),
            )
        for call, target in zip(function.calls, self._targets[name], strict=True):
            if not target or target not in self._summaries:
                continue
            step = Step(file, call.line, f"hands them to {target.rpartition('.')[2]}")
            for (place, danger), (exit_, path) in self._summaries[target].sends.items():
                if danger in FIXED:
                    self._constant(call, target, place, exit_, (step, *path), self._summaries[name].flows)
                yield self._handed(call, target, place, name), _where(exit_, call), (step, *path)
        for slot, value in function.kept.items():
            for place_, holder, sink in self._dependents.sinks_of_slots.get(slot, ()):
                exit_ = Exit(place_, sink.line, holder, sink.danger, "", sink.callee, "", False)
                yield value, exit_, (Step(place_, sink.line, f"hands them to {sink.callee}"),)

    def _constant(  # noqa: PLR0917  each is another thing
        self, call: Call, target: str, place: int, exit_: Exit, path: Path, found: Flows
    ) -> None:
        """Note a constant that a call hands over for a parameter where none may stand."""
        parameters = self._functions[target][1].parameters
        names = [str(place), *parameters[place : place + 1]]
        if exit_.danger == Danger.PLAIN:
            names += [f"{PART} {name}" for name in names]
        const = next((call.constants[one] for one in names if one in call.constants), None)
        if const is not None and is_fixed(exit_.danger, const, exit_.callee):
            _written(found, (f"{path[0].file}:{call.line}", place, 0), exit_, path)

    def _default(self, found: Flows) -> None:
        """Note what parameters are by default, where none of that may stand."""
        for name, summary in self._summaries.items():
            file, function = self._functions[name]
            for (place, danger), (exit_, path) in summary.sends.items():
                const = function.defaults.get(str(place)) if danger in FIXED else None
                if const is not None and is_fixed(danger, const, exit_.callee):
                    _written(found, (f"{file}:{name}", place, 0), exit_, path)


def _written(found: Flows, origin: Origin, exit_: Exit, path: Path) -> None:
    _note(found, (origin, exit_), Flow(Source.CONSTANT, "a constant", path[:MOST_STEPS], exit_))


def _note(found: Flows, key: tuple[Origin, Exit], flow: Flow) -> None:
    """Note a flow: of several ways the shortest, in whatever order they are found."""
    known = found.get(key)
    if known is None or _is_better(flow.path, known.path):
        found[key] = flow


def _where(exit_: Exit, call: Call) -> Exit:
    """Return an exit with the host that a call hands over for it, if it does."""
    if exit_.danger != Danger.EGRESS or exit_.host:
        return exit_
    host = host_in(str(one) for one in call.constants.values())
    return replace(exit_, host=host, hidden=call.hidden or exit_.hidden) if host else exit_


def _cleaned(origins: Origins, bits: int) -> Origins:
    if not bits:
        return origins
    found: Origins = {}
    for (name, place, had), path in origins.items():
        _add(found, {(name, place, had | bits): path})
    return found


def _add(known: Origins, more: Origins) -> bool:
    """Add origins that are not there yet, or come by a better way; return whether there were any."""
    changed = False
    for origin, path in more.items():
        had = known.get(origin)
        if had is None or (had is not path and _is_better(path, had)):
            known[origin], changed = path, True
    return changed


def _is_better(path: Path, than: Path) -> bool:
    """Return whether a way is shorter, or as short and first by its places: the best is the same in whatever order."""
    if len(path) != len(than):
        return len(path) < len(than)
    for one, other in zip(path, than, strict=True):
        if one is not other and one != other:
            return (one.file, one.line, one.what) < (other.file, other.line, other.what)
    return False


def _longer(path: Path, step: Step) -> Path:
    return (*path, step)[:MOST_STEPS]
