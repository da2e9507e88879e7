"""Reads a playbook (OASIS CACAO Security Playbooks 2.0): its steps, their commands, its variables.

A command of type ``waybill`` names a connector's action and its arguments; one of type ``manual`` is done by a person.
Other types are commands for other systems, which this engine does not run: checking says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from waybill.model.errors import RuleError

MOST_BYTES = 4 << 20
"""A file longer than this is no playbook."""

VARIABLE = re.compile(r"(__[A-Za-z][A-Za-z0-9_-]*?__):value")
"""How a variable is used (CACAO 2.0, 10.18.2)."""


class StepType(StrEnum):
    """The types of steps (CACAO 2.0, 4)."""

    START = "start"
    END = "end"
    ACTION = "action"
    PLAYBOOK = "playbook-action"
    PARALLEL = "parallel"
    IF = "if-condition"
    WHILE = "while-condition"
    SWITCH = "switch-condition"


class Variable(msgspec.Struct, frozen=True):
    """A variable with its first value; None where it is not known."""

    type: str
    value: str | None = None
    constant: bool = False
    external: bool = False
    description: str = ""


class Command(msgspec.Struct, frozen=True):
    """One command of an action step."""

    type: str
    command: str = ""
    """Of type ``waybill``: the action of a connector, such as ``ldap.lock``; of type ``manual``: what to do."""
    arguments: dict[str, str] = {}
    description: str = ""


class Step(msgspec.Struct, frozen=True):
    """A step of a workflow."""

    type: StepType
    name: str = ""
    description: str = ""
    on_completion: str = ""
    on_success: str = ""
    on_failure: str = ""
    timeout: int | None = None
    """Milliseconds after which it has failed."""
    delay: int | None = None
    commands: tuple[Command, ...] = ()
    playbook_id: str = ""
    next_steps: tuple[str, ...] = ()
    condition: str = ""
    on_true: str = ""
    on_false: str = ""
    switch: str = ""
    cases: dict[str, str] = {}
    in_args: tuple[str, ...] = ()
    out_args: tuple[str, ...] = ()
    step_variables: dict[str, Variable] = {}

    def following(self) -> Iterator[str]:
        """Yield the ids of all steps that may follow this one."""
        for one in (self.on_completion, self.on_success, self.on_failure, self.on_true, self.on_false):
            if one:
                yield one
        yield from self.next_steps
        yield from self.cases.values()


@dataclass(frozen=True, slots=True)
class Playbook:
    """A playbook that was read."""

    id: str
    name: str
    description: str
    start: str
    steps: Mapping[str, Step]
    variables: Mapping[str, Variable]
    content: bytes = field(repr=False)
    """The very bytes that it was read from."""


class _File(msgspec.Struct):
    type: str
    spec_version: str
    id: str
    name: str
    workflow_start: str
    workflow: dict[str, Step]
    description: str = ""
    playbook_variables: dict[str, Variable] = {}


def read(content: bytes, where: str = "playbook") -> Playbook:
    """Return the playbook in a JSON document. Raises RuleError for what cannot be read."""
    if len(content) > MOST_BYTES:
        raise RuleError("this is too long for a playbook", where=where, expected=f"at most {MOST_BYTES} bytes")
    try:
        found = msgspec.json.decode(content, type=_File)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `")
        raise RuleError(f"this is no playbook of CACAO 2.0: {what}", where=f"{where} {place.rstrip('`')}") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise RuleError("this is no JSON", where=where) from None
    if (found.type, found.spec_version) != ("playbook", "cacao-2.0"):
        raise RuleError("this is no playbook of CACAO 2.0", where=where, expected="type playbook, cacao-2.0")
    variables = found.playbook_variables
    return Playbook(found.id, found.name, found.description, found.workflow_start, found.workflow, variables, content)


_LIBRARY = Path(__file__).parent / "library"


@cache
def library() -> Mapping[str, Playbook]:
    """Return the playbooks that come with Waybill by name, such as ``hold-lot``. Their texts are ``English / 中文``."""
    return {file.stem: read(file.read_bytes(), file.name) for file in sorted(_LIBRARY.glob("*.json"))}


def used(value: Any) -> set[str]:
    """Return the names of the variables that a value uses, however deep."""
    if isinstance(value, str):
        return set(VARIABLE.findall(value))
    if isinstance(value, Mapping):
        return set().union(*(used(one) for one in value.values()))
    if isinstance(value, list | tuple):
        return set().union(*(used(one) for one in value))
    return set()


def filled(text: str, values: Mapping[str, str | None]) -> str:
    """Return a text with its variables' values. Raises RuleError for one that has none."""

    def value(match: re.Match[str]) -> str:
        known = values.get(match[1])
        if known is None:
            raise RuleError("a variable has no value", where=match[1], advice="give it when the playbook is run")
        return known

    return VARIABLE.sub(value, text)
