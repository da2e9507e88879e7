"""Runs name nobody in the clear, wherever they rest; connectors are told logins, and who is forgotten goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest
from tests.cases.samples import at, case_for
from tests.flow.test_privacy import forms, installed
from tests.respond.samples import Lamps, act, playbook

from waybill.control import close_database
from waybill.flow.erasure import erase
from waybill.flow.installation import Installation
from waybill.flow.keys import rotate
from waybill.flow.response import playbooks
from waybill.model.errors import UsageError
from waybill.model.findings import Finding
from waybill.respond import models
from waybill.respond.playbook import Playbook
from waybill.respond.resting import SECRET, Tools
from waybill.respond.running import advance, approve, begin, look, undo
from waybill.respond.standing import Standing, standing
from waybill.respond.words import ActState, RunState

pytestmark = pytest.mark.both_databases

LOGIN, STRANGER, TOKEN = "li.na", "zhao.min", "tok-3f9a2b"
"""A person of the register, one whom nobody has met before, and a secret."""


class Doors(Lamps):
    """Doors that people go through: the connector is told a login and a token."""

    name: ClassVar[str] = "door.lock"
    arguments: ClassVar[tuple[str, ...]] = ("lamp", "token")
    persons: ClassVar[frozenset[str]] = frozenset({"lamp"})
    secrets: ClassVar[frozenset[str]] = frozenset({"token"})


@pytest.fixture
def here(tmp_path: Path, engine: str) -> Iterator[Installation]:
    """Return an installation whose register knows a person."""
    yield installed(tmp_path)
    close_database()


def book() -> Playbook:
    """Return a playbook that names a person in a command, in a text for a person, and in itself."""
    command = {"type": "waybill", "command": "door.lock"}
    given = {"lamp": "__login__:value", "token": "__token__:value"}
    manual = {"type": "manual", "command": f"ring the superior of __login__:value, not {LOGIN}@example.com"}
    external = {"type": "string", "external": True}
    return playbook(
        variables={"__login__": external, "__token__": external},
        **act("a", after="b", commands=[{**command, "arguments": given}]),
        **act("b", commands=[manual], description=f"{LOGIN} is no stranger here"),
    )


def ran(here: Installation, doors: Doors, login: str, about: Finding | None = None) -> tuple[Tools, Standing]:
    """Return what comes of locking somebody's door."""
    tools = Tools({doors.name: doors}, playbooks.names(here))
    values = {"__login__": login, "__token__": TOKEN}
    number = begin(case_for(about or at(0, 0)), [book()], values, tools, who="li", reason="it goes on")
    return tools, advance(number, tools)


def rests(here: Installation, *texts: str) -> set[str]:
    """Return those of these texts that any byte of the data folder, or any row, holds."""
    bytes_ = b"".join(content for _, content in forms(here.folder.root)).lower()
    rows = [*models.Run.objects.values(), *models.RunAct.objects.values()]
    told = repr(rows)
    return {text for text in texts if text.encode() in bytes_ or text in told}


@pytest.mark.parametrize("login", [LOGIN, STRANGER])
def test_a_login_is_told_to_the_connector_and_rests_nowhere(here: Installation, login: str) -> None:
    doors = Doors()
    tools, found = ran(here, doors, login)
    pseudonym = tools.names.pseudonym(login)
    assert doors.on == {login}, "the connector is told the login itself"
    assert found.acts[0].arguments == {"lamp": pseudonym, "token": SECRET}
    assert pseudonym in found.acts[1].arguments["what"]
    close_database()
    assert rests(here, LOGIN, STRANGER, TOKEN) == set()
    tools = Tools({doors.name: doors}, playbooks.names(Installation.open(here.folder.root)))
    assert look(found.run, tools).acts[0].state is ActState.IN_FORCE, "another process can open what is sealed"
    assert undo(found.run, tools, who="li", reason="a drill").acts[0].state is ActState.UNDONE
    assert doors.on == set()


def test_who_is_named_by_pseudonym_is_locked_out_by_login(here: Installation) -> None:
    doors, tools = Doors(), playbooks.names(here)
    assert ran(here, doors, tools.pseudonym(LOGIN))[1].acts[0].state is ActState.IN_FORCE
    assert doors.on == {LOGIN}
    with pytest.raises(UsageError, match="stored under this pseudonym"):
        ran(here, doors, "p-aaaaaaaaaaaaaaaa", at(900, 1))


def test_a_changed_key_opens_what_runs_hold(here: Installation) -> None:
    doors = Doors()
    _, found = ran(here, doors, LOGIN)
    rotate(here, "identity", who="admin")
    tools = Tools({doors.name: doors}, playbooks.names(Installation.open(here.folder.root)))
    assert undo(found.run, tools, who="li", reason="a drill").acts[0].state is ActState.UNDONE


@pytest.mark.parametrize("login", [LOGIN, STRANGER])
def test_who_is_forgotten_goes_from_every_byte(here: Installation, login: str) -> None:
    doors = Doors()
    tools, found = ran(here, doors, login)
    pseudonym = tools.names.pseudonym(login)
    approve(found.acts[1].number, True, who=pseudonym, reason=f"rang, and {pseudonym} was there")
    assert rests(here, pseudonym) == {pseudonym}
    erase(here, pseudonym, who="officer", basis="request 7")
    close_database()
    here = Installation.open(here.folder.root)
    assert rests(here, pseudonym, LOGIN, STRANGER, TOKEN) == set()
    sealed = [*models.Run.objects.values_list("sealed", flat=True), models.RunAct.objects.first().sealed]  # type: ignore[union-attr]
    assert all(not one for one in sealed), "and nothing that could be opened"
    tools = Tools({doors.name: doors}, playbooks.names(here))
    left = undo(found.run, tools, who="li", reason="a drill")
    assert (left.state, left.acts[0].state) == (RunState.FAILED, ActState.UNKNOWN)
    assert "forgotten" in left.acts[0].remark, "what can't be undone any more is told"
    with pytest.raises(UsageError, match="forgotten"):
        advance(found.run, tools)


def test_others_are_not_forgotten_with_somebody(here: Installation) -> None:
    doors = Doors()
    tools, found = ran(here, doors, STRANGER)
    other = tools.names.pseudonym("wang.fang")
    before = msgspec.to_builtins(standing(found.run))
    erase(here, other, who="officer", basis="request 8")
    assert msgspec.to_builtins(standing(found.run)) == before
    assert undo(found.run, tools, who="li", reason="a drill").acts[0].state is ActState.UNDONE
