"""Any groups of a record can be shown, and nothing of the others; whatever is changed in between is refused."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.making import make_log, open_log, policy_of
from tests.ledger.test_canonical import VALUES

from waybill.ledger import Log, Policy, ProofError
from waybill.ledger.batches import BatchTree
from waybill.ledger.canonical import canonical
from waybill.ledger.commitments import Leaf, commit, joint_key, salt
from waybill.ledger.disclosure import Disclosure, Shown
from waybill.ledger.encoding import to_base64

GROUPS = ("what", "who", "when", "evidence", "decision")
KEY = bytes(range(32))
RECORDS = st.dictionaries(st.sampled_from(GROUPS), VALUES, min_size=1)


@pytest.fixture(scope="module")
def log_and_policy(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("log") / "log"
    make_log(folder, 3)
    with open_log(folder) as log:
        yield log, policy_of(folder)


LogAndPolicy = tuple[Log, Policy]


def shown(log: Log, groups: dict[str, Any], names: set[str], name: str, kind: str = "finding") -> Disclosure:
    """Record groups and show some of them."""
    contents = {group: canonical(value) for group, value in groups.items()}
    salts = {group: salt(KEY, name, group) for group in groups}
    leaf = bytes(Leaf(kind, {group: commit(salts[group], contents[group]) for group in groups}))
    (index,) = log.append([leaf])
    log.checkpoint()
    return Disclosure(leaf, {group: Shown(groups[group], salts[group]) for group in names}, log.prove(index))


@settings(max_examples=40, deadline=None)
@given(RECORDS, st.data())
def test_any_groups_are_shown_and_nothing_else(
    log_and_policy: LogAndPolicy, groups: dict[str, Any], data: st.DataObject
) -> None:
    log, policy = log_and_policy
    names = data.draw(st.sets(st.sampled_from(sorted(groups))))
    hidden = {name: f"secret of {name}" for name in groups.keys() - names}
    disclosure = shown(log, groups | hidden, names, os.urandom(16).hex())
    content = bytes(disclosure)
    again = Disclosure.parse(content)
    again.check(policy)
    assert {name: canonical(one.value) for name, one in again.groups.items()} == {
        name: canonical(groups[name]) for name in names
    }
    assert b"secret of" not in content
    guesses = {hashlib.sha256(canonical(value)).digest() for value in hidden.values()}
    assert guesses.isdisjoint(Leaf.parse(again.leaf).commitments.values()), "a guess can be tested without the salt"


@settings(max_examples=40, deadline=None)
@given(RECORDS, VALUES, st.data())
def test_a_changed_value_salt_or_group_is_refused(
    log_and_policy: LogAndPolicy, groups: dict[str, Any], other: Any, data: st.DataObject
) -> None:
    log, policy = log_and_policy
    whole = json.loads(bytes(shown(log, groups, set(groups), os.urandom(16).hex())))
    name = data.draw(st.sampled_from(sorted(groups)))
    group = whole["groups"][name]
    change = data.draw(st.sampled_from(["value", "salt", "group", "kind", "leaf", "index", "more"]))
    if change == "value":
        if canonical(other) == canonical(groups[name]):
            return
        group["value"] = other
    elif change == "salt":
        group["salt"] = to_base64(os.urandom(32))
    elif change == "group":
        whole["groups"][next(iter({*GROUPS, "other"} - groups.keys()))] = whole["groups"].pop(name)
    elif change == "kind":
        whole["leaf"] = whole["leaf"].replace("finding", "permit")
    elif change == "leaf":
        whole["leaf"] += " "
    elif change == "index":
        whole["proof"] = whole["proof"].replace("index ", "index 1")
    else:
        group["note"] = "believe me"
    with pytest.raises(ProofError):
        Disclosure.parse(json.dumps(whole).encode()).check(policy)


def test_a_byte_cannot_move_from_the_salt_to_the_value() -> None:
    with pytest.raises(ProofError, match="salt"):
        commit(bytes(31), b"\x00{}")


def test_a_key_of_several_is_gone_with_each_of_them() -> None:
    one, two, three = (os.urandom(32) for _ in range(3))
    assert joint_key([one, two]) == joint_key([two, one]) != joint_key([one, three])
    assert joint_key([one]) == one
    with pytest.raises(ValueError):
        joint_key([])


@given(st.sets(st.binary(min_size=16, max_size=16), min_size=1, max_size=40), st.data())
def test_a_transfer_is_in_its_batch_and_no_other(ids: set[bytes], data: st.DataObject) -> None:
    members = sorted(ids)
    tree = BatchTree.over(members)
    batch = {"transfers": len(members), "root": to_base64(tree.root)}
    for index, id in enumerate(members):
        tree.member(id, index).check(batch)
    index = data.draw(st.integers(0, len(members) - 1))
    for wrong in (
        tree.member(os.urandom(16), index),
        BatchTree.over([*members, bytes(17)]).member(members[index], index),
    ):
        with pytest.raises(ProofError):
            wrong.check(batch)


def test_a_transfer_is_proved_by_a_batch_alone(log_and_policy: LogAndPolicy) -> None:
    log, policy = log_and_policy
    tree = BatchTree.over([b"a", b"b"])
    what = {"what": {"transfers": 2, "root": to_base64(tree.root)}}
    for kind, names in (("batch", {"what"}), ("permit", {"what"}), ("batch", set())):
        bare = shown(log, what, names, kind, kind)
        disclosure = Disclosure.parse(bytes(Disclosure(bare.leaf, bare.groups, bare.proof, tree.member(b"b", 1))))
        if kind == "batch" and names:
            disclosure.check(policy)
        else:
            with pytest.raises(ProofError):
                disclosure.check(policy)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"disclosure":2}', b'{"disclosure":1,"groups":[]}', b"\xff"])
def test_what_is_no_disclosure_is_refused(content: bytes) -> None:
    with pytest.raises(ProofError):
        Disclosure.parse(content)


def test_checking_needs_nothing_but_cryptography(log_and_policy: LogAndPolicy, tmp_path: Path) -> None:
    """Every other package that is installed here cannot be imported in the program that checks."""
    log, _ = log_and_policy
    (tmp_path / "shown.json").write_bytes(bytes(shown(log, {"what": {"id": 1}}, {"what"}, "x")))
    program = """
import sys
class Nothing:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        room = ".".join(name.split(".")[:2])
        if top == "waybill" and room not in {"waybill", "waybill.ledger", "waybill.durable", "waybill.model"}:
            raise ImportError(name)
        if top not in {*sys.stdlib_module_names, "cryptography", "_cffi_backend", "waybill"}:
            raise ImportError(name)
sys.meta_path.insert(0, Nothing())
from waybill.ledger.__main__ import main
sys.exit(main(sys.argv[1:]))
"""
    for command, place in (("verify", str(log.folder)), ("check", str(tmp_path / "shown.json"))):
        arguments = [sys.executable, "-I", "-c", program, command, place, "--policy", str(log.folder / "policy")]
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "cosigned by" in done.stdout
    (tmp_path / "shown.json").write_text("{}")
    assert subprocess.run(arguments, capture_output=True, check=False).returncode == 3
