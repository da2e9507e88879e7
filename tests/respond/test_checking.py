"""What is wrong with a playbook is found before it is run, also what the schema of CACAO lets pass."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.respond.samples import Lamps, act, content, id_of, playbook

from waybill.model.errors import RuleError
from waybill.respond.checking import check
from waybill.respond.conditions import holds
from waybill.respond.playbook import read

TOOLS = {"lamp.on": Lamps()}
GOOD: dict[str, Any] = act("a")
CORPORA = os.environ.get("WAYBILL_CORPORA")


def problems(**steps: Any) -> str:
    variables = steps.pop("variables", None)
    found = check(playbook(variables=variables, **steps), TOOLS)
    assert all(one.what.zh for one in found)
    return " ".join(one.what.en for one in found)


def test_nothing_is_wrong_with_one_of_every_step() -> None:
    assert check(whole(), TOOLS, {id_of("playbook", "other")}) == []


def whole() -> Any:
    """Return a playbook with every type of step."""
    steps: dict[str, Any] = {
        **act("a", after="p"),
        "p": {"type": "parallel", "next_steps": ["b", "c"], "on_completion": "i"},
        **act("b"),
        **act("c"),
        "i": {"type": "if-condition", "condition": "__kind__:value = 'core'", "on_true": "d", "on_completion": "w"},
        **act("d"),
        "w": {"type": "while-condition", "condition": "__kind__:value = 'x'", "on_true": "e", "on_completion": "s"},
        **act("e"),
        "s": {
            "type": "switch-condition", "switch": "__kind__:value", "cases": {"core": "f", "default": "g"},
            "on_completion": "o",
        },
        **act("f"),
        **act("g"),
        "o": {"type": "playbook-action", "playbook_id": id_of("playbook", "other"), "on_completion": "end"},
    }  # fmt: skip
    return playbook(variables={"__kind__": "core"}, **steps)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ({"start": "nowhere", **GOOD}, "not there"),
        (act("a", after="nowhere--1"), "not there: nowhere--1"),
        ({**GOOD, **act("b")}, "no step leads here"),
        ({**act("a", after="b"), **act("b", after="a")}, "without an end"),
        (act("a", on_success="a"), "without an end"),
        ({"a": {"type": "action", "on_completion": "end"}}, "lacks commands"),
        ({"a": {"type": "parallel", "next_steps": ["b"], "on_completion": "end"}, **act("b")}, "not parallel"),
        (act("a", on_completion="end", on_success="end"), "stands beside"),
        ({"a": {"type": "if-condition", "condition": "__x__ ~ 1", "on_true": "b"}, **act("b")}, "cannot be read"),
        (act("a", "lamp.explode"), "no connector does lamp.explode"),
        (act("a", commands=[{"type": "bash", "command": "rm -rf /"}]), "type bash are not run"),
        (act("a", commands=[{"type": "waybill", "command": "lamp.on"}]), "must be told lamp"),
        ({"a": {"type": "playbook-action", "playbook_id": "playbook--1", "on_completion": "end"}}, "no playbook"),
        (act("__lost__:value"), "__lost__, which is not declared"),
        (act("a", description="password: hunter22"), "a secret stands in clear"),
        (act("a", description="https://root:hunter22@db.example"), "a secret stands in clear"),
        ({"variables": {"__api_token__": "abc"}, **GOOD}, "a secret stands in clear"),
    ],
)
def test_what_is_wrong_is_told(steps: dict[str, Any], said: str) -> None:
    if "__lost__:value" in steps:
        steps = {"a": steps["__lost__:value"]}
    assert said in problems(**steps)


@pytest.mark.parametrize(
    "document",
    [b"", b"{", b"[]", b"{}", b'{"type":"playbook"}', b"\xff\xfe", content("x", **act("a")).replace(b"2.0", b"1.1"),
     content("x", **act("a")).replace(b'"action"', b'"dance"')],
)  # fmt: skip
def test_what_is_no_playbook_is_told(document: bytes) -> None:
    with pytest.raises(RuleError):
        read(document)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_break_the_reader(document: bytes) -> None:
    with pytest.raises(RuleError):
        read(document)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("__n__:value > 9", True),
        ("__n__:value = '10.0'", True),
        ("__k__:value = 'core' AND NOT __n__:value < 3", True),
        ("__k__:value IN ('a', 'b') OR __n__:value <= 10", True),
        ("__k__:value NOT IN ('core')", False),
        ("(__k__:value = 'a' OR __k__:value = 'core') AND __n__:value != 10", False),
        ("__k__:value LIKE 'co%'", True),
        ("__k__:value LIKE 'c_'", False),
        ("__t__:value = true", True),
        (r"__q__:value = 'it\'s'", True),
    ],
)
def test_conditions(condition: str, expected: bool) -> None:
    values = {"__n__": "10", "__k__": "core", "__t__": "true", "__q__": "it's"}
    assert holds(condition, values) is expected


@given(st.text(alphabet="_abv:lue '()=<>ANDORT1,\\%", max_size=60))
def test_no_condition_breaks_the_reader(condition: str) -> None:
    with suppress(RuleError):
        assert holds(condition, {"__a__": "1"}) in {True, False}


@pytest.mark.oracle
@pytest.mark.skipif(CORPORA is None, reason="WAYBILL_CORPORA is not set: the schemas of CACAO are not here")
def test_our_playbooks_are_valid_by_the_schemas_of_oasis() -> None:
    from jsonschema import Draft7Validator
    from referencing import Registry, Resource

    folder = Path(CORPORA or "") / "cacao" / "schemas"

    def resources() -> Iterator[tuple[str, Any]]:
        for file in folder.rglob("*.json"):
            schema = json.loads(file.read_text(encoding="utf-8"))
            yield schema["$id"], Resource.from_contents(schema)

    registry: Any = Registry().with_resources(resources())
    schema = json.loads((folder / "playbook.json").read_text(encoding="utf-8"))
    validator = Draft7Validator({"$ref": schema["$id"]}, registry=registry)
    errors = [error.message[:200] for error in validator.iter_errors(msgspec.json.decode(whole().content))]
    assert errors == []
