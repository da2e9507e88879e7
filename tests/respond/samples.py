"""Invented playbooks, and a connector on a system of its own that can be told to misbehave."""

from __future__ import annotations

import re
import uuid
from typing import Any, ClassVar

import msgspec

from waybill.respond.acting import Arguments, Before, Connector, ConnectorError
from waybill.respond.playbook import Playbook, read
from waybill.respond.resting import Names, Tools

_SPACE = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")


def id_of(kind: str, name: str) -> str:
    """Return the id of a step or a playbook by its name here."""
    return f"{kind}--{uuid.uuid5(_SPACE, name)}"


def act(name: str, command: str = "lamp.on", after: str = "end", **more: Any) -> dict[str, Any]:
    """Return an action step, as part of a workflow; ``after``: the name of what follows."""
    commands = more.pop("commands", [{"type": "waybill", "command": command, "arguments": {"lamp": name}}])
    step = {"type": "action", "name": name, "commands": commands, "agent": id_of("organization", "us")}
    following = {} if "on_success" in more or "on_failure" in more else {"on_completion": after}
    return {name: {**step, **following, **more}}


def playbook(name: str = "sample", start: str = "a", variables: dict[str, Any] | None = None, **steps: Any) -> Playbook:
    """Return a playbook of steps by name; ``start`` names the one after the start step."""
    return read(content(name, start, variables, **steps))


def content(name: str, start: str = "a", variables: dict[str, Any] | None = None, **steps: Any) -> bytes:
    """Return a playbook as JSON; names in places of ids become ids."""
    kinds = {one: step["type"] for one, step in steps.items()} | {"end": "end", "start": "start"}
    workflow = {"start": {"type": "start", "on_completion": start}, "end": {"type": "end"}, **steps}

    def fixed(value: Any) -> Any:
        if isinstance(value, str) and value in kinds:
            return id_of(kinds[value], value)
        return [fixed(one) for one in value] if isinstance(value, list) else value

    pointing = ("on_completion", "on_success", "on_failure", "on_true", "on_false", "next_steps")
    for step in workflow.values():
        for key in pointing:
            if key in step:
                step[key] = fixed(step[key])
        if "cases" in step:
            step["cases"] = {case: fixed(target) for case, target in step["cases"].items()}
    told = {
        "type": "playbook", "spec_version": "cacao-2.0", "id": id_of("playbook", name), "name": name,
        "created_by": id_of("identity", "us"), "created": "2026-03-02T08:00:00.000Z",
        "modified": "2026-03-02T08:00:00.000Z", "workflow_start": id_of("start", "start"),
        "workflow": {id_of(kinds[one], one): step for one, step in workflow.items()},
        "agent_definitions": {id_of("organization", "us"): {"type": "organization", "name": "us"}},
    }  # fmt: skip
    if variables:
        told["playbook_variables"] = {
            one: said if isinstance(said, dict) else {"type": "string", "value": said}
            for one, said in variables.items()
        }
    return msgspec.json.encode(told)


def using(*connectors: Connector) -> Tools:
    """Return these connectors as what runs act with, in a place where nobody is known but ``li.na``."""
    people = {"li.na": "p-lilililililililili"}

    def hide(text: str) -> str:
        return re.sub("|".join(map(re.escape, people)), lambda match: people[match[0]], text)

    def login(name: str) -> str:
        return next((one for one, pseudonym in people.items() if pseudonym == name), name)

    names = Names(b"k" * 32, hide, lambda name: people.get(name, name), login)
    return Tools({one.name: one for one in connectors}, names)


class Lamps(Connector):
    """A room of lamps: the system that the connector of these tests acts on."""

    name: ClassVar[str] = "lamp.on"
    arguments: ClassVar[tuple[str, ...]] = ("lamp",)
    needs_two: ClassVar[bool] = False

    def __init__(self) -> None:
        self.on: set[str] = set()
        self.calls: list[str] = []
        self.broken: dict[str, str] = {}
        """What is wrong with a lamp: ``nothing`` (says yes and does nothing), ``late`` (does it and fails to answer),
        ``dead`` (neither does nor answers), ``faulty`` (does it and dies of a fault of its own), ``dark`` (cannot be
        seen), ``stuck`` (cannot be undone)."""

    def says(self, arguments: Arguments) -> str:
        return f"switch {arguments['lamp']} on"

    def before(self, arguments: Arguments) -> Before:
        self._see(arguments)
        return {"on": "yes" if arguments["lamp"] in self.on else "no"}

    def act(self, arguments: Arguments, seconds: float) -> None:
        lamp = arguments["lamp"]
        self.calls.append(lamp)
        if self.broken.get(lamp) not in {"nothing", "dead"}:
            self.on.add(lamp)
        if self.broken.get(lamp) == "faulty":
            raise KeyError(lamp)
        if self.broken.get(lamp) in {"late", "dead"}:
            raise ConnectorError("it does not answer", where=lamp)

    def in_force(self, arguments: Arguments) -> bool:
        self._see(arguments)
        return arguments["lamp"] in self.on

    def undo(self, arguments: Arguments, before: Before, seconds: float) -> None:
        if self.broken.get(arguments["lamp"]) != "stuck" and before.get("on") == "no":
            self.on.discard(arguments["lamp"])

    def _see(self, arguments: Arguments) -> None:
        if self.broken.get(arguments["lamp"]) == "dark":
            raise ConnectorError("it cannot be seen", where=arguments["lamp"])


class Alarms(Lamps):
    """Lamps that a second person must approve."""

    name: ClassVar[str] = "alarm.on"
    needs_two: ClassVar[bool] = True
